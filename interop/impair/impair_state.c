/* SPDX-License-Identifier: ISC */
/*
 * impair_state.c - INITIAL-CONTACT, Delete and hints, said wrongly or believed too easily (RFC 2407 section 4.6.3.3, RFC 2408
 * section 3.15 and 5.15, RFC 2409 section 5.7).
 */
#include <string.h>

#include "interop/impair/impair_layer.h"

#define STORM   9                 /* copies */
#define SETTLED (IKE_SECOND / 10) /* after which the peer has its SA, too */
#define SWOLLEN 400               /* octets more than there were */

/* ---- said ---------------------------------------------------------------------------------------------------------- */

static void storm(struct letter *letter, int detail)
{
	(void)detail;
	for (unsigned i = 0; i < STORM; i++)
		impair_repeat(letter, letter->now);
}

static void swell(struct letter *letter, int detail)
{
	static const uint8_t ballast[SWOLLEN] = "larger than what was asked";

	(void)detail;
	message_add(&letter->message, IKE_PAYLOAD_VENDOR_ID, octets_of(ballast, sizeof(ballast)));
}

static void delete_swapped(struct letter *letter, int detail)
{
	uint8_t body[32];
	struct wire_writer writer;

	(void)detail;
	wire_write_to(&writer, body, sizeof(body));
	ike_delete_write_isakmp(&writer, letter->sa->cky_r, letter->sa->cky_i);
	letter->message.payloads = letter->message.length = 0;
	message_add(&letter->message, IKE_PAYLOAD_DELETE, wire_written(&writer));
}

static void delete_back(struct letter *letter, int times)
{
	struct message message;

	for (int i = 0; i < times; i++) {
		impair_begin(letter->impair, letter->sa, &message);
		message_add_delete(&message);
		impair_send(letter->impair, letter->now, letter->sa, &message);
	}
}

/* The form that is wrong: no cookies, and data. */
static void contact_malformed(struct impair *impair, ike_time now, const struct impair_sa *sa)
{
	static const uint8_t data[4];
	struct message message;

	impair_begin(impair, sa, &message);
	message_add_notify(&message, IKE_DOI_IPSEC, IKE_PROTOCOL_ISAKMP, octets_of(NULL, 0),
			   IKE_NOTIFY_INITIAL_CONTACT, octets_of(data, sizeof(data)));
	impair_send(impair, now, sa, &message);
}

void impair_greet(struct impair *impair, ike_time now, struct impair_sa *sa)
{
	struct message message;

	if (impair->on[IMPAIR_INITIAL_CONTACT_MALFORMED])
		contact_malformed(impair, now + SETTLED, sa);
	if (impair->on[IMPAIR_INITIAL_CONTACT_ALWAYS]) {
		impair_begin(impair, sa, &message);
		message_add_isakmp_notify(&message, IKE_NOTIFY_INITIAL_CONTACT);
		impair_send(impair, now + SETTLED, sa, &message);
	}
	if (impair->on[IMPAIR_FORGETS_OLDER_SA])
		impair_kill_others(impair, now, &sa->remote, sa);
}

/* ---- believed ------------------------------------------------------------------------------------------------------ */

static bool is_clear_delete_of_sa(const struct letter *letter, int detail)
{
	return letter->sa != NULL && letter_is_clear_delete(letter, detail);
}

static bool is_clear_hint(const struct letter *letter, int detail)
{
	(void)detail;
	return letter_is_clear_notify(letter, IKE_NOTIFY_INVALID_COOKIE) ||
	       letter_is_clear_notify(letter, IKE_NOTIFY_INVALID_SPI);
}

static bool is_reused_notify(const struct letter *letter, int type)
{
	return letter_is_notify(letter, type) &&
	       impair_knows_id(&letter->sa->came, letter->header.message_id);
}

static void kill_all_of_host(struct letter *letter, int detail)
{
	(void)detail;
	impair_kill_others(letter->impair, letter->now, &letter->parcel->remote, NULL);
}

static void kill_others_of_host(struct letter *letter, int detail)
{
	(void)detail;
	impair_kill_others(letter->impair, letter->now, &letter->parcel->remote, letter->sa);
}

static void kill_everybodys(struct letter *letter, int detail)
{
	(void)detail;
	impair_kill_others(letter->impair, letter->now, NULL, letter->sa);
}

static void kill_named(struct letter *letter, int detail)
{
	const struct letter_payload *payload = letter_payload_find(letter, IKE_PAYLOAD_DELETE);
	struct ike_delete delete;
	struct impair_sa *named;

	(void)detail;
	if (ike_delete_parse(payload->body, &delete) != IKE_ACCEPTED ||
	    delete.protocol != IKE_PROTOCOL_ISAKMP)
		return;
	named =
	    impair_sa_of(letter->impair, delete.spis.data, delete.spis.data + IKE_COOKIE_LENGTH);
	if (named != NULL)
		impair_kill(letter->impair, letter->now, named);
}

/* ---- answered ------------------------------------------------------------------------------------------------------ */

static bool is_of_nobody(const struct letter *letter, int detail)
{
	(void)detail;
	return letter->sa == NULL && letter->header_verdict == IKE_ACCEPTED &&
	       letter->header.exchange == IKE_EXCHANGE_INFORMATIONAL &&
	       !ike_cookie_is_zero(letter->header.cky_r);
}

static bool is_bad(const struct letter *letter, int detail)
{
	(void)detail;
	return letter->header.exchange == IKE_EXCHANGE_INFORMATIONAL && letter->sa != NULL &&
	       letter->opened.encrypted && letter->hash != MESSAGE_HASH_HOLDS;
}

static bool is_unknown_notify(const struct letter *letter, int detail)
{
	return letter_is_valid(letter, detail) && letter->notify.found &&
	       ike_notify_name(letter->notify.type) == NULL;
}

