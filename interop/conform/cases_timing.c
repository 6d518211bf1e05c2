/* SPDX-License-Identifier: ISC */
/*
 * cases_timing.c - when it is answered: RFC 3706 sections 5.4, 5.5.
 */
#include "interop/conform/cases.h"

const struct conform_case cases_timing[] = {
    {0},
};
