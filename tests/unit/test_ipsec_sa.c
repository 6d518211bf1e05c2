/* SPDX-License-Identifier: ISC */
/*
 * test_ipsec_sa.c - the life of pairs of IPsec SAs: what ends them, what does not, and that there is always one.
 */
#include <stdio.h>
#include <string.h>

#include "tests/support/forge.h"
#include "tests/support/phase_2.h"
#include "tests/support/siege.h"
#include "tests/support/tap.h"
#include "tests/support/unit.h"

static size_t pairs_of(const struct duo *duo, enum duo_node node)
{
	struct ike_ipsec_sa sa;

	return duo_pairs(duo, node, &sa);
}

static struct ike_ipsec_sa pair_of(const struct duo *duo, enum duo_node node)
{
	struct ike_ipsec_sa sa;

	ck_assert_uint_ge(duo_pairs(duo, node, &sa), 1);
	return sa;
}

static void command(struct duo *duo, enum duo_node node, enum ike_command_kind kind, uint32_t ipsec)
{
	struct ike_command what = {.kind = kind, .ipsec = ipsec};

	ck_assert(ike_command(duo->core[node], duo->now, &what));
}

/* ---- Delete --------------------------------------------------------------------------------------------------------- */

/* A Delete of these SPIs, as A would send it to B. */
static enum ike_verdict delete_of(struct duo *duo, const char *payloads)
{
	uint8_t raw[512];
	struct forge forge;

	forge_from(&forge, duo, DUO_A);
	forge_raw(&forge, IKE_PAYLOAD_DELETE,
		  octets_of(raw, phase_2_hex(payloads, raw, sizeof(raw))));
	return forge_inject(&forge, duo, DUO_B);
}

START_TEST(test_delete_of_unknown_spis)
{
	struct duo *duo = phase_2_established(1, "aes128-sha1");
	struct ike_ipsec_sa sa = pair_of(duo, DUO_B);
	char text[128];

	ck_assert_int_eq(delete_of(duo, "0000(00000001 03 04 0001 00000000)"),
			 IKE_DELETE_UNKNOWN_SPI);
	ck_assert_int_eq(delete_of(duo, "0000(00000001 03 04 0002 00000000 ffffffff)"),
			 IKE_DELETE_UNKNOWN_SPI);
	/* ours is not theirs to name, nor is another protocol's */
	snprintf(text, sizeof(text), "0000(00000001 03 04 0001 %08x)", sa.spi_in);
	ck_assert_int_eq(delete_of(duo, text), IKE_DELETE_UNKNOWN_SPI);
	snprintf(text, sizeof(text), "0000(00000001 02 04 0001 %08x)", sa.spi_out);
	ck_assert_int_eq(delete_of(duo, text), IKE_DELETE_UNKNOWN_SPI);
	/* counts and sizes that do not add up */
	snprintf(text, sizeof(text), "0000(00000001 03 04 0002 %08x)", sa.spi_out);
	ck_assert_int_eq(delete_of(duo, text), IKE_DELETE_MALFORMED);
	snprintf(text, sizeof(text), "0000(00000001 03 04 0000 %08x)", sa.spi_out);
	ck_assert_int_eq(delete_of(duo, text), IKE_DELETE_MALFORMED);
	snprintf(text, sizeof(text), "0000(00000001 03 02 0002 %08x)", sa.spi_out);
	ck_assert_int_eq(delete_of(duo, text), IKE_DELETE_MALFORMED);
	duo_assert_pairs(duo, 1);
	duo_free(duo);
}
END_TEST

START_TEST(test_delete_of_several)
{
	struct duo *duo = phase_2_established(2, "aes128-sha1");
	struct ike_ipsec_sa sa = pair_of(duo, DUO_B);
	char text[128];

	snprintf(text, sizeof(text), "0000(00000001 03 04 0004 00000000 %08x %08x ffffffff)",
		 sa.spi_out, sa.spi_out);
	ck_assert_int_eq(delete_of(duo, text), IKE_ACCEPTED);
	ck_assert_uint_eq(pairs_of(duo, DUO_B), 0);
	duo_free(duo);
}
END_TEST

