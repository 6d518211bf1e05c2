/* SPDX-License-Identifier: ISC */
/*
 * test_core_new.c - making a core without memory, unmaking it at any moment, and looking into it.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "ike/core.h"
#include "ike/identity.h"
#include "tests/support/allocations.h"
#include "tests/support/duo.h"
#include "tests/support/recorder.h"
#include "tests/support/unit.h"

/*
 * What is in use moves a little by itself: libcrypto keeps its newest errors.  A leak of one piece in every round does not stop
 * after the first ones.
 */
#define WARM_UP 20
#define ROUNDS  50

static struct recorder recorder;

/* A calls B at once, and says nothing of its own. */
static struct duo *quiet_duo(uint8_t seed)
{
	struct duo *duo = duo_new(seed);

	recorder_plug(&recorder, duo, DUO_A);
	return duo;
}

/* ---- without memory ------------------------------------------------------------------------------------------------ */

static struct ike_core *new_core(const struct duo *duo, size_t allocations)
{
	const uint8_t seed[RANDOM_SEED_LENGTH] = {9};
	struct random_source random;
	struct ike_core *core;

	random_seeded(&random, seed);
	allocations_refuse_after(allocations);
	core = ike_core_new(&duo->settings[DUO_A], &random, 0);
	allocations_refuse_after(ALLOCATIONS_NEVER);
	return core;
}

/* Whichever allocation fails: no core, and nothing is left of it. */
START_TEST(test_no_memory)
{
	struct duo *duo = duo_new(1);
	size_t refused = 0;
	struct ike_core *core;

	duo->settings[DUO_A].limits.events = duo->settings[DUO_A].limits.outputs = 4;
	if (!allocations_counted()) { /* a sanitizer has them, and nothing can be refused */
		duo_free(duo);
		return;
	}
	ike_core_free(new_core(duo, ALLOCATIONS_NEVER)); /* what the libraries want once */
	while ((core = new_core(duo, refused)) == NULL) {
		size_t before = 0, after;

		for (int i = 0; i < WARM_UP + ROUNDS; i++) {
			if (i == WARM_UP)
				before = allocations_in_use();
			core = new_core(duo, refused);
			if (core != NULL)
				ck_abort_msg("allocation %zu is not always needed", refused);
		}
		after = allocations_in_use();
		ck_assert_msg(after < before + ROUNDS, "allocation %zu: %zu pieces", refused,
			      after - before);
		refused++;
	}
	ike_core_free(core);
	/* the core, its cryptography, two tables, the peers, two queues */
	ck_assert_uint_ge(refused, 7);
	duo_free(duo);
}
END_TEST

/* ---- unmaking ------------------------------------------------------------------------------------------------------ */

START_TEST(test_free_of_nothing)
{
	struct duo *duo = duo_new(2);

	ike_core_free(NULL);
	duo_start(duo);
	ck_assert_uint_eq(sa_table_count(duo->core[DUO_A]->sas), 0);
	duo_free(duo);
}
END_TEST

/* At any moment of a Phase 1 and after it; what is left behind would show as memory in use, or to a leak checker. */
START_TEST(test_free_at_any_moment)
{
	size_t before = 0;
	bool was_established = false;

	for (ike_time moment = 0; moment < WARM_UP + ROUNDS; moment++) {
		struct duo *duo = quiet_duo(3);

		if (moment == WARM_UP)
			before = allocations_in_use();
		duo_start(duo);
		duo_connect(duo, DUO_A);
		duo_run(duo, moment * IKE_MILLISECOND);
		was_established = duo_established(duo, DUO_A) == 1;
		duo_free(duo);
	}
	ck_assert_uint_lt(allocations_in_use(), before + ROUNDS);
	ck_assert(was_established);
}
END_TEST

/* ---- keys ---------------------------------------------------------------------------------------------------------- */

static struct ike_sa_status only_sa(const struct duo *duo, enum duo_node node)
{
	struct ike_sa_status status;
	uint32_t cursor = 0;

	ck_assert(ike_next_sa(duo->core[node], &cursor, &status));
	return status;
}

START_TEST(test_keys_stay_in)
{
	struct duo *duo = duo_new(4);
	struct ike_sa_status sa;
	struct ike_keys keys;

	duo->settings[DUO_A].export_keys = false;
	duo_start(duo);
	duo_establish(duo);
	sa = only_sa(duo, DUO_A);
	memset(&keys, 0x5a, sizeof(keys));
	ck_assert(!ike_export_keys(duo->core[DUO_A], sa.cky_i, sa.cky_r, &keys));
	for (size_t i = 0; i < sizeof(keys); i++)
		ck_assert_uint_eq(((const uint8_t *)&keys)[i], 0x5a);
	/* of whom it was asked by name, but not of an SA that is not there */
	ck_assert(ike_export_keys(duo->core[DUO_B], sa.cky_i, sa.cky_r, &keys));
	sa.cky_r[0] ^= 1;
	ck_assert(!ike_export_keys(duo->core[DUO_B], sa.cky_i, sa.cky_r, &keys));
	duo_free(duo);
}
END_TEST

