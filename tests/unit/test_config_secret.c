/* SPDX-License-Identifier: ISC */
#include "tests/support/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "interop/config/config_secret.h"

#define ROOM 256

static struct fault fault;
static char text[ROOM]; /* as read; holds the secrets afterwards */

static char *hide(const char *written)
{
	snprintf(text, sizeof(text), "%s", written);
	return config_secret_hide("x.conf", text, &fault);
}

/* What the parser is shown must have neither the secret nor another number of lines. */
static void assert_hidden(const char *written, const char *secret, const char *before,
			  const char *after)
{
	char *shown = hide(written);
	char *mark, *end;

	ck_assert_msg(shown != NULL, "%s: %s", written, fault.text);
	ck_assert_msg(strstr(shown, secret) == NULL, "%s: %s", written, shown);
	ck_assert_msg(strncmp(shown, before, strlen(before)) == 0, "%s: %s", written, shown);
	mark = shown + strlen(before);
	ck_assert_msg(*mark == '"', "%s: %s", written, shown);
	end = strchr(mark + 1, '"');
	ck_assert_ptr_nonnull(end);
	ck_assert_str_eq(end + 1, after);
	*end = '\0';
	ck_assert_str_eq(config_secret_of(text, mark + 1), secret);
	free(shown);
}

START_TEST(test_what_cannot_be_hidden)
{
	static const struct {
		const char *text, *complaint;
	} wrong[] = {
	    {"peer {\nsecret = \"a\\nb\"\n}", "x.conf:2: secret: "},
	    {"secret = \"a\nb\"", "x.conf:1: secret: "},
	    {"secret = \"a\\x41\"", "0x and hex"},
	    {"secret = 'a\\\"b'", "only \\' and"},
	    {"\n\nsecret = abc}", "x.conf:3: secret: put it in quotation marks"},
	    {"secret = abc\"def\"", "put it in quotation marks"},
	};

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		ck_assert_msg(hide(wrong[i].text) == NULL, "%s", wrong[i].text);
		ck_assert_msg(strstr(fault.text, wrong[i].complaint) != NULL, "%s", fault.text);
	}
}
END_TEST

/* What looks like one and is none, and what is no secret itself. */
START_TEST(test_left_alone)
{
	static const char *const texts[] = {
	    "",
	    "secret",
	    "secret =",
	    "secret = \"\"",
	    "secret = \"file:gw.psk\"",
	    "secret = file:gw.psk\n",
	    "my-secret = \"abcdefgh\"",
	    "secrets = \"abcdefgh\"",
	    "secret { a = \"b\" }",
	    "identity = \"secret = abc\"",
	    "a = {\"secret\", \"x\"}",
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		char *shown = hide(texts[i]);

		ck_assert_msg(shown != NULL, "%s: %s", texts[i], fault.text);
		ck_assert_str_eq(shown, texts[i]);
		free(shown);
	}
	ck_assert_str_eq(config_secret_of(text, "file:gw.psk"), "file:gw.psk");
}
END_TEST

START_TEST(test_hidden)
{
	assert_hidden("secret = \"abcdefgh\"", "abcdefgh", "secret = ", "");
	assert_hidden("a{secret=\"abcdefgh\"}\n", "abcdefgh", "a{secret=", "}\n");
	/* an escaped mark does not end what stands in such marks: what follows it is still found */
	assert_hidden("a = 'it\\'s' secret = \"abcdefgh\"", "abcdefgh",
		      "a = 'it\\'s' secret = ", "");
	assert_hidden("secret = 'it\\'s' a = b", "it's", "secret = ", " a = b");
	assert_hidden("secret\n=\n'abcdefgh' }", "abcdefgh", "secret\n=\n", " }");
	assert_hidden("secret = 0x6162\nb", "0x6162", "secret = ", "\nb");
	assert_hidden("secret = abcdefgh", "abcdefgh", "secret = ", "");
	assert_hidden("x = \"{\" secret = \"a b=#{c\" }", "a b=#{c", "x = \"{\" secret = ", " }");
	assert_hidden("secret = \"a\\\"b\\\\c\" }", "a\"b\\c", "secret = ", " }");
	assert_hidden("secret = \"x\"", "x", "secret = ", ""); /* shorter than what stands for it */
}
END_TEST

/* A secret may look like what stands for one. */
START_TEST(test_a_mark_for_a_secret)
{
	char *shown = hide("secret = \"inline:0\"");
	char *mark = strchr(shown, '"') + 1;

	*strchr(mark, '"') = '\0';
	ck_assert_str_eq(config_secret_of(text, mark), "inline:0");
	free(shown);
}
END_TEST

START_TEST(test_more_than_one)
{
	char *shown = hide("a { secret = \"first\" }\nb { secret = 'second' secret = \"third\" }");
	const char *at = shown;
	static const char *const wanted[] = {"first", "second", "third"};

	for (size_t i = 0; i < 3; i++) {
		char mark[32];

		at = strstr(at, "\"inline:");
		ck_assert_ptr_nonnull(at);
		snprintf(mark, sizeof(mark), "%.*s", (int)strcspn(at + 1, "\""), at + 1);
		ck_assert_str_eq(config_secret_of(text, mark), wanted[i]);
		at++;
	}
	free(shown);
}
END_TEST

UNIT_MAIN("config_secret", test_what_cannot_be_hidden, test_left_alone, test_hidden,
	  test_a_mark_for_a_secret, test_more_than_one)
