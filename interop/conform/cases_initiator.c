/* SPDX-License-Identifier: ISC */
/*
 * cases_initiator.c - the device calls: RFC 2409 section 5.4, RFC 3706 section 5.1.
 */
#include <string.h>

#include "interop/conform/cases.h"
#include "interop/conform/raw.h"
#include "interop/conform/script.h"
#include "interop/conform/watch.h"

/* ---- what it announces and says ------------------------------------------------------------------------------------ */

static bool has_vendor_id(const struct seen *seen, const void *context)
{
	const struct octets *wanted = context;
	const struct ike_message *message = &seen->opened->message;
	const struct ike_payload *vid =
	    seen->opened->readable ? ike_payload_find(message, IKE_PAYLOAD_VENDOR_ID) : NULL;

	for (; vid != NULL; vid = ike_payload_next(message, vid))
		if (vid->body.length == wanted->length &&
		    memcmp(vid->body.data, wanted->data, wanted->length) == 0)
			return true;
	return false;
}

static void announces(struct trial *trial)
{
	struct trial_sa *sa = trial_be_called(trial, NULL);
	struct octets dpd = trial_get_settings(trial)->ike.extension->vendor_id;
	const struct want announcing = {.sa = sa, .like = has_vendor_id, .context = &dpd};
	const struct seen *first = NULL;

	if (sa == NULL)
		return;
	if (!sa->supported)
		trial_decide(trial, CONFORM_UNSUPPORTED, NULL,
			     "it does not announce the keepalive when it calls");
	else if (trial_count(trial, &announcing, 0, &first) > 0 &&
		 !ike_cookie_is_zero(first->opened->message.header.cky_r))
		trial_decide(trial, CONFORM_LENIENT, first,
			     "it announces the keepalive, but not in its first message");
}

static void answers(struct trial *trial)
{
	struct trial_sa *sa = trial_be_called(trial, NULL);

	trial_ask(trial, sa, 1000);
	trial_expect_ack(trial, sa, 1000, CONFORM_FAIL);
}

/* Its INITIAL-CONTACT under an SA that it has just called for, if it says it. */
static const struct seen *contact_of(struct trial *trial, struct trial_sa *sa)
{
	/* some say it in a message of its own */
	trial_pass_time(trial, trial_get_settings(trial)->patience / 4);
	return trial_is_decided(trial) ? NULL : watch_initial_contact(trial, sa);
}

static bool is_of_phase_1(const struct seen *seen)
{
	return ike_exchange_is_phase_1(seen->opened->message.header.exchange);
}

static void initial_contact(struct trial *trial)
{
	const struct seen *contact = contact_of(trial, trial_be_called(trial, NULL));

	if (contact == NULL)
		trial_value(trial, NULL, "initial-contact=unsaid",
			    "it calls without INITIAL-CONTACT");
	else if (is_of_phase_1(contact))
		trial_value(trial, contact, "initial-contact=in-phase-1",
			    "INITIAL-CONTACT is in its last message of Phase 1");
	else
		trial_value(trial, contact, "initial-contact=informational",
			    "INITIAL-CONTACT is in a message of its own after Phase 1");
}

static void initial_contact_form(struct trial *trial)
{
	struct trial_sa *sa = trial_be_called(trial, NULL);
	const struct seen *contact = contact_of(trial, sa);
	struct ike_notify notify = {0};

	if (contact == NULL)
		trial_decide(trial, CONFORM_UNSUPPORTED, NULL,
			     "it says no INITIAL-CONTACT when it calls");
	if (contact == NULL || trial_is_decided(trial) ||
	    !opened_notify(contact->opened, IKE_NOTIFY_INITIAL_CONTACT, &notify))
		return;
	if (!contact->opened->encrypted)
		trial_decide(trial, CONFORM_FAIL, contact, "it is not encrypted");
	else if (notify.doi != IKE_DOI_IPSEC || notify.protocol != IKE_PROTOCOL_ISAKMP)
		trial_decide(trial, CONFORM_FAIL, contact, "its DOI is %u, its protocol %u",
			     notify.doi, notify.protocol);
	else if (notify.spi.length != sizeof(sa->cky_i) + sizeof(sa->cky_r) ||
		 memcmp(notify.spi.data, sa->cky_i, IKE_COOKIE_LENGTH) != 0 ||
		 memcmp(notify.spi.data + IKE_COOKIE_LENGTH, sa->cky_r, IKE_COOKIE_LENGTH) != 0)
		trial_decide(trial, CONFORM_FAIL, contact,
			     "its SPI of %zu octets is not the two cookies of the SA",
			     notify.spi.length);
	else if (notify.data.length > 0)
		trial_decide(trial, CONFORM_FAIL, contact, "it has %zu octets of data",
			     notify.data.length);
}

