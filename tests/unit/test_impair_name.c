/* SPDX-License-Identifier: ISC */
#include <ctype.h>
#include <string.h>

#include "interop/impair/impair_layer.h"
#include "tests/support/unit.h"

static struct fault fault;

START_TEST(no_such_name)
{
	enum impairment impairment = IMPAIR_ACK_LATE;

	ck_assert(!impairment_parse("", &impairment, &fault));
	ck_assert(!impairment_parse("ack", &impairment, &fault));
	ck_assert(!impairment_parse("ACK-NEVER", &impairment, &fault));
	ck_assert(!impairment_parse("ack-never ", &impairment, &fault));
	ck_assert_int_eq(impairment, IMPAIR_ACK_LATE);
	ck_assert(!impairment_parse("dies-of-reserve", &impairment, &fault));
	ck_assert_str_eq(fault.text, "there is no impairment 'dies-of-reserve'; did you mean "
				     "dies-of-reserved? --impair list names all");
	ck_assert(!impairment_parse("mm2-by-time", &impairment, &fault));
	ck_assert_ptr_nonnull(strstr(fault.text, "did you mean mm2-by-timer?"));
}
END_TEST

/* What a script can be given, and a table can show. */
START_TEST(names_and_sentences)
{
	for (size_t i = 0; i < IMPAIRMENTS; i++) {
		const char *name = impairment_name((enum impairment)i);
		const char *sentence = impairment_sentence((enum impairment)i);
		enum impairment parsed;

		ck_assert(impairment_parse(name, &parsed, &fault));
		ck_assert_uint_eq((size_t)parsed, i); /* so none is there twice */
		ck_assert_uint_lt(strlen(name), 36);
		ck_assert_uint_lt(strlen(sentence), 90);
		ck_assert(sentence[strlen(sentence) - 1] != '.');
		for (const char *at = name; *at != '\0'; at++)
			ck_assert(islower((unsigned char)*at) || isdigit((unsigned char)*at) ||
				  *at == '-');
	}
}
END_TEST

/* Each is a row of a table, or a setting, or is done when an SA comes up. */
START_TEST(every_one_is_made)
{
	static const struct impair_rule *const tables[] = {
	    impair_ack_rules,   impair_accept_rules, impair_form_rules,  impair_refuse_rules,
	    impair_probe_rules, impair_number_rules, impair_state_rules, impair_phase_1_rules,
	    impair_death_rules, impair_resend_rules,
	};
	bool made[IMPAIRMENTS] = {
	    [IMPAIR_IGNORES_INITIAL_CONTACT] = true,   [IMPAIR_INITIAL_CONTACT_NEVER] = true,
	    [IMPAIR_INITIAL_CONTACT_MALFORMED] = true, [IMPAIR_INITIAL_CONTACT_ALWAYS] = true,
	    [IMPAIR_FORGETS_OLDER_SA] = true,
	};

	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++)
		for (const struct impair_rule *rule = tables[i]; rule->matches != NULL; rule++)
			made[rule->impairment] = true;
	for (size_t i = 0; i < IMPAIRMENTS; i++)
		ck_assert_msg(made[i], "%s", impairment_name((enum impairment)i));
}
END_TEST

START_TEST(settings)
{
	bool on[IMPAIRMENTS] = {false};
	struct ike_peer_settings peers[2] = {{.obey_initial_contact = true},
					     {.obey_initial_contact = true}};
	struct ike_settings with = {.peer = peers, .peers = 2};

	impair_settings(on, &with, peers);
	ck_assert(with.export_keys);
	ck_assert(peers[1].obey_initial_contact && !peers[1].never_initial_contact);
	ck_assert(!with.say_invalid_cookie);
	on[IMPAIR_IGNORES_INITIAL_CONTACT] = on[IMPAIR_INITIAL_CONTACT_NEVER] = true;
	on[IMPAIR_INVALID_COOKIE_STORM] = true;
	impair_settings(on, &with, peers);
	ck_assert(!peers[0].obey_initial_contact && peers[0].never_initial_contact);
	ck_assert(!peers[1].obey_initial_contact && peers[1].never_initial_contact);
	ck_assert(with.say_invalid_cookie);
}
END_TEST

UNIT_MAIN("impair_name", no_such_name, names_and_sentences, every_one_is_made, settings)
