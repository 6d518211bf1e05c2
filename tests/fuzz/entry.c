/* SPDX-License-Identifier: ISC */
/*
 * entry.c - what libFuzzer calls.  Compiled once for each target, with its function's name as FUZZ_TARGET.
 */
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t length);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t length)
{
	return FUZZ_TARGET(data, length);
}