static void contact_in_renewal(struct trial *trial)
{
	const struct trial_call again = {.may_fail = true};
	struct trial_sa *first = trial_be_called(trial, NULL), *second;
	const struct seen *contact;

	trial_expect_alive(trial, first, CONFORM_INCONCLUSIVE);
	second = trial_be_called(trial, &again);
	if (second == NULL) {
		trial_value(trial, NULL, "renewal=none",
			    "asked to call while there is an SA, it makes no other");
		return;
	}
	contact = contact_of(trial, second);
	trial_value(trial, contact,
		    contact != NULL ? "renewal=with-initial-contact"
				    : "renewal=without-initial-contact",
		    contact != NULL ? "with a second SA beside the first it says INITIAL-CONTACT"
				    : "with a second SA beside the first it says nothing of it");
}

static void two_calls(struct trial *trial)
{
	const struct trial_call again = {.may_fail = true};
	struct trial_sa *sa = trial_be_called(trial, NULL);

	for (int i = 0; i < 2; i++)
		trial_expect_alive(trial, sa, CONFORM_INCONCLUSIVE);
	trial_close(trial, sa);
	sa = trial_be_called(trial, &again);
	if (sa == NULL)
		trial_decide(trial, CONFORM_FAIL, NULL,
			     "asked to call again, after our Delete, it does not come up");
	trial_expect_alive(trial, sa, CONFORM_FAIL);
}

/* ---- when it is answered oddly ------------------------------------------------------------------------------------- */

/* An error in the clear, with the cookies of our answer, arrives before that does. */
static bool error_goes_first(struct trial *trial, unsigned message, struct ike_datagram *datagram)
{
	const struct ike_notify notify = {.doi = IKE_DOI_IPSEC,
					  .protocol = IKE_PROTOCOL_ISAKMP,
					  .type = IKE_NOTIFY_NO_PROPOSAL_CHOSEN};
	struct raw error;
	size_t mark;

	if (message != 1 || datagram->length < IKE_HEADER_LENGTH)
		return true;
	raw_begin(&error, IKE_EXCHANGE_INFORMATIONAL, datagram->data,
		  datagram->data + IKE_COOKIE_LENGTH);
	wire_patch_u32(&error.writer, RAW_MESSAGE_ID_AT, trial_random(trial) | 1);
	mark = ike_payload_begin(&error.chain, IKE_PAYLOAD_NOTIFY);
	ike_notify_write(&error.writer, &notify);
	ike_payload_end(&error.chain, mark);
	ike_header_finish(&error.writer);
	trial_send_raw(trial, wire_written(&error.writer));
	return true;
}

static void error_in_clear(struct trial *trial)
{
	const struct trial_call how = {.tamper = error_goes_first, .may_fail = true};
	struct trial_sa *sa = trial_be_called(trial, &how);

	trial_value(trial, NULL, sa != NULL ? "clear-error=ignored" : "clear-error=obeyed",
		    sa != NULL ? "a forged NO-PROPOSAL-CHOSEN before our answer changes nothing"
			       : "a forged NO-PROPOSAL-CHOSEN before our answer ends its call");
}

/* Before each of our clear messages four that look like it: cut short, of another version, with a length that lies, and noise. */
static bool garbage_goes_first(struct trial *trial, unsigned message, struct ike_datagram *datagram)
{
	uint8_t data[IKE_HEADER_LENGTH + 32];
	struct wire_writer writer;
	struct octets head = octets_of(datagram->data, IKE_HEADER_LENGTH);

	if (message > 2 || datagram->length < sizeof(data))
		return true;
	trial_send_raw(trial, octets_of(datagram->data, 20));
	for (size_t i = 0; i < 3; i++) {
		wire_write_to(&writer, data, sizeof(data));
		wire_write_octets(&writer, head);
		while (writer.length < sizeof(data))
			wire_write_u32(&writer, trial_random(trial));
		if (i == 0)
			wire_patch_u8(&writer, 17, 0x20);
		else if (i == 1)
			wire_patch_u32(&writer, IKE_HEADER_LENGTH_AT, UINT32_MAX);
		else
			wire_patch_u32(&writer, 0, trial_random(trial)); /* of nobody's */
		trial_send_raw(trial, wire_written(&writer));
	}
	return true;
}

