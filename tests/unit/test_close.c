/* SPDX-License-Identifier: ISC */
/*
 * test_close.c - the user is done with a peer, or with all of them: everything goes, and everybody is told.
 */
#include <stdio.h>
#include <string.h>

#include "ike/address.h"
#include "ike/core.h"
#include "ike/identity.h"
#include "tests/support/duo.h"
#include "tests/support/unit.h"

#define MANY    300u
#define OUTPUTS 8u

static const struct ike_command close_all = {.kind = IKE_COMMAND_CLOSE_ALL, .peer = IKE_NONE};

static void put_in(struct duo *duo, uint32_t number)
{
	struct ike_import import = {
	    .cky_i = {1, (uint8_t)(number >> 8), (uint8_t)number},
	    .cky_r = {2},
	    .supported = true,
	    .lifetime = 3600,
	    .keys = {.cipher = CIPHER_AES_128,
		     .hash = HASH_SHA1,
		     .key_length = 16,
		     .skeyid_length = 20,
		     .established = true},
	};
	const struct ike_command command = {.kind = IKE_COMMAND_IMPORT, .import = &import};
	char name[32];

	ck_assert(ike_proposal_parse("aes128-sha1-modp2048", &import.proposal));
	ck_assert(ike_address_from_text("192.0.2.1:500", &import.remote));
	ck_assert(ike_address_from_text("192.0.2.2:500", &import.local));
	snprintf(name, sizeof(name), "fqdn:%u.example", number);
	ck_assert(ike_identity_from_text(name, &import.remote_identity));
	ck_assert(ike_command(duo->core[DUO_B], duo->now, &command));
}

static struct duo *many(void)
{
	struct duo *duo = duo_new(1);

	duo->settings[DUO_B].allow_import = true;
	duo->settings[DUO_B].limits.outputs = OUTPUTS;
	duo_propose(duo, DUO_A, "aes128-sha1-modp2048");
	duo_propose(duo, DUO_B, "aes128-sha1-modp2048");
	duo_start(duo);
	for (uint32_t i = 0; i < MANY; i++)
		put_in(duo, i);
	ck_assert_uint_eq(duo->core[DUO_B]->established, MANY);
	return duo;
}

static size_t pull(struct duo *duo)
{
	uint8_t data[IKE_DATAGRAM_MAX];
	struct ike_datagram out = {.data = data, .room = sizeof(data)};
	size_t count = 0;

	while (ike_output(duo->core[DUO_B], duo->now, &out, 1) > 0)
		count++;
	return count;
}

START_TEST(test_nothing_to_close)
{
	struct duo *duo = duo_new(2);

	duo_start(duo);
	ck_assert(ike_command(duo->core[DUO_A], duo->now, &close_all));
	ck_assert_uint_eq(ike_tick(duo->core[DUO_A], duo->now, 16), 0);
	ck_assert(!duo->core[DUO_A]->closing);
	ck_assert_uint_gt(ike_deadline(duo->core[DUO_A]), duo->now);
	duo_free(duo);
}
END_TEST

/* Nobody pulls: it waits, without asking to be called again at once, and no Delete is lost. */
START_TEST(test_waits_for_room)
{
	struct duo *duo = many();
	struct ike_core *core = duo->core[DUO_B];

	ck_assert(ike_command(core, duo->now, &close_all));
	ck_assert_uint_eq(core->established, MANY);
	ck_assert_uint_eq(ike_deadline(core), duo->now);
	for (int i = 0; i < 100; i++)
		(void)ike_tick(core, duo->now, 16);
	ck_assert_uint_ge(core->established, MANY - OUTPUTS);
	ck_assert_uint_gt(ike_deadline(core), duo->now);
	ck_assert_uint_eq(pull(duo), MANY - core->established);
	ck_assert_uint_eq(ike_deadline(core), duo->now);
	duo_free(duo);
}
END_TEST

START_TEST(test_everybody_is_told)
{
	struct duo *duo = many();
	struct ike_core *core = duo->core[DUO_B];
	size_t told = 0;

	ck_assert(ike_command(core, duo->now, &close_all));
	while (ike_tick(core, duo->now, 3) > 0)
		told += pull(duo);
	ck_assert_uint_eq(told, MANY);
	ck_assert_uint_eq(sa_table_count(core->sas), 0);
	ck_assert_uint_eq(core->established, 0);
	ck_assert_uint_gt(ike_deadline(core), duo->now);
	duo_free(duo);
}
END_TEST

/*
 * The SA with the largest number would be renewed while smaller ones have been closed already: its successor would get one of
 * their numbers, which the walk has passed.
 */
