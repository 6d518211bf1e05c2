/* SPDX-License-Identifier: ISC */
/*
 * config_pem.h - the files that credentials are made of, read while there are files to read: a node that has started has none.
 */
#ifndef INTEROP_CONFIG_CONFIG_PEM_H
#define INTEROP_CONFIG_CONFIG_PEM_H

#include "crypto/octets.h"
#include "interop/fault.h"

#define PEM_MOST                                                                                   \
	((size_t)4                                                                                 \
	 << 20) /* octets of one file; all authorities that a system knows are a tenth of it */

enum pem_kind {
	PEM_PRIVATE, /* a key: its owner's alone, like a secret file */
	PEM_PUBLIC,  /* all may read it, but whoever may write it decides whom we believe */
};

/* In memory for secrets; empty where nothing was read. */
struct pem {
	uint8_t *text;
	size_t length; /* octets */
	size_t room;   /* that were asked for */
};

/* `path` is relative to `folder` (NULL: to where we are) unless it starts with a slash. */
bool pem_read(const char *path, const char *folder, enum pem_kind kind, struct pem *pem,
	      struct fault *fault) __attribute__((warn_unused_result));
void pem_free(struct pem *pem); /* wipes it; an empty one is allowed */

#endif
