/* SPDX-License-Identifier: ISC */
#include "interop/conform/account.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "interop/node/clock.h"
#include "interop/conform/evidence.h"
#include "interop/conform/ledger.h"
#include "interop/conform/repeat.h"
#include "interop/conform/result_json.h"
#include "interop/report/report.h"
#include "interop/version.h"

#define REPORT "report.json"

struct account {
	struct ledger *ledger;
	json_t *frame;      /* the report without its cases */
	json_t *vendor_ids; /* borrowed from it */
	char *output;
	uint16_t nat_t_port;
	ike_time started;
};

/* ---- the frame ----------------------------------------------------------------------------------------------------- */

static json_t *device_of(struct account *account, const struct account_settings *settings)
{
	char address[IKE_ADDRESS_TEXT];
	json_t *device = json_object();

	ike_address_text(&settings->address, address, sizeof(address));
	account->vendor_ids = json_array();
	if (json_object_set_new(device, "name", repeat_text(settings->name)) != 0 ||
	    json_object_set_new(device, "address", json_string(address)) != 0 ||
	    json_object_set_new(device, "vendor_ids", account->vendor_ids) != 0 ||
	    (settings->version != NULL &&
	     json_object_set_new(device, "version", repeat_text(settings->version)) != 0) ||
	    (settings->profile != NULL &&
	     json_object_set_new(device, "profile", repeat_text(settings->profile)) != 0)) {
		json_decref(device);
		return NULL;
	}
	return device;
}

static bool make_frame(struct account *account, const struct account_settings *settings)
{
	char started[CLOCK_TEXT];
	json_t *frame = json_object();

	account->frame = frame;
	clock_text(clock_wall(account->started), started);
	return json_object_set_new(frame, "schema", json_string(REPORT_SCHEMA)) == 0 &&
	       json_object_set_new(
		   frame, "tool",
		   json_pack("{s:s, s:s}", "name", "ruthere", "version", RUTHERE_VERSION)) == 0 &&
	       json_object_set_new(frame, "started", json_string(started)) == 0 &&
	       json_object_set_new(frame, "seconds", json_real(0)) == 0 &&
	       json_object_set_new(frame, "device", device_of(account, settings)) == 0 &&
	       json_object_set_new(frame, "options", json_deep_copy(settings->options)) == 0;
}

static bool update(struct account *account)
{
	double seconds = (double)(clock_now() - account->started) / 1e6;

	return json_object_set_new(account->frame, "seconds", json_real(seconds)) == 0;
}

/* ---- its life ------------------------------------------------------------------------------------------------------ */

static bool open_output(struct account *account, const char *output, struct fault *fault)
{
	char *path = NULL;

	if (output == NULL) {
		account->ledger = ledger_new(NULL, fault);
		return account->ledger != NULL;
	}
	if (mkdir(output, 0777) != 0 && errno != EEXIST)
		return fault_say(fault, "cannot make the directory %s: %s", output,
				 strerror(errno));
	account->output = strdup(output);
	if (account->output == NULL || asprintf(&path, "%s/" REPORT, output) < 0)
		return fault_say(fault, "no memory for a report");
	account->ledger = ledger_new(path, fault);
	free(path);
	return account->ledger != NULL;
}

struct account *account_new(const struct account_settings *settings, struct fault *fault)
{
	struct account *account = calloc(1, sizeof(*account));

	if (account == NULL) {
		fault_say(fault, "no memory for a report");
		return NULL;
	}
	account->started = clock_now();
	account->nat_t_port = settings->nat_t_port;
	if (!make_frame(account, settings))
		fault_say(fault, "no memory for a report");
	else if (open_output(account, settings->output, fault) &&
		 ledger_close(account->ledger, account->frame, fault))
		return account;
	account_free(account);
	return NULL;
}

void account_free(struct account *account)
{
	if (account == NULL)
		return;
	ledger_free(account->ledger);
	json_decref(account->frame);
	free(account->output);
	free(account);
}

bool account_add(struct account *account, const struct conform_result *result, const char *command,
		 struct fault *fault)
{
	if (!update(account) || !result_json_vendor_ids(result, account->vendor_ids))
		return fault_say(fault, "no memory for a report");
	if (account->output != NULL &&
	    !evidence_write(account->output, result, account->nat_t_port, fault))
		return false;
	return ledger_add(account->ledger, result_json(result, command), account->frame, fault);
}

static bool copy(struct account *account, FILE *out, struct fault *fault)
{
	FILE *file = ledger_file(account->ledger);
	char buffer[16384];
	size_t length;

	while ((length = fread(buffer, 1, sizeof(buffer), file)) > 0)
		if (fwrite(buffer, 1, length, out) != length)
			break;
	return (!ferror(file) && feof(file) && !ferror(out) && fflush(out) == 0) ||
	       fault_say(fault, "cannot write the report: %s", strerror(errno));
}

static bool write_as(const struct account *account, const char *name, report_writer *writer,
		     const json_t *reports, struct fault *fault)
{
	char *path = NULL;
	bool good;

	if (asprintf(&path, "%s/%s", account->output, name) < 0)
		return fault_say(fault, "no memory for a file name");
	(void)unlink(path); /* neither through a link, nor with the mode of an older one */
	good = report_write(path, writer, reports, fault);
	free(path);
	return good;
}

/* For people and for machines, from what was written: that is the only source. */
static bool write_others(const struct account *account, struct fault *fault)
{
	json_t *reports = json_array(), *report;
	char *path = NULL;
	mode_t mask;
	bool good;

	if (reports == NULL || asprintf(&path, "%s/" REPORT, account->output) < 0) {
		json_decref(reports);
		return fault_say(fault, "no memory for a report");
	}
	report = report_load(path, fault);
	free(path);
	good = report != NULL && (json_array_append_new(reports, report) == 0 ||
				  fault_say(fault, "no memory for a report"));
	mask = umask(077); /* the page has the keys, too */
	good = good && write_as(account, "report.html", report_html, reports, fault) &&
	       write_as(account, "junit.xml", report_junit, reports, fault);
	(void)umask(mask);
	json_decref(reports);
	return good;
}

bool account_close(struct account *account, FILE *out, struct fault *fault)
{
	if (!update(account))
		return fault_say(fault, "no memory for a report");
	if (!ledger_close(account->ledger, account->frame, fault) ||
	    (out != NULL && !copy(account, out, fault)))
		return false;
	return account->output == NULL || write_others(account, fault);
}
