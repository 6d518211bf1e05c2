/* SPDX-License-Identifier: ISC */
#include "interop/store/store_message.h"

#include <assert.h>
#include <linux/udp.h>
#include <string.h>

/* ---- addresses and selectors --------------------------------------------------------------------------------------- */

static uint16_t family_of(const struct ike_address *address)
{
	return address->family == IKE_FAMILY_IPV4 ? AF_INET : AF_INET6;
}

static void put_address(xfrm_address_t *to, const struct ike_address *address)
{
	memcpy(to, address->octets, address->family == IKE_FAMILY_IPV4 ? 4 : 16);
}

static void put_port(__be16 *port, __be16 *mask, uint16_t number)
{
	*port = htons(number);
	*mask = htons(number != 0 ? 0xffff : 0);
}

static void put_selector(struct xfrm_selector *selector, const struct ike_selector *from,
			 const struct ike_selector *to)
{
	put_address(&selector->saddr, &from->prefix.address);
	put_address(&selector->daddr, &to->prefix.address);
	selector->prefixlen_s = from->prefix.bits;
	selector->prefixlen_d = to->prefix.bits;
	put_port(&selector->sport, &selector->sport_mask, from->port);
	put_port(&selector->dport, &selector->dport_mask, to->port);
	selector->proto = from->protocol != 0 ? from->protocol : to->protocol;
	selector->family = family_of(&from->prefix.address);
}

static void put_selector_of(struct xfrm_selector *selector, const struct store_pair *pair, bool out)
{
	put_selector(selector, out ? &pair->inside_local : &pair->inside_remote,
		     out ? &pair->inside_remote : &pair->inside_local);
}

static const struct ike_address *source_of(const struct ike_ipsec_sa *sa, bool out)
{
	return out ? &sa->local : &sa->remote;
}

static const struct ike_address *destination_of(const struct ike_ipsec_sa *sa, bool out)
{
	return out ? &sa->remote : &sa->local;
}

static uint8_t mode_of(const struct ike_ipsec_sa *sa)
{
	return sa->transport ? XFRM_MODE_TRANSPORT : XFRM_MODE_TUNNEL;
}

/* ---- SAs ----------------------------------------------------------------------------------------------------------- */

/* The names by which the kernel knows them; how much of the HMAC goes with a packet is the RFCs' (2403, 2404, 4868). */
static const char *encryption_name(uint16_t encryption)
{
	switch (encryption) {
	case IKE_ESP_TRANSFORM_AES:
		return "cbc(aes)";
	case IKE_ESP_TRANSFORM_3DES:
		return "cbc(des3_ede)";
	case IKE_ESP_TRANSFORM_AES_GCM_16:
		return "rfc4106(gcm(aes))";
	default:
		return NULL;
	}
}

static const char *authentication_name(uint16_t authentication, unsigned *bits)
{
	*bits = 96;
	switch (authentication) {
	case IKE_ESP_AUTHENTICATION_HMAC_MD5:
		return "hmac(md5)";
	case IKE_ESP_AUTHENTICATION_HMAC_SHA1:
		return "hmac(sha1)";
	case IKE_ESP_AUTHENTICATION_HMAC_SHA2_256:
		*bits = 128; /* by XFRMA_ALG_AUTH the kernel would take the 96 of a draft */
		return "hmac(sha256)";
	default:
		return NULL;
	}
}

/* RFC 4106: the kernel, too, has the salt behind the key. */
static void add_combined(struct netlink_message *message, const struct ike_ipsec_sa *sa,
			 const uint8_t *keymat, const char *name)
{
	size_t length = sa->encryption_key_length;
	struct xfrm_algo_aead *aead = netlink_add(message, XFRMA_ALG_AEAD, sizeof(*aead) + length);

	memcpy(aead->alg_name, name, strlen(name));
	aead->alg_key_len = (unsigned)length * 8;
	aead->alg_icv_len = 128;
	memcpy(aead->alg_key, keymat, length);
}

static void add_algorithms(struct netlink_message *message, const struct ike_ipsec_sa *sa,
			   const uint8_t *keymat, const char *encryption,
			   const char *authentication, unsigned bits)
{
	size_t length = sa->encryption_key_length;
	struct xfrm_algo *crypt = netlink_add(message, XFRMA_ALG_CRYPT, sizeof(*crypt) + length);
	struct xfrm_algo_auth *auth;

	memcpy(crypt->alg_name, encryption, strlen(encryption));
	crypt->alg_key_len = (unsigned)length * 8;
	memcpy(crypt->alg_key, keymat, length);
	auth = netlink_add(message, XFRMA_ALG_AUTH_TRUNC,
			   sizeof(*auth) + sa->authentication_key_length);
	memcpy(auth->alg_name, authentication, strlen(authentication));
	auth->alg_key_len = (unsigned)sa->authentication_key_length * 8;
	auth->alg_trunc_len = bits;
	memcpy(auth->alg_key, keymat + length, sa->authentication_key_length);
}

