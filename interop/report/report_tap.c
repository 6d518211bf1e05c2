/* SPDX-License-Identifier: ISC */
/*
 * report_tap.c - TAP version 13, https://testanything.org/tap-version-13-specification.html.
 */
#include <stdlib.h>

#include "interop/report/report.h"
#include "interop/report/report_matrix.h"
#include "interop/report/report_text.h"
#include "interop/report/report_verdict.h"

static void put_member(FILE *out, const char *name, const char *text)
{
	if (*text == '\0')
		return;
	fprintf(out, "  %s: ", name);
	report_put_yaml(out, text);
	fputc('\n', out);
}

static void put_yaml(FILE *out, const json_t *of)
{
	fputs("  ---\n", out);
	put_member(out, "verdict", report_string(of, "verdict"));
	put_member(out, "value", report_string(of, "value"));
	put_member(out, "level", report_string(of, "level"));
	put_member(out, "section", report_string(of, "section"));
	put_member(out, "requirement", report_string(of, "requirement"));
	put_member(out, "expected", report_string(of, "expected"));
	put_member(out, "observed", report_string(of, "observed"));
	put_member(out, "profile", report_string(json_object_get(of, "profile"), "reason"));
	put_member(out, "command", report_string(of, "command"));
	fputs("  ...\n", out);
}

static void put_case(FILE *out, const char *device, const json_t *of, unsigned number)
{
	enum conform_verdict verdict = report_verdict(of);
	bool good = verdict != CONFORM_FAIL && verdict != CONFORM_XPASS &&
		    verdict != CONFORM_INCONCLUSIVE && verdict != CONFORM_XFAIL;

	fprintf(out, "%s %u - ", good ? "ok" : "not ok", number);
	if (device != NULL) {
		report_put_tap(out, device);
		fputs(": ", out);
	}
	report_put_tap(out, report_string(of, "id"));
	fputs(" ", out);
	report_put_tap(out, report_string(of, "title"));
	if (verdict == CONFORM_SKIP || verdict == CONFORM_UNSUPPORTED) {
		fputs(" # SKIP ", out);
		report_put_tap(out, report_string(of, "observed"));
	} else if (verdict == CONFORM_XFAIL) {
		fputs(" # TODO ", out); /* what TAP has for a failure that is known */
		report_put_tap(out, report_string(json_object_get(of, "profile"), "reason"));
	}
	fputc('\n', out);
	if (verdict != CONFORM_PASS && verdict != CONFORM_SKIP)
		put_yaml(out, of);
}

static void put_head(FILE *out, const struct report_device *device, const char *name)
{
	fputs("# ", out);
	report_put_plain(out, name);
	fputs(" at ", out);
	report_put_plain(out, report_string(json_object_get(device->newest, "device"), "address"));
	fprintf(out, ", %s\n", report_string(device->newest, "started"));
}

bool report_tap(FILE *out, const json_t *reports)
{
	struct report_matrix *matrix = report_matrix_new(reports);
	size_t cases = 0;
	unsigned number = 0;
	bool good = matrix != NULL;

	for (size_t i = 0; good && i < matrix->devices; i++)
		cases += matrix->device[i].results;
	fprintf(out, "TAP version 13\n1..%zu%s\n", cases, cases == 0 ? " # SKIP no cases" : "");
	for (size_t i = 0; good && i < matrix->devices; i++) {
		const struct report_device *device = &matrix->device[i];
		char *name = report_device_name(device->newest);

		good = name != NULL;
		if (good)
			put_head(out, device, name);
		for (size_t c = 0; good && c < device->results; c++)
			put_case(out, matrix->devices > 1 ? name : NULL, device->result[c].of,
				 ++number);
		free(name);
	}
	report_matrix_free(matrix);
	return good && !ferror(out);
}
