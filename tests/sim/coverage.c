/* SPDX-License-Identifier: ISC */
/*
 * coverage.c - the rows and their names.  The transitions of the keepalive and of the recovery are those that their rules know:
 * one outside the tables below is a failure of the run, one inside that no run makes is told.
 */
#include "tests/sim/coverage.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "ike/exchange.h"
#include "interop/esp/esp_verdict.h"
#include "interop/esp/pinger.h"

/* ---- the machines' tables ------------------------------------------------------------------------------------------ */

#define TO(state) (1u << (state))
#define DOWN      TO(KEEPALIVE_DOWN)
#define ALIVE     TO(KEEPALIVE_ALIVE)
#define IDLE      TO(KEEPALIVE_IDLE)
#define ASKING    TO(KEEPALIVE_ASKING)
#define SUSPECT   TO(KEEPALIVE_SUSPECT)
#define DEAD      TO(KEEPALIVE_DEAD)

/*
 * keepalive/liveness.c: where an input may lead from a state.  The engine frees a dead SA within the same verb, and never
 * tells one that it is down, so nothing leads out of DEAD and SA_DOWN does not occur.
 */
static const unsigned keepalive_table[KEEPALIVE_STATES][KEEPALIVE_INPUTS] = {
    [KEEPALIVE_DOWN] = {[KEEPALIVE_SA_UP] = ALIVE | IDLE},
    [KEEPALIVE_ALIVE] = {[KEEPALIVE_SA_UP] = 0,
			 [KEEPALIVE_SA_SUPERSEDED] = IDLE,
			 [KEEPALIVE_HEARD] = ALIVE,
			 [KEEPALIVE_R_U_THERE] = ALIVE,
			 [KEEPALIVE_ACK] = ALIVE,
			 [KEEPALIVE_WANT_TO_SEND] = ALIVE | ASKING,
			 [KEEPALIVE_ASK_NOW] = ASKING,
			 [KEEPALIVE_HINT] = ALIVE | ASKING,
			 [KEEPALIVE_TIME] = ALIVE | IDLE | ASKING},
    [KEEPALIVE_IDLE] = {[KEEPALIVE_SA_UP] = ALIVE | IDLE,
			[KEEPALIVE_SA_SUPERSEDED] = IDLE,
			[KEEPALIVE_HEARD] = ALIVE | IDLE,
			[KEEPALIVE_R_U_THERE] = ALIVE | IDLE,
			[KEEPALIVE_ACK] = IDLE,
			[KEEPALIVE_WANT_TO_SEND] = IDLE | ASKING,
			[KEEPALIVE_ASK_NOW] = IDLE | ASKING,
			[KEEPALIVE_HINT] = IDLE | ASKING},
    [KEEPALIVE_ASKING] = {[KEEPALIVE_SA_SUPERSEDED] = IDLE,
			  [KEEPALIVE_HEARD] = ALIVE | IDLE,
			  [KEEPALIVE_R_U_THERE] = ALIVE | IDLE | ASKING,
			  [KEEPALIVE_ACK] = ALIVE | IDLE | ASKING,
			  [KEEPALIVE_WANT_TO_SEND] = ASKING,
			  [KEEPALIVE_ASK_NOW] = ASKING,
			  [KEEPALIVE_HINT] = ASKING,
			  [KEEPALIVE_TIME] = IDLE | ASKING | SUSPECT | DEAD},
    [KEEPALIVE_SUSPECT] = {[KEEPALIVE_SA_SUPERSEDED] = IDLE,
			   [KEEPALIVE_HEARD] = ALIVE,
			   [KEEPALIVE_R_U_THERE] = ALIVE | SUSPECT,
			   [KEEPALIVE_ACK] = ALIVE | SUSPECT,
			   [KEEPALIVE_WANT_TO_SEND] = SUSPECT,
			   [KEEPALIVE_ASK_NOW] = SUSPECT,
			   [KEEPALIVE_HINT] = SUSPECT,
			   [KEEPALIVE_TIME] = SUSPECT | ASKING | DEAD},
};

