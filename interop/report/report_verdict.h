/* SPDX-License-Identifier: ISC */
/*
 * report_verdict.h - verdicts as they are shown: a name, a letter for those who do not see colours, and which is worse.
 */
#ifndef INTEROP_REPORT_VERDICT_H
#define INTEROP_REPORT_VERDICT_H

#include <jansson.h>

#include "interop/conform/case.h"

/* Names by enum conform_verdict, and NULL. */
extern const char *const report_verdicts[CONFORM_VERDICTS + 1];

/* Of a case, or a profile, that has passed report_check(). */
enum conform_verdict report_verdict(const json_t *of);
char report_letter(enum conform_verdict verdict);
/* 0 is the worst: what a reader must look at first. */
unsigned report_rank(enum conform_verdict verdict);

#endif
