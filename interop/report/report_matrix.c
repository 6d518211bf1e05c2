/* SPDX-License-Identifier: ISC */
#include "interop/report/report_matrix.h"

#include <assert.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "interop/report/report_text.h"
#include "interop/report/report_verdict.h"

const char *report_string(const json_t *object, const char *name)
{
	const char *text = json_string_value(json_object_get(object, name));

	return text != NULL ? text : "";
}

int64_t report_began(const json_t *report)
{
	int64_t microseconds = 0;
	bool good = report_time(report_string(report, "started"), &microseconds);

	assert(good); /* report_check() */
	return microseconds;
}

bool report_changed(const json_t *was, const json_t *is)
{
	return was != NULL && is != NULL &&
	       (report_verdict(was) != report_verdict(is) ||
		strcmp(report_string(was, "value"), report_string(is, "value")) != 0);
}

char *report_device_name(const json_t *report)
{
	const json_t *device = json_object_get(report, "device");
	const char *version = report_string(device, "version");
	char *name;

	if (asprintf(&name, "%s%s%s", report_string(device, "name"), *version != '\0' ? " " : "",
		     version) < 0)
		return NULL;
	return name;
}

/* ---- merging ------------------------------------------------------------------------------------------------------- */

/* Whatever profile they are held against: it is the same program. */
static bool same_device(const json_t *a, const json_t *b)
{
	const json_t *of_a = json_object_get(a, "device"), *of_b = json_object_get(b, "device");

	return strcmp(report_string(of_a, "name"), report_string(of_b, "name")) == 0 &&
	       strcmp(report_string(of_a, "version"), report_string(of_b, "version")) == 0;
}

struct run {
	const json_t *report;
	size_t
	    given; /* of runs that began at the same time the one that was given later is newer */
	int64_t began;
};

static int newest_first(const void *a, const void *b)
{
	const struct run *left = a, *right = b;

	if (left->began != right->began)
		return left->began < right->began ? 1 : -1;
	return left->given < right->given ? 1 : -1;
}

/* Puts the cases of a run under those of newer ones; `places` has the index of a result by its ID. */
static bool add_run(struct report_device *device, const json_t *run, json_t *places)
{
	const json_t *cases = json_object_get(run, "cases"), *of;
	size_t more = json_array_size(cases), i;
	struct report_result *longer =
	    realloc(device->result, (device->results + more + 1) * sizeof(*longer));

	if (longer == NULL)
		return false;
	device->result = longer;
	memset(longer + device->results, 0, (more + 1) * sizeof(*longer));
	json_array_foreach(cases, i, of)
	{
		const char *id = report_string(of, "id");
		const json_t *place = json_object_get(places, id);
		struct report_result *result;

		if (place == NULL) {
			device->result[device->results] =
			    (struct report_result){of, run, NULL, NULL};
			if (json_object_set_new(places, id,
						json_integer((json_int_t)device->results)) != 0)
				return false;
			device->results++;
			continue;
		}
		result = &device->result[json_integer_value(place)];
		if (result->before == NULL) {
			result->before = of;
			result->run_before = run;
		}
	}
	return true;
}

/* A device of all runs that are of the same implementation as the report at `first`. */
static bool add_device(struct report_matrix *matrix, const json_t *reports, size_t first)
{
	struct report_device *device = &matrix->device[matrix->devices];
	struct run *runs = calloc(json_array_size(reports), sizeof(*runs));
	json_t *places = json_object();
	bool good = runs != NULL && places != NULL;

	matrix->devices++;
	for (size_t i = first; good && i < json_array_size(reports); i++) {
		const json_t *report = json_array_get(reports, i);

		if (same_device(report, json_array_get(reports, first)))
			runs[device->runs++] = (struct run){report, i, report_began(report)};
	}
	if (good)
		qsort(runs, device->runs, sizeof(*runs), newest_first);
	for (size_t i = 0; good && i < device->runs; i++)
		good = add_run(device, runs[i].report, places);
	if (good)
		device->newest = runs[0].report;
	json_decref(places);
	free(runs);
	return good;
}

static bool is_met(const struct report_matrix *matrix, const json_t *report)
{
	for (size_t i = 0; i < matrix->devices; i++)
		if (same_device(matrix->device[i].newest, report))
			return true;
	return false;
}

