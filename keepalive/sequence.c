/* SPDX-License-Identifier: ISC */
/*
 * sequence.c - the numbers of RFC 3706 section 6.  The two directions know nothing of each other (R32).
 *
 * Sending.  Every R-U-THERE has a number of its own, a retry too (R27, R35): a number that is sent twice cannot tell which of
 * the two was answered, and a peer that refuses old numbers would refuse the retry.  A number is open from its sending until
 * an ACK for it, or for a later one, is accepted; at most the KEEPALIVE_WINDOW newest are open.  Hence every number is
 * accepted at most once, and a recorded ACK is worth nothing.
 *
 * Receiving.  Let d be the number received minus the last one, modulo 2^32 (RFC 1982):
 *
 *	d				what it is	answered?			does it prove life?
 *	none yet			the first	yes				yes
 *	0				a repeat	5 times, once a second		no
 *	1 .. 64				fresh		yes				yes
 *	65 .. 2^31 - 1			a jump ahead	interop: yes; strict: no	no, but the next one will
 *	2^31 .. 2^32 - 1		old		interop: once a second; strict: no	no
 *
 * Repeats are answered because strongSwan sends the same number until it is answered and isakmpd sends it five times: to them
 * one lost ACK would otherwise be the death of us.  It is bounded so that a replay costs next to nothing (R40).
 *
 * A jump ahead, in interop, makes the number the last one, so that the next in line is fresh again: a peer that has once
 * begun to count from elsewhere is not refused its proof of life for ever.  It is not itself taken for life, so that one odd
 * number gains nothing.  A recording never counts as life: `last` only ever moves ahead, so whatever was heard before lies
 * at or behind it, as long as it has moved by less than 2^31 in all.  That is why the jumps of an SA are added up and may
 * come to 7/8 of 2^31 together; the rest is for counting.  (A number that was refused because that sum was used up lies
 * ahead still.  Recorded, it may become fresh once, as if the network had held it until then, which no number can rule out.)
 *
 * A peer that jumps BACK cannot be told from a recording, and stays old until it has caught up.  It is answered meanwhile, so
 * it sees us alive; and we see it alive by its ACKs to our own questions, which no recording can give.  All that is lost is
 * the saving of R41.
 */
#include "keepalive/sequence.h"

/* ---- the numbers that we send -------------------------------------------------------------------------------------- */

/* R33, R34: random, and the top bit 0. */
void sequence_start(struct keepalive_sent *sent, uint32_t random)
{
	*sent = (struct keepalive_sent){.next = random & 0x7fffffff};
}

/* R35: the next one, for a retry too; only the 64 newest stay open (R19, R64). */
uint32_t sequence_take(struct keepalive_sent *sent)
{
	uint32_t number = sent->next++;

	if (sent->open < KEEPALIVE_WINDOW)
		sent->open++;
	return number;
}

/* R29 */
bool sequence_is_open(const struct keepalive_sent *sent, uint32_t number)
{
	return sent->next - 1 - number < sent->open;
}

/* R65: this one and all before it. */
void sequence_close(struct keepalive_sent *sent, uint32_t number)
{
	sent->open = sent->next - 1 - number;
}

/*
 * R46.  There are 65 536 numbers left for the new Phase 1 to come about.  Should even they run out, the numbers wrap: a peer
 * that compares modulo 2^32 does not notice, and the others are no worse off than with silence.
 */
bool sequence_exhausted(const struct keepalive_sent *sent)
{
	return sent->next > UINT32_MAX - KEEPALIVE_LAST_NUMBERS;
}

/* ---- the numbers that the peer sends ------------------------------------------------------------------------------- */

static struct sequence_judgement accept_new(struct keepalive_received *received, uint32_t number,
					    ike_time now, bool fresh)
{
	received->answered_at = now;
	received->last = number; /* R37 */
	received->have_last = true;
	received->repeats = 0;
	return (struct sequence_judgement){.answer = true, .fresh = fresh, .verdict = IKE_ACCEPTED};
}

/* Whether a jump that far ahead still leaves everything ever heard behind the last number (R71, R72); takes note of it. */
static bool may_jump(struct keepalive_received *received, uint32_t ahead)
{
	uint32_t jumped = received->jumped + (ahead >> 16) + 1;

	if (jumped > KEEPALIVE_JUMPS)
		return false;
	received->jumped = (uint16_t)jumped;
	return true;
}

static struct sequence_judgement refuse(enum ike_verdict verdict)
{
	return (struct sequence_judgement){.verdict = verdict};
}

/* R69, R73: at most one answer a second to what is not new. */
static bool answered_lately(const struct keepalive_received *received, ike_time now)
{
	return now - received->answered_at < KEEPALIVE_REPEAT_SPACING;
}

static struct sequence_judgement answer_again(struct keepalive_received *received, ike_time now)
{
	received->answered_at = now;
	return (struct sequence_judgement){.answer = true, .verdict = IKE_ACCEPTED};
}

/* R32: the peer's numbers and ours have nothing to do with each other.  What is not fresh proves nothing (R67). */
struct sequence_judgement sequence_receive(struct keepalive_received *received, uint32_t number,
					   ike_time now, enum keepalive_strictness strictness)
{
	uint32_t ahead = number - received->last;

	if (!received->have_last) /* R39 */
		return accept_new(received, number, now, true);
	if (ahead == 0) { /* R68, but no more than R69 and R40 allow */
		if (received->repeats >= KEEPALIVE_REPEATS || answered_lately(received, now))
			return refuse(IKE_KEEPALIVE_REPEATED_NUMBER);
		received->repeats++;
		return answer_again(received, now);
	}
	if (ahead <= KEEPALIVE_WINDOW) /* R39: a gap is a lost datagram, not an attack */
		return accept_new(received, number, now, true);
	if (strictness == KEEPALIVE_STRICT) /* R38 */
		return refuse(IKE_KEEPALIVE_OLD_NUMBER);
	if (may_jump(received, ahead)) /* R70, R71 */
		return accept_new(received, number, now, false);
	if (answered_lately(received, now)) /* R73 */
		return refuse(IKE_KEEPALIVE_OLD_NUMBER);
	return answer_again(received, now);
}
