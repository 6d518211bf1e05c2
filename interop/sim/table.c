/* SPDX-License-Identifier: ISC */
#include "interop/sim/table.h"

#include <math.h>

#include "interop/sim/poisson.h"

static double seconds(ike_time time)
{
	return (double)time / (double)IKE_SECOND;
}

/* ---- numbers ------------------------------------------------------------------------------------------------------- */

void table_number(double value, char text[TABLE_CELL])
{
	int power = value != 0 ? (int)floor(log10(fabs(value))) : 0;

	if (power >= 6 || power < -3)
		snprintf(text, TABLE_CELL, "%.1fe%d", value / pow(10, power), power);
	else if (power >= 2)
		snprintf(text, TABLE_CELL, "%.0f",
			 round(value / pow(10, power - 2)) * pow(10, power - 2));
	else
		snprintf(text, TABLE_CELL, "%.3g", value);
}

void table_rate(const struct study_result *result, char text[TABLE_CELL])
{
	struct poisson_interval interval = poisson_confidence(result->counts.false_deaths);
	char rate[TABLE_CELL], low[TABLE_CELL], high[TABLE_CELL];

	table_number((double)result->counts.false_deaths / result->years, rate);
	table_number(interval.low / result->years, low);
	table_number(interval.high / result->years, high);
	if (result->counts.false_deaths == 0)
		snprintf(text, TABLE_CELL, "none: below %.18s", high);
	else
		snprintf(text, TABLE_CELL, "%.9s (%.9s-%.9s)", rate, low, high);
}

/* "5 days", "1 year", "90 s". */
static void duration(ike_time time, char text[TABLE_CELL])
{
	static const struct {
		const char *one, *many;
		double length;
	} units[] = {{"day", "days", 86400}, {"hour", "hours", 3600}, {"second", "seconds", 1}};
	double length = seconds(time);
	size_t i = 0;

	while (i < 2 && length < units[i].length)
		i++;
	length /= units[i].length;
	snprintf(text, TABLE_CELL, "%.4g %s", length, length == 1 ? units[i].one : units[i].many);
}

/* ---- the head ------------------------------------------------------------------------------------------------------ */

void table_network(const struct pair_settings *pair, FILE *out)
{
	const struct network_settings *network = &pair->network;

	fprintf(out, "%.3g %% lost each way, ", 100 * network->loss);
	if (network->burst > 0 && network->loss > 0)
		fprintf(out, "in bursts of %.3g s on average", seconds(network->burst));
	else
		fprintf(out, "independently");
	fprintf(out, "; delay %.4g to %.4g ms; ", 1e3 * seconds(network->delay - network->jitter),
		1e3 * seconds(network->delay + network->jitter));
	if (pair->traffic == TRAFFIC_NONE)
		fprintf(out, "no traffic");
	else
		fprintf(out, "a packet every %.3g s on average %s", seconds(pair->traffic_interval),
			pair->traffic == TRAFFIC_BOTH ? "each way" : "towards the watched");
	if (pair->mutual)
		fprintf(out, "; each watches the other");
}

void table_head(const struct study_settings *study, FILE *out)
{
	char time[TABLE_CELL];

	duration(study->time, time);
	fprintf(out, "network: ");
	table_network(&study->pair, out);
	fprintf(out, "\nsimulated: %u pairs for %s each, and %u real deaths at random moments\n",
		study->peers, time, study->deaths);
}

/* ---- the rows ------------------------------------------------------------------------------------------------------ */

static void print_row(const struct comparison *comparison, const struct comparison_row *row,
		      FILE *out)
{
	const struct study_result *result = &row->result;
	char name[METHOD_TEXT], rate[TABLE_CELL], formula[TABLE_CELL];

	method_describe(&row->method, name);
	table_rate(result, rate);
	table_number(
	    machine_false_deaths_a_year(&row->method.rules, comparison->study.pair.network.loss),
	    formula);
	fprintf(out, "%-27s %6.1f", name, seconds(machine_bound(&row->method.rules)));
	if (comparison->study.deaths > 0)
		fprintf(out, " %5.1f %5.1f %5.1f %5.1f", seconds(result->detection.least),
			seconds(result->detection.median), seconds(result->detection.most_of),
			seconds(result->detection.most));
	else
		fprintf(out, " %5s %5s %5s %5s", "-", "-", "-", "-");
	fprintf(out, "  %-22s %8s %8.0f\n", rate, formula, study_messages_an_hour(result));
}

void table_print(const struct comparison *comparison, FILE *out)
{
	enum comparison_group group = COMPARISON_GROUPS;
	char title[COMPARISON_TEXT];

	table_head(&comparison->study, out);
	fprintf(out, "\n%-27s %6s %-24s %-22s %8s %8s\n", "", "bound", " detected after, s",
		"false deaths", "by", "messages");
	fprintf(out, "%-27s %6s %5s %5s %5s %5s  %-22s %8s %8s\n", "method", "s", "least", "half",
		"99 %", "most", "a year (95 %)", "formula", "an hour");
	for (size_t i = 0; i < comparison->rows; i++) {
		if (comparison->row[i].group != group) {
			group = comparison->row[i].group;
			comparison_title(comparison, group, title);
			fprintf(out, "- %s\n", title);
		}
		print_row(comparison, &comparison->row[i], out);
	}
	fprintf(
	    out,
	    "\nbound: after this much silence the peer is dead at the latest; what was under way "
	    "adds its delay.\n"
	    "false deaths: per watched peer and year, with the interval of 95 %% confidence; "
	    "formula: for losses\n"
	    "  that are independent, without traffic; at most for the first two, exact for the "
	    "other two.\n"
	    "messages: sent by both ends together, lost ones included, traffic not.\n");
	if (comparison->method.mode == KEEPALIVE_ON_DEMAND)
		fprintf(out, "on demand: the bound counts from when there is something to send, "
			     "and nothing is asked before.\n");
	fprintf(out, "seed %llu\n", (unsigned long long)comparison->study.pair.seed);
}
