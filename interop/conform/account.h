/* SPDX-License-Identifier: ISC */
/*
 * account.h - everything that is kept of a run: the report, and with an output directory also the evidence of every case.
 */
#ifndef INTEROP_CONFORM_ACCOUNT_H
#define INTEROP_CONFORM_ACCOUNT_H

#include <jansson.h>
#include <stdio.h>

#include "interop/conform/result.h"

struct account_settings {
	const char *
	    output; /* a directory, made where there is none; NULL: nothing is kept of it after the end */
	const char *name, *version; /* of the device; version may be NULL */
	const char *profile;        /* the path of what results are held against; NULL: nothing */
	struct ike_address address;
	uint16_t nat_t_port;
	const json_t *options; /* report.schema.json; copied */
};

struct account;

/* NULL: see fault. */
struct account *account_new(const struct account_settings *settings, struct fault *fault);
void account_free(struct account *account); /* NULL is allowed */
/* Keeps a result, with the command that repeats it.  False: it could not be, see fault. */
bool account_add(struct account *account, const struct conform_result *result, const char *command,
		 struct fault *fault) IKE_MUST_USE;
/*
 * The whole report, once all is kept: written to `out` if that is not NULL, and in the output directory also as report.html and
 * junit.xml.
 */
bool account_close(struct account *account, FILE *out, struct fault *fault) IKE_MUST_USE;

#endif
