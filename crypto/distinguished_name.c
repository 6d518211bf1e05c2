/* SPDX-License-Identifier: ISC */
#include "crypto/distinguished_name.h"

#include <ctype.h>
#include <limits.h>
#include <openssl/asn1.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/x509.h>
#include <string.h>

#define NAME_MOST 8192 /* octets of DER */

/* NULL: it is not one, or something follows it. */
static X509_NAME *parse(struct octets der)
{
	const unsigned char *at = der.data;
	X509_NAME *name = NULL;

	if (der.length > 0 && der.length <= NAME_MOST)
		name = d2i_X509_NAME(NULL, &at, (long)der.length);
	if (name != NULL && (at != der.data + der.length || X509_NAME_entry_count(name) == 0)) {
		X509_NAME_free(name);
		name = NULL;
	}
	return name;
}

size_t distinguished_name_text(struct octets der, char *text, size_t room)
{
	/* everything but printable ASCII is escaped; what has no text is shown in hex, with a # in front */
	const unsigned long style = ASN1_STRFLGS_ESC_2253 | ASN1_STRFLGS_ESC_CTRL |
				    ASN1_STRFLGS_ESC_MSB | ASN1_STRFLGS_UTF8_CONVERT |
				    ASN1_STRFLGS_DUMP_UNKNOWN | ASN1_STRFLGS_DUMP_DER |
				    XN_FLAG_SEP_CPLUS_SPC | XN_FLAG_FN_SN;
	X509_NAME *name = parse(der);
	BIO *writer = BIO_new(BIO_s_mem());
	size_t length = 0;
	char *written;
	long all;

	if (room > 0)
		text[0] = '\0';
	if (name != NULL && writer != NULL && room > 0 &&
	    X509_NAME_print_ex(writer, name, 0, style) > 0) {
		all = BIO_get_mem_data(writer, &written);
		length = (size_t)all < room ? (size_t)all : room - 1;
		memcpy(text, written, length);
		text[length] = '\0';
	}
	BIO_free(writer);
	X509_NAME_free(name);
	ERR_clear_error();
	return length;
}

bool distinguished_name_equal(struct octets a, struct octets b)
{
	X509_NAME *one = parse(a), *other = parse(b);
	const bool same = one != NULL && other != NULL && X509_NAME_cmp(one, other) == 0;

	X509_NAME_free(one);
	X509_NAME_free(other);
	ERR_clear_error();
	return same;
}

/* ---- from text ----------------------------------------------------------------------------------------------------- */

#define TYPE_MOST  64  /* characters */
#define VALUE_MOST 256 /* octets */

static int nibble(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)(c | 0x20);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static const char *skip_spaces(const char *at)
{
	while (*at == ' ')
		at++;
	return at;
}

/* "CN=": the = is passed over.  False: there is no type. */
static bool take_type(const char **at, char type[TYPE_MOST])
{
	size_t length = 0;
	const char *from = skip_spaces(*at);

	while (isalnum((unsigned char)from[length]) || from[length] == '.' || from[length] == '-')
		length++;
	*at = skip_spaces(from + length);
	if (length == 0 || length >= TYPE_MOST || **at != '=')
		return false;
	memcpy(type, from, length);
	type[length] = '\0';
	*at = skip_spaces(*at + 1);
	return true;
}

/*
 * Up to a comma or plus that is not escaped, or to the end, where it stops.  Spaces at the end go unless they are escaped.
 */
static bool take_value(const char **at, uint8_t value[VALUE_MOST], size_t *length)
{
	size_t count = 0, kept = 0;
	const char *from = *at;

	while (*from != '\0' && *from != ',' && *from != '+') {
		const bool escaped = *from == '\\';
		uint8_t octet;

		if (escaped && from[1] != '\0' && nibble(from[1]) >= 0 && nibble(from[2]) >= 0) {
			octet = (uint8_t)(nibble(from[1]) << 4 | nibble(from[2]));
			from += 3;
		} else if (escaped) {
			octet = (uint8_t)from[1];
			from += 2;
		} else {
			octet = (uint8_t)*from++;
		}
		if (octet == 0 || count == VALUE_MOST)
			return false;
		value[count++] = octet;
		if (escaped || octet != ' ')
			kept = count;
	}
	*at = from;
	*length = kept;
	return kept > 0;
}

static bool add_parts(X509_NAME *name, const char *text)
{
	char type[TYPE_MOST];
	uint8_t value[VALUE_MOST];
	size_t length;
	int joined = 0;

	for (const char *at = text;; at++) {
		if (!take_type(&at, type) || !take_value(&at, value, &length) ||
		    X509_NAME_add_entry_by_txt(name, type, MBSTRING_UTF8, value, (int)length, -1,
					       joined) != 1)
			return false;
		if (*at == '\0')
			return true;
		joined = *at == '+' ? -1 : 0;
	}
}

bool distinguished_name_from_text(const char *text, uint8_t *der, size_t room, size_t *length)
{
	X509_NAME *name = X509_NAME_new();
	int needed = 0;

	if (name != NULL && add_parts(name, text))
		needed = i2d_X509_NAME(name, NULL);
	if (needed > 0 && (size_t)needed <= room)
		needed = i2d_X509_NAME(name, &der);
	else
		needed = 0;
	X509_NAME_free(name);
	ERR_clear_error();
	*length = needed > 0 ? (size_t)needed : 0;
	return needed > 0;
}
