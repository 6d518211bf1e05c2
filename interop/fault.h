/* SPDX-License-Identifier: ISC */
/*
 * fault.h - what went wrong outside the engine, in one sentence for the person at the keyboard.
 *
 * A function that can fail takes a `struct fault *` last and returns false (or NULL); the sentence names the thing, what is
 * wrong with it, and what would be right.
 */
#ifndef INTEROP_FAULT_H
#define INTEROP_FAULT_H

#include <stdbool.h>
#include <stddef.h>

#define FAULT_TEXT 640 /* octets, terminated */

struct fault {
	char text[FAULT_TEXT];
};

/* Always false, so that it can be returned. */
bool fault_say(struct fault *fault, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
