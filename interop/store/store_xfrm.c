/* SPDX-License-Identifier: ISC */
/*
 * store_xfrm.c - the kernel's IPsec beneath a store.
 *
 * A pair is two SAs; those with the same selectors share policies, which name SAs by their addresses and a reqid.  Of the SAs
 * that a policy could mean the kernel takes the one that was added last, by whole seconds; so as not to depend on that, the
 * SA that sends is taken away as soon as a pair is superseded, while the one that receives stays until the pair is removed.
 *
 * Without ESP in the kernel adding an SA is refused with EPROTONOSUPPORT, though policies can be added: they would lead
 * nowhere and stop the packets.  So it is tried at the start, with an SA that is taken away at once.
 */
#include <errno.h>
#include <linux/udp.h>
#include <netinet/in.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "crypto/secret.h"
#include "ike/address.h"
#include "interop/store/store.h"
#include "interop/store/store_message.h"
#include "interop/store/store_sweep.h"
#include "interop/store/store_xfrm.h"

#define PROBE_SPI 256 /* the smallest that is not reserved: RFC 4303 section 2.1 */

struct xfrm {
	struct netlink asks;  /* what it is told to do */
	struct netlink hears; /* what has expired */
	int only;             /* held for as long as this is the only one, -1: not held */
	uint32_t reqids;      /* given so far */
};

static const uint8_t directions[] = {XFRM_POLICY_OUT, XFRM_POLICY_IN, XFRM_POLICY_FWD};

/* ---- what the kernel says ------------------------------------------------------------------------------------------ */

static const char *advice_of(int failed)
{
	switch (failed) {
	case EPROTONOSUPPORT:
		return "; the kernel has no ESP for these addresses: modprobe esp4 and esp6, or "
		       "build "
		       "it with CONFIG_INET_ESP and CONFIG_INET6_ESP";
	case ENOSYS:
		return "; the kernel lacks one of the algorithms";
	case EPERM:
		return "; that needs CAP_NET_ADMIN";
	case EEXIST:
		return "; another program has one like it";
	default:
		return "";
	}
}

static bool refused(const struct xfrm *xfrm, int failed, const char *what, struct fault *fault)
{
	return fault_say(fault, "the kernel refuses %s: %s%s%s%s%s", what, strerror(failed),
			 xfrm->asks.said[0] != '\0' ? " (" : "", xfrm->asks.said,
			 xfrm->asks.said[0] != '\0' ? ")" : "", advice_of(failed));
}

/* ---- SAs ----------------------------------------------------------------------------------------------------------- */

static bool add_sa(struct xfrm *xfrm, const struct store_pair *pair, enum store_way way,
		   const struct store_state *state, struct fault *fault)
{
	struct netlink_message message;
	int failed;

	if (!store_message_add_sa(&message, pair, way, state))
		return fault_say(fault, "the kernel is not told of algorithms other than AES, "
					"3DES, MD5, SHA-1 and SHA2-256");
	failed = netlink_do(&xfrm->asks, &message);
	secret_wipe(&message, sizeof(message));
	return failed == 0 ||
	       refused(xfrm, failed, way == STORE_OUT ? "an SA to send" : "an SA to receive",
		       fault);
}

/* What is gone already is gone: by its own lifetime, or because somebody flushed. */
static void delete_sa(struct xfrm *xfrm, const struct store_pair *pair, enum store_way way)
{
	struct netlink_message message;

	store_message_sa(&message, XFRM_MSG_DELSA, pair, way);
	(void)netlink_do(&xfrm->asks, &message);
}

static void delete_sas(struct xfrm *xfrm, const struct store_pair *pair)
{
	delete_sa(xfrm, pair, STORE_IN);
	if (!pair->sa.superseded)
		delete_sa(xfrm, pair, STORE_OUT);
}

static bool add_sas(struct xfrm *xfrm, const struct store_pair *pair,
		    const struct store_state state[2], struct fault *fault)
{
	if (!add_sa(xfrm, pair, STORE_IN, &state[STORE_IN], fault))
		return false;
	if (pair->sa.superseded || add_sa(xfrm, pair, STORE_OUT, &state[STORE_OUT], fault))
		return true;
	delete_sa(xfrm, pair, STORE_IN);
	return false;
}

static bool get_state(struct xfrm *xfrm, const struct store_pair *pair, enum store_way way,
		      struct store_state *state)
{
	struct netlink_message message, answer;
	bool good;

	store_message_sa(&message, XFRM_MSG_GETSA, pair, way);
	good = netlink_get(&xfrm->asks, &message, &answer) == 0 &&
	       store_message_state(&answer.as.header, state);
	secret_wipe(&answer, sizeof(answer)); /* the keys are in it */
	return good;
}

