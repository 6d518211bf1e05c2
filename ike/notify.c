/* SPDX-License-Identifier: ISC */
#include "ike/notify.h"

#include "ike/attribute.h"

#define SPI_MAX           16 /* octets: both cookies (RFC 2408 section 3.14) */
#define ISAKMP_SPI_LENGTH (2 * IKE_COOKIE_LENGTH)
#define AH_ESP_SPI_LENGTH 4

enum ike_verdict ike_notify_parse(struct octets body, struct ike_notify *notify)
{
	struct ike_notify result;
	struct wire_reader reader;
	uint8_t spi_length;

	wire_read_from(&reader, body);
	result.doi = wire_read_u32(&reader);
	result.protocol = wire_read_u8(&reader);
	spi_length = wire_read_u8(&reader);
	result.type = wire_read_u16(&reader);
	result.spi = wire_read_octets(&reader, spi_length);
	result.data = wire_read_rest(&reader);
	if (reader.failed || spi_length > SPI_MAX)
		return IKE_NOTIFY_MALFORMED;
	*notify = result;
	return IKE_ACCEPTED;
}

/* RFC 2408 section 3.15 fixes the sizes of the protocols that we know; of the others only that there is something. */
static bool spi_length_fits(uint8_t protocol, uint8_t length)
{
	switch (protocol) {
	case IKE_PROTOCOL_ISAKMP:
		return length == ISAKMP_SPI_LENGTH;
	case IKE_PROTOCOL_AH:
	case IKE_PROTOCOL_ESP:
		return length == AH_ESP_SPI_LENGTH;
	default:
		return length > 0 && length <= SPI_MAX;
	}
}

enum ike_verdict ike_delete_parse(struct octets body, struct ike_delete *delete)
{
	struct ike_delete result;
	struct wire_reader reader;

	wire_read_from(&reader, body);
	result.doi = wire_read_u32(&reader);
	result.protocol = wire_read_u8(&reader);
	result.spi_length = wire_read_u8(&reader);
	result.count = wire_read_u16(&reader);
	result.spis = wire_read_rest(&reader);
	if (reader.failed || result.count == 0 ||
	    !spi_length_fits(result.protocol, result.spi_length) ||
	    result.spis.length != (size_t)result.count * result.spi_length)
		return IKE_DELETE_MALFORMED;
	*delete = result;
	return IKE_ACCEPTED;
}

void ike_notify_write(struct wire_writer *writer, const struct ike_notify *notify)
{
	if (notify->spi.length > SPI_MAX)
		writer->failed = true;
	wire_write_u32(writer, notify->doi);
	wire_write_u8(writer, notify->protocol);
	wire_write_u8(writer, (uint8_t)notify->spi.length);
	wire_write_u16(writer, notify->type);
	wire_write_octets(writer, notify->spi);
	wire_write_octets(writer, notify->data);
}

void ike_notify_write_isakmp(struct wire_writer *writer, uint32_t doi, uint16_t type,
			     const uint8_t *cky_i, const uint8_t *cky_r)
{
	wire_write_u32(writer, doi);
	wire_write_u8(writer, IKE_PROTOCOL_ISAKMP);
	wire_write_u8(writer, ISAKMP_SPI_LENGTH);
	wire_write_u16(writer, type);
	wire_write_octets(writer, octets_of(cky_i, IKE_COOKIE_LENGTH));
	wire_write_octets(writer, octets_of(cky_r, IKE_COOKIE_LENGTH));
}

void ike_delete_write_isakmp(struct wire_writer *writer, const uint8_t *cky_i, const uint8_t *cky_r)
{
	wire_write_u32(writer, IKE_DOI_IPSEC);
	wire_write_u8(writer, IKE_PROTOCOL_ISAKMP);
	wire_write_u8(writer, ISAKMP_SPI_LENGTH);
	wire_write_u16(writer, 1);
	wire_write_octets(writer, octets_of(cky_i, IKE_COOKIE_LENGTH));
	wire_write_octets(writer, octets_of(cky_r, IKE_COOKIE_LENGTH));
}

void ike_delete_write_esp(struct wire_writer *writer, const uint32_t *spis, uint16_t count)
{
	wire_write_u32(writer, IKE_DOI_IPSEC);
	wire_write_u8(writer, IKE_PROTOCOL_ESP);
	wire_write_u8(writer, AH_ESP_SPI_LENGTH);
	wire_write_u16(writer, count);
	for (uint16_t i = 0; i < count; i++)
		wire_write_u32(writer, spis[i]);
}

void ike_notify_write_lifetime(struct wire_writer *writer, uint32_t seconds)
{
	ike_attribute_write_basic(writer, IKE_ATTRIBUTE_LIFE_TYPE, IKE_LIFE_TYPE_SECONDS);
	ike_attribute_write_u32(writer, IKE_ATTRIBUTE_LIFE_DURATION, seconds);
}

uint32_t ike_notify_lifetime(struct octets data)
{
	struct ike_attribute_value attribute;
	struct wire_reader reader;
	uint32_t life_type = 0, seconds = 0;

	wire_read_from(&reader, data);
	while (reader.left > 0) {
		if (!ike_attribute_read(&reader, &attribute))
			return 0;
		if (attribute.type == IKE_ATTRIBUTE_LIFE_TYPE)
			life_type = attribute.number;
		else if (attribute.type == IKE_ATTRIBUTE_LIFE_DURATION &&
			 life_type == IKE_LIFE_TYPE_SECONDS && seconds == 0)
			seconds = attribute.number;
	}
	return seconds;
}
