/* SPDX-License-Identifier: ISC */
/*
 * repeat.h - a command line told again: as the options of a report, and as the command that repeats one case.  Secrets are
 * left out of both.
 */
#ifndef INTEROP_CONFORM_REPEAT_H
#define INTEROP_CONFORM_REPEAT_H

#include <jansson.h>

#include "interop/options.h"

/* What the user has typed need not be UTF-8, and then it is not JSON either: "(not UTF-8)".  NULL: no memory. */
json_t *repeat_text(const char *text) IKE_MUST_USE;

/* What the rows' targets say now, by name; flags, and what is not said, only where they are.  NULL: no memory. */
json_t *repeat_options(const struct options_row *rows, size_t count) IKE_MUST_USE;

/*
 * For a shell: "ruthere conform GATEWAY --secret-file gw.psk rfc3706/5.3/slug".  Which cases are run and what is written of them is
 * left out; a secret is the word SECRET.  The caller frees it; NULL: no memory.
 */
char *repeat_command(const struct options_row *rows, size_t count, const char *gateway,
		     const char *id) IKE_MUST_USE;

#endif
