/* SPDX-License-Identifier: ISC */
/*
 * scribe.h - a process that writes one file for a node that may write none any more.
 *
 * Whoever reads the file finds the old contents or the new ones, whole, whenever this process, the node or the machine ends: it writes
 * beside it, and renames.  It is forked before there is any secret in memory (attendant.h), is told once which file, and then
 * is shut into its folder: as root it becomes the folder's owner, has no capability, and no other folder to go to; where the
 * kernel has Landlock, nobody's process has; and it may only make the system calls that writing a file takes.
 */
#ifndef INTEROP_SCRIBE_H
#define INTEROP_SCRIBE_H

#include <stdbool.h>
#include <stddef.h>

#include "interop/fault.h"

#define SCRIBE_ROOM ((size_t)131072) /* octets of contents */
#define SCRIBE_EVERY                                                                               \
	1000 /* milliseconds: what comes sooner waits, and only the newest is written */

struct scribe;

struct scribe *scribe_new(struct fault *fault); /* NULL: see fault */
/*
 * Which file, once, while this process is still trusted; waits for the answer.  The folder must be there, and have room for one more file,
 * `path` and ".new".  False: see fault, which names the path; then the scribe is of no use but to be freed.
 */
bool scribe_take(struct scribe *scribe, const char *path, struct fault *fault);
/*
 * New contents of 1 to SCRIBE_ROOM octets, mode 0600.  Never waits: what the process cannot take yet is kept, and goes when it answers, so
 * that answers must be asked for.  False: errno says why, and what was told before is all that may come to be written.
 */
bool scribe_write(struct scribe *scribe, const char *text, size_t length);
int scribe_descriptor(const struct scribe *scribe); /* readable when there is an answer */
/*
 * The next answer; false: none now.  `error`: 0: all that it had been told is written; EPIPE: it has ended, which is said once, and the
 * descriptor must not be waited on any more; otherwise the errno of what failed, and the old contents are still there.
 */
bool scribe_answer(struct scribe *scribe, int *error);
/* In a process that was forked from this one, and is not to keep the scribe waiting.  NULL is allowed. */
void scribe_forget(struct scribe *scribe);
/* Has it write what it was told last, at once, and waits until that is done: 0 or the errno of what failed.  NULL is allowed. */
int scribe_free(struct scribe *scribe);

#endif
