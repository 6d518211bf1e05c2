/* SPDX-License-Identifier: ISC */
/*
 * test_import.c - an SA that was negotiated elsewhere: what is refused, and that it is then like any other.
 */
#include <string.h>

#include "ike/address.h"
#include "ike/core.h"
#include "ike/identity.h"
#include "tests/support/duo.h"
#include "tests/support/forge.h"
#include "tests/support/unit.h"

/* B's view of an SA that A has begun; A's is the same the other way round. */
static void fill(struct ike_import *import, enum duo_node node)
{
	*import = (struct ike_import){
	    .cky_i = {1, 2, 3, 4, 5, 6, 7, 8},
	    .cky_r = {8, 7, 6, 5, 4, 3, 2, 1},
	    .initiator = node == DUO_A,
	    .supported = true,
	    .lifetime = 3600,
	    .keys = {.cipher = CIPHER_AES_128,
		     .hash = HASH_SHA1,
		     .key_length = 16,
		     .skeyid_length = 20,
		     .established = true},
	};
	memset(import->keys.key, 0x11, 16);
	memset(import->keys.skeyid_a, 0x22, 20);
	memset(import->keys.skeyid_d, 0x33, 20);
	memset(import->keys.last_block, 0x44, 16);
	ck_assert(ike_proposal_parse("aes128-sha1-modp2048", &import->proposal));
	ck_assert(ike_address_from_text(node == DUO_A ? "192.0.2.2:500" : "192.0.2.1:500",
					&import->remote));
	ck_assert(ike_address_from_text(node == DUO_A ? "192.0.2.1:500" : "192.0.2.2:500",
					&import->local));
	ck_assert(ike_identity_from_text(node == DUO_A ? "fqdn:b.example" : "fqdn:a.example",
					 &import->remote_identity));
}

static bool import_into(struct duo *duo, enum duo_node node, const struct ike_import *import)
{
	const struct ike_command command = {.kind = IKE_COMMAND_IMPORT, .import = import};

	return ike_command(duo->core[node], duo->now, &command);
}

static struct duo *allowing_duo(uint8_t seed)
{
	struct duo *duo = duo_new(seed);

	for (enum duo_node node = DUO_A; node < DUO_NODES; node++) {
		duo->settings[node].allow_import = true;
		duo_propose(duo, node, "aes128-sha1-modp2048");
	}
	return duo;
}

/* ---- refused ------------------------------------------------------------------------------------------------------- */

START_TEST(test_not_allowed)
{
	struct duo *duo = allowing_duo(1);
	struct ike_import import;

	duo->settings[DUO_A].allow_import = false;
	duo_start(duo);
	fill(&import, DUO_A);
	ck_assert(!import_into(duo, DUO_A, &import));
	ck_assert_uint_eq(sa_table_count(duo->core[DUO_A]->sas), 0);
	duo_free(duo);
}
END_TEST

START_TEST(test_nothing_to_import)
{
	struct duo *duo = allowing_duo(2);

	duo_start(duo);
	ck_assert(!import_into(duo, DUO_A, NULL));
	duo_free(duo);
}
END_TEST

START_TEST(test_unknown_peer)
{
	struct duo *duo = allowing_duo(3);
	struct ike_command command = {.kind = IKE_COMMAND_IMPORT, .peer = 1};
	struct ike_import import;

	duo_start(duo);
	fill(&import, DUO_A);
	command.import = &import;
	ck_assert(!ike_command(duo->core[DUO_A], duo->now, &command));
	command.peer = IKE_NONE;
	ck_assert(!ike_command(duo->core[DUO_A], duo->now, &command));
	duo_free(duo);
}
END_TEST

/* Every field that has a wrong value, one at a time. */
static void zero_cky_i(struct ike_import *import)
{
	memset(import->cky_i, 0, sizeof(import->cky_i));
}

static void zero_cky_r(struct ike_import *import)
{
	memset(import->cky_r, 0, sizeof(import->cky_r));
}

static void other_host(struct ike_import *import)
{
	import->remote.octets[3] = 99;
}

static void no_port(struct ike_import *import)
{
	import->remote.port = 0;
}

static void no_address(struct ike_import *import)
{
	memset(&import->remote, 0, sizeof(import->remote));
	import->remote.port = 500;
}

static void other_family_here(struct ike_import *import)
{
	import->local.family = IKE_FAMILY_IPV6;
}

