/* SPDX-License-Identifier: ISC */
/*
 * cases_robust_phase_1.c - Phase 1 that has brought daemons down: RFC 2409 section 5.
 *
 * Who answers a first message keeps something for it.  So no script begins more than a handful that it does not end.
 */
#include <string.h>

#include "crypto/backend.h"
#include "ike/proposal.h"
#include "interop/conform/cases.h"
#include "interop/conform/raw.h"

#define NONCE_LENGTH 20

/* ---- message 3 ----------------------------------------------------------------------------------------------------- */

/* Begins a Main Mode and its third message.  False: the device did not answer the first one. */
static bool begin_third(struct raw *raw, struct trial *trial)
{
	uint8_t cky_i[IKE_COOKIE_LENGTH], cky_r[IKE_COOKIE_LENGTH];

	if (!raw_half_open(trial, cky_i, cky_r))
		return false;
	raw_begin(raw, IKE_EXCHANGE_MAIN_MODE, cky_i, cky_r);
	return true;
}

static void send_third(struct trial *trial, struct octets public_value, size_t nonce_length)
{
	struct raw raw;

	if (!begin_third(&raw, trial))
		return;
	raw_add(&raw, IKE_PAYLOAD_KE, public_value);
	raw_add_noise(&raw, trial, IKE_PAYLOAD_NONCE, nonce_length);
	raw_send(&raw, trial);
	/* its arithmetic takes it a while */
	trial_pass_time(trial, trial_get_settings(trial)->patience / 10);
}

/*
 * The largest public value that is taken, bit by bit from above: p - 2, without knowing p.  For groups that are no numbers modulo a
 * prime it is something else that is odd.
 */
static void find_largest(const struct trial *trial, uint8_t *value, size_t length)
{
	struct crypto *crypto = crypto_new();
	enum dh_group group;

	memset(value, 0, length);
	if (crypto != NULL &&
	    ike_proposal_group(&trial_get_settings(trial)->peer.proposal[0], &group))
		for (size_t bit = 0; bit < 8 * length; bit++) {
			uint8_t mask = (uint8_t)(0x80 >> bit % 8);

			value[bit / 8] |= mask;
			if (!dh_public_valid(crypto, group, octets_of(value, length)))
				value[bit / 8] ^= mask;
		}
	crypto_free(crypto);
}

static void public_values(struct trial *trial)
{
	struct trial_sa *sa = raw_survivor(trial);
	size_t length = raw_public_length(trial);
	uint8_t value[DH_MAX_LENGTH];

	memset(value, 0, sizeof(value));
	send_third(trial, octets_of(value, length), NONCE_LENGTH);
	value[length - 1] = 1;
	send_third(trial, octets_of(value, length), NONCE_LENGTH);
	memset(value, 0xff, sizeof(value));
	send_third(trial, octets_of(value, length), NONCE_LENGTH);
	find_largest(trial, value, length);
	for (int i = 0; i < 2; i++) {
		value[length - 1]++; /* p - 1, and p: every prime of these groups ends in ff */
		send_third(trial, octets_of(value, length), NONCE_LENGTH);
	}
	raw_expect_survival(trial, sa);
}

static void public_lengths(struct trial *trial)
{
	struct trial_sa *sa = raw_survivor(trial);
	size_t length = raw_public_length(trial);
	const size_t of[] = {0, 1, length - 1, length + 1, 2 * length};
	uint8_t value[2 * DH_MAX_LENGTH];

	memset(value, 0x5a, sizeof(value));
	for (size_t i = 0; i < sizeof(of) / sizeof(of[0]); i++)
		send_third(trial, octets_of(value, of[i]), NONCE_LENGTH);
	raw_expect_survival(trial, sa);
}

static void nonce_lengths(struct trial *trial)
{
	static const size_t length[] = {0, 1, 7, 257, 1000};
	struct trial_sa *sa = raw_survivor(trial);
	uint8_t value[DH_MAX_LENGTH];

	memset(value, 0x5a, sizeof(value));
	for (size_t i = 0; i < sizeof(length) / sizeof(length[0]); i++)
		send_third(trial, octets_of(value, raw_public_length(trial)), length[i]);
	raw_expect_survival(trial, sa);
}

/* Message 3 with nothing, with one of the two alone, with both of them twice; message 1 with everything but an SA. */
static void missing_payloads(struct trial *trial)
{
	struct trial_sa *sa = raw_survivor(trial);
	size_t length = raw_public_length(trial);
	struct raw raw;

	for (unsigned i = 0; i < 4 && begin_third(&raw, trial); i++) {
		for (unsigned k = 0; k < (i == 3 ? 2 : 1); k++) {
			if ((i & 1) != 0)
				raw_add_noise(&raw, trial, IKE_PAYLOAD_KE, length);
			if ((i & 2) != 0)
				raw_add_noise(&raw, trial, IKE_PAYLOAD_NONCE, NONCE_LENGTH);
		}
		raw_send(&raw, trial);
	}
	raw_begin_new(&raw, trial, IKE_EXCHANGE_MAIN_MODE);
	raw_add_noise(&raw, trial, IKE_PAYLOAD_KE, length);
	raw_add_noise(&raw, trial, IKE_PAYLOAD_NONCE, NONCE_LENGTH);
	raw_send(&raw, trial);
	raw_expect_survival(trial, sa);
}