/* By octets the kernel says when seven eighths are used, so that there is time for a new one. */
static void put_lifetime(struct xfrm_lifetime_cfg *lifetime, const struct ike_ipsec_sa *sa)
{
	uint64_t octets = (uint64_t)sa->kilobytes * 1024;

	*lifetime = (struct xfrm_lifetime_cfg){.soft_byte_limit = XFRM_INF,
					       .hard_byte_limit = XFRM_INF,
					       .soft_packet_limit = XFRM_INF,
					       .hard_packet_limit = XFRM_INF};
	if (octets != 0) {
		lifetime->soft_byte_limit = octets - octets / 8;
		lifetime->hard_byte_limit = octets;
	}
	if (sa->expires_at != IKE_NEVER && sa->expires_at > sa->established_at)
		lifetime->hard_add_expires_seconds =
		    (sa->expires_at - sa->established_at) / IKE_SECOND + STORE_HARD_MARGIN;
}

/* RFC 3948: the ports of IKE's own UDP, the source's first. */
static void add_encapsulation(struct netlink_message *message, const struct ike_ipsec_sa *sa,
			      bool out)
{
	struct xfrm_encap_tmpl *encapsulation =
	    netlink_add(message, XFRMA_ENCAP, sizeof(*encapsulation));

	encapsulation->encap_type = UDP_ENCAP_ESPINUDP;
	encapsulation->encap_sport = htons(source_of(sa, out)->port);
	encapsulation->encap_dport = htons(destination_of(sa, out)->port);
}

/* Attributes are aligned to four octets, and these numbers want eight. */
static void add_state(struct netlink_message *message, const struct store_state *state)
{
	memcpy(netlink_add(message, XFRMA_REPLAY_VAL, sizeof(state->replay)), &state->replay,
	       sizeof(state->replay));
	memcpy(netlink_add(message, XFRMA_LTIME_VAL, sizeof(state->used)), &state->used,
	       sizeof(state->used));
}

bool store_message_add_sa(struct netlink_message *message, const struct store_pair *pair,
			  enum store_way way, const struct store_state *state)
{
	const struct ike_ipsec_sa *sa = &pair->sa;
	bool out = way == STORE_OUT;
	bool combined = sa->proposal.encryption == IKE_ESP_TRANSFORM_AES_GCM_16;
	const uint8_t *keymat = out ? sa->keymat_out : sa->keymat_in;
	unsigned bits;
	const char *encryption = encryption_name(sa->proposal.encryption);
	const char *authentication = authentication_name(sa->proposal.authentication, &bits);
	struct xfrm_usersa_info *info;

	if (encryption == NULL ||
	    (combined ? sa->proposal.authentication != 0 : authentication == NULL))
		return false;
	assert(sa->encryption_key_length + sa->authentication_key_length <= IKE_IPSEC_KEYMAT_MAX);
	info = netlink_begin(message, XFRM_MSG_NEWSA, NLM_F_CREATE | NLM_F_EXCL, sizeof(*info));
	put_address(&info->saddr, source_of(sa, out));
	put_address(&info->id.daddr, destination_of(sa, out));
	info->id.spi = htonl(out ? sa->spi_out : sa->spi_in);
	info->id.proto = IPPROTO_ESP;
	info->family = family_of(&sa->local);
	info->mode = mode_of(sa);
	info->reqid = pair->reqid;
	info->replay_window = STORE_REPLAY_WIDTH;
	if (sa->transport)
		put_selector_of(&info->sel, pair, out);
	else
		info->flags = XFRM_STATE_AF_UNSPEC; /* inside it may be the other family */
	put_lifetime(&info->lft, sa);
	if (combined)
		add_combined(message, sa, keymat, encryption);
	else
		add_algorithms(message, sa, keymat, encryption, authentication, bits);
	if (sa->encapsulated)
		add_encapsulation(message, sa, out);
	if (state != NULL && state->known)
		add_state(message, state);
	return true;
}

static void name_sa(struct netlink_message *message, uint16_t type, const xfrm_address_t *daddr,
		    __be32 spi, uint16_t family)
{
	struct xfrm_usersa_id *id = netlink_begin(message, type, 0, sizeof(*id));

	id->daddr = *daddr;
	id->spi = spi;
	id->family = family;
	id->proto = IPPROTO_ESP;
}