/* Whichever store cannot keep it: who has begun the pair begins another one, after a moment. */
START_TEST(test_deleted_by_the_peer)
{
	struct duo *duo = phase_2_established(3, "aes128-sha1");
	struct ike_ipsec_sa sa = pair_of(duo, DUO_B), fresh;

	/* B waits for A to begin, so it is A's store that cannot keep the pair, and A who begins again */
	command(duo, DUO_A, IKE_COMMAND_IPSEC_FAILED, pair_of(duo, DUO_A).number);
	duo_run(duo, 100 * IKE_MILLISECOND);
	ck_assert_uint_eq(pairs_of(duo, DUO_A), 0);
	ck_assert_uint_eq(pairs_of(duo, DUO_B), 0);
	ck_assert_int_eq(duo_last(duo, DUO_B, IKE_EVENT_IPSEC_DELETED)->why, IKE_WHY_PEER_DELETED);
	ck_assert_uint_eq(duo_last(duo, DUO_B, IKE_EVENT_IPSEC_DELETED)->spi_in, sa.spi_in);
	duo_run(duo, 3 * IKE_SECOND);
	duo_assert_pairs(duo, 1);
	fresh = pair_of(duo, DUO_B);
	ck_assert_uint_ne(fresh.spi_in, sa.spi_in);
	/* and B's store: A, who has begun it, begins again */
	command(duo, DUO_B, IKE_COMMAND_IPSEC_FAILED, fresh.number);
	duo_run(duo, 100 * IKE_MILLISECOND);
	ck_assert_uint_eq(pairs_of(duo, DUO_A), 0);
	duo_run(duo, 10 * IKE_SECOND);
	duo_assert_pairs(duo, 1);
	duo_free(duo);
}
END_TEST

/* A store that fails every time does not make a storm. */
START_TEST(test_a_store_that_never_works)
{
	struct duo *duo = phase_2_established(4, "aes128-sha1");
	size_t times = 0;

	for (int second = 0; second < 600; second++) {
		if (pairs_of(duo, DUO_A) > 0) {
			command(duo, DUO_A, IKE_COMMAND_IPSEC_FAILED, pair_of(duo, DUO_A).number);
			times++;
		}
		duo_run(duo, IKE_SECOND);
	}
	ck_assert_uint_ge(times, 10);
	ck_assert_uint_le(times, 20);
	duo_free(duo);
}
END_TEST

START_TEST(test_no_such_pair)
{
	struct duo *duo = phase_2_established(5, "aes128-sha1");
	struct ike_command what = {.kind = IKE_COMMAND_IPSEC_FAILED, .ipsec = 4711};

	ck_assert(!ike_command(duo->core[DUO_A], duo->now, &what));
	what.ipsec = 0;
	ck_assert(!ike_command(duo->core[DUO_A], duo->now, &what));
	duo_assert_pairs(duo, 1);
	duo_free(duo);
}
END_TEST

/* ---- death, INITIAL-CONTACT, the user ------------------------------------------------------------------------------- */

/* R98, R101 */
START_TEST(test_death_and_recovery)
{
	struct duo *duo = phase_2_established(50, "aes128-sha1");
	ike_time end;

	duo->deliver = forge_lose_all;
	for (end = duo->now + 200 * IKE_SECOND; duo->now < end && duo_established(duo, DUO_A) > 0;)
		duo_run(duo, IKE_SECOND);
	ck_assert_uint_eq(duo_established(duo, DUO_A), 0);
	/* at once, without a wait for the pair's own end */
	ck_assert_uint_eq(pairs_of(duo, DUO_A), 0);
	ck_assert_int_eq(duo_last(duo, DUO_A, IKE_EVENT_IPSEC_DELETED)->why, IKE_WHY_DEAD);
	siege_forget(duo);
	duo->deliver = NULL;
	for (end = duo->now + 200 * IKE_SECOND; duo->now < end && duo_established(duo, DUO_A) == 0;)
		duo_run(duo, 100 * IKE_MILLISECOND);
	duo_run(duo, 3 * IKE_SECOND);
	duo_assert_pairs(duo, 1);
	duo_free(duo);
}
END_TEST

/* The peer has started anew and says so: what is older than that goes, and there is a new pair (R101, R118). */
START_TEST(test_reboot)
{
	for (enum duo_node node = DUO_A; node < DUO_NODES; node++) {
		struct duo *duo = phase_2_established((uint8_t)(52 + node), "aes128-sha1");
		enum duo_node other = node == DUO_A ? DUO_B : DUO_A;
		struct ike_ipsec_sa old = pair_of(duo, other);

		duo_reboot(duo, node);
		duo_connect(duo, node);
		duo_run(duo, 5 * IKE_SECOND);
		ck_assert_ptr_nonnull(duo_last(duo, other, IKE_EVENT_INITIAL_CONTACT));
		ck_assert_uint_eq(duo_last(duo, other, IKE_EVENT_INITIAL_CONTACT)->value, 2);
		ck_assert_int_eq(duo_last(duo, other, IKE_EVENT_IPSEC_DELETED)->why,
				 IKE_WHY_INITIAL_CONTACT);
		duo_assert_pairs(duo, 1);
		ck_assert_uint_ne(pair_of(duo, other).number, old.number);
		duo_free(duo);
	}
}
END_TEST

