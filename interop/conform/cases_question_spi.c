/* SPDX-License-Identifier: ISC */
/*
 * cases_question_spi.c - R-U-THERE with other SPI fields than it should have: RFC 3706 sections 5.3, 6.1, RFC 2408 section 3.14.
 *
 * RFC 3706 says that the SPI field should hold the cookies, and that they should be checked; RFC 2408 says that the field may have 0 to
 * 16 octets and that what is in it is ignored.  Stacks follow the one or the other, so these are INFO.  Whatever they do, the SA
 * survives it: R-U-THERE with the wrong cookies has brought down a daemon (CVE-2009-0790).
 */
#include <stdio.h>
#include <string.h>

#include "interop/conform/cases.h"
#include "interop/conform/script.h"

#define SPI_LENGTH (2 * IKE_COOKIE_LENGTH)
#define SPI_MAX    255 /* octets: what its size field can say */

static struct message *question_with_spi(struct trial *trial, struct trial_sa *sa,
					 struct octets spi)
{
	return script_odd_question(trial, sa, IKE_DOI_IPSEC, IKE_PROTOCOL_ISAKMP, spi);
}

/* The cookies, and octets that mean nothing behind them. */
static void fill(uint8_t spi[SPI_MAX], const struct trial_sa *sa)
{
	memset(spi, 0x5a, SPI_MAX);
	if (sa == NULL)
		return;
	memcpy(spi, sa->cky_i, IKE_COOKIE_LENGTH);
	memcpy(spi + IKE_COOKIE_LENGTH, sa->cky_r, IKE_COOKIE_LENGTH);
}

static void learn_of_size(struct trial *trial, size_t size, const char *what)
{
	struct trial_sa *sa = script_answering_sa(trial);
	uint8_t spi[SPI_MAX];

	fill(spi, sa);
	script_learn(trial, sa, question_with_spi(trial, sa, octets_of(spi, size)), what);
}

static void spi_size_0(struct trial *trial)
{
	learn_of_size(trial, 0, "spi-size-0");
}

static void spi_size_8(struct trial *trial)
{
	learn_of_size(trial, IKE_COOKIE_LENGTH, "spi-size-8");
}

static void spi_size_15(struct trial *trial)
{
	learn_of_size(trial, SPI_LENGTH - 1, "spi-size-15");
}

static void spi_too_long(struct trial *trial)
{
	struct trial_sa *sa = script_answering_sa(trial);
	uint8_t spi[SPI_MAX];
	size_t mark = trial_mark(trial);

	fill(spi, sa);
	trial_send(trial, sa, question_with_spi(trial, sa, octets_of(spi, SPI_LENGTH + 1)));
	trial_send(trial, sa, question_with_spi(trial, sa, octets_of(spi, SPI_MAX)));
	script_expect_no_ack(trial, sa, mark, CONFORM_LENIENT);
}

/* Of an answer also what it says in its own SPI field: the cookies, or what stood in the question. */
static const char *kind_of_answer(const struct seen *answer, struct octets spi)
{
	struct ike_notify notify;

	if (answer == NULL || !opened_notify(answer->opened, IKE_NOTIFY_R_U_THERE_ACK, &notify))
		return "silent";
	return secret_equal(notify.spi, spi) ? "echoed" : "answered";
}

static void learn_of_cookies(struct trial *trial, struct trial_sa *sa, struct octets spi,
			     const char *what)
{
	size_t mark = trial_mark(trial);
	const struct seen *answer;
	const char *kind;
	char value[64];

	trial_send(trial, sa, question_with_spi(trial, sa, spi));
	answer = script_answer_since(trial, sa, mark);
	kind = kind_of_answer(answer, spi);
	snprintf(value, sizeof(value), "%s=%s", what, kind);
	trial_value(trial, answer, value, "such an R-U-THERE is %s%s",
		    answer == NULL ? "not answered; the SA goes on" : "answered",
		    strcmp(kind, "echoed") == 0 ? ", with the same SPI field" : "");
}

static void swapped_cookies(struct trial *trial)
{
	struct trial_sa *sa = script_answering_sa(trial);
	uint8_t spi[SPI_MAX];

	fill(spi, sa);
	if (sa != NULL) {
		memcpy(spi, sa->cky_r, IKE_COOKIE_LENGTH);
		memcpy(spi + IKE_COOKIE_LENGTH, sa->cky_i, IKE_COOKIE_LENGTH);
	}
	learn_of_cookies(trial, sa, octets_of(spi, SPI_LENGTH), "swapped-cookies");
}

