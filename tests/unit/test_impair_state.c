/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "tests/support/impaired.h"
#include "tests/support/unit.h"

static struct impaired *impaired;
static struct message message;

static void begin(enum impairment impairment)
{
	impaired = impaired_new(impairment);
	/* B does not call: what is gone stays gone */
	impaired->duo->peer[DUO_B].gateways = 0;
	/* nor does A, whose wait before that may be as good as none */
	impaired->duo->keepalive[DUO_A].recovery.on_death = RECOVERY_CLEAR;
	/* nor does A say what only the tests are to say */
	impaired->duo->peer[DUO_A].never_initial_contact = true;
	impaired_up(impaired);
	ck_assert_uint_eq(impaired_sas(impaired), 1);
}

/* ---- Delete -------------------------------------------------------------------------------------------------------- */

/* B deletes its SA; how many messages of what kind A sees of it. */
static const struct opened *farewell(enum impairment impairment, size_t *count)
{
	const struct ike_command close = {.kind = IKE_COMMAND_CLOSE};
	size_t from;

	begin(impairment);
	from = impaired->wires;
	ck_assert(ike_command(impaired->duo->core[DUO_B], impaired->duo->now, &close));
	impaired_run(impaired, IKE_SECOND / 10);
	*count = impaired_sent(impaired, from);
	return impaired_next(impaired, &from);
}

START_TEST(delete_said)
{
	const struct opened *opened;
	struct ike_delete delete;
	size_t count;

	opened = farewell(IMPAIRED_NONE, &count);
	ck_assert_uint_eq(count, 1);
	ck_assert_int_eq(opened->hash, MESSAGE_HASH_HOLDS);
	ck_assert_int_eq(ike_delete_parse(opened->message.payload[1].body, &delete), IKE_ACCEPTED);
	ck_assert_mem_eq(delete.spis.data, impaired->cky_i, 8);
	impaired_free(impaired);

	(void)farewell(IMPAIR_DELETE_NEVER, &count);
	ck_assert_uint_eq(count, 0);
	ck_assert_uint_eq(impaired_sas(impaired), 0);
	impaired_free(impaired);

	(void)farewell(IMPAIR_DELETE_TWICE, &count);
	ck_assert_uint_eq(count, 2);
	impaired_free(impaired);

	opened = farewell(IMPAIR_DELETE_CLEAR, &count);
	ck_assert(!opened->encrypted);
	ck_assert_uint_eq(opened->message.payloads, 1);
	ck_assert_uint_eq(opened->message.payload[0].type, IKE_PAYLOAD_DELETE);
	impaired_free(impaired);

	opened = farewell(IMPAIR_DELETE_SWAPPED_COOKIES, &count);
	ck_assert_int_eq(ike_delete_parse(opened->message.payload[1].body, &delete), IKE_ACCEPTED);
	ck_assert_mem_eq(delete.spis.data, impaired->cky_r, 8);
	ck_assert_mem_eq(delete.spis.data + 8, impaired->cky_i, 8);
	impaired_free(impaired);
}
END_TEST

static size_t deletes_after_delete(enum impairment impairment)
{
	size_t count;

	begin(impairment);
	impaired_begin(impaired, &message);
	message_add_delete(&message);
	impaired_send(impaired, &message);
	ck_assert_uint_eq(impaired_sas(impaired), 0);
	count = impaired_deletes(impaired, 0);
	impaired_free(impaired);
	return count;
}

START_TEST(delete_answered)
{
	ck_assert_uint_eq(deletes_after_delete(IMPAIRED_NONE), 0);
	ck_assert_uint_eq(deletes_after_delete(IMPAIR_DELETE_ANSWERED), 1);
	ck_assert_uint_eq(deletes_after_delete(IMPAIR_DELETE_STORM), 10);
}
END_TEST

/* ---- what kills an SA ---------------------------------------------------------------------------------------------- */

static void clear_delete(void)
{
	message.protection = MESSAGE_CLEAR;
	message_add_delete(&message);
}

static void clear_contact(void)
{
	message.protection = MESSAGE_CLEAR;
	message_add_isakmp_notify(&message, IKE_NOTIFY_INITIAL_CONTACT);
}

static void clear_cookie(void)
{
	message.protection = MESSAGE_CLEAR;
	message_add_isakmp_notify(&message, IKE_NOTIFY_INVALID_COOKIE);
}

static void clear_spi(void)
{
	message.protection = MESSAGE_CLEAR;
	message_add_notify(&message, 1, 3, octets_of("spi!", 4), IKE_NOTIFY_INVALID_SPI,
			   octets_of(NULL, 0));
	memset(message.header.cky_i, 7, 8); /* of no SA */
}