START_TEST(test_renewal_meanwhile)
{
	struct duo *duo = many();
	struct ike_core *core = duo->core[DUO_B];
	struct ike_sa *real;
	struct ike_event event;

	while (ike_events(core, &event, 1) > 0)
		;
	duo->keepalive[DUO_A].recovery.on_death = RECOVERY_CLEAR; /* does not call again */
	duo_connect(duo, DUO_A);
	duo_run(duo, 5 * IKE_SECOND);
	ck_assert_uint_eq(core->established, MANY + 1);
	real = sa_table_at(core->sas, MANY + 1);
	ck_assert(ike_command(core, duo->now, &close_all));
	for (int i = 0; i < 20; i++) {
		ck_assert_uint_eq(ike_tick(core, duo->now, 3), 3);
		(void)pull(duo);
	}
	ck_assert_int_eq(real->state, IKE_SA_ESTABLISHED);
	sa_renew(core, real); /* what its timer would do */
	duo_run(duo, 60 * IKE_SECOND);
	ck_assert(!core->closing);
	ck_assert_uint_eq(sa_table_count(core->sas), 0);
	ck_assert_uint_eq(duo_established(duo, DUO_A), 0);
	duo_free(duo);
}
END_TEST

static bool lose(struct duo *duo, struct duo_datagram *datagram)
{
	(void)duo;
	(void)datagram;
	return false;
}

/* What is half-open goes as well, and is not begun again. */
START_TEST(test_half_open)
{
	struct duo *duo = duo_new(3);

	duo_start(duo);
	duo->deliver = lose;
	duo_connect(duo, DUO_A);
	duo_run(duo, IKE_SECOND);
	ck_assert_uint_eq(duo->core[DUO_A]->handshakes, 1);
	ck_assert(ike_command(duo->core[DUO_A], duo->now, &close_all));
	(void)ike_tick(duo->core[DUO_A], duo->now, 16);
	ck_assert_uint_eq(duo->core[DUO_A]->handshakes, 0);
	duo_run(duo, 120 * IKE_SECOND);
	ck_assert_uint_eq(duo_established(duo, DUO_A), 0);
	ck_assert_uint_eq(duo_count(duo, DUO_A, IKE_EVENT_CONNECTING), 1);
	duo_free(duo);
}
END_TEST

/* The Deletes of the pairs travel under the SA, so they come before its own; the other node has nothing left either. */
START_TEST(test_pairs_go_first)
{
	struct duo *duo = duo_new(4);

	duo_tunnel(duo, "aes128-sha1");
	duo->keepalive[DUO_B].recovery.on_death = RECOVERY_CLEAR;
	duo_start(duo);
	duo_establish(duo);
	duo_run(duo, 2 * IKE_SECOND);
	duo_assert_pairs(duo, 1);
	ck_assert(ike_command(duo->core[DUO_A], duo->now, &close_all));
	/* a unit of the budget each */
	ck_assert_uint_eq(ike_tick(duo->core[DUO_A], duo->now, 1), 1);
	ck_assert_uint_eq(duo_pairs(duo, DUO_A, &(struct ike_ipsec_sa){0}), 0);
	ck_assert_uint_eq(duo_established(duo, DUO_A), 1);
	ck_assert_uint_eq(ike_tick(duo->core[DUO_A], duo->now, 16), 1);
	duo_run(duo, IKE_SECOND);
	duo_assert_pairs(duo, 0);
	ck_assert_int_eq(duo_last(duo, DUO_B, IKE_EVENT_IPSEC_DELETED)->why, IKE_WHY_PEER_DELETED);
	ck_assert_int_eq(duo_last(duo, DUO_B, IKE_EVENT_DELETED)->why, IKE_WHY_PEER_DELETED);
	ck_assert_int_eq(duo_last(duo, DUO_A, IKE_EVENT_DELETED)->why, IKE_WHY_CLOSED);
	duo_free(duo);
}
END_TEST

/* A pair may outlive its Phase 1 SA; nobody can be told of its end. */
START_TEST(test_pairs_alone)
{
	struct duo *duo = duo_new(5);
	struct ike_sa *sa;
	uint32_t cursor = 0;

	duo_tunnel(duo, "aes128-sha1");
	duo_start(duo);
	duo_establish(duo);
	duo_run(duo, 2 * IKE_SECOND);
	sa = sa_table_next(duo->core[DUO_B]->sas, &cursor);
	ck_assert_ptr_nonnull(sa);
	sa_delete(duo->core[DUO_B], sa, IKE_WHY_EXPIRED, false);
	ck_assert_uint_eq(duo_pairs(duo, DUO_B, &(struct ike_ipsec_sa){0}), 1);
	ck_assert(ike_command(duo->core[DUO_B], duo->now, &close_all));
	(void)ike_tick(duo->core[DUO_B], duo->now, 16);
	ck_assert_uint_eq(duo_pairs(duo, DUO_B, &(struct ike_ipsec_sa){0}), 0);
	duo_free(duo);
}
END_TEST

/* One peer, at once. */
START_TEST(test_one_peer)
{
	struct duo *duo = duo_new(6);
	const struct ike_command one = {.kind = IKE_COMMAND_CLOSE, .peer = 0};

	duo_start(duo);
	ck_assert(!ike_command(duo->core[DUO_A], duo->now, &one));
	duo_establish(duo);
	ck_assert(ike_command(duo->core[DUO_A], duo->now, &one));
	ck_assert_uint_eq(duo_established(duo, DUO_A), 0);
	duo_free(duo);
}
END_TEST

UNIT_MAIN("close", test_nothing_to_close, test_waits_for_room, test_everybody_is_told,
	  test_renewal_meanwhile, test_half_open, test_pairs_go_first, test_pairs_alone,
	  test_one_peer)