/* ---- message 1 ----------------------------------------------------------------------------------------------------- */

/* An SA payload's beginning, and one proposal that says it has so many transforms, and so large an SPI. */
struct shape {
	uint32_t doi, situation;
	int proposals;
	uint8_t spi_size, spi_there, transforms;
	int transforms_there;
	uint16_t attribute,
	    attribute_length; /* of each transform: one attribute, and its length or value */
};

static void write_transform(const struct shape *shape, struct wire_writer *writer, bool last)
{
	size_t mark =
	    ike_payload_begin_inner(writer, last ? IKE_PAYLOAD_NONE : IKE_PAYLOAD_TRANSFORM);

	wire_write_u8(writer, 1);
	wire_write_u8(writer, 1); /* KEY_IKE */
	wire_write_u16(writer, 0);
	wire_write_u16(writer, shape->attribute);
	wire_write_u16(writer, shape->attribute_length);
	ike_payload_end_inner(writer, mark);
}

static void send_shape(struct trial *trial, const struct shape *shape)
{
	struct raw raw;
	size_t mark, inner;

	raw_begin_new(&raw, trial, IKE_EXCHANGE_MAIN_MODE);
	mark = ike_payload_begin(&raw.chain, IKE_PAYLOAD_SA);
	wire_write_u32(&raw.writer, shape->doi);
	wire_write_u32(&raw.writer, shape->situation);
	for (int i = 0; i < shape->proposals; i++) {
		inner = ike_payload_begin_inner(&raw.writer, i + 1 < shape->proposals
								 ? IKE_PAYLOAD_PROPOSAL
								 : IKE_PAYLOAD_NONE);
		wire_write_u8(&raw.writer, (uint8_t)(i + 1));
		wire_write_u8(&raw.writer, IKE_PROTOCOL_ISAKMP);
		wire_write_u8(&raw.writer, shape->spi_size);
		wire_write_u8(&raw.writer, shape->transforms);
		wire_write_zeros(&raw.writer, shape->spi_there);
		for (int k = 0; k < shape->transforms_there; k++)
			write_transform(shape, &raw.writer, k + 1 == shape->transforms_there);
		ike_payload_end_inner(&raw.writer, inner);
	}
	ike_payload_end(&raw.chain, mark);
	raw_send(&raw, trial);
}

static void sa_shapes(struct trial *trial)
{
	static const struct shape shape[] = {
	    {1, 1, 0, 0, 0, 0, 0, 0, 0},                /* no proposal */
	    {1, 1, 1, 0, 0, 0, 0, 0, 0},                /* no transform, and it says so */
	    {1, 1, 1, 0, 0, 255, 0, 0, 0},              /* none, and it says 255 */
	    {1, 1, 1, 0, 0, 255, 200, 0x8001, 99},      /* two hundred that nobody knows */
	    {1, 1, 1, 0, 0, 1, 3, 0x8001, 99},          /* more than it says */
	    {1, 1, 1, 255, 0, 1, 1, 0x8001, 99},        /* an SPI that is not there */
	    {1, 1, 1, 255, 255, 1, 1, 0x8001, 99},      /* one of 255 octets */
	    {1, 1, 1, 0, 0, 1, 1, 0x000c, 0xffff},      /* an attribute longer than the message */
	    {1, 1, 1, 0, 0, 1, 1, 0x0001, 0x0001},      /* one octet longer than its transform */
	    {1, 1, 100, 0, 0, 1, 1, 0x8001, 99},        /* a hundred proposals */
	    {0, 1, 1, 0, 0, 1, 1, 0x8001, 99},          /* of no DOI */
	    {2, 1, 1, 0, 0, 1, 1, 0x8001, 99},          /* of one that does not exist */
	    {1, 0xffffffff, 1, 0, 0, 1, 1, 0x8001, 99}, /* every situation at once */
	};
	struct trial_sa *sa = raw_survivor(trial);

	for (size_t i = 0; i < sizeof(shape) / sizeof(shape[0]); i++)
		send_shape(trial, &shape[i]);
	raw_expect_survival(trial, sa);
}

