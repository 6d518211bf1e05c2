/* SPDX-License-Identifier: ISC */
/*
 * broom.h - a process that waits for the end of this one, however it comes, and then removes one file: the control socket.
 *
 * The socket stands in a folder that the node may have lost its rights to by then, and a confined node may remove nothing at
 * all.  The broom is forked before there is any secret in memory, keeps the right to remove and nothing else, listens to
 * nobody but this process, and is told only once what to remove, while this process is still trusted.
 */
#ifndef INTEROP_BROOM_H
#define INTEROP_BROOM_H

#include "interop/fault.h"

struct broom;

struct broom *broom_new(struct fault *fault); /* NULL: see fault */
/* What is at `path` now, and only that: what takes its place later stays.  False: there is nothing, or the broom has gone. */
bool broom_take(struct broom *broom, const char *path);
/* In a process that was forked from this one, and is not to keep the broom waiting.  NULL is allowed. */
void broom_forget(struct broom *broom);
/* Has it swept, and waits until that is done.  NULL is allowed. */
void broom_free(struct broom *broom);

#endif
