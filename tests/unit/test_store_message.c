/* SPDX-License-Identifier: ISC */
/*
 * test_store_message.c - octet for octet, at the offsets that linux/xfrm.h gives on every 64-bit machine, the smaller octet
 * first; they begin after
 * the 16 octets of the netlink header.
 */
#include "tests/support/unit.h"

#include <string.h>

#include "interop/store/store_message.h"
#include "tests/support/pairs.h"

#define SA_INFO     224 /* octets of struct xfrm_usersa_info */
#define POLICY_INFO 168 /* octets of struct xfrm_userpolicy_info */
#define REQID       (STORE_REQID_MARK | 7)

static struct netlink_message message;

static struct store_pair make(void)
{
	struct store_pair pair = {.sa = pair_of_sas(1), .reqid = REQID};

	store_selectors(&pair.sa, &pair.inside_local, &pair.inside_remote);
	return pair;
}

static const uint8_t *at(size_t offset)
{
	return message.as.octets + NLMSG_HDRLEN + offset;
}

static void expect(size_t offset, size_t length, const char *hex)
{
	unit_assert_hex(octets_of(at(offset), length), hex);
}

static uint16_t u16(size_t offset)
{
	uint16_t value;

	memcpy(&value, at(offset), sizeof(value));
	return value;
}

static uint32_t u32(size_t offset)
{
	uint32_t value;

	memcpy(&value, at(offset), sizeof(value));
	return value;
}

static uint64_t u64(size_t offset)
{
	uint64_t value;

	memcpy(&value, at(offset), sizeof(value));
	return value;
}

static void expect_header(uint16_t type, uint16_t flags)
{
	ck_assert_uint_eq(message.as.header.nlmsg_type, type);
	ck_assert_uint_eq(message.as.header.nlmsg_flags, NLM_F_REQUEST | flags);
}

/* Its octets, found by walking the attributes by hand; the length is checked. */
static const uint8_t *attribute(size_t payload, uint16_t type, size_t length)
{
	size_t offset = payload;

	while (NLMSG_HDRLEN + offset < message.as.header.nlmsg_len) {
		if (u16(offset + 2) == type) {
			ck_assert_uint_eq(u16(offset), 4 + length);
			return at(offset + 4);
		}
		offset += (u16(offset) + 3u) & ~3u;
	}
	ck_abort_msg("no attribute %u", type);
	return NULL;
}

static bool has_attribute(size_t payload, uint16_t type)
{
	size_t offset = payload;

	for (; NLMSG_HDRLEN + offset < message.as.header.nlmsg_len;
	     offset += (u16(offset) + 3u) & ~3u)
		if (u16(offset + 2) == type)
			return true;
	return false;
}

/* ---- SAs ----------------------------------------------------------------------------------------------------------- */

START_TEST(test_algorithms_that_are_not_ours)
{
	struct store_pair pair = make();

	pair.sa.proposal.encryption = IKE_ESP_TRANSFORM_NULL;
	ck_assert(!store_message_add_sa(&message, &pair, STORE_IN, NULL));
	pair = make();
	pair.sa.proposal.authentication = 0;
	ck_assert(!store_message_add_sa(&message, &pair, STORE_IN, NULL));
	pair = make(); /* AES-GCM has no HMAC beside it */
	pair.sa.proposal.encryption = IKE_ESP_TRANSFORM_AES_GCM_16;
	ck_assert(!store_message_add_sa(&message, &pair, STORE_IN, NULL));
}
END_TEST

