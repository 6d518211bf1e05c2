/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>

#include "interop/report/report.h"
#include "interop/report/report_matrix.h"
#include "interop/report/report_text.h"

static void put_state(FILE *out, const json_t *of)
{
	const char *value = report_string(of, "value");

	report_put_plain(out, report_string(of, "verdict"));
	if (*value != '\0') {
		fputc(' ', out);
		report_put_plain(out, value);
	}
}

static void put_difference(FILE *out, const json_t *was, const json_t *is)
{
	fprintf(out, "%s: was ", report_string(is, "id"));
	put_state(out, was);
	fputs(", is ", out);
	put_state(out, is);
	fputs("\n    was observed: ", out);
	report_put_plain(out, report_string(was, "observed"));
	fputs("\n    is observed:  ", out);
	report_put_plain(out, report_string(is, "observed"));
	if (json_integer_value(json_object_get(was, "version")) !=
	    json_integer_value(json_object_get(is, "version")))
		fprintf(out,
			"\n    the case itself has changed: version %" JSON_INTEGER_FORMAT
			", now %" JSON_INTEGER_FORMAT,
			json_integer_value(json_object_get(was, "version")),
			json_integer_value(json_object_get(is, "version")));
	fputc('\n', out);
}

static bool put_run(FILE *out, const char *mark, const json_t *report)
{
	char *name = report_device_name(report);

	if (name == NULL)
		return false;
	fprintf(out, "%s ", mark);
	report_put_plain(out, name);
	fprintf(out, ", %s\n", report_string(report, "started"));
	free(name);
	return true;
}

/* ---- two reports --------------------------------------------------------------------------------------------------- */

/* The cases of a report by their IDs. */
static json_t *by_id(const json_t *report)
{
	json_t *index = json_object(), *of;
	size_t i;

	if (index == NULL)
		return NULL;
	json_array_foreach(json_object_get(report, "cases"), i,
			   of) if (json_object_set(index, report_string(of, "id"), of) != 0)
	{
		json_decref(index);
		return NULL;
	}
	return index;
}

static bool compare(FILE *out, const json_t *was, const json_t *is, size_t *differences)
{
	json_t *before = by_id(was), *cases = json_object_get(is, "cases"), *of;
	size_t common = 0, i;
	bool good = before != NULL && put_run(out, "---", was) && put_run(out, "+++", is);

	json_array_foreach(cases, i, of)
	{
		const json_t *then;

		if (!good)
			break;
		then = json_object_get(before, report_string(of, "id"));
		if (then == NULL)
			continue;
		common++;
		if (report_changed(then, of)) {
			put_difference(out, then, of);
			(*differences)++;
		}
	}
	if (good)
		fprintf(out, "%zu of %zu cases differ", *differences, common);
	if (good && common < json_object_size(before))
		fprintf(out, "; only the first run has %zu", json_object_size(before) - common);
	if (good && common < json_array_size(cases))
		fprintf(out, "; only the second run has %zu", json_array_size(cases) - common);
	if (good)
		fputc('\n', out);
	json_decref(before);
	return good;
}

/* ---- many ---------------------------------------------------------------------------------------------------------- */

static bool compare_runs(FILE *out, const struct report_device *device, size_t *differences)
{
	size_t common = 0, differing = 0;

	if (!put_run(out, "+++", device->newest))
		return false;
	for (size_t i = 0; i < device->results; i++) {
		const struct report_result *result = &device->result[i];

		if (result->before == NULL)
			continue;
		common++;
		if (report_changed(result->before, result->of)) {
			put_difference(out, result->before, result->of);
			differing++;
		}
	}
	fprintf(out, "%zu of %zu cases differ from the run before\n", differing, common);
	*differences += differing;
	return true;
}

bool report_diff(FILE *out, const json_t *reports, size_t *differences)
{
	const json_t *first = json_array_get(reports, 0), *second = json_array_get(reports, 1);
	struct report_matrix *matrix;
	bool good;

	*differences = 0;
	if (json_array_size(reports) == 2) {
		bool turned = report_began(first) > report_began(second);

		good = compare(out, turned ? second : first, turned ? first : second, differences);
		return good && !ferror(out);
	}
	matrix = report_matrix_new(reports);
	good = matrix != NULL;
	for (size_t i = 0; good && i < matrix->devices; i++)
		good = compare_runs(out, &matrix->device[i], differences);
	report_matrix_free(matrix);
	return good && !ferror(out);
}
