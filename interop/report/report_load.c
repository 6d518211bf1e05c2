/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "interop/report/report.h"
#include "interop/report/report_text.h"

#define FILE_MOST                                                                                  \
	(64 << 20) /* octets: a whole suite with its conversations is one or two million */

/* What jansson says quotes the file, which may hold anything. */
static void say_no_json(struct fault *fault, const char *path, const json_error_t *error)
{
	char text[2 * JSON_ERROR_TEXT_LENGTH] = "";
	FILE *out = fmemopen(text, sizeof(text) - 1, "w");

	if (out != NULL) {
		report_put_plain(out, error->text);
		fclose(out);
	}
	fault_say(fault,
		  "%s:%d: no JSON: %s; a report is what ruthere conform writes as report.json",
		  path, error->line, text);
}

json_t *report_load(const char *path, struct fault *fault)
{
	FILE *file = fopen(path, "re");
	struct stat status;
	json_error_t error;
	json_t *report;

	if (file == NULL || fstat(fileno(file), &status) != 0) {
		fault_say(fault, "%s: %s", path, strerror(errno));
		if (file != NULL)
			fclose(file);
		return NULL;
	}
	if (status.st_size > FILE_MOST) {
		fault_say(fault, "%s: longer than any report: %d MiB at most", path,
			  FILE_MOST >> 20);
		fclose(file);
		return NULL;
	}
	report = json_loadf(file, JSON_REJECT_DUPLICATES, &error);
	fclose(file);
	if (report == NULL) {
		say_no_json(fault, path, &error);
		return NULL;
	}
	if (!report_check(report, path, fault)) {
		json_decref(report);
		return NULL;
	}
	return report;
}

bool report_write(const char *path, report_writer *writer, const json_t *reports,
		  struct fault *fault)
{
	bool standard = strcmp(path, "-") == 0, good;
	/* the page has the keys of the tester's SAs in it: until its owner says otherwise it is the owner's */
	mode_t mode = writer == report_html ? 0600 : 0666;
	int descriptor = standard ? -1 : open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
	FILE *out = standard ? stdout : descriptor >= 0 ? fdopen(descriptor, "w") : NULL;

	if (out == NULL)
		return fault_say(fault, "cannot write %s: %s", path, strerror(errno));
	errno = 0;
	good = writer(out, reports) && fflush(out) == 0;
	if (!standard && fclose(out) != 0)
		good = false;
	return good || fault_say(fault, "cannot write %s: %s", standard ? "standard output" : path,
				 errno != 0 ? strerror(errno) : "no memory");
}