/* ---- policies ------------------------------------------------------------------------------------------------------ */

/* Between the outer addresses themselves nothing is forwarded. */
static size_t directions_of(const struct store_pair *pair)
{
	return pair->sa.transport ? 2 : 3;
}

static void delete_policies(struct xfrm *xfrm, const struct store_pair *pair, size_t count)
{
	struct netlink_message message;

	for (size_t i = 0; i < count; i++) {
		store_message_delete_policy(&message, pair, directions[i]);
		(void)netlink_do(&xfrm->asks, &message);
	}
}

/* New ones: where another program has a policy of these selectors, it stays. */
static bool add_policies(struct xfrm *xfrm, const struct store_pair *pair, struct fault *fault)
{
	struct netlink_message message;

	for (size_t i = 0; i < directions_of(pair); i++) {
		int failed;

		store_message_add_policy(&message, XFRM_MSG_NEWPOLICY, pair, directions[i]);
		failed = netlink_do(&xfrm->asks, &message);
		if (failed == 0)
			continue;
		delete_policies(xfrm, pair, i);
		return refused(xfrm, failed, "a policy", fault);
	}
	return true;
}

/* Ours already; they lead to this pair from now on. */
static bool turn_policies(struct xfrm *xfrm, const struct store_pair *pair, struct fault *fault)
{
	struct netlink_message message;

	for (size_t i = 0; i < directions_of(pair); i++) {
		int failed;

		store_message_add_policy(&message, XFRM_MSG_UPDPOLICY, pair, directions[i]);
		failed = netlink_do(&xfrm->asks, &message);
		if (failed != 0)
			return refused(xfrm, failed, "to change a policy", fault);
	}
	return true;
}

/* Without this pair: to the newest that is left of its selectors, or away. */
static void release_policies(struct xfrm *xfrm, const struct store_table *table,
			     const struct store_pair *pair)
{
	const struct store_pair *heir = store_table_newest(table, pair, pair);
	struct fault fault;

	if (heir == NULL)
		delete_policies(xfrm, pair, directions_of(pair));
	else if (store_table_newest(table, pair, NULL) == pair)
		(void)turn_policies(xfrm, heir, &fault);
}

/* ---- changes ------------------------------------------------------------------------------------------------------- */

static bool reqid_is_free(const struct store_table *table, uint32_t reqid)
{
	for (const struct store_pair *pair = store_table_next(table, NULL); pair != NULL;
	     pair = store_table_next(table, pair))
		if (pair->reqid == reqid)
			return false;
	return true;
}

/* Zero: a million of them are taken. */
static uint32_t new_reqid(struct xfrm *xfrm, const struct store_table *table)
{
	for (uint32_t tried = 0; tried <= ~STORE_REQID_MASK; tried++) {
		uint32_t number = ++xfrm->reqids;
		uint32_t reqid = STORE_REQID_MARK | (number & ~STORE_REQID_MASK);

		if (number <= ~STORE_REQID_MASK || reqid_is_free(table, reqid))
			return reqid;
	}
	return 0;
}

static bool add_pair(struct xfrm *xfrm, const struct store_table *table, struct store_pair *pair,
		     const struct store_state state[2], struct fault *fault)
{
	const struct store_pair *earlier = store_table_newest(table, pair, NULL);

	pair->reqid = earlier != NULL ? earlier->reqid : new_reqid(xfrm, table);
	if (pair->reqid == 0)
		return fault_say(fault, "there are too many tunnels for the kernel's reqids");
	if (!add_sas(xfrm, pair, state, fault))
		return false;
	if (earlier != NULL ? turn_policies(xfrm, pair, fault) : add_policies(xfrm, pair, fault))
		return true;
	if (earlier != NULL)
		(void)turn_policies(xfrm, earlier, &(struct fault){.text = ""});
	delete_sas(xfrm, pair);
	return false;
}

static void remove_pair(struct xfrm *xfrm, const struct store_table *table,
			const struct store_pair *pair)
{
	release_policies(xfrm, table, pair);
	delete_sas(xfrm, pair);
}

/*
 * The SAs are made anew at the new addresses and go on with the numbers of the old ones, because the peer's replay window has
 * seen those.  The policies stay meanwhile, so that packets are rather lost than sent in the clear.
 */
static bool move_pair(struct xfrm *xfrm, const struct store_table *table,
		      const struct store_pair *before, struct store_pair *after,
		      struct fault *fault)
{
	struct store_state state[2] = {{.known = false}, {.known = false}};