static void protected_spi(void)
{
	message_add_notify(&message, 1, 3, octets_of("spi!", 4), IKE_NOTIFY_INVALID_SPI,
			   octets_of(NULL, 0));
}

static void contact(void)
{
	message_add_isakmp_notify(&message, IKE_NOTIFY_INITIAL_CONTACT);
}

static void bad_hash(void)
{
	message_add_keepalive(&message, IKE_NOTIFY_R_U_THERE, 5);
	message.hash = MESSAGE_HASH_WRONG;
}

static void unknown_notify(void)
{
	message_add_isakmp_notify(&message, 40000);
}

static void clear_question(void)
{
	message.protection = MESSAGE_CLEAR;
	message_add_keepalive(&message, IKE_NOTIFY_R_U_THERE, 5);
}

static const struct {
	enum impairment impairment;
	void (*make)(void);
} killers[] = {
    {IMPAIR_OBEYS_CLEAR_DELETE, clear_delete},
    {IMPAIR_OBEYS_CLEAR_INITIAL_CONTACT, clear_contact},
    {IMPAIR_OBEYS_CLEAR_INVALID_COOKIE, clear_cookie},
    {IMPAIR_OBEYS_CLEAR_INVALID_SPI, clear_spi},
    {IMPAIR_OBEYS_INVALID_SPI, protected_spi},
    {IMPAIR_INITIAL_CONTACT_KILLS_ITSELF, contact},
    {IMPAIR_FORGETS_SA_ON_BAD_HASH, bad_hash},
    {IMPAIR_FORGETS_SA_ON_UNKNOWN_NOTIFY, unknown_notify},
    {IMPAIR_FORGETS_SA_ON_CLEAR_QUESTION, clear_question},
};

#define KILLERS (sizeof(killers) / sizeof(killers[0]))

static uint32_t survives(enum impairment impairment, void (*make)(void))
{
	uint32_t sas;

	begin(impairment);
	impaired_begin(impaired, &message);
	make();
	impaired_send(impaired, &message);
	sas = impaired_sas(impaired);
	impaired_ask(impaired, 1000);
	ck_assert_uint_eq(impaired_acks(impaired, 1000), sas);
	ck_assert_uint_eq(impaired_deletes(impaired, 0), 0); /* it is gone without a word */
	impaired_free(impaired);
	return sas;
}

START_TEST(survived_unless_impaired)
{
	for (size_t i = 0; i < KILLERS; i++) {
		ck_assert_uint_eq(survives(IMPAIRED_NONE, killers[i].make), 1);
		ck_assert_msg(survives(killers[i].impairment, killers[i].make) == 0, "%s",
			      impairment_name(killers[i].impairment));
	}
}
END_TEST

START_TEST(each_for_one_reason)
{
	for (size_t i = 0; i < KILLERS; i++)
		for (size_t k = 0; k < KILLERS; k++)
			if (i != k)
				ck_assert_msg(survives(killers[k].impairment, killers[i].make) == 1,
					      "%s by %s", impairment_name(killers[i].impairment),
					      impairment_name(killers[k].impairment));
}
END_TEST

/* ---- several SAs --------------------------------------------------------------------------------------------------- */

/* Renews until B has two; the keys in `impaired` are those of the older one. */
static void two_sas(enum impairment impairment)
{
	impaired = impaired_new(impairment);
	impaired->duo->peer[DUO_B].gateways = 0;
	impaired->duo->peer[DUO_A].never_initial_contact = true;
	impaired->duo->peer[DUO_A].lifetime = impaired->duo->peer[DUO_B].lifetime = 60;
	impaired_up(impaired);
	while (duo_count(impaired->duo, DUO_B, IKE_EVENT_ESTABLISHED) < 2) {
		ck_assert_uint_lt(impaired->duo->now, 120 * IKE_SECOND);
		impaired_run(impaired, IKE_SECOND / 100);
	}
}

/* INITIAL-CONTACT under the older one, several times over if it is replayed; how many SAs B has then. */
static uint32_t contact_under_older(enum impairment impairment, unsigned times)
{
	uint32_t sas;

	two_sas(impairment);
	impaired_begin(impaired, &message);
	message_add_isakmp_notify(&message, IKE_NOTIFY_INITIAL_CONTACT);
	for (unsigned i = 0; i < times; i++)
		impaired_send(impaired, &message);
	sas = impaired_sas(impaired);
	impaired_free(impaired);
	return sas;
}