#define RESTING    TO(RECOVERY_RESTING)
#define WAITING    TO(RECOVERY_WAITING)
#define CONNECTING TO(RECOVERY_CONNECTING)
#define UP         TO(RECOVERY_UP)
#define RETURNING  TO(RECOVERY_RETURNING)

/* keepalive/recovery.c, as far as the engine asks for it: FAILED comes only of a call, DEAD, USELESS and LOST only of an SA in use. */
static const unsigned recovery_table[RECOVERY_STATES][COVER_PEER] = {
    [RECOVERY_RESTING] = {[IKE_EXTENSION_PEER_START] = WAITING,
			  [IKE_EXTENSION_PEER_UP] = UP,
			  [IKE_EXTENSION_PEER_CLOSE] = RESTING,
			  [IKE_EXTENSION_PEER_FAILED] = RESTING,
			  [IKE_EXTENSION_PEER_DEAD] = RESTING,
			  [IKE_EXTENSION_PEER_USELESS] = RESTING,
			  [IKE_EXTENSION_PEER_LOST] = RESTING},
    [RECOVERY_WAITING] = {[IKE_EXTENSION_PEER_START] = WAITING,
			  [IKE_EXTENSION_PEER_UP] = UP,
			  [IKE_EXTENSION_PEER_CLOSE] = RESTING,
			  [IKE_EXTENSION_PEER_FAILED] = WAITING,
			  [IKE_EXTENSION_PEER_DEAD] = WAITING,
			  [IKE_EXTENSION_PEER_USELESS] = WAITING,
			  [IKE_EXTENSION_PEER_LOST] = WAITING,
			  [IKE_EXTENSION_PEER_TIME] = WAITING | CONNECTING},
    [RECOVERY_CONNECTING] = {[IKE_EXTENSION_PEER_START] = CONNECTING,
			     [IKE_EXTENSION_PEER_UP] = UP,
			     [IKE_EXTENSION_PEER_CLOSE] = RESTING,
			     [IKE_EXTENSION_PEER_FAILED] = CONNECTING | WAITING,
			     [IKE_EXTENSION_PEER_DEAD] = CONNECTING,
			     [IKE_EXTENSION_PEER_USELESS] = CONNECTING,
			     [IKE_EXTENSION_PEER_LOST] = CONNECTING,
			     [IKE_EXTENSION_PEER_TIME] = CONNECTING | WAITING},
    [RECOVERY_UP] = {[IKE_EXTENSION_PEER_START] = UP,
		     [IKE_EXTENSION_PEER_UP] = UP,
		     [IKE_EXTENSION_PEER_CLOSE] = RESTING,
		     [IKE_EXTENSION_PEER_FAILED] = UP,
		     [IKE_EXTENSION_PEER_DEAD] = UP | WAITING | RESTING,
		     [IKE_EXTENSION_PEER_USELESS] = UP | WAITING | RESTING,
		     [IKE_EXTENSION_PEER_LOST] = UP | WAITING | RESTING,
		     [IKE_EXTENSION_PEER_TIME] = UP | RETURNING},
    [RECOVERY_RETURNING] = {[IKE_EXTENSION_PEER_START] = RETURNING,
			    [IKE_EXTENSION_PEER_UP] = UP | RETURNING,
			    [IKE_EXTENSION_PEER_CLOSE] = RESTING,
			    [IKE_EXTENSION_PEER_FAILED] = UP | RETURNING,
			    [IKE_EXTENSION_PEER_DEAD] = CONNECTING | RETURNING | RESTING,
			    [IKE_EXTENSION_PEER_USELESS] = CONNECTING | RETURNING | RESTING,
			    [IKE_EXTENSION_PEER_LOST] = CONNECTING | RETURNING | RESTING,
			    [IKE_EXTENSION_PEER_TIME] = UP | RETURNING},
};

