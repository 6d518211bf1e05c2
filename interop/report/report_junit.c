/* SPDX-License-Identifier: ISC */
/*
 * report_junit.c - for machines that only know tests that pass, fail, break or are skipped.
 */
#include <stdlib.h>
#include <string.h>

#include "interop/report/report.h"
#include "interop/report/report_matrix.h"
#include "interop/report/report_text.h"
#include "interop/report/report_verdict.h"

static void put_attribute(FILE *out, const char *name, const char *value)
{
	fprintf(out, " %s=\"", name);
	report_put_xml(out, value);
	fputc('"', out);
}

static void put_line(FILE *out, const char *what, const char *text)
{
	if (*text == '\0')
		return;
	fprintf(out, "%s: ", what);
	report_put_xml(out, text);
	fputc('\n', out);
}

static void put_evidence(FILE *out, const json_t *of)
{
	put_line(out, "verdict", report_string(of, "verdict"));
	put_line(out, "value", report_string(of, "value"));
	put_line(out, "requirement", report_string(of, "requirement"));
	put_line(out, "section", report_string(of, "section"));
	put_line(out, "expected", report_string(of, "expected"));
	put_line(out, "observed", report_string(of, "observed"));
	put_line(out, "profile", report_string(json_object_get(of, "profile"), "reason"));
	put_line(out, "command", report_string(of, "command"));
}

/* The element inside <testcase>; NULL: the test has passed. */
static const char *element_of(enum conform_verdict verdict)
{
	switch (verdict) {
	case CONFORM_FAIL:
	case CONFORM_XPASS:
		return "failure";
	case CONFORM_INCONCLUSIVE:
		return "error";
	case CONFORM_SKIP:
	case CONFORM_UNSUPPORTED:
	case CONFORM_XFAIL: /* known, and so nothing to stop for */
		return "skipped";
	default:
		return NULL;
	}
}

static void put_case(FILE *out, const json_t *of)
{
	const char *id = report_string(of, "id"), *slash = strrchr(id, '/');
	const char *element = element_of(report_verdict(of));
	char *section = strndup(id, slash != NULL ? (size_t)(slash - id) : 0);

	fputs("    <testcase", out);
	put_attribute(out, "classname", section != NULL ? section : "");
	put_attribute(out, "name", id);
	fprintf(out, " time=\"%.3f\">\n", json_number_value(json_object_get(of, "seconds")));
	free(section);
	if (element != NULL) {
		fprintf(out, "      <%s", element);
		put_attribute(out, "message", report_string(of, "observed"));
		/* the schema of JUnit's own has no type of what was skipped */
		if (strcmp(element, "skipped") != 0)
			put_attribute(out, "type", report_string(of, "level"));
		fputs("/>\n", out);
	}
	fputs("      <system-out>", out);
	put_evidence(out, of);
	fputs("</system-out>\n    </testcase>\n", out);
}

static void put_counts(FILE *out, const struct report_cell *cell, double seconds)
{
	fprintf(out, " tests=\"%u\" failures=\"%u\" errors=\"%u\" skipped=\"%u\" time=\"%.3f\"",
		cell->cases, cell->count[CONFORM_FAIL] + cell->count[CONFORM_XPASS],
		cell->count[CONFORM_INCONCLUSIVE],
		cell->count[CONFORM_SKIP] + cell->count[CONFORM_UNSUPPORTED] +
		    cell->count[CONFORM_XFAIL],
		seconds);
}

static double seconds_of(const struct report_device *device)
{
	double seconds = 0;

	for (size_t i = 0; i < device->results; i++)
		seconds += json_number_value(json_object_get(device->result[i].of, "seconds"));
	return seconds;
}

static bool put_device(FILE *out, const struct report_device *device)
{
	const json_t *about = json_object_get(device->newest, "device");
	struct report_cell all = report_cell(device, NULL);
	char *name = report_device_name(device->newest);

	if (name == NULL)
		return false;
	fputs("  <testsuite", out);
	put_attribute(out, "name", name);
	free(name);
	put_attribute(out, "timestamp", report_string(device->newest, "started"));
	put_attribute(out, "hostname", report_string(about, "address"));
	put_counts(out, &all, seconds_of(device));
	fputs(">\n", out);
	for (size_t i = 0; i < device->results; i++)
		put_case(out, device->result[i].of);
	fputs("  </testsuite>\n", out);
	return true;
}

bool report_junit(FILE *out, const json_t *reports)
{
	struct report_matrix *matrix = report_matrix_new(reports);
	struct report_cell sum = {0};
	double seconds = 0;
	bool good = matrix != NULL;

	for (size_t i = 0; good && i < matrix->devices; i++) {
		struct report_cell all = report_cell(&matrix->device[i], NULL);

		for (size_t v = 0; v < CONFORM_VERDICTS; v++)
			sum.count[v] += all.count[v];
		sum.cases += all.cases;
		seconds += seconds_of(&matrix->device[i]);
	}
	fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"ruthere conform\"",
	      out);
	put_counts(out, &sum, seconds);
	fputs(">\n", out);
	for (size_t i = 0; good && i < matrix->devices; i++)
		good = put_device(out, &matrix->device[i]);
	fputs("</testsuites>\n", out);
	report_matrix_free(matrix);
	return good && !ferror(out);
}
