/* SPDX-License-Identifier: ISC */
/*
 * pings.h - a pinger in virtual time, its tunnels, and the host that answers, or does not.
 *
 * Three peers have a tunnel each that is pinged: 0 its tunnel 2, from 10.1.0.1 to 10.2.0.1, which most of this is about; 1 its
 * tunnel 1, from 2001:db8:1::1 to 2001:db8:2::1; and 2 its tunnel 0, from its own end to 10.2.0.1.  Every 10 s, 3 misses, only when silent.
 */
#ifndef TESTS_SUPPORT_PINGS_H
#define TESTS_SUPPORT_PINGS_H

#include "interop/esp/pinger.h"

struct pings {
	struct pinger *pinger;
	struct pinger_action action;      /* the latest */
	uint8_t packet[ECHO_OCTETS_MOST]; /* the latest request */
	ike_time now;
};

extern struct pings pings;

void pings_begin(uint32_t pairs); /* pings.pinger is the test's to free */
struct ike_address pings_address(const char *text);
struct ike_selector pings_subnet(const char *text, uint8_t bits);

/* A pair of peer 0's tunnel 2. */
struct ike_ipsec_change pings_added(uint32_t number, const char *remote);
void pings_up(uint32_t number, const char *remote);
void pings_superseded(uint32_t number, const char *remote);
void pings_removed(uint32_t number);

/* What must be next to do, for a pair of it. */
void pings_nothing(void);
void pings_next(enum pinger_action_kind kind, uint32_t number);
void pings_reports(enum pinger_report_kind kind, uint32_t number);

/* Goes to the deadline, wherever the wheel has to stop on the way; something must come of it. */
void pings_wait_for_it(void);
/* The same, and it is a request, a first miss, or a verdict after however many requests jitter makes room for. */
void pings_asks_through(uint32_t number);
void pings_becomes_suspect(uint32_t number);
void pings_goes_on_until(enum pinger_report_kind kind, uint32_t number);

/* The answer to the latest request as a host gives it: addresses and type exchanged, the rest as it came. */
bool pings_answered_through(uint32_t number);

#endif
