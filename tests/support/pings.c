/* SPDX-License-Identifier: ISC */
#include "tests/support/pings.h"

#include <string.h>

#include "ike/address.h"
#include "tests/support/unit.h"

struct pings pings;

struct ike_address pings_address(const char *text)
{
	struct ike_address made;

	ck_assert(ike_address_from_text(text, &made));
	return made;
}

void pings_begin(uint32_t pairs)
{
	struct tunnel_ping_plan plan;
	uint8_t seed[RANDOM_SEED_LENGTH] = {7};
	struct pinger_settings settings = {.pairs = pairs};

	tunnel_ping_plan_default(&plan);
	random_seeded(&settings.random, seed);
	settings.tunnel = (const struct pinger_tunnel[]){
	    {2, 0, pings_address("10.2.0.1"), {.family = IKE_FAMILY_NONE}, plan},
	    {1, 1, pings_address("2001:db8:2::1"), pings_address("2001:db8:1::1"), plan},
	    {0, 2, pings_address("10.2.0.1"), pings_address("10.1.0.1"), plan}};
	settings.tunnels = 3;
	pings.pinger = pinger_new(&settings);
	ck_assert_ptr_nonnull(pings.pinger);
	ck_assert_uint_eq(pinger_deadline(pings.pinger), IKE_NEVER);
	pings.now = 1000 * IKE_SECOND;
}

struct ike_selector pings_subnet(const char *text, uint8_t bits)
{
	return (struct ike_selector){.prefix = {pings_address(text), bits}};
}

struct ike_ipsec_change pings_added(uint32_t number, const char *remote)
{
	return (struct ike_ipsec_change){
	    .kind = IKE_IPSEC_ADDED,
	    .sa = {.number = number,
		   .peer = 0,
		   .tunnel = 2,
		   .remote = pings_address(remote),
		   .inside_local = pings_subnet("10.1.0.0", 16),
		   .inside_remote = pings_subnet("10.2.0.0", 16)},
	};
}

void pings_up(uint32_t number, const char *remote)
{
	struct ike_ipsec_change change = pings_added(number, remote);

	ck_assert_int_eq(pinger_pair(pings.pinger, pings.now, &change), PINGER_FOLLOWED);
}

void pings_superseded(uint32_t number, const char *remote)
{
	struct ike_ipsec_change change = pings_added(number, remote);

	change.kind = IKE_IPSEC_CHANGED;
	change.sa.superseded = true;
	ck_assert_int_eq(pinger_pair(pings.pinger, pings.now, &change), PINGER_FOLLOWED);
}

void pings_removed(uint32_t number)
{
	struct ike_ipsec_change change = {.kind = IKE_IPSEC_REMOVED, .sa = {.number = number}};

	ck_assert_int_eq(pinger_pair(pings.pinger, pings.now, &change), PINGER_FOLLOWED);
}

/* ---- what is to be done -------------------------------------------------------------------------------------------- */

void pings_nothing(void)
{
	ck_assert(!pinger_next(pings.pinger, &pings.action, pings.packet, sizeof(pings.packet)));
}

void pings_next(enum pinger_action_kind kind, uint32_t number)
{
	ck_assert(pinger_next(pings.pinger, &pings.action, pings.packet, sizeof(pings.packet)));
	ck_assert_int_eq(pings.action.kind, kind);
	ck_assert_uint_eq(pings.action.number, number);
	ck_assert_uint_eq(pings.action.peer, 0);
	ck_assert_uint_eq(pings.action.tunnel, 2);
}

void pings_reports(enum pinger_report_kind kind, uint32_t number)
{
	pings_next(PINGER_REPORT, number);
	ck_assert_int_eq(pings.action.report, kind);
}

void pings_wait_for_it(void)
{
	ck_assert_uint_ne(pinger_deadline(pings.pinger), IKE_NEVER);
	do {
		pings.now = pinger_deadline(pings.pinger);
	} while (pinger_tick(pings.pinger, pings.now, 100) == 0);
}

bool pings_answered_through(uint32_t number)
{
	uint8_t reply[ECHO_OCTETS_IPV4];
	uint32_t sum;

	memcpy(reply, pings.packet, sizeof(reply));
	memcpy(reply + 12, pings.packet + 16, 4);
	memcpy(reply + 16, pings.packet + 12, 4);
	reply[20] = 0;
	sum = ((uint32_t)reply[22] << 8 | reply[23]) + 0x0800;
	sum = (sum & 0xffff) + (sum >> 16);
	reply[22] = (uint8_t)(sum >> 8);
	reply[23] = (uint8_t)sum;
	return pinger_inbound(pings.pinger, pings.now, number, reply, sizeof(reply));
}

void pings_asks_through(uint32_t number)
{
	pings_wait_for_it();
	pings_next(PINGER_SEND, number);
	ck_assert_uint_eq(pings.action.length, ECHO_OCTETS_IPV4);
	pings_nothing();
}

void pings_becomes_suspect(uint32_t number)
{
	pings_wait_for_it();
	pings_reports(PINGER_SUSPECT, number);
	ck_assert_uint_eq(pings.action.misses, 1);
	pings_next(PINGER_SEND, number);
	pings_nothing();
}

void pings_goes_on_until(enum pinger_report_kind kind, uint32_t number)
{
	for (unsigned requests = 0;; requests++) {
		ck_assert_uint_lt(requests, 4);
		pings_wait_for_it();
		ck_assert(
		    pinger_next(pings.pinger, &pings.action, pings.packet, sizeof(pings.packet)));
		if (pings.action.kind == PINGER_REPORT)
			break;
		ck_assert_int_eq(pings.action.kind, PINGER_SEND);
		ck_assert_uint_eq(pings.action.number, number);
		pings_nothing();
	}
	ck_assert_int_eq(pings.action.report, kind);
	ck_assert_uint_ge(pings.action.misses, 3);
	ck_assert_uint_eq(pings.action.number, number);
}
