/* SPDX-License-Identifier: ISC */
#include "interop/conform/ledger.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define HEAD  "{\"cases\": ["
#define FLAGS (JSON_COMPACT | JSON_REAL_PRECISION(9))

struct ledger {
	FILE *file;
	char *path; /* for faults */
	off_t end;  /* behind the last case: what follows is written anew each time */
	size_t cases;
};

static FILE *open_file(const char *path)
{
	int descriptor;
	FILE *file = NULL;

	if (path == NULL) {
		file = tmpfile();
		if (file !=
		    NULL) /* there are keys in it, and whoever makes the device call needs none */
			(void)fcntl(fileno(file), F_SETFD, FD_CLOEXEC);
		return file;
	}
	descriptor = open(path, O_RDWR | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
	/* an older file keeps its mode when it is truncated */
	if (descriptor >= 0 && fchmod(descriptor, 0600) == 0)
		file = fdopen(descriptor, "w+");
	if (file == NULL && descriptor >= 0)
		close(descriptor);
	return file;
}

struct ledger *ledger_new(const char *path, struct fault *fault)
{
	struct ledger *ledger = calloc(1, sizeof(*ledger));

	if (ledger == NULL || (ledger->path = strdup(path != NULL ? path : "the report")) == NULL) {
		fault_say(fault, "no memory for a report");
		free(ledger);
		return NULL;
	}
	ledger->file = open_file(path);
	if (ledger->file != NULL && fputs(HEAD, ledger->file) >= 0 && fflush(ledger->file) == 0) {
		ledger->end = ftello(ledger->file);
		return ledger;
	}
	fault_say(fault, "cannot write %s: %s", ledger->path, strerror(errno));
	ledger_free(ledger);
	return NULL;
}

void ledger_free(struct ledger *ledger)
{
	if (ledger == NULL)
		return;
	if (ledger->file != NULL)
		fclose(ledger->file);
	free(ledger->path);
	free(ledger);
}

static bool complain(const struct ledger *ledger, struct fault *fault)
{
	return fault_say(fault, "cannot write %s: %s", ledger->path,
			 errno != 0 ? strerror(errno) : "no memory");
}

bool ledger_close(struct ledger *ledger, const json_t *frame, struct fault *fault)
{
	FILE *file = ledger->file;
	off_t length;

	errno = 0;
	if (fseeko(file, ledger->end, SEEK_SET) != 0 || fputs("\n],\n", file) < 0 ||
	    json_dumpf(frame, file, FLAGS | JSON_EMBED) != 0 || fputs("}\n", file) < 0 ||
	    fflush(file) != 0)
		return complain(ledger, fault);
	length = ftello(file);
	if (length < 0 || ftruncate(fileno(file), length) != 0)
		return complain(ledger, fault);
	return true;
}

bool ledger_add(struct ledger *ledger, json_t *of, const json_t *frame, struct fault *fault)
{
	FILE *file = ledger->file;
	bool good;

	errno = 0;
	good = of != NULL && fseeko(file, ledger->end, SEEK_SET) == 0 &&
	       fputs(ledger->cases > 0 ? ",\n" : "\n", file) >= 0 &&
	       json_dumpf(of, file, FLAGS) == 0;
	json_decref(of);
	if (!good)
		return complain(ledger, fault);
	ledger->cases++;
	ledger->end = ftello(file);
	return ledger_close(ledger, frame, fault);
}

FILE *ledger_file(struct ledger *ledger)
{
	rewind(ledger->file);
	return ledger->file;
}