START_TEST(contact_and_younger_sa)
{
	ck_assert_uint_eq(contact_under_older(IMPAIRED_NONE, 2), 2);
	ck_assert_uint_eq(contact_under_older(IMPAIR_INITIAL_CONTACT_KILLS_YOUNGER, 1), 1);
	ck_assert_uint_eq(contact_under_older(IMPAIR_INITIAL_CONTACT_KILLS_ALL, 1), 1);
	ck_assert_uint_eq(contact_under_older(IMPAIR_OBEYS_REPLAYED_INITIAL_CONTACT, 1), 2);
	ck_assert_uint_eq(contact_under_older(IMPAIR_OBEYS_REPLAYED_INITIAL_CONTACT, 2), 1);
}
END_TEST

static uint32_t contact_under_younger(enum impairment impairment)
{
	uint32_t sas;

	two_sas(impairment);
	impaired_learn(impaired);
	impaired_begin(impaired, &message);
	message_add_isakmp_notify(&message, IKE_NOTIFY_INITIAL_CONTACT);
	impaired_send(impaired, &message);
	sas = impaired_sas(impaired);
	impaired_free(impaired);
	return sas;
}

START_TEST(contact_and_older_sa)
{
	ck_assert_uint_eq(contact_under_younger(IMPAIRED_NONE), 1);
	ck_assert_uint_eq(contact_under_younger(IMPAIR_IGNORES_INITIAL_CONTACT), 2);
}
END_TEST

START_TEST(older_sa_forgotten)
{
	two_sas(IMPAIRED_NONE);
	impaired_run(impaired, IKE_SECOND / 10);
	ck_assert_uint_eq(impaired_sas(impaired), 2);
	impaired_free(impaired);
	two_sas(IMPAIR_FORGETS_OLDER_SA);
	impaired_run(impaired, IKE_SECOND / 10);
	ck_assert_uint_eq(impaired_sas(impaired), 1);
	impaired_free(impaired);
}
END_TEST

/* A second peer of B's has the same address and another identity; C is A with that identity. */
static uint32_t delete_of_somebody_elses(enum impairment impairment)
{
	uint8_t body[32], cky_i[8], cky_r[8];
	struct wire_writer writer;
	uint32_t sas;

	impaired = impaired_new(impairment);
	impaired->duo->peer[DUO_B].gateways = 0;
	impaired_up(impaired);
	memcpy(cky_i, impaired->cky_i, 8);
	memcpy(cky_r, impaired->cky_r, 8);
	ike_core_free(impaired->duo->core[DUO_A]);
	impaired->duo->core[DUO_A] = NULL;
	impaired->duo->settings[DUO_A].identity.data[0] ^= 1;
	duo_reboot(impaired->duo, DUO_A);
	impaired->duo->peer[DUO_A].never_initial_contact = true;
	duo_connect(impaired->duo, DUO_A);
	impaired_run(impaired, IKE_SECOND);
	impaired_learn(impaired);
	ck_assert_uint_eq(impaired_sas(impaired), 2);
	wire_write_to(&writer, body, sizeof(body));
	ike_delete_write_isakmp(&writer, cky_i, cky_r);
	impaired_begin(impaired, &message);
	message_add(&message, IKE_PAYLOAD_DELETE, wire_written(&writer));
	impaired_send(impaired, &message);
	sas = impaired_sas(impaired);
	impaired_free(impaired);
	return sas;
}

START_TEST(delete_for_anybody)
{
	ck_assert_uint_eq(delete_of_somebody_elses(IMPAIRED_NONE), 2);
	ck_assert_uint_eq(delete_of_somebody_elses(IMPAIR_DELETES_FOR_ANYBODY), 1);
}
END_TEST

/* ---- INITIAL-CONTACT said by B ------------------------------------------------------------------------------------- */

/* B calls; its INITIAL-CONTACT in an Informational, with its SPI and data. */
static size_t contacts(enum impairment impairment, struct ike_notify *notify)
{
	const struct opened *opened;
	size_t from = 0, count = 0;

	impaired = impaired_new(impairment);
	impaired_called(impaired);
	impaired_run(impaired, IKE_SECOND); /* the layer says it when all has settled */
	while ((opened = impaired_next(impaired, &from)) != NULL)
		count +=
		    opened->encrypted && opened_notify(opened, IKE_NOTIFY_INITIAL_CONTACT, notify);
	return count;
}

START_TEST(contact_said)
{
	struct ike_notify notify;
	const struct ike_event *event;

	ck_assert_uint_eq(contacts(IMPAIRED_NONE, &notify), 1);
	event = duo_last(impaired->duo, DUO_B, IKE_EVENT_ESTABLISHED);
	ck_assert(event->initial_contact);
	impaired_free(impaired);

	ck_assert_uint_eq(contacts(IMPAIR_INITIAL_CONTACT_NEVER, &notify), 0);
	event = duo_last(impaired->duo, DUO_B, IKE_EVENT_ESTABLISHED);
	ck_assert(!event->initial_contact); /* nor in MM5 */
	impaired_free(impaired);

	ck_assert_uint_eq(contacts(IMPAIR_INITIAL_CONTACT_MALFORMED, &notify), 1);
	ck_assert_uint_eq(notify.spi.length, 0);
	ck_assert_uint_eq(notify.data.length, 4);
	impaired_free(impaired);
}
END_TEST

