/* SPDX-License-Identifier: ISC */
/*
 * verb_report.c - reports of `ruthere conform`, one or many, as pages and files for people and machines.
 */
#include <getopt.h>
#include <stdio.h>
#include <sys/stat.h>

#include "interop/options.h"
#include "interop/report/report.h"
#include "interop/verb.h"

#define REPORTS_MOST 256

static const struct options_verb report_verb = {
    .name = "report",
    .operands = "REPORT.json...",
    .purpose =
	"Makes one page of what \"ruthere conform\" has found out about one or more "
	"implementations.\n"
	"Several reports of one implementation are several runs: the newest counts, and what "
	"has changed\n"
	"is marked.  Without options the matrix is printed.",
    .examples = "  ruthere report report.json --html report.html\n"
		"  ruthere report strongswan.json libreswan.json --html matrix.html --table\n"
		"  ruthere report --diff yesterday.json today.json\n",
    .least = 1,
    .most = REPORTS_MOST,
};

struct wanted {
	const char *html, *junit;
	bool tap, table, diff;
};

static bool write_one(bool wanted, const char *path, report_writer *writer, const json_t *reports)
{
	struct fault fault;

	if (!wanted || report_write(path, writer, reports, &fault))
		return true;
	fprintf(stderr, "ruthere report: %s\n", fault.text);
	return false;
}

/* The exit status. */
static int write_all(const struct wanted *wanted, const json_t *reports)
{
	size_t differences = 0;

	if (!write_one(wanted->html != NULL, wanted->html, report_html, reports) ||
	    !write_one(wanted->junit != NULL, wanted->junit, report_junit, reports) ||
	    !write_one(wanted->table, "-", report_table, reports) ||
	    !write_one(wanted->tap, "-", report_tap, reports))
		return 1;
	if (!wanted->diff)
		return 0;
	if (!report_diff(stdout, reports, &differences) || fflush(stdout) != 0) {
		fprintf(stderr, "ruthere report: cannot write standard output\n");
		return 1;
	}
	return differences > 0 ? 1 : 0;
}

/* Whoever opens a file to write it has emptied it. */
static bool is_read(const char *path, char **reports, int count)
{
	struct stat out, in;

	if (path == NULL || stat(path, &out) != 0 || !S_ISREG(out.st_mode))
		return false;
	for (int i = 0; i < count; i++)
		if (stat(reports[i], &in) == 0 && in.st_dev == out.st_dev &&
		    in.st_ino == out.st_ino)
			return true;
	return false;
}

int verb_report(int argc, char **argv)
{
	struct wanted wanted = {0};
	const struct options_row rows[] = {
	    {0, "html", OPTIONS_TEXT, &wanted.html, "FILE", "one page that needs no network", 0},
	    {0, "junit", OPTIONS_TEXT, &wanted.junit, "FILE", "JUnit's XML (FILE may be -)", 0},
	    {0, "tap", OPTIONS_FLAG, &wanted.tap, NULL, "TAP version 13 on standard output", 0},
	    {0, "table", OPTIONS_FLAG, &wanted.table, NULL,
	     "implementations against sections, for a terminal", 0},
	    {0, "diff", OPTIONS_FLAG, &wanted.diff, NULL,
	     "what differs between runs; exit status 1 if anything does", 0},
	};
	enum options_result result =
	    options_parse(&report_verb, rows, sizeof(rows) / sizeof(rows[0]), argc, argv);
	json_t *reports;
	struct fault fault;
	int status = 2;

	if (result != OPTIONS_RUN)
		return OPTIONS_EXIT(result);
	if (wanted.diff && argc - optind < 2) {
		fprintf(stderr, "ruthere report: --diff: one report has nothing to differ from\n");
		return 2;
	}
	if (is_read(wanted.html, argv + optind, argc - optind) ||
	    is_read(wanted.junit, argv + optind, argc - optind)) {
		fprintf(stderr, "ruthere report: what is to be written is one of the reports\n");
		return 2;
	}
	if (wanted.html == NULL && wanted.junit == NULL && !wanted.tap && !wanted.diff)
		wanted.table = true;
	reports = json_array();
	for (int i = optind; i < argc; i++) {
		json_t *report = report_load(argv[i], &fault);

		if (report == NULL) {
			fprintf(stderr, "ruthere report: %s\n", fault.text);
			break;
		}
		if (json_array_append_new(reports, report) != 0) {
			fprintf(stderr, "ruthere report: no memory\n");
			break;
		}
	}
	if (json_array_size(reports) == (size_t)(argc - optind))
		status = write_all(&wanted, reports);
	json_decref(reports);
	return status;
}
