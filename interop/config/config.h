/* SPDX-License-Identifier: ISC */
/*
 * config.h - the node and its peers as configured, from a file or from a command line, ready for the engine.
 */
#ifndef INTEROP_CONFIG_H
#define INTEROP_CONFIG_H

#include "ike/ike.h"
#include "interop/fault.h"
#include "interop/store/store.h"
#include "keepalive/extension.h"

#define CONFIG_LISTEN_MAX 16
#define CONFIG_CONTROL    "/run/ruthere.sock" /* default of the control socket */
#define CONFIG_USER       "nobody"            /* default of who a node started by root becomes */

#define CONFIG_TUN               "ruthere0" /* default of the TUN interface's name */
#define CONFIG_TUN_ROOM          16         /* octets, terminated: Linux's IFNAMSIZ */
#define CONFIG_TUN_ADDRESSES_MAX 8

#define CONFIG_SOCKETS (2 * CONFIG_LISTEN_MAX) /* each address, and once more for NAT traversal */

enum config_authentication { CONFIG_PSK, CONFIG_RSA, CONFIG_ECDSA };
enum config_exchange { CONFIG_MAIN, CONFIG_AGGRESSIVE, CONFIG_AGGRESSIVE_PSK };
enum config_file {
	CONFIG_KEY,
	CONFIG_CERTIFICATE,
	CONFIG_AUTHORITIES,
	CONFIG_REVOCATIONS,
	CONFIG_FILES
};

/* ICMP echo through a tunnel, to find out whether packets come through it and back. */
struct config_ping {
	struct ike_address to;   /* inside of the tunnel's remote end; family NONE: no ping */
	struct ike_address from; /* inside of its local end; family NONE: "own", the pair's */
	ike_time interval;       /* between two of them */
	uint32_t misses;         /* so many unanswered in a row, and the tunnel is dead */
	bool always;             /* whatever else comes through; otherwise only when nothing does */
};

/* What only the shell needs of a tunnel. */
struct config_traffic {
	struct config_ping ping;
	uint32_t packets; /* in either direction, after which a pair has expired; 0: no limit */
	int line;         /* where its section ends; 0: it has none */
};

/* What the engine is told about a peer, and what only the shell needs. */
struct config_peer {
	struct ike_peer_settings
	    ike; /* name, secret and extension_settings are filled by config_finish() */
	struct keepalive_peer_settings extension;
	struct keepalive_settings keepalive; /* what `extension.plan` is derived from */
	uint32_t loss_per_mille;             /* at which its false deaths are told */
	struct secret *secret;               /* owned */
	enum config_authentication authentication;
	enum config_exchange exchange;
	char *file[CONFIG_FILES];      /* owned; paths of PEM as written, NULL: the node's */
	int line;                      /* where its section ends; 0: it has none */
	char *name;                    /* owned */
	char *tunnel[IKE_TUNNELS_MAX]; /* owned; names */
	struct config_traffic traffic[IKE_TUNNELS_MAX]; /* of ike.tunnel[], one each */
	bool ping_only; /* mode = ping: R-U-THERE is only answered, and every tunnel has a ping */
	char *
	    gateway[IKE_GATEWAYS_MAX]; /* owned; as written, so that names can be looked up again */
};

/* The interface between this machine's packets and the tunnels'. */
struct config_tun {
	char name[CONFIG_TUN_ROOM];
	struct ike_prefix
	    address[CONFIG_TUN_ADDRESSES_MAX]; /* of ours, with their network's bits */
	size_t addresses;
	uint32_t mtu; /* octets; 0: the program chooses */
};

struct config {
	struct ike_settings ike; /* complete after config_finish() */
	uint16_t nat_t_port; /* 0: no NAT traversal; `ike` has it only where it is listened on */
	bool nat_t_said;     /* the user named it: it is opened whatever the other port is */

	struct ike_address listen[CONFIG_SOCKETS];
	size_t listens;
	char *control;            /* owned; path of the control socket, NULL: none */
	char *user;               /* owned; who a node started by root becomes, NULL: CONFIG_USER */
	uint32_t workers;         /* processes that share the ports; 1: this one alone */
	bool confine;             /* gives up what it no longer needs once it runs: confine.h */
	char *file[CONFIG_FILES]; /* owned; of peers that have none of their own, NULL: none */
	struct config_credentials *credentials; /* owned; what was made of the files */
	enum store_kind ipsec;                  /* where IPsec SAs go */
	struct config_tun tun;                  /* with STORE_USERSPACE */
	char *peers_file; /* owned; where peers are remembered for the next start, NULL: none */
	int line;         /* where the section node ends; 0: it has none */
	struct config_peer *peer;
	size_t peers;
	char **warning; /* what works but should be known */
	size_t warnings;
	struct ike_peer_settings *finished; /* what ike.peer points to */
};

/* Defaults, no peers, not listening anywhere.  NULL: no memory. */
struct config *config_new(void);
void config_free(struct config *config); /* NULL is allowed; secrets are wiped */
/* Wipes pre-shared keys and private keys, and nothing else: for a process that negotiates nothing. */
void config_forget_secrets(struct config *config);

/*
 * A new peer with the defaults of the manual; good until the next call.  Its fields may be changed until config_finish().
 * NULL: no memory.
 */
struct config_peer *config_add_peer(struct config *config, const char *name);
/* The proposals that are offered and accepted where none are given: AES, SHA-1 and up, group 14 and up. */
size_t config_default_proposals(struct ike_proposal proposals[IKE_PROPOSALS_MAX]);
/* Derives the keepalive's plan, checks the peer as a whole, and warns.  The fault does not name the peer. */
bool config_check_peer(struct config *config, struct config_peer *peer,
		       struct fault *fault) IKE_MUST_USE;
/*
 * Where a peer may use NAT traversal and IKE's own port is listened on: listens on its port too, on the same addresses.  May be called
 * again when the addresses have changed.  Called by config_finish().
 */
void config_listen_for_nat_t(struct config *config);
/* Checks the peers against each other, and fills `ike`. */
bool config_finish(struct config *config, struct fault *fault) IKE_MUST_USE;
/* Whether this worker (`ike.worker`) calls the peer when it starts: the peers are dealt out among them. */
bool config_calls_at_start(const struct config *config, size_t peer);
/*
 * Workers share nothing, so what would have to be shared is refused.  Called by config_finish(); before that by whoever knows the file,
 * and can say that `line` of it (NULL: not wanted; 0: none) is where the section ends that has it.
 */
bool config_check_workers(const struct config *config, int *line, struct fault *fault) IKE_MUST_USE;
void config_warn(struct config *config, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* The file, checked and finished.  NULL: see fault, which names file, line and field. */
struct config *config_load(const char *path, struct fault *fault) IKE_MUST_USE;

#endif