	(void)get_state(xfrm, before, STORE_IN, &state[STORE_IN]);
	(void)get_state(xfrm, before, STORE_OUT, &state[STORE_OUT]);
	delete_sas(xfrm, before);
	if (!store_selectors_equal(before, after)) {
		if (!add_pair(xfrm, table, after, state, fault)) {
			release_policies(xfrm, table, before);
			return false;
		}
		release_policies(xfrm, table, before);
		return true;
	}
	if (add_sas(xfrm, after, state, fault)) {
		if (store_table_newest(table, before, NULL) != before ||
		    turn_policies(xfrm, after, fault))
			return true;
		delete_sas(xfrm, after);
	}
	release_policies(xfrm, table, before);
	return false;
}

static bool same_way(const struct ike_ipsec_sa *a, const struct ike_ipsec_sa *b)
{
	return ike_address_equal(&a->local, &b->local) &&
	       ike_address_equal(&a->remote, &b->remote) && a->encapsulated == b->encapsulated;
}

static bool apply(void *context, const struct store_table *table, const struct store_pair *before,
		  struct store_pair *after, struct fault *fault)
{
	static const struct store_state fresh[2] = {{.known = false}, {.known = false}};
	struct xfrm *xfrm = context;

	if (after == NULL) {
		remove_pair(xfrm, table, before);
		return true;
	}
	if (before == NULL)
		return add_pair(xfrm, table, after, fresh, fault);
	if (after->sa.superseded && !before->sa.superseded)
		delete_sa(xfrm, before, STORE_OUT);
	if (same_way(&before->sa, &after->sa))
		return true;
	return move_pair(xfrm, table, before, after, fault);
}

static bool usage(void *context, const struct store_pair *pair, struct store_usage *usage)
{
	struct store_state in = {.known = false}, out = {.known = false};

	if (!get_state(context, pair, STORE_IN, &in))
		return false;
	(void)get_state(context, pair, STORE_OUT, &out);
	*usage = (struct store_usage){.octets_in = in.used.bytes,
				      .octets_out = out.used.bytes,
				      .packets_in = in.used.packets,
				      .packets_out = out.used.packets,
				      .used_in = in.last_used,
				      .used_out = out.last_used};
	return true;
}

/* ---- what expires -------------------------------------------------------------------------------------------------- */

static int descriptor(void *context)
{
	const struct xfrm *xfrm = context;

	return xfrm->hears.descriptor;
}

static const struct store_pair *pair_of(const struct store_table *table,
					const struct xfrm_usersa_info *info)
{
	for (const struct store_pair *pair = store_table_next(table, NULL); pair != NULL;
	     pair = store_table_next(table, pair))
		if (pair->reqid == info->reqid && (htonl(pair->sa.spi_in) == info->id.spi ||
						   htonl(pair->sa.spi_out) == info->id.spi))
			return pair;
	return NULL;
}

/* SAs of other programs expire as well, and are none of ours; the time of ours the engine knows itself. */
static bool expired(void *context, const struct store_table *table, struct store_expiry *expiry)
{
	struct xfrm *xfrm = context;
	struct netlink_message message;

	while (netlink_hear(&xfrm->hears, &message)) {
		const struct xfrm_user_expire *said =
		    netlink_payload(&message.as.header, sizeof(*said));

		if (message.as.header.nlmsg_type != XFRM_MSG_EXPIRE || said == NULL ||
		    (said->state.reqid & STORE_REQID_MASK) != STORE_REQID_MARK)
			continue;
		expiry->pair = pair_of(table, &said->state);
		expiry->hard = said->hard != 0;
		if (expiry->pair != NULL)
			return true;
	}
	return false;
}

/* ---- the sockets of IKE -------------------------------------------------------------------------------------------- */

/*
 * Packets of IKE go past every policy, or a tunnel that has its own gateway in its selectors would cut off who keeps it.
 * ESP in UDP is taken out by the kernel before this socket sees it (udp(7), RFC 3948 section 2.2).
 */
static bool let_past(void *context, int socket, uint8_t family, bool encapsulated,
		     struct fault *fault)
{
	bool ipv4 = family == IKE_FAMILY_IPV4;
	struct xfrm_userpolicy_info pass = {
	    .sel = {.family = ipv4 ? AF_INET : AF_INET6},
	    .action = XFRM_POLICY_ALLOW,
	};
	const int espinudp = UDP_ENCAP_ESPINUDP;

