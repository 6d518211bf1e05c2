/* SPDX-License-Identifier: ISC */
/*
 * INITIAL-CONTACT where it may be, where deployed stacks send it although they should not, and Delete for what there is none of.
 */
#include <string.h>

#include "ike/core.h"
#include "tests/support/forge.h"
#include "tests/support/siege.h"
#include "tests/support/unit.h"

/*
 * libreswan says INITIAL-CONTACT with every Phase 1 that it starts, renewals too.  So does A here, ten times: B gives up the old SA for
 * the new one and is at no moment without one, nobody is found dead, and nobody calls back.
 */
START_TEST(p12_rekey_with_initial_contact)
{
	for (int obey = 0; obey < 2; obey++) {
		struct duo *duo = duo_new(1);
		struct ike_sa_status a, b;
		struct ike_status status;

		duo->peer[DUO_B].obey_initial_contact = obey != 0;
		siege_begin(duo);
		for (uint64_t rekey = 2; rekey < 12; rekey++) {
			ck_assert_ptr_nonnull(phase_1_start(
			    duo->core[DUO_A], 0, 0, &duo->peer[DUO_A].gateway[0], true, NULL));
			for (int ms = 0; ms < 200; ms++) {
				duo_run(duo, IKE_MILLISECOND);
				ck_assert_uint_ge(duo_in_use(duo, DUO_A, &a), 1);
				ck_assert_uint_ge(duo_in_use(duo, DUO_B, &b), 1);
			}
			ck_assert_uint_eq(siege_run(duo, 60 * IKE_SECOND), 0);
			ck_assert_uint_eq(duo_in_use(duo, DUO_A, &a), 1);
			ck_assert_uint_eq(duo_in_use(duo, DUO_B, &b), 1);
			ck_assert_mem_eq(a.cky_r, b.cky_r, IKE_COOKIE_LENGTH);
			ike_status(duo->core[DUO_B], &status);
			ck_assert_uint_eq(status.counter[IKE_COUNT_HANDSHAKES_DONE], rekey);
			ck_assert_uint_eq(status.sas, 1);
		}
		duo_free(duo);
	}
}
END_TEST

/* In an Informational of its own it takes away what is older, and only once; both roles. */
START_TEST(p10_initial_contact_in_an_informational)
{
	for (enum duo_node to = DUO_A; to < DUO_NODES; to++) {
		struct duo *duo = duo_new(2);
		struct ike_sa_status sa;
		struct forge forge;

		duo->peer[DUO_A].lifetime = 120;
		siege_begin(duo);
		while (duo_count(duo, to, IKE_EVENT_REPLACED) == 0) {
			siege_forget(duo);
			duo_run(duo, IKE_SECOND);
		}
		duo->deliver = forge_lose_all;
		ck_assert_uint_eq(duo_established(duo, to), 2);
		ck_assert_uint_eq(duo_in_use(duo, to, &sa), 1);
		forge_from(&forge, duo, to);
		memcpy(forge.cky_i, sa.cky_i, IKE_COOKIE_LENGTH);
		memcpy(forge.cky_r, sa.cky_r, IKE_COOKIE_LENGTH);
		ck_assert(ike_export_keys(duo->core[to], sa.cky_i, sa.cky_r, &forge.keys));
		memcpy(forge.last_block,
		       sa_last_block(sa_table_find(duo->core[to]->sas, sa.cky_i, sa.cky_r)),
		       cipher_block_length(forge.keys.cipher));
		forge_notify(&forge, IKE_NOTIFY_INITIAL_CONTACT);
		ck_assert_int_eq(forge_inject(&forge, duo, to), IKE_ACCEPTED);
		ck_assert_uint_eq(duo_established(duo, to), 1);
		ck_assert_uint_eq(duo_in_use(duo, to, &sa), 1);
		forge.message_id ^= 0x10000000;
		ck_assert_int_eq(forge_inject(&forge, duo, to), IKE_INITIAL_CONTACT_REPEATED);
		ck_assert_uint_eq(duo_established(duo, to), 1);
		duo_free(duo);
	}
}
END_TEST

/*
 * Under an SA that a newer one has superseded, it comes too late: what was established after the carrier stays.  A has not obeyed one
 * under its first SA yet, so that nothing but the age stands in the way (R116).
 */
