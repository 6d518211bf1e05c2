/* SPDX-License-Identifier: ISC */
#include "interop/conform/raw.h"

#include <string.h>

#include "ike/fragment.h"
#include "ike/proposal.h"

#define PACE     (5 * IKE_MILLISECOND)
#define A_WHILE  (35 * IKE_SECOND) /* half-open SAs live for 30 s with most */
#define ATTEMPTS 2
#define LIFETIME 28800

/* ---- writing ------------------------------------------------------------------------------------------------------- */

void raw_begin(struct raw *raw, uint8_t exchange, const uint8_t *cky_i, const uint8_t *cky_r)
{
	struct ike_header header = {.version = 0x10, .exchange = exchange};

	wire_write_to(&raw->writer, raw->data, sizeof(raw->data));
	ike_header_write(&raw->writer, &header);
	wire_patch_octets(&raw->writer, RAW_COOKIES_AT, octets_of(cky_i, IKE_COOKIE_LENGTH));
	wire_patch_octets(&raw->writer, RAW_COOKIES_AT + IKE_COOKIE_LENGTH,
			  octets_of(cky_r, IKE_COOKIE_LENGTH));
	ike_chain_begin(&raw->chain, &raw->writer, IKE_HEADER_NEXT_PAYLOAD_AT);
}

void raw_begin_new(struct raw *raw, struct trial *trial, uint8_t exchange)
{
	static const uint8_t none[IKE_COOKIE_LENGTH];

	raw_begin(raw, exchange, none, none);
	wire_patch_u32(&raw->writer, RAW_COOKIES_AT, trial_random(trial));
	wire_patch_u32(&raw->writer, RAW_COOKIES_AT + 4, trial_random(trial) | 1);
}

void raw_add(struct raw *raw, uint8_t type, struct octets body)
{
	ike_payload_write(&raw->chain, (enum ike_payload_type)type, body);
}

void raw_add_noise(struct raw *raw, struct trial *trial, uint8_t type, size_t length)
{
	uint8_t body[IKE_DATAGRAM_MAX] = {0};

	length = length < sizeof(body) ? length : sizeof(body);
	for (size_t i = 1; i < length; i++)
		body[i] = (uint8_t)trial_random(trial);
	raw_add(raw, type, octets_of(body, length));
}

void raw_add_offer(struct raw *raw, struct trial *trial)
{
	const struct ike_peer_settings *peer = &trial_get_settings(trial)->peer;
	size_t mark = ike_payload_begin(&raw->chain, IKE_PAYLOAD_SA);

	ike_offers_write(&raw->writer, peer->proposal, peer->proposals,
			 peer->authentication != 0 ? peer->authentication : IKE_AUTHENTICATION_PSK,
			 LIFETIME);
	ike_payload_end(&raw->chain, mark);
}

void raw_send_as_it_is(struct raw *raw, struct trial *trial)
{
	trial_send_raw(trial, wire_written(&raw->writer));
	trial_pass_time(trial, PACE);
}

void raw_send(struct raw *raw, struct trial *trial)
{
	ike_header_finish(&raw->writer);
	raw_send_as_it_is(raw, trial);
}

size_t raw_public_length(const struct trial *trial)
{
	enum dh_group group;

	return ike_proposal_group(&trial_get_settings(trial)->peer.proposal[0], &group)
		   ? dh_public_length(group)
		   : 128;
}

/* ---- a Phase 1 that is half done ----------------------------------------------------------------------------------- */

static bool answers_it(const struct seen *seen, const void *context)
{
	const struct ike_header *header = &seen->opened->message.header;

	return header->exchange == IKE_EXCHANGE_MAIN_MODE && !ike_cookie_is_zero(header->cky_r) &&
	       memcmp(header->cky_i, context, IKE_COOKIE_LENGTH) == 0;
}

bool raw_half_open(struct trial *trial, uint8_t *cky_i, uint8_t *cky_r)
{
	const struct want second = {.like = answers_it, .context = cky_i};
	const struct seen *seen;
	struct raw raw;

	raw_begin_new(&raw, trial, IKE_EXCHANGE_MAIN_MODE);
	memcpy(cky_i, raw.data + RAW_COOKIES_AT, IKE_COOKIE_LENGTH);
	raw_add_offer(&raw, trial);
	raw_add(&raw, IKE_PAYLOAD_VENDOR_ID,
		octets_of(fragment_vendor_id_octets, FRAGMENT_VENDOR_ID_LENGTH));
	raw_send(&raw, trial);
	seen = trial_wait(trial, &second, trial_get_settings(trial)->patience);
	if (seen == NULL)
		return false;
	memcpy(cky_r, seen->opened->message.header.cky_r, IKE_COOKIE_LENGTH);
	return true;
}

/* ---- survival ------------------------------------------------------------------------------------------------------ */

struct trial_sa *raw_survivor(struct trial *trial)
{
	struct trial_sa *sa = trial_call(trial, NULL);

	/* twice, so that it is known to answer more than once */
	for (int i = 0; i < 2 && sa != NULL; i++)
		trial_expect_alive(trial, sa, CONFORM_INCONCLUSIVE);
	return sa;
}

/* Asked a second time before it is blamed: a datagram of a burst may be lost. */
static bool answers(struct trial *trial, struct trial_sa *sa)
{
	for (int i = 0; i < ATTEMPTS && !trial_is_decided(trial); i++) {
		const struct want ack = {.sa = sa,
					 .notify = IKE_NOTIFY_R_U_THERE_ACK,
					 .has_number = true,
					 .number = trial_ask_next(trial, sa)};

		if (trial_wait(trial, &ack, trial_get_settings(trial)->patience) != NULL)
			return true;
	}
	return false;
}

void raw_expect_survival(struct trial *trial, struct trial_sa *sa)
{
	const struct trial_call how = {.may_fail = true};
	struct trial_sa *newer = NULL;

	if (!trial_is_decided(trial) && !answers(trial, sa))
		trial_decide(trial, CONFORM_FAIL, NULL,
			     sa->gone ? "the SA that was there was deleted"
				      : "the SA that was there does not answer any more");
	for (int i = 0; i < ATTEMPTS && newer == NULL && !trial_is_decided(trial); i++) {
		if (i > 0) {
			/* some have one SA with a peer, and no more */
			trial_close(trial, sa);
			trial_pass_time(trial, A_WHILE);
		}
		newer = trial_call(trial, &how);
	}
	if (trial_is_decided(trial))
		return;
	if (newer == NULL)
		trial_decide(trial, CONFORM_FAIL, NULL, "no new SA can be made");
	else
		trial_close(trial, newer);
}
