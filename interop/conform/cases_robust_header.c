/* SPDX-License-Identifier: ISC */
/*
 * cases_robust_header.c - headers that lie: RFC 2408 section 3.1.
 */
#include "interop/conform/cases.h"

const struct conform_case cases_robust_header[] = {
    {0},
};
