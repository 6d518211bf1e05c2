/* SPDX-License-Identifier: ISC */
/*
 * impair_edit.c - one thing wrong with a message of ours: what rules with RULE_EDIT do.
 */
#include <string.h>

#include "interop/impair/impair_layer.h"

/* ---- the NOTIFY's fields ------------------------------------------------------------------------------------------- */

/* The letter's NOTIFY, with some of its fields others: written anew as the only payload. */
static void rewrite(struct letter *letter, uint32_t doi, uint8_t protocol, struct octets spi,
		    uint16_t type, struct octets data)
{
	letter->message.payloads = letter->message.length = 0;
	message_add_notify(&letter->message, doi, protocol, spi, type, data);
}

void edit_doi(struct letter *letter, int number)
{
	const struct letter_notify *was = &letter->notify;

	rewrite(letter, (uint32_t)number, was->protocol, was->spi, was->type, was->data);
}

void edit_protocol(struct letter *letter, int number)
{
	const struct letter_notify *was = &letter->notify;

	rewrite(letter, was->doi, (uint8_t)number, was->spi, was->type, was->data);
}

void edit_type(struct letter *letter, int number)
{
	const struct letter_notify *was = &letter->notify;

	rewrite(letter, was->doi, was->protocol, was->spi, (uint16_t)number, was->data);
}

static void change_spi(struct letter *letter, struct octets spi)
{
	const struct letter_notify *was = &letter->notify;

	rewrite(letter, was->doi, was->protocol, spi, was->type, was->data);
}

/* The cookies, cut short, or zeros after them. */
void edit_spi_size(struct letter *letter, int size)
{
	uint8_t spi[IMPAIR_SPI_MAX] = {0};

	if (letter->notify.spi.length > 0)
		memcpy(spi, letter->notify.spi.data, letter->notify.spi.length);
	change_spi(letter, octets_of(spi, (size_t)size));
}

void edit_spi_cookies(struct letter *letter, int swapped)
{
	uint8_t spi[2 * IKE_COOKIE_LENGTH];

	if (swapped != 0) {
		memcpy(spi, letter->sa->cky_r, IKE_COOKIE_LENGTH);
		memcpy(spi + IKE_COOKIE_LENGTH, letter->sa->cky_i, IKE_COOKIE_LENGTH);
	} else {
		random_octets(&letter->impair->random, spi, sizeof(spi));
	}
	change_spi(letter, octets_of(spi, sizeof(spi)));
}

void edit_spi_echoed(struct letter *letter, int detail)
{
	const struct impair_sa *sa = letter->sa;
	size_t i = sa->names;

	(void)detail;
	while (i > 0 && sa->names - i < IMPAIR_NAMES &&
	       sa->name[(i - 1) % IMPAIR_NAMES].number != letter->notify.number)
		i--;
	if (i > 0 && sa->names - i < IMPAIR_NAMES)
		change_spi(letter, octets_of(sa->name[(i - 1) % IMPAIR_NAMES].spi,
					     sa->name[(i - 1) % IMPAIR_NAMES].length));
}

/* The number, cut short, or zeros after it. */
void edit_data_length(struct letter *letter, int length)
{
	const struct letter_notify *was = &letter->notify;
	uint8_t data[64] = {0};

	if (was->data.length >= 4)
		memcpy(data, was->data.data, 4);
	rewrite(letter, was->doi, was->protocol, was->spi, was->type,
		octets_of(data, (size_t)length));
}

void edit_number(struct letter *letter, uint32_t number)
{
	const struct letter_notify *was = &letter->notify;
	uint8_t data[4];
	struct wire_writer writer;

	wire_write_to(&writer, data, sizeof(data));
	wire_write_u32(&writer, number);
	rewrite(letter, was->doi, was->protocol, was->spi, was->type, wire_written(&writer));
}

void edit_number_plus(struct letter *letter, int plus)
{
	edit_number(letter, letter->notify.number + (uint32_t)plus);
}

void edit_number_of_first(struct letter *letter, int detail)
{
	(void)detail;
	edit_number(letter, letter->sa->first_answer);
}

void edit_number_of_its_own(struct letter *letter, int detail)
{
	(void)detail;
	edit_number(letter, letter->sa->answers);
}

void edit_number_turned(struct letter *letter, int detail)
{
	uint32_t n = letter->notify.number;

	(void)detail;
	edit_number(letter, n << 24 | (n & 0xff00) << 8 | (n >> 8 & 0xff00) | n >> 24);
}

/* ---- the message around it ----------------------------------------------------------------------------------------- */

void edit_reserved(struct letter *letter, int value)
{
	letter->message.payload[0].reserved = (uint8_t)value;
}

void edit_payload_length(struct letter *letter, int plus)
{
	letter->message.payload[0].wrong_length = plus;
}

void edit_one_more_notify(struct letter *letter, int number)
{
	message_add_isakmp_notify(&letter->message, (uint16_t)number);
}

void edit_one_more_vendor_id(struct letter *letter, int detail)
{
	static const uint8_t id[] = "ruthere impaired";

	(void)detail;
	message_add(&letter->message, IKE_PAYLOAD_VENDOR_ID, octets_of(id, sizeof(id) - 1));
}

void edit_id_of_question(struct letter *letter, int detail)
{
	(void)detail;
	letter->message.header.message_id = letter->sa->question_id;
}

void edit_id_zero(struct letter *letter, int detail)
{
	(void)detail;
	letter->message.header.message_id = 0;
}

void edit_id_of_first(struct letter *letter, int detail)
{
	(void)detail;
	letter->message.header.message_id = letter->sa->answer_id;
}

void edit_hash(struct letter *letter, int which)
{
	letter->message.hash = (enum message_hash)which;
}

void edit_protection(struct letter *letter, int which)
{
	letter->message.protection = (enum message_protection)which;
}

void edit_iv(struct letter *letter, int which)
{
	letter->message.iv = (enum message_iv)which;
	memcpy(letter->message.last_block, letter->sa->question_iv, CIPHER_MAX_BLOCK);
}

void edit_padding(struct letter *letter, int which)
{
	letter->message.padding = (enum message_padding)which;
}

void edit_flags(struct letter *letter, int more)
{
	letter->message.more_flags = (uint8_t)more;
}

void edit_version(struct letter *letter, int number)
{
	letter->message.header.version = (uint8_t)number;
}

void edit_header_length(struct letter *letter, int plus)
{
	letter->message.wrong_length = plus;
}

void edit_exchange(struct letter *letter, int number)
{
	letter->message.header.exchange = (uint8_t)number;
}