START_TEST(test_no_keys_before_there_are_any)
{
	struct duo *duo = quiet_duo(5);
	struct ike_keys keys;
	uint32_t cursor = 0;
	struct ike_sa *sa;

	duo_start(duo);
	duo_connect(duo, DUO_A);
	sa = sa_table_next(duo->core[DUO_A]->sas, &cursor);
	ck_assert_ptr_nonnull(sa);
	while (sa->keys == NULL) {
		ck_assert(!ike_export_keys(duo->core[DUO_A], sa->cky_i, sa->cky_r, &keys));
		duo_run(duo, IKE_MILLISECOND);
	}
	/* before the SA is established already: KEYS says so, and MM5 can be read with them */
	ck_assert_int_eq(sa->state, IKE_SA_NEGOTIATING);
	ck_assert(ike_export_keys(duo->core[DUO_A], sa->cky_i, sa->cky_r, &keys));
	duo_free(duo);
}
END_TEST

START_TEST(test_both_sides_have_the_same_keys)
{
	struct duo *duo = duo_new(6);
	struct ike_sa_status sa;
	struct ike_keys a, b;

	duo_propose(duo, DUO_A, "aes256-sha256-x25519");
	duo_propose(duo, DUO_B, "aes256-sha256-x25519");
	duo_start(duo);
	duo_establish(duo);
	sa = only_sa(duo, DUO_A);
	ck_assert(ike_export_keys(duo->core[DUO_A], sa.cky_i, sa.cky_r, &a));
	ck_assert(ike_export_keys(duo->core[DUO_B], sa.cky_i, sa.cky_r, &b));
	ck_assert(a.established && b.established);
	ck_assert_mem_eq(a.last_block, b.last_block, cipher_block_length(a.cipher));
	ck_assert_int_eq(a.cipher, CIPHER_AES_256);
	ck_assert_int_eq(a.hash, HASH_SHA2_256);
	ck_assert_uint_eq(a.key_length, 32);
	ck_assert_uint_eq(a.skeyid_length, 32);
	ck_assert_mem_eq(a.key, b.key, 32);
	ck_assert_mem_eq(a.skeyid_a, b.skeyid_a, 32);
	ck_assert_mem_eq(a.skeyid_d, b.skeyid_d, 32);
	ck_assert_mem_ne(a.skeyid_a, a.skeyid_d, 32);
	duo_free(duo);
}
END_TEST

/* ---- looking in ---------------------------------------------------------------------------------------------------- */

/* Whether a core dump of this process would have it: the system marks what it leaves out with "dd". */
static bool would_be_dumped(const void *memory)
{
	FILE *maps = fopen("/proc/self/smaps", "r");
	uintptr_t at = (uintptr_t)memory, start, end;
	bool here = false, dumped = true;
	char line[512];

	ck_assert_ptr_nonnull(maps);
	while (fgets(line, sizeof(line), maps) != NULL) {
		if (sscanf(line, "%" SCNxPTR "-%" SCNxPTR " ", &start, &end) == 2)
			here = start <= at && at < end;
		if (here && strncmp(line, "VmFlags:", 8) == 0)
			dumped = strstr(line, " dd") == NULL;
	}
	fclose(maps);
	return dumped;
}

/* A core has the key of its cookies, and plaintexts of what it has just read. */
START_TEST(test_a_core_is_not_dumped)
{
	struct duo *duo = quiet_duo(15);
	struct ike_core *core = new_core(duo, ALLOCATIONS_NEVER);

	ck_assert(would_be_dumped(duo));
	ck_assert(!would_be_dumped(core->hash_key));
	ck_assert(!would_be_dumped(core->plain));
	ck_assert(!would_be_dumped(core->crypto));
	ike_core_free(core);
	duo_free(duo);
}
END_TEST

START_TEST(test_limits_by_default)
{
	struct ike_limits limits;

	memset(&limits, 0xff, sizeof(limits));
	ike_limits_default(&limits);
	ck_assert_uint_eq(limits.sas, 100000);
	ck_assert_uint_eq(limits.handshakes, 1024);
	ck_assert_uint_eq(limits.handshakes_per_source, 16);
	ck_assert_uint_eq(limits.outputs, 4096);
	ck_assert_uint_eq(limits.events, 4096);
	ck_assert_uint_eq(limits.notifies_per_second, 10);
}
END_TEST