bool coverage_keepalive_possible(unsigned state, enum keepalive_input_kind input, unsigned after)
{
	return (keepalive_table[state][input] & TO(after)) != 0;
}

bool coverage_recovery_possible(unsigned state, enum ike_extension_peer_happening happening,
				unsigned after)
{
	return (recovery_table[state][happening] & TO(after)) != 0;
}

size_t coverage_keepalive_row(unsigned state, enum keepalive_input_kind input, unsigned after)
{
	return ((size_t)state * KEEPALIVE_INPUTS + input) * KEEPALIVE_STATES + after;
}

size_t coverage_recovery_row(unsigned state, enum ike_extension_peer_happening happening,
			     unsigned after)
{
	return ((size_t)state * COVER_PEER + happening) * RECOVERY_STATES + after;
}

/* `expects` of IKE_MESSAGE_KINDS is the last row of its role: no message is expected. */
size_t coverage_reboot_row(bool initiator, unsigned expects)
{
	return (initiator ? IKE_MESSAGE_KINDS + 1u : 0u) + expects;
}

size_t coverage_fragment_row(bool came_in, unsigned number)
{
	return (came_in ? COVER_FRAGMENTS : 0u) +
	       (number > COVER_FRAGMENTS ? COVER_FRAGMENTS : number) - 1;
}

/* ---- rows ------------------------------------------------------------------------------------------------------- */

static size_t rows_of(enum coverage_group group)
{
	static const size_t rows[COVER_GROUPS] = {
	    [COVER_SCENARIO] = SCENARIO_KINDS,
	    [COVER_FEATURE] = SCENARIO_FEATURES,
	    [COVER_HAPPENING] = HAPPENING_KINDS,
	    [COVER_ATTACK] = ATTACK_KINDS,
	    [COVER_VERDICT] = IKE_VERDICTS,
	    [COVER_EVENT] = COVER_EVENTS,
	    [COVER_DELETED] = COVER_WHYS,
	    [COVER_FAILED] = COVER_WHYS,
	    [COVER_PAIR_DELETED] = COVER_WHYS,
	    [COVER_QUICK_FAILED] = COVER_WHYS,
	    [COVER_CHANGE] = IKE_IPSEC_REMOVED + 1,
	    [COVER_REPORT] = COVER_REPORTS,
	    [COVER_SA] = SA_CHANGES,
	    [COVER_REBOOT] = COVER_STEPS,
	    [COVER_PACKET] = ESP_VERDICTS,
	    [COVER_UNKNOWN_SPI] = COVER_DEEDS,
	    [COVER_PING] = PINGER_REPORTS,
	    [COVER_FRAGMENT] = (size_t)2 * COVER_FRAGMENTS,
	    [COVER_KEEPALIVE] = (size_t)KEEPALIVE_STATES * KEEPALIVE_INPUTS * KEEPALIVE_STATES,
	    [COVER_RECOVERY] = (size_t)RECOVERY_STATES * COVER_PEER * RECOVERY_STATES,
	};

	return rows[group];
}

/*
 * Of the numbered messages of an exchange, MM1 to QM3, a responder expects the odd ones but the first, with which its part begins,
 * and an initiator the even ones.
 */
static bool is_expected(size_t row)
{
	size_t expects = row % (IKE_MESSAGE_KINDS + 1u);
	bool initiator = row > IKE_MESSAGE_KINDS;
	const char *name;

	if (expects == IKE_MESSAGE_KINDS)
		return true;
	name = ike_message_kind_name(expects);
	return name[0] != '\0' && name[1] == 'M' && name[2] > '1' && name[2] <= '9' &&
	       name[3] == '\0' && (name[2] % 2 == 0) == initiator;
}