START_TEST(test_tunnel_sa_out)
{
	const struct store_pair pair = make();

	ck_assert(store_message_add_sa(&message, &pair, STORE_OUT, NULL));
	expect_header(0x10, NLM_F_CREATE | NLM_F_EXCL);
	expect(0, 56, /* no selector of its own */
	       "0000000000000000 0000000000000000 0000000000000000 0000000000000000"
	       "0000000000000000 0000000000000000 0000000000000000");
	expect(56, 16, "c6336402 000000000000000000000000");
	expect(72, 5, "00002001 32");
	expect(80, 16, "c0000201 000000000000000000000000");
	ck_assert_uint_eq(u64(96), UINT64_MAX);
	ck_assert_uint_eq(u64(104), UINT64_MAX);
	ck_assert_uint_eq(u64(112), UINT64_MAX);
	ck_assert_uint_eq(u64(120), UINT64_MAX);
	ck_assert_uint_eq(u64(128), 0);
	ck_assert_uint_eq(u64(136), 3600 + STORE_HARD_MARGIN);
	ck_assert_uint_eq(u64(144), 0);
	ck_assert_uint_eq(u64(152), 0);
	ck_assert_uint_eq(u32(208), REQID);
	ck_assert_uint_eq(u16(212), AF_INET);
	ck_assert_uint_eq(*at(214), XFRM_MODE_TUNNEL);
	ck_assert_uint_eq(*at(215), 32);
	ck_assert_uint_eq(*at(216), XFRM_STATE_AF_UNSPEC);
	ck_assert(!has_attribute(SA_INFO, XFRMA_ENCAP));
	ck_assert(!has_attribute(SA_INFO, XFRMA_REPLAY_VAL));
}
END_TEST

START_TEST(test_tunnel_sa_in)
{
	const struct store_pair pair = make();

	ck_assert(store_message_add_sa(&message, &pair, STORE_IN, NULL));
	expect(56, 4, "c0000201");
	expect(72, 5, "00001001 32");
	expect(80, 4, "c6336402");
	expect(216, 1, "20");
}
END_TEST

static void expect_algorithms(uint16_t encryption, size_t encryption_key, uint16_t authentication,
			      size_t authentication_key, const char *crypt_name,
			      const char *auth_name, uint32_t bits)
{
	struct store_pair pair = make();
	const uint8_t *crypt, *auth;
	uint32_t lengths[2];

	pair.sa.proposal.encryption = encryption;
	pair.sa.proposal.authentication = authentication;
	pair.sa.encryption_key_length = encryption_key;
	pair.sa.authentication_key_length = authentication_key;
	memset(pair.sa.keymat_in, 0x11, encryption_key);
	memset(pair.sa.keymat_in + encryption_key, 0x22, authentication_key);
	ck_assert(store_message_add_sa(&message, &pair, STORE_IN, NULL));
	crypt = attribute(SA_INFO, 2, 68 + encryption_key);
	ck_assert_str_eq((const char *)crypt, crypt_name);
	memcpy(lengths, crypt + 64, 4);
	ck_assert_uint_eq(lengths[0], encryption_key * 8);
	for (size_t i = 0; i < encryption_key; i++)
		ck_assert_uint_eq(crypt[68 + i], 0x11);
	auth = attribute(SA_INFO, 20, 72 + authentication_key);
	ck_assert_str_eq((const char *)auth, auth_name);
	memcpy(lengths, auth + 64, 8);
	ck_assert_uint_eq(lengths[0], authentication_key * 8);
	ck_assert_uint_eq(lengths[1], bits);
	for (size_t i = 0; i < authentication_key; i++)
		ck_assert_uint_eq(auth[72 + i], 0x22);
}

START_TEST(test_algorithms)
{
	expect_algorithms(12, 16, 2, 20, "cbc(aes)", "hmac(sha1)", 96);
	expect_algorithms(12, 32, 5, 32, "cbc(aes)", "hmac(sha256)", 128);
	expect_algorithms(3, 24, 1, 16, "cbc(des3_ede)", "hmac(md5)", 96);
}
END_TEST