static void garbage(struct trial *trial)
{
	const struct trial_call how = {.tamper = garbage_goes_first, .may_fail = true};
	struct trial_sa *sa = trial_be_called(trial, &how);

	if (sa == NULL)
		trial_decide(trial, CONFORM_FAIL, NULL,
			     "its call does not come up when garbage goes before our answers");
	trial_expect_alive(trial, sa, CONFORM_INCONCLUSIVE);
}

static bool twice(struct trial *trial, unsigned message, struct ike_datagram *datagram)
{
	if (message <= 2)
		trial_send_raw(trial, octets_of(datagram->data, datagram->length));
	return true;
}

static void duplicates(struct trial *trial)
{
	const struct trial_call how = {.tamper = twice, .may_fail = true};
	struct trial_sa *sa = trial_be_called(trial, &how);

	if (sa == NULL)
		trial_decide(trial, CONFORM_FAIL, NULL,
			     "its call does not come up when our answers come twice");
	trial_expect_alive(trial, sa, CONFORM_INCONCLUSIVE);
}

/* Our vendor ID in our last message in the clear only. */
static bool announce_late(struct trial *trial, unsigned message, struct ike_datagram *datagram)
{
	if (message == 2 && !script_append(datagram, IKE_PAYLOAD_VENDOR_ID,
					   trial_get_settings(trial)->ike.extension->vendor_id))
		trial_decide(trial, CONFORM_INCONCLUSIVE, NULL,
			     "our second message has no room for a vendor ID");
	return true;
}

static void late_vendor_id(struct trial *trial)
{
	const struct trial_call how = {.no_vendor_id = true, .tamper = announce_late};
	struct trial_sa *sa = trial_be_called(trial, &how);
	const struct seen *question = watch_question(trial, sa, trial_get_settings(trial)->worry);

	trial_expect_alive(trial, sa, CONFORM_INCONCLUSIVE);
	if (question != NULL)
		trial_value(trial, question, "late-vendor-id=taken",
			    "it asks, although we announced the keepalive in message 4 only");
	trial_close(trial, sa);
	sa = trial_be_called(trial, NULL);
	if (trial_expect_question(trial, sa) != NULL)
		trial_value(trial, NULL, "late-vendor-id=overlooked",
			    "it does not ask when we announce the keepalive in message 4 only");
}