/* INITIAL-CONTACT said again does nothing to the pairs that have come since. */
START_TEST(test_initial_contact_again)
{
	struct duo *duo = phase_2_established(54, "aes128-sha1");
	struct forge forge;

	forge_from(&forge, duo, DUO_A);
	forge_notify(&forge, IKE_NOTIFY_INITIAL_CONTACT);
	ck_assert_int_eq(forge_inject(&forge, duo, DUO_B), IKE_INITIAL_CONTACT_REPEATED);
	duo_assert_pairs(duo, 1);
	duo_free(duo);
}
END_TEST

START_TEST(test_close)
{
	struct duo *duo = phase_2_established(55, "aes128-sha1");
	size_t before = duo->datagrams;
	struct ike_message message;
	struct ike_command what = {.kind = IKE_COMMAND_CLOSE};

	ck_assert(ike_command(duo->core[DUO_A], duo->now, &what));
	duo_run(duo, 100 * IKE_MILLISECOND);
	ck_assert_uint_eq(pairs_of(duo, DUO_A), 0);
	ck_assert_uint_eq(pairs_of(duo, DUO_B), 0);
	ck_assert_int_eq(duo_last(duo, DUO_A, IKE_EVENT_IPSEC_DELETED)->why, IKE_WHY_CLOSED);
	ck_assert_int_eq(duo_last(duo, DUO_B, IKE_EVENT_IPSEC_DELETED)->why, IKE_WHY_PEER_DELETED);
	/* ESP first, for its Delete travels under the SA that goes next */
	ck_assert_uint_ge(duo->datagrams, before + 2);
	tap_read(tap_plain(&duo->datagram[before]), &message);
	ck_assert_uint_eq(tap_body(&message, IKE_PAYLOAD_DELETE).data[4], IKE_PROTOCOL_ESP);
	tap_read(tap_plain(&duo->datagram[before + 1]), &message);
	ck_assert_uint_eq(tap_body(&message, IKE_PAYLOAD_DELETE).data[4], IKE_PROTOCOL_ISAKMP);
	duo_free(duo);
}
END_TEST

/* Phase 1 may be renewed and expire under a pair: it stays (R123). */
START_TEST(test_phase_1_comes_and_goes)
{
	struct duo *duo = duo_new(56);
	uint32_t number;

	duo_tunnel(duo, "aes128-sha1");
	duo->peer[DUO_A].lifetime = duo->peer[DUO_B].lifetime = 60;
	duo_start(duo);
	duo_establish(duo);
	number = pair_of(duo, DUO_A).number;
	(void)siege_run(duo, 1000 * IKE_SECOND);
	duo_assert_pairs(duo, 1);
	ck_assert_uint_eq(pair_of(duo, DUO_A).number, number);
	duo_free(duo);
}
END_TEST

/* ---- where the peer is ---------------------------------------------------------------------------------------------- */

START_TEST(test_addresses)
{
	struct duo *duo = phase_2_established(57, "aes128-sha1");
	struct ike_sa *sa = phase_2_sa(duo, DUO_A);
	struct phase_2_changes changes;
	uint32_t cursor = 0;
	struct ike_pair *pair = ipsec_table_next(duo->core[DUO_A]->pairs, &cursor);

	phase_2_pull(duo, DUO_A, &changes);
	sa->remote.port = 4501;
	ipsec_addresses_changed(duo->core[DUO_A],
				sa); /* not in UDP: it has no port that could move */
	phase_2_pull(duo, DUO_A, &changes);
	ck_assert_uint_eq(changes.count[IKE_IPSEC_CHANGED], 0);
	pair->sa.encapsulated = true;
	ipsec_addresses_changed(duo->core[DUO_A], sa);
	phase_2_pull(duo, DUO_A, &changes);
	ck_assert_uint_eq(changes.count[IKE_IPSEC_CHANGED], 1);
	ck_assert_uint_eq(changes.last.sa.remote.port, 4501);
	ipsec_addresses_changed(duo->core[DUO_A], sa); /* no news */
	phase_2_pull(duo, DUO_A, &changes);
	ck_assert_uint_eq(changes.count[IKE_IPSEC_CHANGED], 0);
	duo_free(duo);
}
END_TEST

UNIT_MAIN("ipsec_sa", test_delete_of_unknown_spis, test_delete_of_several, test_deleted_by_the_peer,
	  test_a_store_that_never_works, test_no_such_pair, test_death_and_recovery, test_reboot,
	  test_initial_contact_again, test_close, test_phase_1_comes_and_goes, test_addresses)
