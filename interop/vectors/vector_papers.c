/* SPDX-License-Identifier: ISC */
#include "interop/vectors/vector_papers.h"

#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "ike/wire.h"
#include "interop/embed.h"

#define PAPER_FILE(name) EMBED_FILE("interop/vectors/papers/" name)

EMBED(paper_authority, PAPER_FILE("authority.pem"));
EMBED(paper_a_key, PAPER_FILE("a.key"));
EMBED(paper_a, PAPER_FILE("a.pem"));
EMBED(paper_a_chain, PAPER_FILE("a-between.pem") PAPER_FILE("between.pem"));
EMBED(paper_b_key, PAPER_FILE("b.key"));
EMBED(paper_b, PAPER_FILE("b.pem"));
EMBED(paper_b_chain, PAPER_FILE("b-between.pem") PAPER_FILE("between.pem"));

struct credentials *vector_papers(enum vector_papers_of party, bool chain, struct fault *fault)
{
	bool a = party == VECTOR_PAPERS_A;
	struct credentials_text text = {
	    .key = a ? EMBEDDED(paper_a_key) : EMBEDDED(paper_b_key),
	    .certificates = a ? EMBEDDED(paper_a) : EMBEDDED(paper_b),
	    .authorities = EMBEDDED(paper_authority),
	};
	struct credentials *credentials;
	char why[200];

	if (chain)
		text.certificates = a ? EMBEDDED(paper_a_chain) : EMBEDDED(paper_b_chain);
	credentials = credentials_new(&text, why, sizeof(why));
	if (credentials == NULL)
		fault_say(fault, "interop/vectors/papers: %s", why);
	return credentials;
}

size_t vector_papers_authority(uint8_t *der, size_t room)
{
	return vector_pem_decode(EMBEDDED(paper_authority), der, room);
}

void vector_papers_rsa(enum vector_papers_of party, struct vector_rsa *rsa)
{
	uint8_t der[sizeof(rsa->der)];
	size_t length = vector_pem_decode(party == VECTOR_PAPERS_A ? EMBEDDED(paper_a_key)
								   : EMBEDDED(paper_b_key),
					  der, sizeof(der));
	bool good = vector_rsa_read(octets_of(der, length), rsa);

	assert(good);
}

/* ---- PEM (RFC 7468) ------------------------------------------------------------------------------------------------ */

static int digit_of(uint8_t octet)
{
	static const char digits[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const char *at = octet == '\0' ? NULL : strchr(digits, octet);

	return at == NULL ? -1 : (int)(at - digits);
}

/* The octet behind the first line, and the one before the next line of dashes. */
static bool find_block(struct octets text, struct octets *block)
{
	const uint8_t *end = text.data + text.length, *from, *to;

	from = memchr(text.data, '\n', text.length);
	if (text.length < 11 || memcmp(text.data, "-----BEGIN ", 11) != 0 || from == NULL)
		return false;
	from++;
	to = memchr(from, '-', (size_t)(end - from));
	if (to == NULL)
		return false;
	*block = octets_of(from, (size_t)(to - from));
	return true;
}

size_t vector_pem_decode(struct octets text, uint8_t *out, size_t room)
{
	struct octets block;
	uint32_t bits = 0;
	unsigned held = 0;
	size_t length = 0;

	if (!find_block(text, &block))
		return 0;
	for (size_t i = 0; i < block.length; i++) {
		int digit = digit_of(block.data[i]);

		if (digit < 0) { /* a line's end, or the marks that fill up */
			if (block.data[i] != '\n' && block.data[i] != '=')
				return 0;
			continue;
		}
		bits = bits << 6 | (uint32_t)digit;
		held += 6;
		if (held < 8)
			continue;
		held -= 8;
		if (length == room)
			return 0;
		out[length++] = (uint8_t)(bits >> held);
	}
	return length;
}

/* ---- RSAPrivateKey ------------------------------------------------------------------------------------------------- */

/* A DER header and its length in up to two more octets: enough for keys of 8192 bits. */
static struct octets read_element(struct wire_reader *reader, uint8_t tag)
{
	size_t length;

	if (wire_read_u8(reader) != tag)
		reader->failed = true;
	length = wire_read_u8(reader);
	if (length == 0x81)
		length = wire_read_u8(reader);
	else if (length == 0x82)
		length = wire_read_u16(reader);
	else if (length > 0x7f)
		reader->failed = true;
	return wire_read_octets(reader, length);
}

static struct octets read_number(struct wire_reader *reader)
{
	struct octets number = read_element(reader, 0x02);

	while (number.length > 1 && number.data[0] == 0)
		number = octets_of(number.data + 1, number.length - 1);
	return number;
}

bool vector_rsa_read(struct octets der, struct vector_rsa *rsa)
{
	struct wire_reader reader;

	if (der.length > sizeof(rsa->der))
		return false;
	memcpy(rsa->der, der.data, der.length);
	wire_read_from(&reader, octets_of(rsa->der, der.length));
	wire_read_from(&reader, read_element(&reader, 0x30));
	(void)read_number(&reader); /* the version */
	rsa->modulus = read_number(&reader);
	rsa->public_exponent = read_number(&reader);
	rsa->private_exponent = read_number(&reader);
	rsa->prime_1 = read_number(&reader);
	rsa->prime_2 = read_number(&reader);
	return !reader.failed && rsa->prime_2.length > 0;
}
