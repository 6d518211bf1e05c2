/* SPDX-License-Identifier: ISC */
/*
 * cases_sequence.c - sequence numbers: RFC 3706 section 6.
 */
#include "interop/conform/cases.h"

const struct conform_case cases_sequence[] = {
    {0},
};
