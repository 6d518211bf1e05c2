/* SPDX-License-Identifier: ISC */
/*
 * message.c - the fixed body of R-U-THERE and R-U-THERE-ACK, written and read.
 *
 *	 0		 1		 2		 3
 *	+---------------------------------------------------------------+
 *	|	    Domain of Interpretation: IPSEC, 1 (R8)		|
 *	+---------------+---------------+-------------------------------+
 *	| ISAKMP, 1 (R9)| SPI size (R10)| R-U-THERE or its ACK (R11, R14)|
 *	+---------------+---------------+-------------------------------+
 *	|	CKY-I, then CKY-R, in the SA's roles (R12)		|
 *	+---------------------------------------------------------------+
 *	|	sequence number, four octets (R13, R15, R27, R44)	|
 *	+---------------------------------------------------------------+
 *
 * R7 and R14: both messages have this form.  The cookies are those of the ISAKMP SA, whoever sends: an ACK carries the same
 * sixteen octets as what it answers.
 */
#include "keepalive/message.h"

#include <assert.h>
#include <string.h>

#include "ike/registry.h"
#include "ike/wire.h"

#define SPI_LENGTH (2 * IKE_COOKIE_LENGTH)

/* R7 and R14; field by field R8, R9, R10, R11, R12, and the number R13, R15, R27. */
void keepalive_message_build(uint16_t type, const uint8_t *cky_i, const uint8_t *cky_r,
			     uint32_t number, uint8_t body[KEEPALIVE_BODY_LENGTH])
{
	struct wire_writer writer;

	assert(type == IKE_NOTIFY_R_U_THERE || type == IKE_NOTIFY_R_U_THERE_ACK);
	wire_write_to(&writer, body, KEEPALIVE_BODY_LENGTH);
	wire_write_u32(&writer, IKE_DOI_IPSEC);
	wire_write_u8(&writer, IKE_PROTOCOL_ISAKMP);
	wire_write_u8(&writer, SPI_LENGTH);
	wire_write_u16(&writer, type);
	wire_write_octets(&writer, octets_of(cky_i, IKE_COOKIE_LENGTH));
	wire_write_octets(&writer, octets_of(cky_r, IKE_COOKIE_LENGTH));
	wire_write_u32(&writer, number);
	assert(!writer.failed && writer.length == KEEPALIVE_BODY_LENGTH);
}

/* R10 is only a SHOULD, so other values are legal (R55, R62); strict holds a peer to what everybody sends. */
static bool spi_length_is_allowed(size_t length, enum keepalive_strictness strictness)
{
	if (length == SPI_LENGTH)
		return true;
	return strictness == KEEPALIVE_INTEROP && (length == 0 || length == IKE_COOKIE_LENGTH);
}

/* R8 is only a SHOULD, too: R57. */
static bool doi_is_allowed(uint32_t doi, enum keepalive_strictness strictness)
{
	if (doi == IKE_DOI_IPSEC)
		return true;
	return strictness == KEEPALIVE_INTEROP && doi == IKE_DOI_ISAKMP;
}

static enum keepalive_quirk quirk_of_spi(struct octets spi, const uint8_t *cky_i,
					 const uint8_t *cky_r)
{
	const uint8_t *first = spi.data, *second;

	if (spi.length != SPI_LENGTH)
		return KEEPALIVE_SHORT_SPI;
	second = first + IKE_COOKIE_LENGTH;
	if (memcmp(first, cky_i, IKE_COOKIE_LENGTH) == 0 &&
	    memcmp(second, cky_r, IKE_COOKIE_LENGTH) == 0)
		return KEEPALIVE_NO_QUIRK;
	if (memcmp(first, cky_r, IKE_COOKIE_LENGTH) == 0 &&
	    memcmp(second, cky_i, IKE_COOKIE_LENGTH) == 0)
		return KEEPALIVE_SWAPPED_COOKIES;
	return KEEPALIVE_OTHER_COOKIES;
}

enum ike_verdict keepalive_message_parse(struct octets body, uint16_t type, const uint8_t *cky_i,
					 const uint8_t *cky_r, enum keepalive_strictness strictness,
					 struct keepalive_message *message)
{
	struct wire_reader reader;
	struct keepalive_message read = {0};
	struct octets spi;
	uint32_t doi;
	uint8_t protocol, spi_length;

	wire_read_from(&reader, body);
	doi = wire_read_u32(&reader);
	protocol = wire_read_u8(&reader);
	spi_length = wire_read_u8(&reader);
	read.type = wire_read_u16(&reader);
	spi = wire_read_octets(&reader, spi_length);
	read.number = wire_read_u32(&reader);
	if (reader.failed || reader.left != 0) /* R44: strongSwan and libreswan insist as well */
		return IKE_KEEPALIVE_MALFORMED;
	/* R56, and R62 */
	if (read.type != type || protocol != IKE_PROTOCOL_ISAKMP ||
	    !doi_is_allowed(doi, strictness) || !spi_length_is_allowed(spi_length, strictness))
		return IKE_KEEPALIVE_MALFORMED;

	/*
	 * R31: the cookies SHOULD be checked.  HASH(1) has already shown which SA the message belongs to, so a wrong SPI
	 * is an oddity of the sender and not an attack; interop lets it pass and strict refuses it.
	 */
	read.quirk = quirk_of_spi(spi, cky_i, cky_r);
	if (strictness == KEEPALIVE_STRICT && read.quirk != KEEPALIVE_NO_QUIRK)
		return IKE_KEEPALIVE_WRONG_COOKIES;
	*message = read;
	return IKE_ACCEPTED;
}
