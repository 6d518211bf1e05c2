/* SPDX-License-Identifier: ISC */
/*
 * cases_robust_payload.c - payloads that lie: RFC 2408 sections 3.2 to 3.15.
 */
#include "interop/conform/cases.h"

const struct conform_case cases_robust_payload[] = {
    {0},
};
