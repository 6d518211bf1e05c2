/* SPDX-License-Identifier: ISC */
#include "tests/support/unit.h"

#include <stdlib.h>
#include <string.h>

#include "crypto/backend.h"
#include "crypto/hash.h"
#include "interop/report/page_text.h"
#include "tests/support/markup.h"
#include "tests/support/report_sample.h"

#define BEGIN "<script type=\"application/json\" id=\"reports\">"

/* The text of the element with the reports. */
static char *embedded(const char *page)
{
	const char *begin = strstr(page, BEGIN), *end;

	ck_assert_ptr_nonnull(begin);
	begin += strlen(BEGIN);
	end = strstr(begin, "</script>");
	ck_assert_ptr_nonnull(end);
	return strndup(begin, (size_t)(end - begin));
}

/* What would end the element, or have another begin within it, is in it in another form, and is the same when it is read. */
START_TEST(test_hostile_texts)
{
	json_t *reports = json_pack("[o]", report_sample("</script><script>alert(1)</script>",
							 "<!--<script>", "2026-11-25T09:00:00Z")),
	       *copy, *again;
	char *text;

	report_sample_put(json_array_get(reports, 0), "device/address",
			  json_string("</SCRIPT >\xe2\x80\xa8{{program}}"));
	copy = json_deep_copy(reports);
	text = embedded(report_sample_written(report_html, reports));
	ck_assert_ptr_null(strchr(text, '<'));
	again = json_loads(text, 0, NULL);
	ck_assert(json_equal(again, copy));
	free(text);
	json_decref(again);
	json_decref(copy);
}
END_TEST

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/* The policy has the digest of what stands in the page, which a browser takes of the element's text. */
static void check_digest(const char *page, const char *directive, const char *begin,
			 const char *end)
{
	const char *policy = strstr(page, directive), *text = strstr(page, begin);
	uint8_t digest[HASH_MAX_LENGTH], said[33] = {0};
	struct crypto *crypto = crypto_new();
	struct octets whole;

	ck_assert(policy != NULL && text != NULL);
	text += strlen(begin);
	whole = octets_of(text, (size_t)(strstr(text, end) - text));
	hash_octets(crypto, HASH_SHA2_256, &whole, 1, digest);
	policy += strlen(directive);
	for (size_t i = 0; i < 43; i++) {
		unsigned value = (unsigned)(strchr(digits, policy[i]) - digits);

		for (unsigned bit = 0; bit < 6; bit++)
			if (value & 32u >> bit)
				said[(i * 6 + bit) / 8] |= (uint8_t)(128u >> (i * 6 + bit) % 8);
	}
	ck_assert_int_eq(memcmp(said, digest, 32), 0);
	ck_assert_int_eq(strncmp(policy + 43, "='", 2), 0);
	crypto_free(crypto);
}

START_TEST(test_policy)
{
	const char *page = report_sample_written(report_html, json_array());

	ck_assert_ptr_nonnull(strstr(page, "content=\"default-src 'none'; script-src 'sha256-"));
	check_digest(page, "script-src 'sha256-", "<script>", "</script>");
	check_digest(page, "style-src 'sha256-", "<style>", "</style>");
	ck_assert_ptr_null(strstr(page, "unsafe-inline"));
}
END_TEST

START_TEST(test_whole)
{
	const char *page = report_sample_written(report_html, json_array());
	struct octets js = page_js(), css = page_css();

	ck_assert_ptr_null(strstr(page, "{{"));
	ck_assert_ptr_nonnull(memmem(page, strlen(page), js.data, js.length));
	ck_assert_ptr_nonnull(memmem(page, strlen(page), css.data, css.length));
	ck_assert_ptr_nonnull(strstr(page, BEGIN "[]</script>"));
	ck_assert_uint_eq(markup_count(page, "</html>"), 1);
}
END_TEST

START_TEST(test_a_full_disk)
{
	json_t *reports = json_array();
	struct fault fault;

	ck_assert(!report_write("/dev/full", report_html, reports, &fault));
	ck_assert_str_eq(fault.text, "cannot write /dev/full: No space left on device");
	json_decref(reports);
}
END_TEST

UNIT_MAIN("report_html", test_hostile_texts, test_policy, test_whole, test_a_full_disk)
