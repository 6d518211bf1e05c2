/* SPDX-License-Identifier: ISC */
/*
 * cases_initiator.c - the device calls: RFC 2409 section 5.4, RFC 3706 section 5.1.
 */
#include "interop/conform/cases.h"

const struct conform_case cases_initiator[] = {
    {0},
};