/* Certificates, and requests for them, before there is anything that they could prove. */
static void early_certificates(struct trial *trial)
{
	static const struct {
		bool third; /* in the third message, not in the first */
		uint8_t type;
		size_t length;
	} row[] = {{false, IKE_PAYLOAD_CERT, 0},
		   {false, IKE_PAYLOAD_CERT, 300},
		   {true, IKE_PAYLOAD_CERT, 1},
		   {true, IKE_PAYLOAD_CERT, 300},
		   {true, IKE_PAYLOAD_CR, 0}};
	struct trial_sa *sa = raw_survivor(trial);
	struct raw raw;

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		if (!row[i].third) {
			raw_begin_new(&raw, trial, IKE_EXCHANGE_MAIN_MODE);
			raw_add_offer(&raw, trial);
		} else if (begin_third(&raw, trial)) {
			raw_add_noise(&raw, trial, IKE_PAYLOAD_KE, raw_public_length(trial));
			raw_add_noise(&raw, trial, IKE_PAYLOAD_NONCE, NONCE_LENGTH);
		} else {
			break;
		}
		raw_add_noise(&raw, trial, row[i].type, row[i].length);
		raw_send(&raw, trial);
	}
	raw_expect_survival(trial, sa);
}

/* ---- Aggressive Mode ----------------------------------------------------------------------------------------------- */

/* Its first message without one of its payloads, and with an identity that ends too soon. */
static void aggressive_pieces(struct trial *trial)
{
	struct trial_sa *sa = raw_survivor(trial);
	struct raw raw;

	for (unsigned missing = 0; missing <= 5; missing++) {
		raw_begin_new(&raw, trial, IKE_EXCHANGE_AGGRESSIVE);
		if (missing != 0)
			raw_add_offer(&raw, trial);
		if (missing != 1)
			raw_add_noise(&raw, trial, IKE_PAYLOAD_KE, raw_public_length(trial));
		if (missing != 2)
			raw_add_noise(&raw, trial, IKE_PAYLOAD_NONCE, NONCE_LENGTH);
		if (missing != 3)
			raw_add_noise(&raw, trial, IKE_PAYLOAD_ID, missing == 4 ? 0 : 3);
		raw_send(&raw, trial);
	}
	raw_expect_survival(trial, sa);
}

const struct conform_case cases_robust_phase_1[] = {
    {
	.id = "robust/5/public-values",
	.title = "Public values 0, 1, p - 1, p and above",
	.level = CONFORM_ROBUST,
	.version = 1,
	.section = "RFC 2409 section 5",
	.requirement = "A public value that is none (CVE-2015-3240) ends that Phase 1, and nothing "
		       "else.",
	.expected = "that the SA goes on, and a new one can be made",
	.script = public_values,
    },
    {
	.id = "robust/5/public-lengths",
	.title = "Public values of the wrong length",
	.level = CONFORM_ROBUST,
	.version = 1,
	.section = "RFC 2409 section 5",
	.requirement =
	    "A public value that is not as long as its group has them ends that Phase 1, "
	    "and nothing else.",
	.expected = "that the SA goes on, and a new one can be made",
	.script = public_lengths,
    },
    {
	.id = "robust/5/nonce-lengths",
	.title = "Nonces of 0 to 7 and of more than 256 octets",
	.level = CONFORM_ROBUST,
	.version = 1,
	.section = "RFC 2409 section 5",
	.requirement =
	    "A nonce that is shorter or longer than nonces may be ends that Phase 1, and "
	    "nothing else.",
	.expected = "that the SA goes on, and a new one can be made",
	.script = nonce_lengths,
    },
    {
	.id = "robust/5.4/missing-payloads",
	.title = "Messages 1 and 3 of Main Mode with payloads missing",
	.level = CONFORM_ROBUST,
	.version = 1,
	.section = "RFC 2409 section 5.4",
	.requirement = "A message of Main Mode that lacks what it must have, or has it twice, ends "
		       "that Phase 1, and nothing else.",
	.expected = "that the SA goes on, and a new one can be made",
	.script = missing_payloads,
    },
    {
	.id = "robust/5/sa-shapes",
	.title = "Proposals and transforms that do not fit together",
	.level = CONFORM_ROBUST,
	.version = 1,
	.section = "RFC 2409 section 5",
	.requirement =
	    "An SA payload whose numbers and lengths contradict each other ends that Phase "
	    "1, and nothing else.",
	.expected = "that the SA goes on, and a new one can be made",
	.script = sa_shapes,
    },
    {
	.id = "robust/5.1/early-certificates",
	.title = "Certificates before their time",
	.level = CONFORM_ROBUST,
	.version = 1,
	.section = "RFC 2409 section 5.1",
	.requirement =
	    "A certificate that comes before there is anything to prove (CVE-2026-14957) "
	    "ends that Phase 1, and nothing else.",
	.expected = "that the SA goes on, and a new one can be made",
	.script = early_certificates,
    },
    {
	.id = "robust/5.4/aggressive-pieces",
	.title = "Aggressive Mode with pieces missing",
	.level = CONFORM_ROBUST,
	.version = 1,
	.section = "RFC 2409 section 5.4",
	.requirement = "A first message of Aggressive Mode that lacks what it must have "
		       "(CVE-2023-30570) ends that Phase 1, and nothing else.",
	.expected = "that the SA goes on, and a new one can be made",
	.script = aggressive_pieces,
    },
    {0},
};
