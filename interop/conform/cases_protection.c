/* SPDX-License-Identifier: ISC */
/*
 * cases_protection.c - what protects an Informational: RFC 2409 section 5.7, appendix B.
 */
#include "interop/conform/cases.h"

const struct conform_case cases_protection[] = {
    {0},
};
