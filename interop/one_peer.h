/* SPDX-License-Identifier: ISC */
/*
 * one_peer.h - a gateway from the command line: what `ping` and `conform` ask the user for so that Phase 1 with it can be made.
 */
#ifndef INTEROP_ONE_PEER_H
#define INTEROP_ONE_PEER_H

#include "interop/config/config.h"
#include "interop/options.h"

#define ONE_PEER_PORT_UNSAID UINT32_MAX

struct one_peer {
	char *secret; /* owned */
	const char *secret_file, *identity, *peer_identity;
	const char *authentication, *exchange, *file[CONFIG_FILES];
	struct options_list proposals;
	uint32_t port, local_port;
};

#define ONE_PEER_ROWS 13

/* Before the command line is read: nothing is said, and the rows that say it are put at `rows`. */
void one_peer_begin(struct one_peer *one_peer, struct options_row rows[ONE_PEER_ROWS]);
void one_peer_end(struct one_peer *one_peer); /* wipes the secret */

/*
 * The peer as the user wants it, in a configuration that has none yet: it asks for nothing by itself, and gives up after one
 * attempt of that length.  What else there is to say may be said before one_peer_finish().  NULL: see fault.
 */
struct config_peer *one_peer_add(const struct one_peer *one_peer, struct config *config,
				 const char *gateway, ike_time attempt,
				 struct fault *fault) IKE_MUST_USE;
/* Reads the credentials, and finishes the configuration. */
bool one_peer_finish(const struct one_peer *one_peer, struct config *config,
		     struct fault *fault) IKE_MUST_USE;
/*
 * Listens at that port and nowhere else.  From another port than 500 there is no NAT traversal: whoever asks from there is not
 * taken for somebody who floats.
 */
void one_peer_listen(struct config *config, uint16_t port);
/* Warns on stderr in the name of `verb` of what may be why the gateway will refuse us: what is wrong with a certificate. */
void one_peer_warn(const struct config *config, const char *verb);

/* How far a Phase 1 that we began has got, for its obituary. */
struct one_peer_phase_1 {
	struct ike_address gateway;
	bool psk;         /* it was to be proved by a secret, not by a signature */
	bool keys;        /* there were keys */
	const char *said; /* the name of the peer's last error notification; NULL: none */
};

/* Why it failed, from the event that says so: the likeliest cause comes from how far the exchange got.  Always false. */
bool one_peer_explain(const struct one_peer_phase_1 *phase_1, const struct ike_event *event,
		      struct fault *fault);

#endif
