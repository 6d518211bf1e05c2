/* SPDX-License-Identifier: ISC */
/*
 * cases_renewal.c - before, after and across a new Phase 1.
 */
#include "interop/conform/cases.h"

const struct conform_case cases_renewal[] = {
    {0},
};