/* As responder B has nothing to say, and says nothing. */
START_TEST(contact_under_every_sa)
{
	begin(IMPAIRED_NONE);
	ck_assert_uint_eq(impaired_notifies(impaired, 0, IKE_NOTIFY_INITIAL_CONTACT), 0);
	impaired_free(impaired);
	begin(IMPAIR_INITIAL_CONTACT_ALWAYS);
	ck_assert_uint_eq(impaired_notifies(impaired, 0, IKE_NOTIFY_INITIAL_CONTACT), 1);
	impaired_free(impaired);
}
END_TEST

/* ---- answers to what is not answered ------------------------------------------------------------------------------- */

static void unknown_cookies(void)
{
	clear_question();
	memset(message.header.cky_i, 7, 8);
}

static const struct {
	enum impairment impairment;
	void (*make)(void);
	uint16_t type;
	bool encrypted;
} answers[] = {
    {IMPAIR_ANSWERS_HINTS, clear_cookie, IKE_NOTIFY_INVALID_SPI, false},
    {IMPAIR_ANSWERS_HINTS, clear_spi, IKE_NOTIFY_INVALID_SPI, false},
    {IMPAIR_ANSWERS_UNKNOWN_COOKIES, unknown_cookies, IKE_NOTIFY_INVALID_COOKIE, false},
    {IMPAIR_ANSWERS_BAD_HASH, bad_hash, IKE_NOTIFY_INVALID_HASH_INFORMATION, true},
    {IMPAIR_ANSWERS_MALFORMED, bad_hash, IKE_NOTIFY_PAYLOAD_MALFORMED, false},
    {IMPAIR_ANSWERS_UNKNOWN_NOTIFY, unknown_notify, IKE_NOTIFY_INVALID_PAYLOAD_TYPE, true},
};

static size_t answered(enum impairment impairment, void (*make)(void), uint16_t type,
		       bool encrypted)
{
	const struct opened *opened;
	struct ike_notify notify;
	size_t from, count = 0;

	begin(impairment);
	impaired_begin(impaired, &message);
	make();
	from = impaired->wires;
	impaired_send(impaired, &message);
	while ((opened = impaired_next(impaired, &from)) != NULL)
		count += opened_notify(opened, type, &notify) && opened->encrypted == encrypted;
	impaired_free(impaired);
	return count;
}

START_TEST(informationals_answered)
{
	for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
		ck_assert_uint_eq(
		    answered(IMPAIRED_NONE, answers[i].make, answers[i].type, answers[i].encrypted),
		    0);
		ck_assert_msg(answered(answers[i].impairment, answers[i].make, answers[i].type,
				       answers[i].encrypted) == 1,
			      "%zu", i);
	}
}
END_TEST

/* A Quick Mode of an SA that B does not know: INVALID-COOKIE is said once, in no more octets than came. */
static size_t says_invalid_cookie(enum impairment impairment, size_t *octets)
{
	uint8_t data[92] = {9, [8] = 9, [17] = 0x10, IKE_EXCHANGE_QUICK_MODE, 1, [27] = 92};
	size_t from, count;

	begin(impairment);
	from = impaired->wires;
	impaired_send_octets(impaired, data, sizeof(data), NULL);
	count = impaired_sent(impaired, from);
	*octets = impaired->wire[impaired->wires - 1].length;
	impaired_free(impaired);
	return count;
}

START_TEST(invalid_cookie)
{
	size_t octets;

	ck_assert_uint_eq(says_invalid_cookie(IMPAIRED_NONE, &octets), 1);
	ck_assert_uint_le(octets, 92);
	ck_assert_uint_eq(says_invalid_cookie(IMPAIR_INVALID_COOKIE_STORM, &octets), 10);
	ck_assert_uint_eq(says_invalid_cookie(IMPAIR_INVALID_COOKIE_SWOLLEN, &octets), 1);
	ck_assert_uint_gt(octets, 400);
}
END_TEST

UNIT_MAIN("impair_state", delete_said, delete_answered, survived_unless_impaired,
	  each_for_one_reason, contact_and_younger_sa, contact_and_older_sa, older_sa_forgotten,
	  delete_for_anybody, contact_said, contact_under_every_sa, informationals_answered,
	  invalid_cookie)
