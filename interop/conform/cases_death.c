/* SPDX-License-Identifier: ISC */
/*
 * cases_death.c - the device gives us up, and comes back: RFC 3706 section 5.4.
 */
#include "interop/conform/cases.h"

const struct conform_case cases_death[] = {
    {0},
};