static void say_protected(struct letter *letter, int type)
{
	struct message message;

	impair_begin(letter->impair, letter->sa, &message);
	message_add_isakmp_notify(&message, (uint16_t)type);
	impair_send(letter->impair, letter->now, letter->sa, &message);
}

static void say_clear(struct letter *letter, int type)
{
	struct message message;

	message_of_sa(&message, NULL, letter->header.cky_i, letter->header.cky_r,
		      impair_fresh_id(letter->impair));
	message.protection = MESSAGE_CLEAR;
	message_add_isakmp_notify(&message, (uint16_t)type);
	impair_put(letter->impair, RULE_OUT, letter->now, &message, &letter->parcel->remote,
		   &letter->parcel->local);
}

/* clang-format off */
const struct impair_rule impair_state_rules[] = {
    {IMPAIR_DELETE_NEVER,           RULE_OUT, letter_is_delete, RULE_DROP, NULL, 0},
    {IMPAIR_DELETE_CLEAR,           RULE_OUT, letter_is_delete, RULE_EDIT, edit_protection, MESSAGE_CLEAR},
    {IMPAIR_DELETE_SWAPPED_COOKIES, RULE_OUT, letter_is_delete, RULE_EDIT, delete_swapped, 0},
    {IMPAIR_DELETE_TWICE,           RULE_OUT, letter_is_delete, RULE_DO, impair_do_again, 0},
    {IMPAIR_DELETE_ANSWERED,        RULE_IN,  letter_is_delete, RULE_DO, delete_back, 1},
    {IMPAIR_DELETE_STORM,           RULE_IN,  letter_is_delete, RULE_DO, delete_back, 1 + STORM},

    {IMPAIR_OBEYS_CLEAR_DELETE,          RULE_IN, is_clear_delete_of_sa, RULE_FORGET, NULL, 0},
    {IMPAIR_OBEYS_CLEAR_INITIAL_CONTACT, RULE_IN, letter_is_clear_notify, RULE_DO, kill_all_of_host, IKE_NOTIFY_INITIAL_CONTACT},
    {IMPAIR_OBEYS_CLEAR_INVALID_COOKIE,  RULE_IN, letter_is_clear_notify_of_sa, RULE_FORGET, NULL, IKE_NOTIFY_INVALID_COOKIE},
    {IMPAIR_OBEYS_CLEAR_INVALID_SPI,     RULE_IN, letter_is_clear_notify, RULE_DO, kill_all_of_host, IKE_NOTIFY_INVALID_SPI},
    {IMPAIR_OBEYS_INVALID_SPI,           RULE_IN, letter_is_notify, RULE_FORGET, NULL, IKE_NOTIFY_INVALID_SPI},
    {IMPAIR_OBEYS_REPLAYED_INITIAL_CONTACT, RULE_IN, is_reused_notify, RULE_DO, kill_others_of_host, IKE_NOTIFY_INITIAL_CONTACT},
    {IMPAIR_INITIAL_CONTACT_KILLS_YOUNGER,  RULE_IN, letter_is_notify, RULE_DO, kill_others_of_host, IKE_NOTIFY_INITIAL_CONTACT},
    {IMPAIR_INITIAL_CONTACT_KILLS_ALL,      RULE_IN, letter_is_notify, RULE_DO, kill_everybodys, IKE_NOTIFY_INITIAL_CONTACT},
    {IMPAIR_INITIAL_CONTACT_KILLS_ITSELF,   RULE_IN, letter_is_notify, RULE_FORGET, NULL, IKE_NOTIFY_INITIAL_CONTACT},
    {IMPAIR_DELETES_FOR_ANYBODY,            RULE_IN, letter_is_delete, RULE_DO, kill_named, 0},

    {IMPAIR_ANSWERS_HINTS,            RULE_IN,  is_clear_hint, RULE_DO, say_clear, IKE_NOTIFY_INVALID_SPI},
    {IMPAIR_ANSWERS_UNKNOWN_COOKIES,  RULE_IN,  is_of_nobody, RULE_DO, say_clear, IKE_NOTIFY_INVALID_COOKIE},
    {IMPAIR_ANSWERS_BAD_HASH,         RULE_IN,  is_bad, RULE_DO, say_protected, IKE_NOTIFY_INVALID_HASH_INFORMATION},
    {IMPAIR_ANSWERS_MALFORMED,        RULE_IN,  is_bad, RULE_DO, say_clear, IKE_NOTIFY_PAYLOAD_MALFORMED},
    {IMPAIR_ANSWERS_UNKNOWN_NOTIFY,   RULE_IN,  is_unknown_notify, RULE_DO, say_protected, IKE_NOTIFY_INVALID_PAYLOAD_TYPE},
    {IMPAIR_INVALID_COOKIE_STORM,     RULE_OUT, letter_is_clear_notify, RULE_DO, storm, IKE_NOTIFY_INVALID_COOKIE},
    {IMPAIR_INVALID_COOKIE_SWOLLEN,   RULE_OUT, letter_is_clear_notify, RULE_EDIT, swell, IKE_NOTIFY_INVALID_COOKIE},

    {IMPAIR_FORGETS_SA_ON_BAD_HASH,       RULE_IN, is_bad, RULE_FORGET, NULL, 0},
    {IMPAIR_FORGETS_SA_ON_UNKNOWN_NOTIFY, RULE_IN, is_unknown_notify, RULE_FORGET, NULL, 0},
    {IMPAIR_FORGETS_SA_ON_CLEAR_QUESTION, RULE_IN, letter_is_clear_notify_of_sa, RULE_FORGET, NULL, IKE_NOTIFY_R_U_THERE},
    {.matches = NULL},
};
/* clang-format on */
