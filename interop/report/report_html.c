/* SPDX-License-Identifier: ISC */
/*
 * report_html.c - the page: its own text with the style, the program and the reports put where page.html has a mark of their name.
 *
 * Reports hold what strangers have sent.  They are in the page as JSON that no parser of HTML can see an end of; the program
 * makes nothing but text of it; and the page's policy lets no script run but that whose digest it has, and nothing be fetched.
 */
#include <stdlib.h>
#include <string.h>

#include "crypto/hash.h"
#include "interop/report/page_text.h"
#include "interop/report/report.h"

#define DIGEST        32                         /* octets: SHA2-256 */
#define DIGEST_BASE64 ((DIGEST + 2) / 3 * 4 + 1) /* terminated */

/* RFC 4648 section 4. */
static void base64(const uint8_t digest[DIGEST], char text[DIGEST_BASE64])
{
	static const char digits[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=";

	for (size_t i = 0; i < DIGEST; i += 3) {
		uint32_t three = (uint32_t)digest[i] << 16 |
				 (i + 1 < DIGEST ? (uint32_t)digest[i + 1] << 8 : 0) |
				 (i + 2 < DIGEST ? digest[i + 2] : 0u);

		*text++ = digits[three >> 18];
		*text++ = digits[three >> 12 & 63];
		*text++ = digits[i + 1 < DIGEST ? three >> 6 & 63 : 64];
		*text++ = digits[i + 2 < DIGEST ? three & 63 : 64];
	}
	*text = '\0';
}

static bool put_digest(FILE *out, struct octets text)
{
	struct crypto *crypto = crypto_new();
	uint8_t digest[HASH_MAX_LENGTH];
	char digits[DIGEST_BASE64];

	if (crypto == NULL)
		return false;
	hash_octets(crypto, HASH_SHA2_256, &text, 1, digest);
	crypto_free(crypto);
	base64(digest, digits);
	fprintf(out, "'sha256-%s'", digits);
	return true;
}

/*
 * Where a script of HTML ends is decided by "</script", "<!--" and "<script" in it.  In JSON a "<" is only ever in a string, and
 * there it has another form.
 */
static int put_json(const char *text, size_t length, void *context)
{
	FILE *out = context;

	for (size_t i = 0; i < length;) {
		const char *at = memchr(text + i, '<', length - i);
		size_t piece = (at != NULL ? (size_t)(at - text) : length) - i;

		if (fwrite(text + i, 1, piece, out) != piece)
			return -1;
		i += piece;
		if (at != NULL && fputs("\\u003c", out) < 0)
			return -1;
		i += at != NULL;
	}
	return 0;
}

/* What a mark stands for; false also where there is no such mark. */
static bool put_part(FILE *out, struct octets name, const json_t *reports)
{
	static const struct {
		const char *name;
		struct octets (*text)(void);
		bool digest;
	} parts[] = {
	    {"style", page_css, false},
	    {"program", page_js, false},
	    {"style-digest", page_css, true},
	    {"program-digest", page_js, true},
	};

	if (name.length == 7 && memcmp(name.data, "reports", 7) == 0)
		return json_dump_callback(reports, put_json, out, JSON_COMPACT) == 0;
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		struct octets text = parts[i].text();

		if (strlen(parts[i].name) != name.length ||
		    memcmp(parts[i].name, name.data, name.length) != 0)
			continue;
		return parts[i].digest ? put_digest(out, text)
				       : fwrite(text.data, 1, text.length, out) == text.length;
	}
	return false;
}

bool report_html(FILE *out, const json_t *reports)
{
	static const char begin[] = "{{", end[] = "}}";
	struct octets page = page_html();
	const uint8_t *at;

	while ((at = memmem(page.data, page.length, begin, 2)) != NULL) {
		size_t before = (size_t)(at - page.data);
		const uint8_t *name = at + 2,
			      *last = memmem(name, page.length - before - 2, end, 2);

		if (last == NULL || fwrite(page.data, 1, before, out) != before ||
		    !put_part(out, octets_of(name, (size_t)(last - name)), reports))
			return false;
		page = octets_of(last + 2, page.length - before - 2 - (size_t)(last - name) - 2);
	}
	return fwrite(page.data, 1, page.length, out) == page.length && !ferror(out);
}
