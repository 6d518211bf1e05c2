/* SPDX-License-Identifier: ISC */
#include "tests/support/unit.h"

#include <string.h>

#include "interop/events/pair_json.h"
#include "tests/support/pairs.h"

static json_t *told(const struct ike_ipsec_sa *sa)
{
	json_t *line = json_object();

	pair_json_add(line, sa);
	return line;
}

static const char *text_of(const json_t *line, const char *name)
{
	return json_string_value(json_object_get(line, name));
}

START_TEST(test_tunnel)
{
	const struct ike_ipsec_sa sa = pair_of_sas(1);
	json_t *line = told(&sa);

	ck_assert_str_eq(text_of(line, "proposal"), "aes128-sha1");
	ck_assert_str_eq(text_of(line, "mode"), "tunnel");
	ck_assert_str_eq(text_of(line, "local"), "10.1.0.0/16");
	ck_assert_str_eq(text_of(line, "remote"), "10.2.0.0/16");
	ck_assert(json_is_false(json_object_get(line, "encapsulated")));
	json_decref(line);
}
END_TEST

START_TEST(test_transport)
{
	struct ike_ipsec_sa sa = pair_of_sas(1);
	json_t *line;

	sa.transport = sa.encapsulated = true;
	set_selector(&sa.inside_remote, "198.51.100.2", 17, 1701);
	line = told(&sa);
	ck_assert_str_eq(text_of(line, "mode"), "transport");
	ck_assert_str_eq(text_of(line, "remote"), "198.51.100.2/32 udp/1701");
	ck_assert(json_is_true(json_object_get(line, "encapsulated")));
	json_decref(line);
}
END_TEST

/* Nothing of the keys, in whatever form: neither the field nor the octets. */
START_TEST(test_no_keys)
{
	const struct ike_ipsec_sa sa = pair_of_sas(1);
	json_t *line = told(&sa);
	char *text = json_dumps(line, 0);

	ck_assert_ptr_null(strstr(text, "key"));
	ck_assert_ptr_null(strstr(text, "e0e0"));
	free(text);
	json_decref(line);
}
END_TEST

UNIT_MAIN("pair_json", test_tunnel, test_transport, test_no_keys)
