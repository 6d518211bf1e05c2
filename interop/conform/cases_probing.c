/* SPDX-License-Identifier: ISC */
/*
 * cases_probing.c - the device asks: RFC 3706 sections 5.3, 6.
 */
#include "interop/conform/cases.h"

const struct conform_case cases_probing[] = {
    {0},
};