/* RFC 4106: one algorithm, its key with the salt behind it, and 16 octets of ICV. */
START_TEST(test_combined_algorithm)
{
	static const size_t keys[] = {20, 28, 36};

	for (size_t i = 0; i < 3; i++) {
		struct store_pair pair = make();
		const uint8_t *aead;
		uint32_t lengths[2];

		pair.sa.proposal = (struct ike_ipsec_proposal){.encryption = 20};
		pair.sa.encryption_key_length = keys[i];
		pair.sa.authentication_key_length = 0;
		memset(pair.sa.keymat_out, 0x11, keys[i] - 4);
		memset(pair.sa.keymat_out + keys[i] - 4, 0x33, 4);
		ck_assert(store_message_add_sa(&message, &pair, STORE_OUT, NULL));
		aead = attribute(SA_INFO, 18, 72 + keys[i]);
		ck_assert_str_eq((const char *)aead, "rfc4106(gcm(aes))");
		memcpy(lengths, aead + 64, 8);
		ck_assert_uint_eq(lengths[0], keys[i] * 8);
		ck_assert_uint_eq(lengths[1], 128);
		ck_assert_mem_eq(aead + 72, pair.sa.keymat_out, keys[i]);
		ck_assert(!has_attribute(SA_INFO, 2));
		ck_assert(!has_attribute(SA_INFO, 20));
	}
}
END_TEST

START_TEST(test_keys_of_each_direction)
{
	const struct store_pair pair = make();

	ck_assert(store_message_add_sa(&message, &pair, STORE_IN, NULL));
	ck_assert_uint_eq(attribute(SA_INFO, 2, 84)[68], 0xe0);
	ck_assert_uint_eq(attribute(SA_INFO, 20, 92)[72], 0xa0);
	ck_assert(store_message_add_sa(&message, &pair, STORE_OUT, NULL));
	ck_assert_uint_eq(attribute(SA_INFO, 2, 84)[68], 0xe1);
	ck_assert_uint_eq(attribute(SA_INFO, 20, 92)[72], 0xa1);
}
END_TEST

START_TEST(test_encapsulated)
{
	struct store_pair pair = make();

	pair.sa.encapsulated = true;
	pair.sa.local.port = 4500;
	pair.sa.remote.port = 61234;
	ck_assert(store_message_add_sa(&message, &pair, STORE_OUT, NULL));
	unit_assert_hex(octets_of(attribute(SA_INFO, 4, 24), 24),
			"0200 1194 ef32 0000 00000000 00000000 00000000 00000000");
	ck_assert(store_message_add_sa(&message, &pair, STORE_IN, NULL));
	unit_assert_hex(octets_of(attribute(SA_INFO, 4, 24), 6), "0200 ef32 1194");
}
END_TEST

START_TEST(test_transport_sa)
{
	struct store_pair pair = make();

	pair.sa.transport = true;
	pair.sa.inside_local.protocol = pair.sa.inside_remote.protocol = 17;
	pair.sa.inside_remote.port = 1701;
	store_selectors(&pair.sa, &pair.inside_local, &pair.inside_remote);
	ck_assert(store_message_add_sa(&message, &pair, STORE_OUT, NULL));
	expect(0, 4, "c6336402");
	expect(16, 4, "c0000201");
	expect(32, 8, "06a5 ffff 0000 0000"); /* to port 1701, from every one */
	ck_assert_uint_eq(u16(40), AF_INET);
	expect(42, 3, "20 20 11");
	ck_assert_uint_eq(*at(214), XFRM_MODE_TRANSPORT);
	ck_assert_uint_eq(*at(216), 0);
	ck_assert(store_message_add_sa(&message, &pair, STORE_IN, NULL));
	expect(0, 4, "c0000201");
	expect(32, 8, "0000 0000 06a5 ffff");
}
END_TEST

START_TEST(test_kilobytes)
{
	struct store_pair pair = make();

	pair.sa.kilobytes = 4294967295u;
	pair.sa.expires_at = IKE_NEVER;
	ck_assert(store_message_add_sa(&message, &pair, STORE_OUT, NULL));
	ck_assert_uint_eq(u64(104), 4398046510080ull);
	ck_assert_uint_eq(u64(96), 4398046510080ull / 8 * 7);
	ck_assert_uint_eq(u64(136), 0);
}
END_TEST

