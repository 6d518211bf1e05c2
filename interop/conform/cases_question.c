/* SPDX-License-Identifier: ISC */
/*
 * cases_question.c - R-U-THERE in forms that are right, odd, and wrong: RFC 3706 section 5.3.
 */
#include "interop/conform/cases.h"

const struct conform_case cases_question[] = {
    {0},
};
