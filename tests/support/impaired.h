/* SPDX-License-Identifier: ISC */
/*
 * impaired.h - a duo (duo.h) whose B is impaired, and what was on the wire between the two.
 *
 *	impaired = impaired_new(IMPAIR_ACK_TWICE);	settings may be changed through ->duo
 *	impaired_up(impaired);				A calls; one SA, and A's keys to it
 *	impaired_ask(impaired, 1000);
 *	ck_assert_uint_eq(impaired_acks(impaired, 1000), 2);
 */
#ifndef TESTS_SUPPORT_IMPAIRED_H
#define TESTS_SUPPORT_IMPAIRED_H

#include "interop/impair/impair.h"
#include "interop/impair/message.h"
#include "tests/support/duo.h"

#define IMPAIRED_WIRES 600
#define IMPAIRED_NONE  IMPAIRMENTS /* nothing is on: the layer is there, and must not be noticed */

struct wire {
	ike_time at; /* when it was sent */
	bool from_impaired, delivered;
	struct ike_address remote;
	size_t length, plain_length;
	uint8_t data[IKE_DATAGRAM_MAX], plain[IKE_DATAGRAM_MAX];
};

struct impaired {
	struct duo *duo;
	struct impair *impair;
	bool on[IMPAIRMENTS];
	bool without_layer; /* for comparison */
	bool deaf;          /* A neither hears nor says anything: what comes is only recorded */
	/* Looks at each clear message of Phase 1 from A, and may change it; NULL: it goes as it is. */
	void (*tamper)(struct message *message);
	struct ike_address address[DUO_NODES];
	struct crypto *crypto;
	struct random_source random;
	uint8_t cky_i[IKE_COOKIE_LENGTH], cky_r[IKE_COOKIE_LENGTH]; /* of A's last SA */
	struct ike_keys keys;
	size_t wires;
	struct wire wire[IMPAIRED_WIRES];
	struct opened opened;
};

struct impaired *impaired_new(enum impairment impairment);
void impaired_start(struct impaired *impaired); /* makes the cores; impaired_up() does it, too */
void impaired_free(struct impaired *impaired);

void impaired_run(struct impaired *impaired, ike_time duration);
void impaired_up(struct impaired *impaired);            /* A calls B, and it comes up */
void impaired_called(struct impaired *impaired);        /* B calls A */
void impaired_learn(struct impaired *impaired);         /* cookies and keys of A's newest SA */
bool impaired_is_dead(struct impaired *impaired);       /* the layer wants the node to end */
uint32_t impaired_sas(const struct impaired *impaired); /* of B's core */

/* A message under that SA with a fresh message ID; and from A to B, with what B says to it within a tenth of a second. */
void impaired_begin(struct impaired *impaired, struct message *message);
void impaired_send(struct impaired *impaired, const struct message *message);
void impaired_send_octets(struct impaired *impaired, const uint8_t *data, size_t length,
			  const struct ike_address *from);
void impaired_ask(struct impaired *impaired, uint32_t number);

/* B's messages since the index, opened with A's keys; NULL behind the last.  *from is set behind what is returned. */
const struct opened *impaired_next(struct impaired *impaired, size_t *from);
/* How many R-U-THERE-ACKs B has sent that are right in every respect and have this number. */
size_t impaired_acks(struct impaired *impaired, uint32_t number);
/* How many of B's messages under the SA since then have that NOTIFY, in whatever protection. */
size_t impaired_notifies(struct impaired *impaired, size_t from, uint16_t type);
size_t impaired_deletes(struct impaired *impaired, size_t from);
size_t impaired_sent(const struct impaired *impaired, size_t from); /* by B, of any kind */

#endif
