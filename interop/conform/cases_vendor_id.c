/* SPDX-License-Identifier: ISC */
/*
 * cases_vendor_id.c - the vendor ID of the keepalive in Phase 1: RFC 3706 section 5.1.
 */
#include "interop/conform/cases.h"

const struct conform_case cases_vendor_id[] = {
    {0},
};