	(void)context;
	for (size_t i = 0; i < 2; i++) {
		pass.dir = directions[i];
		if (setsockopt(socket, ipv4 ? IPPROTO_IP : IPPROTO_IPV6,
			       ipv4 ? IP_XFRM_POLICY : IPV6_XFRM_POLICY, &pass, sizeof(pass)) != 0)
			return fault_say(fault,
					 "cannot keep IKE's own packets out of the tunnels: %s%s",
					 strerror(errno), advice_of(errno));
	}
	if (encapsulated &&
	    setsockopt(socket, IPPROTO_UDP, UDP_ENCAP, &espinudp, sizeof(espinudp)) != 0)
		return fault_say(fault, "the kernel does not take ESP out of UDP: %s",
				 strerror(errno));
	return true;
}

/* ---- beginning and end --------------------------------------------------------------------------------------------- */

/* Two of us would sweep each other away.  The name is in the network's own space, and ends with the process. */
static bool be_the_only_one(struct xfrm *xfrm, struct fault *fault)
{
	static const char words[] = "ruthere's IPsec SAs in this kernel";
	struct sockaddr_un name = {.sun_family = AF_UNIX};
	socklen_t length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + sizeof(words));

	memcpy(name.sun_path + 1, words, sizeof(words) - 1);
	xfrm->only = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (xfrm->only >= 0 && bind(xfrm->only, (const struct sockaddr *)&name, length) == 0)
		return true;
	return fault_say(fault,
			 "another ruthere keeps its IPsec SAs in this kernel already (%s): stop "
			 "it, or set node { ipsec = keep }",
			 strerror(errno));
}

/* There is no asking without doing; the addresses are for documentation (RFC 5737), so that nobody's packets meet it. */
static bool has_esp(struct xfrm *xfrm, struct fault *fault)
{
	static const struct ike_address here = {.octets = {192, 0, 2, 1},
						.family = IKE_FAMILY_IPV4},
					there = {.octets = {192, 0, 2, 2},
						 .family = IKE_FAMILY_IPV4};
	const struct store_pair pair = {
	    .sa = {.local = here,
		   .remote = there,
		   .proposal = {.encryption = IKE_ESP_TRANSFORM_AES,
				.key_bits = 128,
				.authentication = IKE_ESP_AUTHENTICATION_HMAC_SHA1},
		   .spi_in = PROBE_SPI,
		   .encryption_key_length = 16,
		   .authentication_key_length = 20},
	    .reqid = STORE_REQID_MARK,
	};

	if (!add_sa(xfrm, &pair, STORE_IN, NULL, fault))
		return false;
	delete_sa(xfrm, &pair, STORE_IN);
	return true;
}

static void xfrm_free(struct xfrm *xfrm)
{
	netlink_close(&xfrm->asks);
	netlink_close(&xfrm->hears);
	if (xfrm->only >= 0)
		close(xfrm->only);
	free(xfrm);
}

struct xfrm *store_xfrm_on(int asks, int hears)
{
	struct xfrm *xfrm = calloc(1, sizeof(*xfrm));

	if (xfrm == NULL)
		return NULL;
	xfrm->asks.descriptor = asks;
	xfrm->hears.descriptor = hears;
	xfrm->only = -1;
	return xfrm;
}

static void *open_xfrm(const struct store_settings *settings, struct fault *fault)
{
	struct xfrm *xfrm = store_xfrm_on(-1, -1);

	(void)settings;
	if (xfrm == NULL) {
		fault_say(fault, "no memory for a store of IPsec SAs");
		return NULL;
	}
	if (netlink_open(&xfrm->asks, NETLINK_XFRM, 0, fault) &&
	    netlink_open(&xfrm->hears, NETLINK_XFRM, 1u << (XFRMNLGRP_EXPIRE - 1), fault) &&
	    be_the_only_one(xfrm, fault)) {
		store_sweep(&xfrm->asks);
		if (has_esp(xfrm, fault))
			return xfrm;
	}
	xfrm_free(xfrm);
	return NULL;
}

static void close_xfrm(void *context, const struct store_table *table)
{
	for (const struct store_pair *pair = store_table_next(table, NULL); pair != NULL;
	     pair = store_table_next(table, pair)) {
		delete_policies(context, pair, directions_of(pair));
		delete_sas(context, pair);
	}
	xfrm_free(context);
}

const struct store_operations store_xfrm = {
    .name = "xfrm",
    .meaning = "IPsec SAs go to the kernel",
    .open = open_xfrm,
    .apply = apply,
    .socket = let_past,
    .usage = usage,
    .descriptor = descriptor,
    .expired = expired,
    .needs_net_admin = true,
    .close = close_xfrm,
};