/* ---- sections ------------------------------------------------------------------------------------------------------ */

/* "rfc3706/5.3" of "rfc3706/5.3/ack-echoes-number". */
static size_t section_length(const char *id)
{
	const char *slash = strrchr(id, '/');

	return slash != NULL ? (size_t)(slash - id) : 0;
}

/* Numbers by their value, so that 5.10 comes behind 5.9. */
static int by_number(const void *a, const void *b)
{
	const char *left = *(const char *const *)a, *right = *(const char *const *)b;

	while (*left != '\0' && *right != '\0') {
		size_t digits_left, digits_right;
		int order;

		if (!isdigit((unsigned char)*left) || !isdigit((unsigned char)*right)) {
			if (*left != *right)
				return (unsigned char)*left < (unsigned char)*right ? -1 : 1;
			left++;
			right++;
			continue;
		}
		left += strspn(left, "0");
		right += strspn(right, "0");
		digits_left = strspn(left, "0123456789");
		digits_right = strspn(right, "0123456789");
		if (digits_left != digits_right)
			return digits_left < digits_right ? -1 : 1;
		order = strncmp(left, right, digits_left);
		if (order != 0)
			return order;
		left += digits_left;
		right += digits_right;
	}
	return (*left != '\0') - (*right != '\0');
}

static bool add_section(struct report_matrix *matrix, json_t *seen, const char *id)
{
	char *section = strndup(id, section_length(id)), **longer;

	if (section == NULL)
		return false;
	if (json_object_get(seen, section) != NULL) {
		free(section);
		return true;
	}
	longer = realloc(matrix->section, (matrix->sections + 1) * sizeof(*longer));
	if (longer == NULL) {
		free(section);
		return false;
	}
	matrix->section = longer;
	matrix->section[matrix->sections++] = section;
	return json_object_set_new(seen, section, json_true()) == 0;
}

static bool find_sections(struct report_matrix *matrix)
{
	json_t *seen = json_object();
	bool good = seen != NULL;

	for (size_t d = 0; d < matrix->devices; d++)
		for (size_t i = 0; good && i < matrix->device[d].results; i++)
			good = add_section(matrix, seen,
					   report_string(matrix->device[d].result[i].of, "id"));
	json_decref(seen);
	if (good && matrix->sections > 0)
		qsort(matrix->section, matrix->sections, sizeof(*matrix->section), by_number);
	return good;
}

struct report_matrix *report_matrix_new(const json_t *reports)
{
	struct report_matrix *matrix = calloc(1, sizeof(*matrix));
	bool good = matrix != NULL;

	if (good) {
		matrix->device = calloc(json_array_size(reports) + 1, sizeof(*matrix->device));
		good = matrix->device != NULL;
	}
	for (size_t i = 0; good && i < json_array_size(reports); i++)
		if (!is_met(matrix, json_array_get(reports, i)))
			good = add_device(matrix, reports, i);
	if (good && find_sections(matrix))
		return matrix;
	report_matrix_free(matrix);
	return NULL;
}

void report_matrix_free(struct report_matrix *matrix)
{
	if (matrix == NULL)
		return;
	for (size_t i = 0; i < matrix->devices; i++)
		free(matrix->device[i].result);
	for (size_t i = 0; i < matrix->sections; i++)
		free(matrix->section[i]);
	free(matrix->section);
	free(matrix->device);
	free(matrix);
}

struct report_cell report_cell(const struct report_device *device, const char *section)
{
	struct report_cell cell = {.worst = CONFORM_SKIP};

	for (size_t i = 0; i < device->results; i++) {
		const struct report_result *result = &device->result[i];
		const char *id = report_string(result->of, "id");
		enum conform_verdict verdict;

		if (section != NULL && (section_length(id) != strlen(section) ||
					strncmp(id, section, strlen(section)) != 0))
			continue;
		verdict = report_verdict(result->of);
		cell.count[verdict]++;
		cell.cases++;
		if (report_rank(verdict) < report_rank(cell.worst))
			cell.worst = verdict;
		if (report_changed(result->before, result->of))
			cell.changed = true;
	}
	return cell;
}
