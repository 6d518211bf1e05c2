/* SPDX-License-Identifier: ISC */
/*
 * bench_machine.h - the machine that is measured on, so that whoever reads a figure knows what it is worth.
 */
#ifndef INTEROP_BENCH_MACHINE_H
#define INTEROP_BENCH_MACHINE_H

#include <jansson.h>

/*
 * Processor, number of processors that may be used, memory, virtual or not as far as the system tells, kernel, the limits
 * that matter (locked memory, socket buffers), library, compiler and its flags.  What cannot be found out is null.  A new
 * object; NULL: no memory.
 *
 * `root` goes before every path that is read: "" but for tests.
 */
json_t *bench_machine(const char *root);

#endif