START_TEST(test_half_open_sas_are_not_shown)
{
	struct duo *duo = quiet_duo(7);
	struct ike_sa_status sa;
	struct ike_status status;
	uint32_t cursor = 0;

	duo_start(duo);
	ck_assert(!ike_next_sa(duo->core[DUO_A], &cursor, &sa));
	duo_connect(duo, DUO_A);
	cursor = 0;
	ck_assert(!ike_next_sa(duo->core[DUO_A], &cursor, &sa));
	ike_status(duo->core[DUO_A], &status);
	ck_assert_uint_eq(status.sas, 1);
	ck_assert_uint_eq(status.handshakes, 1);
	ck_assert_uint_eq(status.outputs, 1);
	ck_assert_uint_eq(status.established, 0);
	ck_assert_uint_eq(status.counter[IKE_COUNT_HANDSHAKES_STARTED], 1);
	ck_assert_uint_eq(status.limits.outputs, 4096);
	duo_free(duo);
}
END_TEST

START_TEST(test_an_established_sa)
{
	struct duo *duo = quiet_duo(8);
	struct ike_sa_status sa;
	char text[64];
	uint32_t cursor = 0;

	duo->settings[DUO_B].extension = NULL;
	duo_start(duo);
	duo_establish(duo);
	ck_assert(ike_next_sa(duo->core[DUO_A], &cursor, &sa));
	ck_assert_uint_eq(sa.peer, 0);
	ck_assert_uint_eq(sa.gateway, 0);
	ck_assert_mem_eq(&sa.remote, &duo->peer[DUO_A].gateway[0], sizeof(sa.remote));
	ck_assert(sa.initiator && !sa.supported && !sa.superseded);
	ck_assert(sa.established_at == duo_last(duo, DUO_A, IKE_EVENT_ESTABLISHED)->at);
	ck_assert(sa.expires_at == sa.established_at + 28800 * IKE_SECOND);
	ck_assert(sa.renew_at < sa.expires_at);
	ike_proposal_text(&sa.proposal, text, sizeof(text));
	ck_assert_str_eq(text, "aes128-sha1-x25519");
	ike_identity_text(&sa.identity, text, sizeof(text));
	ck_assert_str_eq(text, "fqdn:b.example");
	ck_assert_uint_eq(*(const uint32_t *)sa.extension_state, recorder.sas);
	ck_assert(!ike_next_sa(duo->core[DUO_A], &cursor, &sa));
	ck_assert(!only_sa(duo, DUO_B).initiator);
	ck_assert(!only_sa(duo, DUO_B).supported);
	duo_free(duo);
}
END_TEST

START_TEST(test_state_of_a_peer)
{
	struct duo *duo = duo_new(9);

	duo_start(duo);
	ck_assert_ptr_nonnull(ike_peer_extension_state(duo->core[DUO_A], 0));
	ck_assert_ptr_null(ike_peer_extension_state(duo->core[DUO_A], 1));
	ck_assert_ptr_null(ike_peer_extension_state(duo->core[DUO_A], UINT32_MAX));
	duo_free(duo);
}
END_TEST

/* A gateway without a port is at 500; one with a port stays there. */
START_TEST(test_ports)
{
	struct duo *duo = duo_new(10);

	duo->peer[DUO_A].gateway[0].port = 0;
	duo->peer[DUO_A].gateway[1] = duo->peer[DUO_A].gateway[0];
	duo->peer[DUO_A].gateway[1].port = 4500;
	duo->peer[DUO_A].gateways = 2;
	duo_start(duo);
	ck_assert_uint_eq(duo->core[DUO_A]->peer[0].gateway[0].port, 500);
	ck_assert_uint_eq(duo->core[DUO_A]->peer[0].gateway[1].port, 4500);
	duo_free(duo);
}
END_TEST

START_TEST(test_names_of_counters)
{
	for (unsigned a = 0; a < IKE_COUNTERS; a++) {
		ck_assert_str_ne(ike_counter_name(a), "unknown");
		for (unsigned b = 0; b < a; b++)
			ck_assert_str_ne(ike_counter_name(a), ike_counter_name(b));
	}
	ck_assert_str_eq(ike_counter_name(IKE_COUNTERS), "unknown");
	ck_assert_str_eq(ike_counter_name(IKE_COUNT_CLOCK_BACKWARDS), "clock-backwards");
}
END_TEST

UNIT_MAIN("core_new", test_no_memory, test_free_of_nothing, test_free_at_any_moment,
	  test_keys_stay_in, test_no_keys_before_there_are_any, test_both_sides_have_the_same_keys,
	  test_a_core_is_not_dumped, test_limits_by_default, test_half_open_sas_are_not_shown,
	  test_an_established_sa, test_state_of_a_peer, test_ports, test_names_of_counters)