/* Rows that are none: what the machines' tables do not know. */
static bool row_exists(enum coverage_group group, size_t row)
{
	size_t after;

	if (group == COVER_REBOOT)
		return is_expected(row);
	if (group == COVER_KEEPALIVE) {
		after = row % KEEPALIVE_STATES;
		row /= KEEPALIVE_STATES;
		return coverage_keepalive_possible((unsigned)(row / KEEPALIVE_INPUTS),
						   row % KEEPALIVE_INPUTS, (unsigned)after);
	}
	if (group == COVER_RECOVERY) {
		after = row % RECOVERY_STATES;
		row /= RECOVERY_STATES;
		return coverage_recovery_possible((unsigned)(row / COVER_PEER), row % COVER_PEER,
						  (unsigned)after);
	}
	return true;
}

/* ---- counting ------------------------------------------------------------------------------------------------------ */

void coverage_add(struct coverage *coverage, enum coverage_group group, size_t row)
{
	assert(row < COVER_ROWS_MOST);
	if (coverage != NULL)
		coverage->count[group][row]++;
}

void coverage_merge(struct coverage *into, const struct coverage *from)
{
	for (size_t group = 0; group < COVER_GROUPS; group++)
		for (size_t row = 0; row < COVER_ROWS_MOST; row++)
			into->count[group][row] += from->count[group][row];
}

void coverage_print(const struct coverage *coverage, FILE *out)
{
	char name[128];

	for (size_t group = 0; group < COVER_GROUPS; group++)
		for (size_t row = 0; row < rows_of(group); row++) {
			if (!row_exists(group, row))
				continue;
			coverage_row_name(group, row, name, sizeof(name));
			if (coverage->count[group][row] > 0)
				fprintf(out, "reached %10llu  %s: %s\n",
					(unsigned long long)coverage->count[group][row],
					coverage_group_name[group], name);
		}
	for (size_t group = 0; group < COVER_GROUPS; group++)
		for (size_t row = 0; row < rows_of(group); row++) {
			if (!row_exists(group, row) || coverage->count[group][row] > 0)
				continue;
			coverage_row_name(group, row, name, sizeof(name));
			fprintf(out, "never reached       %s: %s\n", coverage_group_name[group],
				name);
		}
}

/* ---- the list of what is not expected ------------------------------------------------------------------------------ */

enum expectation { EXPECT_REACHED, EXPECT_NEVER, EXPECT_RARE };

/*
 * A line of the list: `never GROUP: ROW | reason` or `rare GROUP: ROW | reason`.  The file is small and is read again for every
 * row.
 */
static enum expectation expectation_of(const char *list, const char *wanted)
{
	enum expectation found = EXPECT_REACHED;
	FILE *file = fopen(list, "r");
	char line[512];

	if (file == NULL)
		return found;
	while (found == EXPECT_REACHED && fgets(line, sizeof(line), file) != NULL) {
		char *row = strchr(line, ' '), *end = strstr(line, " | ");

		if (line[0] == '#' || row == NULL || end == NULL)
			continue;
		*row++ = *end = '\0';
		if (strcmp(row, wanted) != 0)
			continue;
		found = strcmp(line, "rare") == 0 ? EXPECT_RARE : EXPECT_NEVER;
	}
	fclose(file);
	return found;
}

unsigned coverage_compare(const struct coverage *coverage, const char *list, bool whole, FILE *out)
{
	char row_text[128], name[192];
	unsigned surprises = 0;

	for (size_t group = 0; group < COVER_GROUPS; group++)
		for (size_t row = 0; row < rows_of(group); row++) {
			bool reached = coverage->count[group][row] > 0;
			enum expectation expected;

			if (!row_exists(group, row))
				continue;
			coverage_row_name(group, row, row_text, sizeof(row_text));
			snprintf(name, sizeof(name), "%s: %s", coverage_group_name[group],
				 row_text);
			expected = expectation_of(list, name);
			if (whole && !reached && expected == EXPECT_REACHED)
				fprintf(out, "no longer reached, though %s does not list it: %s\n",
					list, name);
			else if (reached && expected == EXPECT_NEVER)
				fprintf(out, "reached, so take it out of %s: %s\n", list, name);
			else
				continue;
			surprises++;
		}
	return surprises;
}
