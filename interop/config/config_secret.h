/* SPDX-License-Identifier: ISC */
/*
 * config_secret.h - secrets that stand in the configuration itself are kept from the parser, which copies what it reads
 * into memory that it frees without wiping.
 *
 * It is given a text in which `secret = "inline:N"` stands for each of them; the value itself stays in the text that was
 * read, which is in memory for secrets.
 */
#ifndef INTEROP_CONFIG_SECRET_H
#define INTEROP_CONFIG_SECRET_H

#include "interop/fault.h"

/*
 * `text` is what config_text_read() gave; each inline secret in it is then terminated, so that it can be read with
 * config_secret_of().  Returns the text for the parser, with the same lines, which the caller frees; NULL: see fault.
 */
char *config_secret_hide(const char *path, char *text, struct fault *fault);

/* What a `secret` field says: the value itself, where it had been hidden in `text`. */
const char *config_secret_of(const char *text, const char *field);

#endif
