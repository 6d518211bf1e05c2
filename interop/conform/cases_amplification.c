/* SPDX-License-Identifier: ISC */
/*
 * cases_amplification.c - never more out than in before an address is proved: RFC 2408 sections 2.5.3, 5.1.
 */
#include "interop/conform/cases.h"

const struct conform_case cases_amplification[] = {
    {0},
};
