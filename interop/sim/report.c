/* SPDX-License-Identifier: ISC */
#include "interop/sim/report.h"

#include "interop/sim/poisson.h"

#define MESSAGE_OCTETS                                                                             \
	92 /* an R-U-THERE as an ISAKMP message, AES and SHA-1; UDP and IP come on top */

static json_t *seconds(ike_time time)
{
	return json_real((double)time / (double)IKE_SECOND);
}

static void set(json_t *object, const char *key, json_t *value)
{
	json_object_set_new(object, key, value);
}

/* ---- what was simulated -------------------------------------------------------------------------------------------- */

static json_t *network(const struct pair_settings *pair)
{
	static const char *const traffic[] = {
	    [TRAFFIC_NONE] = "none", [TRAFFIC_OUT] = "out", [TRAFFIC_BOTH] = "both"};
	json_t *object = json_object();

	set(object, "loss", json_real(pair->network.loss));
	set(object, "burst_s",
	    pair->network.burst > 0 ? seconds(pair->network.burst) : json_null());
	set(object, "delay_s", seconds(pair->network.delay));
	set(object, "jitter_s", seconds(pair->network.jitter));
	set(object, "traffic", json_string(traffic[pair->traffic]));
	set(object, "traffic_interval_s",
	    pair->traffic != TRAFFIC_NONE ? seconds(pair->traffic_interval) : json_null());
	set(object, "mutual", json_boolean(pair->mutual));
	return object;
}

static json_t *head(const struct comparison *comparison)
{
	const struct study_settings *study = &comparison->study;
	json_t *object = json_object(), *simulated = json_object(), *aim = json_object();

	set(simulated, "pairs", json_integer(study->peers));
	set(simulated, "time_s", seconds(study->time));
	set(simulated, "deaths", json_integer(study->deaths));
	set(aim, "detect_s", seconds(comparison->method.detect));
	set(aim, "false_deaths_a_year", json_real(comparison->method.false_deaths));
	set(object, "seed", json_integer((json_int_t)study->pair.seed));
	set(object, "network", network(&study->pair));
	set(object, "simulated", simulated);
	set(object, "aim", aim);
	return object;
}

/* ---- one method ---------------------------------------------------------------------------------------------------- */

static json_t *numbers(const struct machine_rules *rules)
{
	json_t *object = json_object();

	switch (rules->kind) {
	case MACHINE_KEEPALIVE:
		set(object, "worry_s", seconds(rules->plan.worry));
		set(object, "retry_s", seconds(rules->plan.retry));
		set(object, "misses", json_integer(rules->plan.misses));
		break;
	case MACHINE_HEARTBEAT:
		set(object, "interval_s", seconds(rules->heartbeat.interval));
		set(object, "losses", json_integer(rules->heartbeat.losses));
		set(object, "window_s", seconds(rules->heartbeat.window));
		break;
	case MACHINE_PING:
		set(object, "interval_s", seconds(rules->ping.interval));
		set(object, "misses", json_integer(rules->ping.misses));
		break;
	}
	return object;
}

static json_t *detection(const struct study_result *result, uint32_t deaths)
{
	json_t *object;

	if (deaths == 0)
		return json_null();
	object = json_object();
	set(object, "least", seconds(result->detection.least));
	set(object, "median", seconds(result->detection.median));
	set(object, "p99", seconds(result->detection.most_of));
	set(object, "most", seconds(result->detection.most));
	return object;
}

static json_t *false_deaths(const struct study_result *result, double formula)
{
	struct poisson_interval interval = poisson_confidence(result->counts.false_deaths);
	json_t *object = json_object();

	set(object, "count", json_integer((json_int_t)result->counts.false_deaths));
	set(object, "peer_years", json_real(result->years));
	set(object, "a_year", json_real((double)result->counts.false_deaths / result->years));
	set(object, "low_95", json_real(interval.low / result->years));
	set(object, "high_95", json_real(interval.high / result->years));
	set(object, "formula", json_real(formula));
	return object;
}

static json_t *messages(const struct study_result *result, enum machine_kind kind)
{
	double watcher = (double)result->counts.messages[PAIR_WATCHER] / result->hours;
	double watched = (double)result->counts.messages[PAIR_WATCHED] / result->hours;
	json_t *object = json_object();

	set(object, "watcher", json_real(watcher));
	set(object, "watched", json_real(watched));
	set(object, "both", json_real(watcher + watched));
	set(object, "octets",
	    kind == MACHINE_KEEPALIVE ? json_real((watcher + watched) * MESSAGE_OCTETS)
				      : json_null());
	return object;
}

static json_t *row(const struct comparison *comparison, const struct method *method,
		   const struct study_result *result)
{
	const struct study_settings *study = &comparison->study;
	char text[METHOD_TEXT];
	json_t *object = json_object();

	method_describe(method, text);
	set(object, "method", json_string(method_name(method->kind)));
	set(object, "text", json_string(text));
	set(object, "numbers", numbers(&method->rules));
	set(object, "bound_s", seconds(machine_bound(&method->rules)));
	set(object, "detection_s", detection(result, study->deaths));
	set(object, "false_deaths",
	    false_deaths(result,
			 machine_false_deaths_a_year(&method->rules, study->pair.network.loss)));
	set(object, "messages_an_hour", messages(result, method->rules.kind));
	return object;
}

/* ---- the reports --------------------------------------------------------------------------------------------------- */

json_t *report_comparison(const struct comparison *comparison)
{
	static const char *const groups[COMPARISON_GROUPS] = {
	    [COMPARISON_GIVEN] = "given",
	    [COMPARISON_BOUND] = "same-bound",
	    [COMPARISON_FALSE_DEATHS] = "same-false-deaths",
	    [COMPARISON_BOTH] = "same-both",
	};
	json_t *object = head(comparison), *rows = json_array();

	for (size_t i = 0; i < comparison->rows; i++) {
		json_t *one =
		    row(comparison, &comparison->row[i].method, &comparison->row[i].result);

		set(one, "group", json_string(groups[comparison->row[i].group]));
		json_array_append_new(rows, one);
	}
	set(object, "methods", rows);
	return object;
}

json_t *report_frontier(const struct frontier *frontier)
{
	json_t *object = head(frontier->comparison), *cells = json_array();

	for (unsigned series = 0; series < FRONTIER_SERIES; series++) {
		for (unsigned i = 0; i < FRONTIER_BOUNDS; i++) {
			const struct frontier_cell *cell = &frontier->cell[series][i];
			json_t *one;

			if (!cell->there)
				continue;
			one = row(frontier->comparison, &cell->method, &cell->result);
			set(one, "series", json_string(frontier_key(series)));
			set(one, "eased", json_boolean(cell->eased));
			json_array_append_new(cells, one);
		}
	}
	set(object, "frontier", cells);
	return object;
}
