/* SPDX-License-Identifier: ISC */
#include "tests/support/unit.h"

#include <stdio.h>
#include <string.h>

#include "interop/bench/bench.h"
#include "interop/verb.h"
#include "tests/support/command.h"
#include "tests/support/stand_in.h"

/* What it finds depends on the machine; that every answer is looked at and nothing is lost does not. */
START_TEST(test_small)
{
	static const char *const names[] = {"300 SAs", "2 SAs", "floor: cryptography",
					    "floor: system calls", "floor"};
	struct bench_settings settings = {.rounds = 2,
					  .sas = {2, 300},
					  .sizes = 2,
					  .seed = 1,
					  .exchanges = 400,
					  .unconfined = true};
	struct figures *figures = figures_new();
	struct figures_summary summary;
	struct fault fault;
	json_t *json;

	ck_assert_msg(bench_answered(&settings, figures, &fault), "%s", fault.text);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		ck_assert_msg(figures_quantity(figures, "answered", names[i], &summary), "%s",
			      names[i]);
		ck_assert_uint_eq(summary.rounds, 2);
		ck_assert(summary.least >= 0);
	}
	ck_assert(figures_ratio_of(figures, "answered", "300 SAs / floor", &summary));
	ck_assert_int_eq(summary.goal, FIGURES_AT_MOST);
	ck_assert_double_eq(summary.bound, 1.3);
	ck_assert(figures_ratio_of(figures, "answered", "300 SAs / 2 SAs", &summary));
	ck_assert_uint_eq(summary.rounds, 2);
	json = figures_json(figures);
	ck_assert_uint_eq(json_array_size(json_object_get(json, "notes")), 0); /* nothing lost */
	json_decref(json);
	figures_free(figures);
}
END_TEST

/* Another one, for which a serve of our own stands in, is held against a node that is asked by the same window. */
START_TEST(test_against)
{
	char line[1024];
	uint16_t port;
	pid_t pid = stand_in_start(&port);

	snprintf(
	    line, sizeof(line),
	    "bench answered --against 127.0.0.1:%u --pid %d --name other --rounds 2 --exchanges "
	    "100 --sas 8 --window 4 --unconfined --secret " STAND_IN_SECRET
	    " --identity fqdn:b.example --proposal aes128-sha1-modp2048",
	    port, (int)pid);
	ck_assert_msg(command_run(verb_bench, line) == 0, "%s", command_err());
	ck_assert_ptr_nonnull(strstr(command_out(), "8 SAs, window of 4 "));
	ck_assert_ptr_nonnull(strstr(command_out(), "other, 8 SAs / 8 SAs, window of 4 "));
	ck_assert_ptr_nonnull(strstr(command_out(), "8 SAs / floor "));
	ck_assert_ptr_null(strstr(command_out(), "window of 4 / "));
	ck_assert_int_eq(command_end(pid), 0);
}
END_TEST

UNIT_MAIN("bench_answered", test_against, test_small)
