/* SPDX-License-Identifier: ISC */
/*
 * scribe_process.h - the other side of scribe.h: the process that writes.
 */
#ifndef INTEROP_SCRIBE_PROCESS_H
#define INTEROP_SCRIBE_PROCESS_H

/*
 * Serves the pair of sockets at STDIN_FILENO until the node has closed it.  The first message is a path, each other the whole contents;
 * an answer is an int, an errno or 0: one to the path, and one each time that it has written, or tried to.
 */
void scribe_process(void);

#endif
