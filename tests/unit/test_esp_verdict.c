/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "interop/esp/esp_verdict.h"
#include "tests/support/unit.h"

START_TEST(test_only_accepted_has_no_section)
{
	ck_assert_int_eq(ESP_ACCEPTED, 0); /* counters are zeroed with that in mind */
	ck_assert_str_eq(esp_verdict_section(ESP_ACCEPTED), "");
	for (unsigned i = 1; i < ESP_VERDICTS; i++)
		ck_assert_str_ne(esp_verdict_section(i), "");
}
END_TEST

START_TEST(test_every_verdict_says_what_is_wrong_in_one_line)
{
	for (unsigned i = 0; i < ESP_VERDICTS; i++) {
		const char *sentence = esp_verdict_sentence(i);
		size_t length = strlen(sentence);

		ck_assert_uint_gt(length, 7);
		ck_assert(sentence[length - 1] != '.');
		ck_assert_ptr_null(strchr(sentence, '\n'));
		for (unsigned j = 0; j < i; j++) {
			ck_assert_str_ne(sentence, esp_verdict_sentence(j));
			ck_assert_str_ne(esp_verdict_name(i), esp_verdict_name(j));
		}
	}
}
END_TEST

START_TEST(test_entries)
{
	ck_assert_str_eq(esp_verdict_name(ESP_BAD_ICV), "BAD_ICV");
	ck_assert_str_eq(esp_verdict_section(ESP_REPLAYED), "RFC 4303 section 3.4.3");
	ck_assert_str_eq(esp_verdict_sentence(ESP_UNKNOWN_SPI), "no SA with this SPI");
}
END_TEST

UNIT_MAIN("esp_verdict", test_only_accepted_has_no_section,
	  test_every_verdict_says_what_is_wrong_in_one_line, test_entries)