START_TEST(p10_initial_contact_takes_nothing_newer)
{
	struct duo *duo = duo_new(4);
	struct forge forge;

	duo->peer[DUO_A].lifetime = 120;
	siege_begin(duo);
	forge_from(&forge, duo, DUO_A);
	while (duo_count(duo, DUO_A, IKE_EVENT_REPLACED) == 0) {
		siege_forget(duo);
		duo_run(duo, IKE_SECOND);
	}
	duo->deliver = forge_lose_all;
	ck_assert_uint_eq(duo_established(duo, DUO_A), 2);
	forge_notify(&forge, IKE_NOTIFY_INITIAL_CONTACT);
	ck_assert_int_eq(forge_inject(&forge, duo, DUO_A), IKE_ACCEPTED);
	duo_run(duo, 0);
	ck_assert_uint_eq(duo_last(duo, DUO_A, IKE_EVENT_INITIAL_CONTACT)->value, 0);
	ck_assert_uint_eq(duo_established(duo, DUO_A), 2);
	duo_free(duo);
}
END_TEST

/* Returns whether they did call at once, so that each of them had two SAs. */
static bool both_call(uint8_t seed)
{
	struct duo *duo = duo_new(seed);
	struct ike_sa_status a, b;
	bool both;

	duo_start(duo);
	duo_connect(duo, DUO_A);
	duo_connect(duo, DUO_B);
	duo_run(duo, 3 * IKE_SECOND);
	both = duo_count(duo, DUO_A, IKE_EVENT_ESTABLISHED) == 2 &&
	       duo_count(duo, DUO_B, IKE_EVENT_ESTABLISHED) == 2;
	for (enum duo_node node = DUO_A; node < DUO_NODES; node++) {
		for (size_t i = 0; i < duo->events[node]; i++)
			if (duo->event[node][i].kind == IKE_EVENT_INITIAL_CONTACT)
				ck_assert_uint_eq(duo->event[node][i].value, 0);
		ck_assert_uint_eq(duo_count(duo, node, IKE_EVENT_DELETED), 0);
		ck_assert_uint_eq(duo_established(duo, node), both ? 2 : 1);
	}
	ck_assert_uint_eq(siege_run(duo, 60 * IKE_SECOND), 0);
	ck_assert_uint_eq(duo_in_use(duo, DUO_A, &a), 1);
	ck_assert_uint_eq(duo_in_use(duo, DUO_B, &b), 1);
	ck_assert_mem_eq(a.cky_r, b.cky_r, IKE_COOKIE_LENGTH);
	duo_free(duo);
	return both;
}

/* Both call at once, each with INITIAL-CONTACT: neither SA takes the other away, and one of the two is superseded in peace. */
START_TEST(p11_simultaneous_initiation_with_initial_contact_both_ways)
{
	unsigned both = 0;

	for (uint8_t seed = 0; seed < 120; seed++)
		both += both_call(seed);
	ck_assert_uint_ge(both, 2);
}
END_TEST

/*
 * Phase 2 SAs that are not ours, dangling or not.  A peer that deletes its own does not touch the ISAKMP SA with it, and one that
 * deletes the ISAKMP SA is called again at once, which is what a peer with dangling SAs needs.
 */
START_TEST(p13_dangling_phase_2_sas_of_the_peer)
{
	for (enum duo_node to = DUO_A; to < DUO_NODES; to++) {
		struct duo *duo = siege_new(3);
		struct ike_sa_status a, b;
		struct forge forge;

		forge_from(&forge, duo, to);
		forge_raw_hex(&forge, IKE_PAYLOAD_DELETE,
			      "0c00 0014 00000001 03 04 0002 c0ffee01 c0ffee02"
			      "0000 0010 00000001 02 04 0001 c0ffee03");
		ck_assert_int_eq(forge_inject(&forge, duo, to), IKE_DELETE_UNKNOWN_SPI);
		ck_assert_uint_eq(siege_run(duo, 60 * IKE_SECOND), 0);
		ck_assert_uint_eq(duo_established(duo, to), 1);
		forge_from(&forge, duo, to);
		forge_delete(&forge);
		ck_assert_int_eq(forge_inject(&forge, duo, to), IKE_ACCEPTED);
		(void)siege_run(duo, 60 * IKE_SECOND);
		ck_assert_uint_eq(duo_in_use(duo, DUO_A, &a), 1);
		ck_assert_uint_eq(duo_in_use(duo, DUO_B, &b), 1);
		ck_assert_mem_eq(a.cky_r, b.cky_r, IKE_COOKIE_LENGTH);
		ck_assert_mem_ne(a.cky_i, forge.cky_i, IKE_COOKIE_LENGTH);
		duo_free(duo);
	}
}
END_TEST

UNIT_MAIN("contact", p12_rekey_with_initial_contact, p10_initial_contact_in_an_informational,
	  p10_initial_contact_takes_nothing_newer,
	  p11_simultaneous_initiation_with_initial_contact_both_ways,
	  p13_dangling_phase_2_sas_of_the_peer)