static void wrong_cookies(struct trial *trial)
{
	struct trial_sa *sa = script_answering_sa(trial);
	uint8_t spi[SPI_MAX];

	fill(spi, NULL);
	learn_of_cookies(trial, sa, octets_of(spi, SPI_LENGTH), "wrong-cookies");
}

/* The older SA may be replaced by the younger one, which is asked; its cookies are those of an SA all the same. */
static void cookies_of_another_sa(struct trial *trial)
{
	struct trial_sa *other = script_answering_sa(trial);
	struct trial_sa *sa = script_answering_sa(trial);
	uint8_t spi[SPI_MAX];

	fill(spi, other);
	learn_of_cookies(trial, sa, octets_of(spi, SPI_LENGTH), "cookies-of-another-sa");
}

const struct conform_case cases_question_spi[] = {
    {
	.id = "rfc3706/5.3/spi-size-0",
	.title = "Whether a question without an SPI is answered",
	.level = CONFORM_INFO,
	.version = 1,
	.section = "RFC 3706 section 5.3, RFC 2408 section 3.14",
	.requirement = "The SPI size should be 16; for ISAKMP it may be from 0 to 16.",
	.expected = "an answer, or none; the SA goes on",
	.script = spi_size_0,
    },
    {
	.id = "rfc3706/5.3/spi-size-8",
	.title = "Whether a question with one cookie only is answered",
	.level = CONFORM_INFO,
	.version = 1,
	.section = "RFC 3706 section 5.3, RFC 2408 section 3.14",
	.requirement = "The SPI size should be 16; for ISAKMP it may be from 0 to 16.",
	.expected = "an answer, or none; the SA goes on",
	.script = spi_size_8,
    },
    {
	.id = "rfc3706/5.3/spi-size-15",
	.title = "Whether a question with an octet less than two cookies is answered",
	.level = CONFORM_INFO,
	.version = 1,
	.section = "RFC 3706 section 5.3, RFC 2408 section 3.14",
	.requirement = "The SPI size should be 16; for ISAKMP it may be from 0 to 16.",
	.expected = "an answer, or none; the SA goes on",
	.script = spi_size_15,
    },
    {
	.id = "robust/3.14/question-spi-too-long", /* R62 */
	.title = "SPIs of 17 and of 255 octets are survived",
	.level = CONFORM_ROBUST,
	.version = 1,
	.section = "RFC 2408 section 3.14",
	.requirement = "The SPI of an ISAKMP notification has 16 octets at most. Longer ones mean "
		       "nothing and need no answer.",
	.expected = "no answer; the SA goes on",
	.script = spi_too_long,
    },
    {
	.id = "rfc3706/6.1/swapped-cookies",
	.title = "Whether a question with the responder's cookie first is answered",
	.level = CONFORM_INFO,
	.version = 1,
	.section = "RFC 3706 section 6.1, RFC 2408 section 3.14",
	.requirement =
	    "The cookies in the SPI field should be checked; by RFC 2408 they are ignored.",
	.expected = "an answer, one that echoes the SPI field, or none; the SA goes on",
	.script = swapped_cookies,
    },
    {
	.id = "rfc3706/6.1/wrong-cookies",
	.title = "Whether a question with cookies of no SA is answered",
	.level = CONFORM_INFO,
	.version = 1,
	.section = "RFC 3706 section 6.1, RFC 2408 section 3.14",
	.requirement =
	    "The cookies in the SPI field should be checked; by RFC 2408 they are ignored.",
	.expected = "an answer, one that echoes the SPI field, or none; the SA goes on",
	.script = wrong_cookies,
    },
    {
	.id = "rfc3706/6.1/cookies-of-another-sa",
	.title = "Whether a question with another SA's cookies is answered",
	.level = CONFORM_INFO,
	.version = 1,
	.section = "RFC 3706 section 6.1, RFC 2408 section 3.14",
	.requirement =
	    "The cookies in the SPI field should be checked; by RFC 2408 they are ignored.",
	.expected = "an answer, one that echoes the SPI field, or none; the SA goes on",
	.script = cookies_of_another_sa,
    },
    {0},
};
