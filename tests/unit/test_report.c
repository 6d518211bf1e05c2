/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>

#include "interop/sim/report.h"
#include "tests/support/sim_sample.h"
#include "tests/support/unit.h"

static struct comparison comparison;
static struct frontier frontier;

/* "a.b.2.c": fails the test where there is none. */
static const json_t *at(const json_t *value, const char *path)
{
	char words[128];

	snprintf(words, sizeof(words), "%s", path);
	for (char *word = strtok(words, "."); word != NULL; word = strtok(NULL, ".")) {
		value = json_is_array(value) ? json_array_get(value, (size_t)atol(word))
					     : json_object_get(value, word);
		ck_assert_msg(value != NULL, "no %s", path);
	}
	return value;
}

static double number(const json_t *value, const char *path)
{
	ck_assert_msg(json_is_number(at(value, path)), "%s is no number", path);
	return json_number_value(at(value, path));
}

static const char *string(const json_t *value, const char *path)
{
	ck_assert_msg(json_is_string(at(value, path)), "%s is no string", path);
	return json_string_value(at(value, path));
}

START_TEST(what_was_not_measured_is_null)
{
	json_t *report;

	sim_sample_comparison(&comparison);
	comparison.study.deaths = 0;
	report = report_comparison(&comparison);
	ck_assert(json_is_null(at(report, "methods.0.detection_s")));
	ck_assert(json_is_null(at(report, "network.burst_s")));
	ck_assert(json_is_null(at(report, "network.traffic_interval_s")));
	ck_assert(json_is_null(at(report, "methods.3.messages_an_hour.octets")));
	json_decref(report);
}
END_TEST

START_TEST(the_head)
{
	json_t *report;

	sim_sample_comparison(&comparison);
	comparison.study.pair.network.burst = 2 * IKE_SECOND;
	comparison.study.pair.traffic = TRAFFIC_OUT;
	report = report_comparison(&comparison);
	ck_assert(number(report, "seed") == 3706);
	ck_assert(number(report, "network.loss") == 0.2);
	ck_assert(number(report, "network.burst_s") == 2);
	ck_assert(number(report, "network.delay_s") == 0.05);
	ck_assert(number(report, "network.jitter_s") == 0.01);
	ck_assert_str_eq(string(report, "network.traffic"), "out");
	ck_assert(number(report, "network.traffic_interval_s") == 5);
	ck_assert(json_is_false(at(report, "network.mutual")));
	ck_assert(number(report, "simulated.pairs") == 2);
	ck_assert(number(report, "simulated.time_s") == 31557600);
	ck_assert(number(report, "simulated.deaths") == 1000);
	ck_assert(number(report, "aim.detect_s") == 20);
	ck_assert(number(report, "aim.false_deaths_a_year") == 1);
	json_decref(report);
}
END_TEST

START_TEST(a_method)
{
	json_t *report;

	sim_sample_comparison(&comparison);
	report = report_comparison(&comparison);
	ck_assert_uint_eq(json_array_size(at(report, "methods")), comparison.rows);
	ck_assert_str_eq(string(report, "methods.0.group"), "given");
	ck_assert_str_eq(string(report, "methods.0.method"), "derived");
	ck_assert_str_eq(string(report, "methods.0.text"), "derived 10s, 0.643s x15");
	ck_assert(number(report, "methods.0.numbers.worry_s") == 10);
	ck_assert(number(report, "methods.0.numbers.misses") == 15);
	ck_assert(number(report, "methods.0.bound_s") == 20);
	ck_assert(number(report, "methods.0.detection_s.least") == 1.5);
	ck_assert(number(report, "methods.0.detection_s.median") == 15);
	ck_assert(number(report, "methods.0.detection_s.p99") == 19);
	ck_assert(number(report, "methods.0.detection_s.most") == 20);
	ck_assert(number(report, "methods.0.false_deaths.count") == 0);
	ck_assert(number(report, "methods.0.false_deaths.low_95") == 0);
	ck_assert_double_eq_tol(number(report, "methods.0.false_deaths.high_95"), 1.498, 0.001);
	ck_assert_double_eq_tol(number(report, "methods.0.false_deaths.formula"), 0.734, 0.001);
	ck_assert(number(report, "methods.2.false_deaths.count") == 10);
	ck_assert(number(report, "methods.2.false_deaths.peer_years") == 2);
	ck_assert(number(report, "methods.2.false_deaths.a_year") == 5);
	ck_assert(number(report, "methods.2.numbers.losses") == 3);
	ck_assert(number(report, "methods.2.numbers.window_s") == 5);
	ck_assert(number(report, "methods.3.numbers.interval_s") == 10);
	ck_assert_double_eq_tol(number(report, "methods.0.messages_an_hour.watcher"), 700, 0.01);
	ck_assert_double_eq_tol(number(report, "methods.0.messages_an_hour.watched"), 300, 0.01);
	ck_assert_double_eq_tol(number(report, "methods.0.messages_an_hour.both"), 1000, 0.01);
	ck_assert_double_eq_tol(number(report, "methods.0.messages_an_hour.octets"), 92000, 1);
	ck_assert_str_eq(string(report, "methods.10.group"), "same-both");
	json_decref(report);
}
END_TEST

START_TEST(the_frontier)
{
	json_t *report;

	sim_sample_comparison(&comparison);
	sim_sample_frontier(&comparison, &frontier);
	report = report_frontier(&frontier);
	/* what is not there is left out */
	ck_assert_uint_eq(json_array_size(at(report, "frontier")),
			  (FRONTIER_SERIES - 1) * FRONTIER_BOUNDS);
	ck_assert_str_eq(string(report, "frontier.0.series"), "derived");
	ck_assert(json_is_true(at(report, "frontier.0.eased")));
	ck_assert(json_is_false(at(report, "frontier.1.eased")));
	ck_assert_str_eq(string(report, "frontier.39.series"), "heartbeats-equal-messages");
	ck_assert(number(report, "frontier.39.false_deaths.count") == 400);
	ck_assert(number(report, "network.loss") == 0.2);
	json_decref(report);
}
END_TEST

UNIT_MAIN("report", what_was_not_measured_is_null, the_head, a_method, the_frontier)