static void other_proposal(struct ike_import *import)
{
	import->proposal.group = IKE_GROUP_MODP_3072;
}

static void other_method(struct ike_import *import)
{
	import->authentication = IKE_AUTHENTICATION_RSA_SIGNATURE;
}

static void other_exchange(struct ike_import *import)
{
	import->aggressive = true;
}

static void no_identity(struct ike_import *import)
{
	import->remote_identity.type = 0;
}

static void empty_identity(struct ike_import *import)
{
	import->remote_identity.length = 0;
}

static void endless_identity(struct ike_import *import)
{
	import->remote_identity.length = IKE_IDENTITY_MAX + 1;
}

static void endless_local_identity(struct ike_import *import)
{
	import->local_identity = import->remote_identity;
	import->local_identity.length = IKE_IDENTITY_MAX + 1;
}

static void other_identity(struct ike_import *import)
{
	import->remote_identity.data[0] ^= 1;
}

static void not_established(struct ike_import *import)
{
	import->keys.established = false;
}

static void other_cipher(struct ike_import *import)
{
	import->keys.cipher = CIPHER_AES_256;
	import->keys.key_length = 32;
}

static void other_hash(struct ike_import *import)
{
	import->keys.hash = HASH_SHA2_256;
	import->keys.skeyid_length = 32;
}

static void short_key(struct ike_import *import)
{
	import->keys.key_length--;
}

static void long_key(struct ike_import *import)
{
	import->keys.key_length = CIPHER_MAX_KEY + 1;
}

static void short_skeyid(struct ike_import *import)
{
	import->keys.skeyid_length--;
}

static void long_skeyid(struct ike_import *import)
{
	import->keys.skeyid_length = HASH_MAX_LENGTH + 1;
}

static void no_lifetime(struct ike_import *import)
{
	import->lifetime = 0;
}

static void endless_lifetime(struct ike_import *import)
{
	import->lifetime = 604801;
}

static void (*const spoil[])(struct ike_import *import) = {
    zero_cky_i,
    zero_cky_r,
    other_host,
    no_port,
    no_address,
    other_proposal,
    other_method,
    other_exchange,
    no_identity,
    empty_identity,
    other_identity,
    endless_identity,
    other_cipher,
    other_hash,
    not_established,
    short_key,
    long_key,
    short_skeyid,
    long_skeyid,
    no_lifetime,
    endless_lifetime,
    other_family_here,
    endless_local_identity,
};

START_TEST(test_what_could_not_have_been_negotiated)
{
	struct duo *duo = allowing_duo(4);
	struct ike_import import;

	duo->peer[DUO_A].remote_identity.type = 0;
	ck_assert(ike_identity_from_text("fqdn:b.example", &duo->peer[DUO_A].remote_identity));
	duo_start(duo);
	for (size_t i = 0; i < sizeof(spoil) / sizeof(spoil[0]); i++) {
		fill(&import, DUO_A);
		spoil[i](&import);
		ck_assert_msg(!import_into(duo, DUO_A, &import), "%zu was taken", i);
		ck_assert_uint_eq(sa_table_count(duo->core[DUO_A]->sas), 0);
	}
	fill(&import, DUO_A);
	ck_assert(import_into(duo, DUO_A, &import));
	duo_free(duo);
}
END_TEST

/* What we are called is our address where nothing else is said: then that must be known. */
START_TEST(test_without_a_name_of_ours)
{
	struct duo *duo = allowing_duo(13);
	struct ike_import import;

	duo->settings[DUO_A].identity.type = 0;
	duo->peer[DUO_A].local_identity.type = 0;
	duo_start(duo);
	fill(&import, DUO_A);
	memset(&import.local, 0, sizeof(import.local));
	ck_assert(!import_into(duo, DUO_A, &import));
	ck_assert_uint_eq(sa_table_count(duo->core[DUO_A]->sas), 0);
	ck_assert(ike_identity_from_text("fqdn:a.example", &import.local_identity));
	ck_assert(import_into(duo, DUO_A, &import));
	duo_free(duo);
}
END_TEST

/* Its renewal would not know where to call. */
START_TEST(test_initiator_without_a_gateway)
{
	struct duo *duo = allowing_duo(5);
	struct ike_import import;

	duo->peer[DUO_A].gateways = 0;
	duo_start(duo);
	fill(&import, DUO_A);
	ck_assert(!import_into(duo, DUO_A, &import));
	import.initiator = false;
	ck_assert(import_into(duo, DUO_A, &import));
	duo_free(duo);
}
END_TEST

