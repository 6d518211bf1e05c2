/* SPDX-License-Identifier: ISC */
/*
 * verb.h - the verbs of the program.  Each is a main of its own: argv[0] is the verb, the result is the exit status, 0 for
 * success, 1 for failure, 2 for a command line or configuration that cannot be used.
 */
#ifndef INTEROP_VERB_H
#define INTEROP_VERB_H

int verb_demo(int argc, char **argv);
int verb_serve(int argc, char **argv);
int verb_ping(int argc, char **argv);
int verb_conform(int argc, char **argv);
int verb_status(int argc, char **argv);
int verb_connect(int argc, char **argv);
int verb_close(int argc, char **argv);
int verb_sim(int argc, char **argv);
int verb_report(int argc, char **argv);
int verb_decode(int argc, char **argv);
int verb_bench(int argc, char **argv);
int verb_vectors(int argc, char **argv);

#endif
