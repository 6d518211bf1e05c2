/* SPDX-License-Identifier: ISC */
/*
 * cases_contact.c - INITIAL-CONTACT: RFC 2407 section 4.6.3.3.
 */
#include "interop/conform/cases.h"

const struct conform_case cases_contact[] = {
    {0},
};