START_TEST(test_cookies_in_use)
{
	struct duo *duo = allowing_duo(6);
	static const uint8_t zero[IKE_COOKIE_LENGTH];
	struct ike_import import;
	struct ike_sa *half;

	duo_start(duo);
	fill(&import, DUO_A);
	half = sa_table_add(duo->core[DUO_A]->sas, import.cky_i, zero); /* MM1 is out */
	ck_assert_ptr_nonnull(half);
	ck_assert(!import_into(duo, DUO_A, &import));
	sa_table_remove(duo->core[DUO_A]->sas, half);
	ck_assert(import_into(duo, DUO_A, &import));
	ck_assert(!import_into(duo, DUO_A, &import));
	ck_assert_uint_eq(duo_established(duo, DUO_A), 1);
	duo_free(duo);
}
END_TEST

START_TEST(test_limit)
{
	struct duo *duo = allowing_duo(7);
	struct ike_import import;

	duo->settings[DUO_A].limits.sas = 1;
	duo_start(duo);
	fill(&import, DUO_A);
	ck_assert(import_into(duo, DUO_A, &import));
	import.cky_i[0] ^= 0xff;
	ck_assert(!import_into(duo, DUO_A, &import));
	duo_run(duo, 0);
	ck_assert_uint_eq(duo_count(duo, DUO_A, IKE_EVENT_OVERLOAD), 1);
	ck_assert_uint_eq(duo_established(duo, DUO_A), 1);
	duo_free(duo);
}
END_TEST

/* ---- like any other ------------------------------------------------------------------------------------------------ */

static void import_both(struct duo *duo)
{
	struct ike_import import;

	for (enum duo_node node = DUO_A; node < DUO_NODES; node++) {
		fill(&import, node);
		ck_assert(import_into(duo, node, &import));
		ck_assert_uint_eq(duo_established(duo, node), 1);
	}
}

/* One side asks, the other answers, and HASH(1) is good: they have the same keys. */
START_TEST(test_kept_alive)
{
	struct duo *duo = allowing_duo(8);
	struct ike_sa_status sa;

	duo_start(duo);
	import_both(duo);
	duo_run(duo, 60 * IKE_SECOND);
	ck_assert_uint_eq(duo_count(duo, DUO_A, IKE_EVENT_ESTABLISHED), 1);
	ck_assert_str_eq(duo_last(duo, DUO_A, IKE_EVENT_ESTABLISHED)->text, "fqdn:b.example");
	ck_assert_uint_ge(duo_count_reports(duo, DUO_A, IKE_REPORT_ALIVE) +
			      duo_count_reports(duo, DUO_B, IKE_REPORT_ALIVE),
			  5);
	ck_assert_uint_eq(duo_count(duo, DUO_A, IKE_EVENT_CONNECTING), 0);
	ck_assert_uint_eq(duo_count(duo, DUO_B, IKE_EVENT_REFUSED), 0);
	ck_assert_uint_eq(duo_in_use(duo, DUO_A, &sa), 1);
	ck_assert_uint_eq(duo->core[DUO_A]->counter[IKE_COUNT_HANDSHAKES_DONE], 0);
	duo_free(duo);
}
END_TEST

/* Who sends no vendor ID is not asked; and what is not answered is dead, and called again. */
START_TEST(test_not_supported_and_dead)
{
	struct duo *duo = allowing_duo(9);
	struct ike_import import;

	duo_start(duo);
	fill(&import, DUO_A);
	import.supported = false;
	ck_assert(import_into(duo, DUO_A, &import));
	duo_run(duo, 120 * IKE_SECOND);
	ck_assert_uint_eq(duo->datagrams, 0);
	import.cky_i[0] ^= 0xff;
	import.supported = true;
	ck_assert(import_into(duo, DUO_A, &import)); /* of the same party: replaces the other */
	ck_assert_uint_eq(duo_count(duo, DUO_A, IKE_EVENT_REPLACED), 0);
	duo_run(duo, 25 * IKE_SECOND);
	ck_assert_uint_eq(duo_count(duo, DUO_A, IKE_EVENT_REPLACED), 1);
	ck_assert_uint_eq(duo_count_reports(duo, DUO_A, IKE_REPORT_DEAD), 1);
	ck_assert_uint_ge(duo_count(duo, DUO_A, IKE_EVENT_CONNECTING), 1);
	duo_free(duo);
}
END_TEST

