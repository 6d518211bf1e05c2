/* SPDX-License-Identifier: ISC */
/*
 * cases_robust_phase_1.c - Phase 1 that has brought daemons down.
 */
#include "interop/conform/cases.h"

const struct conform_case cases_robust_phase_1[] = {
    {0},
};
