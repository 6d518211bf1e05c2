/* SPDX-License-Identifier: ISC */
/*
 * cases_hint.c - INVALID-SPI, INVALID-COOKIE and other error notifications: RFC 2408 sections 3.14, 5.14.
 */
#include "interop/conform/cases.h"

const struct conform_case cases_hint[] = {
    {0},
};