/* IPv6 between the gateways, IPv4 inside. */
START_TEST(test_ipv6)
{
	struct store_pair pair = make();

	pair.sa.local = address_of("2001:db8::1");
	pair.sa.remote = address_of("2001:db8::2");
	ck_assert(store_message_add_sa(&message, &pair, STORE_OUT, NULL));
	expect(56, 16, "20010db8000000000000000000000002");
	expect(80, 16, "20010db8000000000000000000000001");
	ck_assert_uint_eq(u16(212), AF_INET6);
	store_message_add_policy(&message, XFRM_MSG_NEWPOLICY, &pair, XFRM_POLICY_OUT);
	ck_assert_uint_eq(u16(40), AF_INET);
	unit_assert_hex(octets_of(attribute(POLICY_INFO, 5, 64) + 24, 2), "0a00");
}
END_TEST

START_TEST(test_naming_an_sa)
{
	const struct store_pair pair = make();

	store_message_sa(&message, XFRM_MSG_DELSA, &pair, STORE_IN);
	expect_header(0x11, 0);
	ck_assert_uint_eq(message.as.header.nlmsg_len, 16 + 24);
	expect(0, 24, "c0000201 000000000000000000000000 00001001 0200 32 00");
	store_message_sa(&message, XFRM_MSG_GETSA, &pair, STORE_OUT);
	expect_header(0x12, 0);
	expect(0, 24, "c6336402 000000000000000000000000 00002001 0200 32 00");
}
END_TEST

START_TEST(test_listed_sa)
{
	struct xfrm_usersa_info listed = {.id = {.spi = htonl(0x77), .proto = IPPROTO_ESP},
					  .family = AF_INET6};

	memset(&listed.id.daddr, 0x55, sizeof(listed.id.daddr));
	store_message_delete_listed_sa(&message, &listed);
	expect_header(0x11, 0);
	expect(0, 24, "55555555555555555555555555555555 00000077 0a00 32 00");
}
END_TEST

/* ---- what an SA goes on with ---------------------------------------------------------------------------------------- */

START_TEST(test_state)
{
	static const struct xfrm_replay_state replay = {.oseq = 9, .seq = 8, .bitmap = 0xf0f0};
	struct store_pair pair = make();
	struct store_state state;
	struct xfrm_usersa_info *info;
	const uint64_t last = 1700000000;

	info = netlink_begin(&message, XFRM_MSG_NEWSA, 0, sizeof(*info));
	info->curlft.bytes = 4711;
	ck_assert(store_message_state(&message.as.header, &state));
	ck_assert(!state.known); /* no replay state came with it */
	memcpy(netlink_add(&message, XFRMA_LASTUSED, sizeof(last)), &last, sizeof(last));
	memcpy(netlink_add(&message, XFRMA_REPLAY_VAL, sizeof(replay)), &replay, sizeof(replay));
	ck_assert(store_message_state(&message.as.header, &state));
	ck_assert(state.known);
	ck_assert_uint_eq(state.used.bytes, 4711);
	ck_assert_uint_eq(state.last_used, last);
	ck_assert(store_message_add_sa(&message, &pair, STORE_OUT, &state));
	unit_assert_hex(octets_of(attribute(SA_INFO, 10, 12), 12), "09000000 08000000 f0f00000");
	unit_assert_hex(octets_of(attribute(SA_INFO, 9, 32), 8), "6712000000000000");
}
END_TEST

START_TEST(test_state_that_is_none)
{
	struct store_state state;

	(void)netlink_begin(&message, XFRM_MSG_NEWSA, 0, SA_INFO - 8);
	ck_assert(!store_message_state(&message.as.header, &state));
	(void)netlink_begin(&message, XFRM_MSG_DELSA, 0, SA_INFO);
	ck_assert(!store_message_state(&message.as.header, &state));
}
END_TEST

/* ---- policies ------------------------------------------------------------------------------------------------------ */