void store_message_sa(struct netlink_message *message, uint16_t type, const struct store_pair *pair,
		      enum store_way way)
{
	const struct ike_ipsec_sa *sa = &pair->sa;
	bool out = way == STORE_OUT;
	xfrm_address_t to = {.a6 = {0}};

	put_address(&to, destination_of(sa, out));
	name_sa(message, type, &to, htonl(out ? sa->spi_out : sa->spi_in), family_of(&sa->local));
}

void store_message_delete_listed_sa(struct netlink_message *message,
				    const struct xfrm_usersa_info *listed)
{
	name_sa(message, XFRM_MSG_DELSA, &listed->id.daddr, listed->id.spi, listed->family);
}

bool store_message_state(const struct nlmsghdr *answer, struct store_state *state)
{
	const struct xfrm_usersa_info *info = netlink_payload(answer, sizeof(*info));
	const struct xfrm_replay_state *replay;
	const void *last;

	if (answer->nlmsg_type != XFRM_MSG_NEWSA || info == NULL)
		return false;
	*state = (struct store_state){.used = info->curlft};
	replay = netlink_find(answer, sizeof(*info), XFRMA_REPLAY_VAL, sizeof(*replay));
	if (replay != NULL)
		memcpy(&state->replay, replay, sizeof(state->replay));
	state->known = replay != NULL;
	last = netlink_find(answer, sizeof(*info), XFRMA_LASTUSED, sizeof(state->last_used));
	if (last != NULL)
		memcpy(&state->last_used, last, sizeof(state->last_used));
	return true;
}

/* ---- policies ------------------------------------------------------------------------------------------------------ */

/* The narrower the selectors, the sooner they are asked; the kernel takes the smallest number first. */
static uint32_t priority_of(const struct store_pair *pair)
{
	uint32_t priority = 0x40000;

	priority -=
	    (uint32_t)(pair->inside_local.prefix.bits + pair->inside_remote.prefix.bits) * 8;
	priority -= pair->inside_local.protocol != 0 || pair->inside_remote.protocol != 0 ? 4 : 0;
	priority -= pair->inside_local.port != 0 ? 2 : 0;
	return priority - (pair->inside_remote.port != 0 ? 1 : 0);
}

static void add_template(struct netlink_message *message, const struct store_pair *pair, bool out)
{
	struct xfrm_user_tmpl *template = netlink_add(message, XFRMA_TMPL, sizeof(*template));

	template->id.proto = IPPROTO_ESP;
	put_address(&template->saddr, source_of(&pair->sa, out));
	put_address(&template->id.daddr, destination_of(&pair->sa, out));
	template->family = family_of(&pair->sa.local);
	template->reqid = pair->reqid;
	template->mode = mode_of(&pair->sa);
	template->aalgos = template->ealgos = template->calgos = ~UINT32_C(0);
}

void store_message_add_policy(struct netlink_message *message, uint16_t type,
			      const struct store_pair *pair, uint8_t direction)
{
	bool out = direction == XFRM_POLICY_OUT;
	struct xfrm_userpolicy_info *info = netlink_begin(
	    message, type, NLM_F_CREATE | (type == XFRM_MSG_NEWPOLICY ? NLM_F_EXCL : 0),
	    sizeof(*info));

	put_selector_of(&info->sel, pair, out);
	info->lft = (struct xfrm_lifetime_cfg){.soft_byte_limit = XFRM_INF,
					       .hard_byte_limit = XFRM_INF,
					       .soft_packet_limit = XFRM_INF,
					       .hard_packet_limit = XFRM_INF};
	info->priority = priority_of(pair);
	info->dir = direction;
	info->action = XFRM_POLICY_ALLOW;
	info->share = XFRM_SHARE_ANY;
	add_template(message, pair, out);
}

void store_message_delete_policy(struct netlink_message *message, const struct store_pair *pair,
				 uint8_t direction)
{
	struct xfrm_userpolicy_id *id = netlink_begin(message, XFRM_MSG_DELPOLICY, 0, sizeof(*id));

	put_selector_of(&id->sel, pair, direction == XFRM_POLICY_OUT);
	id->dir = direction;
}

void store_message_delete_listed_policy(struct netlink_message *message,
					const struct xfrm_userpolicy_info *listed)
{
	struct xfrm_userpolicy_id *id = netlink_begin(message, XFRM_MSG_DELPOLICY, 0, sizeof(*id));

	id->sel = listed->sel;
	id->index = listed->index;
	id->dir = listed->dir;
}
