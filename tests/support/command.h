/* SPDX-License-Identifier: ISC */
/*
 * command.h - runs a verb of the program as the shell would, and keeps what it says.
 */
#ifndef TESTS_SUPPORT_COMMAND_H
#define TESTS_SUPPORT_COMMAND_H

#include <stdint.h>
#include <sys/types.h>

typedef int verb(int argc, char **argv);

/* `line` is split at its blanks; returns the exit status.  The verb runs in a process of its own. */
int command_run(verb *run, const char *line);
const char *command_out(void); /* of the last one */
const char *command_err(void);

/* Starts it and does not wait. */
pid_t command_start(verb *run, const char *line);
int command_end(pid_t pid); /* SIGTERM; the exit status */

/* A UDP port of 127.0.0.1 that was free a moment ago. */
uint16_t command_free_port(void);
/* Waits until a file is there; fails the test after some seconds. */
void command_wait_for(const char *path);

#endif