START_TEST(test_deleted_by_the_peer)
{
	struct duo *duo = allowing_duo(10);
	const struct ike_command close = {.kind = IKE_COMMAND_CLOSE};

	duo_start(duo);
	import_both(duo);
	ck_assert(ike_command(duo->core[DUO_B], duo->now, &close));
	duo_run(duo, IKE_SECOND);
	ck_assert_int_eq(duo_last(duo, DUO_A, IKE_EVENT_DELETED)->why, IKE_WHY_PEER_DELETED);
	duo_free(duo);
}
END_TEST

/* What was exported goes in again after a restart, and the peer does not notice. */
START_TEST(test_handed_over)
{
	struct duo *duo = allowing_duo(11);
	struct ike_sa_status sa;
	struct ike_import import;

	duo->settings[DUO_A].export_keys = true;
	duo_start(duo);
	duo_establish(duo);
	ck_assert_uint_eq(duo_in_use(duo, DUO_A, &sa), 1);
	fill(&import, DUO_A);
	memcpy(import.cky_i, sa.cky_i, IKE_COOKIE_LENGTH);
	memcpy(import.cky_r, sa.cky_r, IKE_COOKIE_LENGTH);
	ck_assert(ike_export_keys(duo->core[DUO_A], sa.cky_i, sa.cky_r, &import.keys));
	duo_reboot(duo, DUO_A);
	ck_assert(import_into(duo, DUO_A, &import));
	duo_run(duo, 60 * IKE_SECOND);
	ck_assert_uint_eq(duo_count_reports(duo, DUO_B, IKE_REPORT_DEAD), 0);
	ck_assert_uint_eq(duo_count(duo, DUO_B, IKE_EVENT_HINT), 0);
	ck_assert_uint_eq(duo_established(duo, DUO_B), 1);
	ck_assert_uint_eq(duo_established(duo, DUO_A), 1);
	duo_free(duo);
}
END_TEST

/*
 * What an SA costs a node with many of them, everything included: 400 octets are the budget, and the system rounds up, and has a
 * queue or two.  INITIAL-CONTACT in an Informational of its own changes nothing; who says more than that costs more.
 */
START_TEST(test_octets_of_a_thousand)
{
	static const struct {
		const char *proposal;
		enum hash_algorithm hash;
		size_t length, most;
	} suites[] = {{"aes128-sha1-modp2048", HASH_SHA1, 20, 368},
		      {"aes128-sha256-modp2048", HASH_SHA2_256, 32, 392}};

	for (size_t i = 0; i < sizeof(suites) / sizeof(suites[0]); i++) {
		struct duo *duo = allowing_duo(40);
		struct ike_status empty, full;
		struct ike_import import;

		duo->peer[DUO_B].gateways = 0;
		duo_propose(duo, DUO_B, suites[i].proposal);
		duo_start(duo);
		ike_status(duo->core[DUO_B], &empty);
		fill(&import, DUO_B);
		ck_assert(ike_proposal_parse(suites[i].proposal, &import.proposal));
		import.keys.hash = suites[i].hash;
		import.keys.skeyid_length = suites[i].length;
		import.remote_identity.length = 12;
		for (uint32_t n = 0; n < 1000; n++) {
			memcpy(import.cky_i, &n, sizeof(n));
			memcpy(import.remote_identity.data, &n, sizeof(n));
			ck_assert(import_into(duo, DUO_B, &import));
		}
		ike_status(duo->core[DUO_B], &full);
		ck_assert_uint_eq(full.established, 1000);
		ck_assert_uint_le((full.sa_octets - empty.sa_octets) / 1000, suites[i].most);
		ck_assert_uint_gt((full.sa_octets - empty.sa_octets) / 1000, suites[i].most - 10);
		duo_free(duo);
	}
}
END_TEST

UNIT_MAIN("import", test_octets_of_a_thousand, test_not_allowed, test_nothing_to_import,
	  test_unknown_peer, test_what_could_not_have_been_negotiated,
	  test_initiator_without_a_gateway, test_without_a_name_of_ours, test_cookies_in_use,
	  test_limit, test_kept_alive, test_not_supported_and_dead, test_deleted_by_the_peer,
	  test_handed_over)