const struct conform_case cases_initiator[] = {
    {
	.id = "rfc3706/5.1/call-announces", /* R3 R48 */
	.title = "It announces the keepalive when it calls",
	.level = CONFORM_MUST,
	.role = CONFORM_INITIATOR,
	.needs = CONFORM_NEEDS_CALL,
	.version = 1,
	.section = "RFC 3706 section 5.1",
	.requirement = "Who wants to take part sends the vendor ID.",
	.expected = "the vendor ID of the keepalive in the first message of its call",
	.script = announces,
    },
    {
	.id = "rfc3706/5.1/call-answers", /* R4 */
	.title = "It answers under an SA that it has called for",
	.level = CONFORM_MUST,
	.role = CONFORM_INITIATOR,
	.needs = CONFORM_NEEDS_CALL,
	.version = 1,
	.section = "RFC 3706 section 5.1",
	.requirement = "Who has sent the vendor ID answers R-U-THERE, whoever called.",
	.expected = "an R-U-THERE-ACK with the number 1000",
	.script = answers,
    },
    {
	.id = "rfc2407/4.6.3.3/call-initial-contact",
	.title = "Whether it says INITIAL-CONTACT when it calls",
	.level = CONFORM_INFO,
	.role = CONFORM_INITIATOR,
	.needs = CONFORM_NEEDS_CALL,
	.version = 1,
	.section = "RFC 2407 section 4.6.3.3",
	.requirement = "INITIAL-CONTACT may be said when an SA is the first one with that peer.",
	.expected = "INITIAL-CONTACT in the last message of Phase 1, in a message of its own, or "
		    "not at all",
	.script = initial_contact,
    },
    {
	.id = "rfc2407/4.6.3.3/call-initial-contact-form",
	.title = "Its INITIAL-CONTACT has the right form",
	.level = CONFORM_MUST,
	.role = CONFORM_INITIATOR,
	.needs = CONFORM_NEEDS_CALL,
	.version = 1,
	.section = "RFC 2407 section 4.6.3.3",
	.requirement =
	    "INITIAL-CONTACT has the DOI of IPsec, the protocol of the SA, the two cookies "
	    "as its SPI, no data, and is protected.",
	.expected = "DOI 1, protocol 1, an SPI of 16 octets that are the cookies, no data",
	.script = initial_contact_form,
    },
    {
	.id = "rfc2407/4.6.3.3/renewal-initial-contact",
	.title = "Whether it says INITIAL-CONTACT in a renewal",
	.level = CONFORM_INFO,
	.role = CONFORM_INITIATOR,
	.needs = CONFORM_NEEDS_CALL,
	.version = 1,
	.section = "RFC 2407 section 4.6.3.3",
	.requirement =
	    "INITIAL-CONTACT says that an SA is the first one with that peer; some say it "
	    "with every SA.",
	.expected = "a second SA without INITIAL-CONTACT, with it, or none at all",
	.script = contact_in_renewal,
    },
    {
	.id = "robust/5.1/two-calls",
	.title = "It can call again after we have hung up",
	.level = CONFORM_ROBUST,
	.role = CONFORM_INITIATOR,
	.needs = CONFORM_NEEDS_CALL,
	.version = 1,
	.section = "RFC 2408 section 5.1",
	.requirement = "A Delete ends an SA, and nothing else: after it there can be another call.",
	.expected = "a second call that comes up, and R-U-THERE answered under both",
	.script = two_calls,
    },
    {
	.id = "rfc2408/5.14/call-clear-error",
	.title = "Whether a forged error ends its call",
	.level = CONFORM_INFO,
	.role = CONFORM_INITIATOR,
	.needs = CONFORM_NEEDS_CALL,
	.version = 1,
	.section = "RFC 2408 section 5.14",
	.requirement =
	    "What becomes of an exchange when a notification in the clear says that it has "
	    "failed is a matter of policy: anyone can send it.",
	.expected = "that its call comes up in spite of NO-PROPOSAL-CHOSEN, or ends",
	.script = error_in_clear,
    },
    {
	.id = "robust/3.1/call-garbage",
	.title = "Garbage before our answers does not end its call",
	.level = CONFORM_ROBUST,
	.role = CONFORM_INITIATOR,
	.needs = CONFORM_NEEDS_CALL,
	.version = 1,
	.section = "RFC 2408 section 3.1",
	.requirement = "A message whose header is wrong is dropped, and changes nothing.",
	.expected = "that its call comes up, and R-U-THERE is answered",
	.script = garbage,
    },
    {
	.id = "rfc2408/5.1/call-duplicates",
	.title = "Our answers may come twice",
	.level = CONFORM_MUST,
	.role = CONFORM_INITIATOR,
	.needs = CONFORM_NEEDS_CALL,
	.version = 1,
	.section = "RFC 2408 section 5.1",
	.requirement =
	    "Messages are sent again when they seem lost, so that each may come more than "
	    "once.",
	.expected = "that its call comes up, and R-U-THERE is answered",
	.script = duplicates,
    },
    {
	.id = "rfc3706/5.1/call-late-vendor-id",
	.title = "Whether it sees our vendor ID in message 4",
	.level = CONFORM_INFO,
	.role = CONFORM_INITIATOR,
	.needs = CONFORM_NEEDS_CALL | CONFORM_NEEDS_PROBES,
	.version = 1,
	.section = "RFC 3706 section 5.1",
	.requirement =
	    "The vendor ID is sent in Phase 1; in which of its messages, the document does "
	    "not say.",
	.expected = "R-U-THERE within its worry time under an SA in which only message 4 announced "
		    "the keepalive, or none",
	.script = late_vendor_id,
    },
    {0},
};
