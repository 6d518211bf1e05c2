/* SPDX-License-Identifier: ISC */
/*
 * coverage.h - what was reached, row by row, and which rows no run reached.
 */
#ifndef TESTS_SIM_COVERAGE_H
#define TESTS_SIM_COVERAGE_H

#include <stdio.h>

#include "ike/ike.h"
#include "keepalive/keepalive.h"
#include "keepalive/recovery.h"
#include "tests/sim/happening.h"
#include "tests/sim/scenario.h"

/* What becomes of an SA, one verb later. */
enum sa_change {
	SA_CALLED,       /* nothing -> negotiating, as initiator */
	SA_WAS_CALLED,   /* nothing -> negotiating, as responder */
	SA_INITIATOR_UP, /* negotiating -> in use */
	SA_RESPONDER_UP,
	SA_INITIATOR_GAVE_WAY, /* negotiating -> superseded at once */
	SA_RESPONDER_GAVE_WAY,
	SA_SUPERSEDED, /* in use -> superseded */
	SA_PROMOTED,   /* superseded -> in use */
	SA_GONE_NEGOTIATING,
	SA_GONE_IN_USE,
	SA_GONE_SUPERSEDED,
	SA_RENEWING, /* in use, a successor is being negotiated */
	SA_RENEWAL_FAILED,
	SA_FOLLOWED,        /* to where its peer is now */
	SA_LURED,           /* to where somebody on the path has delivered what he held back */
	SA_FOLLOWED_PACKET, /* the same by ESP */
	SA_LURED_BY_PACKET,
	SA_CHANGES
};

enum attack_kind {
	ATTACK_REPLAY,        /* as it was */
	ATTACK_REPLAY_ALL,    /* many of one sender's, in order: more than anybody remembers */
	ATTACK_OTHER_ADDRESS, /* from somewhere else */
	ATTACK_OTHER_NODE,    /* to somebody else */
	ATTACK_REFLECT,       /* back to who made it */
	ATTACK_SPLICE,        /* the head of one on the body of another */
	ATTACK_DAMAGE,        /* a bit, or a length that still fits */
	ATTACK_FLOOD,         /* first messages from many sources */
	ATTACK_HINT,          /* INVALID-COOKIE, INVALID-SPI in the clear */
	ATTACK_ERROR,         /* NO-PROPOSAL-CHOSEN and the like in the clear */
	ATTACK_DELETE,        /* Delete, INITIAL-CONTACT, R-U-THERE in the clear */
	ATTACK_JUNK,          /* any octets */
	ATTACK_HEADER,        /* a header of every kind over any octets, cookies of a real SA */
	ATTACK_PIECES, /* fragments: impossible, contradictory, endless, of a genuine message */
	ATTACK_NAT_KEEPALIVE, /* one octet, from anywhere */
	/* with packets of tunnels */
	ATTACK_ESP_REPLAY,
	ATTACK_ESP_TRUNCATED,
	ATTACK_ESP_OVERSIZED,
	ATTACK_ESP_NUMBER, /* 0, the next one, or any */
	ATTACK_ESP_DAMAGE,
	ATTACK_ESP_FORGE, /* SPIs of nobody, or of somebody, over any octets */
	ATTACK_ESP_ELSEWHERE,
	ATTACK_ESP_WRAPPED, /* in UDP where it is not to be, or the reverse */
	ATTACK_ESP_OTHER_NODE,
	ATTACK_KINDS
};

const char *attack_name(enum attack_kind kind);

enum coverage_group {
	COVER_SCENARIO,
	COVER_FEATURE,
	COVER_HAPPENING,
	COVER_ATTACK,
	COVER_VERDICT,
	COVER_EVENT,
	COVER_DELETED,      /* enum ike_why */
	COVER_FAILED,       /* enum ike_why */
	COVER_PAIR_DELETED, /* the same of IPsec SAs */
	COVER_QUICK_FAILED,
	COVER_CHANGE, /* enum ike_ipsec_change_kind */
	COVER_REPORT,
	COVER_SA,
	COVER_REBOOT, /* a node rebooted while it expected this message, as initiator or responder */
	COVER_PACKET,      /* enum esp_verdict */
	COVER_UNKNOWN_SPI, /* what was done about one: called, protected, ... */
	COVER_PING,        /* enum pinger_report_kind */
	COVER_FRAGMENT,    /* right after this one of a message had come in, or gone out */
	COVER_KEEPALIVE,   /* state, input -> state */
	COVER_RECOVERY,
	COVER_GROUPS
};

#define COVER_WHYS    (IKE_WHY_STORE + 1)
#define COVER_EVENTS  (IKE_EVENT_OVERLOAD + 1)
#define COVER_REPORTS (IKE_REPORT_RETURNING + 1)
#define COVER_PEER    (IKE_EXTENSION_PEER_TIME + 1)
#define COVER_DEEDS   (IKE_COUNT_UNKNOWN_SPI_NOTHING - IKE_COUNT_UNKNOWN_SPI_CALLED + 1)
#define COVER_STEPS                                                                                \
	(2 * (IKE_MESSAGE_KINDS + 1)) /* by role: each message expected, none expected */
#define COVER_FRAGMENTS 3   /* of one message: the first ones by number, then all others */
#define COVER_ROWS_MOST 512 /* in one group */

struct coverage {
	uint64_t count[COVER_GROUPS][COVER_ROWS_MOST];
};

void coverage_add(struct coverage *coverage, enum coverage_group group, size_t row);
size_t coverage_keepalive_row(unsigned state, enum keepalive_input_kind input, unsigned after);
size_t coverage_recovery_row(unsigned state, enum ike_extension_peer_happening happening,
			     unsigned after);
/* Whether the machine's rules know this transition at all. */
bool coverage_keepalive_possible(unsigned state, enum keepalive_input_kind input, unsigned after);
bool coverage_recovery_possible(unsigned state, enum ike_extension_peer_happening happening,
				unsigned after);
size_t coverage_reboot_row(bool initiator, unsigned expects);
size_t coverage_fragment_row(bool came_in, unsigned number);

/* coverage_names.c */
extern const char *const coverage_group_name[COVER_GROUPS];
void coverage_row_name(enum coverage_group group, size_t row, char *text, size_t length);

void coverage_merge(struct coverage *into, const struct coverage *from);
/* Prints what was reached, with counts, and what was not. */
void coverage_print(const struct coverage *coverage, FILE *out);
/*
 * Holds it against the list of rows that are not expected; returns the number of surprises, each printed.  `whole`: the batch
 * was large enough to demand that everything else was reached.
 */
unsigned coverage_compare(const struct coverage *coverage, const char *list, bool whole, FILE *out);

#endif