START_TEST(test_policy_out)
{
	const struct store_pair pair = make();

	store_message_add_policy(&message, XFRM_MSG_NEWPOLICY, &pair, XFRM_POLICY_OUT);
	expect_header(0x13, NLM_F_CREATE | NLM_F_EXCL);
	expect(0, 4, "0a020000");
	expect(16, 4, "0a010000");
	expect(32, 8, "0000000000000000");
	ck_assert_uint_eq(u16(40), AF_INET);
	expect(42, 3, "10 10 00");
	ck_assert_uint_eq(u64(56), UINT64_MAX);
	ck_assert_uint_eq(u64(64), UINT64_MAX);
	ck_assert_uint_eq(u64(72), UINT64_MAX);
	ck_assert_uint_eq(u64(80), UINT64_MAX);
	ck_assert_uint_eq(u32(152), 0x40000 - 32 * 8);
	expect(160, 4, "01 00 00 00"); /* out, allow, no flags, any */
	unit_assert_hex(octets_of(attribute(POLICY_INFO, 5, 64), 64),
			"c6336402 000000000000000000000000 00000000 32 000000"
			"0200 0000 c0000201 000000000000000000000000"
			"07007072 01 00 00 00 ffffffff ffffffff ffffffff");
}
END_TEST

START_TEST(test_policy_in_and_fwd)
{
	static const uint8_t directions[] = {XFRM_POLICY_IN, XFRM_POLICY_FWD};
	const struct store_pair pair = make();

	for (size_t i = 0; i < 2; i++) {
		store_message_add_policy(&message, XFRM_MSG_UPDPOLICY, &pair, directions[i]);
		expect_header(0x19, NLM_F_CREATE);
		expect(0, 4, "0a010000");
		expect(16, 4, "0a020000");
		ck_assert_uint_eq(*at(160), directions[i]);
		unit_assert_hex(octets_of(attribute(POLICY_INFO, 5, 64), 4), "c0000201");
		unit_assert_hex(octets_of(attribute(POLICY_INFO, 5, 64) + 28, 4), "c6336402");
	}
}
END_TEST

START_TEST(test_narrower_policies_come_first)
{
	struct store_pair pair = make();
	uint32_t wide, host;

	store_message_add_policy(&message, XFRM_MSG_NEWPOLICY, &pair, XFRM_POLICY_OUT);
	wide = u32(152);
	set_selector(&pair.inside_remote, "10.2.0.0/17", 0, 0);
	store_message_add_policy(&message, XFRM_MSG_NEWPOLICY, &pair, XFRM_POLICY_OUT);
	host = u32(152);
	ck_assert_uint_lt(host, wide);
	set_selector(&pair.inside_remote, "10.2.0.0/17", 17, 53);
	store_message_add_policy(&message, XFRM_MSG_NEWPOLICY, &pair, XFRM_POLICY_OUT);
	ck_assert_uint_lt(u32(152), host);
}
END_TEST

START_TEST(test_deleting_policies)
{
	const struct store_pair pair = make();
	struct xfrm_userpolicy_info listed = {.index = 0x1234, .dir = XFRM_POLICY_FWD};

	store_message_delete_policy(&message, &pair, XFRM_POLICY_OUT);
	expect_header(0x14, 0);
	ck_assert_uint_eq(message.as.header.nlmsg_len, 16 + 64);
	expect(0, 4, "0a020000");
	expect(56, 5, "00000000 01");
	store_message_delete_listed_policy(&message, &listed);
	expect(56, 5, "34120000 02");
}
END_TEST

UNIT_MAIN("store_message", test_algorithms_that_are_not_ours, test_tunnel_sa_out, test_tunnel_sa_in,
	  test_algorithms, test_combined_algorithm, test_keys_of_each_direction, test_encapsulated,
	  test_transport_sa, test_kilobytes, test_ipv6, test_naming_an_sa, test_listed_sa,
	  test_state, test_state_that_is_none, test_policy_out, test_policy_in_and_fwd,
	  test_narrower_policies_come_first, test_deleting_policies)
