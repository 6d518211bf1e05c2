/* SPDX-License-Identifier: ISC */
/*
 * cases_delete.c - Delete: RFC 2408 sections 3.15, 5.15.
 */
#include "interop/conform/cases.h"

const struct conform_case cases_delete[] = {
    {0},
};
