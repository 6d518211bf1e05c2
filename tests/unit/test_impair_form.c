/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "tests/support/impaired.h"
#include "tests/support/unit.h"

static struct impaired *impaired;
static struct message message;

/* ---- questions of a wrong form, rightly protected ------------------------------------------------------------------ */

static void notify(uint32_t doi, uint8_t protocol, size_t spi_length, size_t data_length)
{
	static const uint8_t number[8] = {0, 0, 3, 0xe8};
	uint8_t spi[255] = {0};

	memcpy(spi, impaired->cky_i, 8);
	memcpy(spi + 8, impaired->cky_r, 8);
	message_add_notify(&message, doi, protocol, octets_of(spi, spi_length),
			   IKE_NOTIFY_R_U_THERE, octets_of(number, data_length));
}

static void spi_17(void)
{
	notify(1, 1, 17, 4);
}

static void spi_255(void)
{
	notify(1, 1, 255, 4);
}

static void spi_4(void)
{
	notify(1, 1, 4, 4);
}

static void spi_15(void)
{
	notify(1, 1, 15, 4);
}

/* What there is of the number are its upper octets. */
static void data_3(void)
{
	static const uint8_t number[3] = {0, 0, 3};

	message_add_notify(&message, 1, 1, octets_of(NULL, 0), IKE_NOTIFY_R_U_THERE,
			   octets_of(number, 3));
}

static void data_5(void)
{
	notify(1, 1, 16, 5);
}

static void doi_2(void)
{
	notify(2, 1, 16, 4);
}

static void protocol_3(void)
{
	notify(1, 3, 16, 4);
}

static void reserved(void)
{
	notify(1, 1, 16, 4);
	message.payload[0].reserved = 1;
}

static void other_payload_beside(void)
{
	notify(1, 1, 16, 4);
	message_add(&message, IKE_PAYLOAD_NONCE, octets_of("a nonce", 8));
}

static void other_payload_type(void)
{
	notify(1, 1, 16, 4);
	message.payload[0].type = IKE_PAYLOAD_VENDOR_ID;
}

static const struct {
	enum impairment impairment;
	void (*make)(void);
	uint32_t number;
} questions[] = {
    {IMPAIR_ACCEPTS_LONG_SPI, spi_17, 1000},
    {IMPAIR_ACCEPTS_LONG_SPI, spi_255, 1000},
    {IMPAIR_ACCEPTS_ODD_SPI, spi_4, 1000},
    {IMPAIR_ACCEPTS_ODD_SPI, spi_15, 1000},
    {IMPAIR_ACCEPTS_SHORT_DATA, data_3, 0x300},
    {IMPAIR_ACCEPTS_LONG_DATA, data_5, 1000},
    {IMPAIR_ACCEPTS_WRONG_DOI, doi_2, 1000},
    {IMPAIR_ACCEPTS_WRONG_PROTOCOL, protocol_3, 1000},
    {IMPAIR_ACCEPTS_RESERVED, reserved, 1000},
    {IMPAIR_ACCEPTS_UNKNOWN_PAYLOADS, other_payload_beside, 1000},
    {IMPAIR_ACCEPTS_ANY_PAYLOAD_TYPE, other_payload_type, 1000},
};

#define QUESTIONS (sizeof(questions) / sizeof(questions[0]))

static size_t answers(enum impairment impairment, void (*make)(void), uint32_t number)
{
	size_t count;

	impaired = impaired_new(impairment);
	impaired_up(impaired);
	impaired_begin(impaired, &message);
	make();
	impaired_send(impaired, &message);
	count = impaired_acks(impaired, number);
	impaired_ask(impaired, 1001);
	ck_assert_uint_eq(impaired_acks(impaired, 1001), 1);
	impaired_free(impaired);
	return count;
}

START_TEST(refused_unless_impaired)
{
	for (size_t i = 0; i < QUESTIONS; i++) {
		ck_assert_uint_eq(answers(IMPAIRED_NONE, questions[i].make, questions[i].number),
				  0);
		ck_assert_msg(
		    answers(questions[i].impairment, questions[i].make, questions[i].number) == 1,
		    "%s", impairment_name(questions[i].impairment));
	}
}
END_TEST

START_TEST(believed_by_no_other_impairment)
{
	for (size_t i = 0; i < QUESTIONS; i++)
		for (size_t k = 0; k < QUESTIONS; k++)
			if (questions[i].impairment != questions[k].impairment)
				ck_assert_msg(answers(questions[k].impairment, questions[i].make,
						      questions[i].number) == 0,
					      "%s by %s", impairment_name(questions[i].impairment),
					      impairment_name(questions[k].impairment));
}
END_TEST

static void two_payloads(void)
{
	notify(1, 1, 16, 4);
	message_add_isakmp_notify(&message, 40000);
}

START_TEST(refused_when_impaired)
{
	ck_assert_uint_eq(answers(IMPAIRED_NONE, two_payloads, 1000), 1);
	ck_assert_uint_eq(answers(IMPAIR_REFUSES_SEVERAL_PAYLOADS, two_payloads, 1000), 0);
}
END_TEST

UNIT_MAIN("impair_form", refused_unless_impaired, believed_by_no_other_impairment,
	  refused_when_impaired)
