/* SPDX-License-Identifier: ISC */
#include "interop/report/report_verdict.h"

#include <assert.h>
#include <string.h>

const char *const report_verdicts[CONFORM_VERDICTS + 1] = {
    [CONFORM_PASS] = "PASS",
    [CONFORM_LENIENT] = "LENIENT",
    [CONFORM_FAIL] = "FAIL",
    [CONFORM_UNSUPPORTED] = "UNSUPPORTED",
    [CONFORM_INCONCLUSIVE] = "INCONCLUSIVE",
    [CONFORM_SKIP] = "SKIP",
    [CONFORM_INFO_VALUE] = "INFO",
    [CONFORM_XFAIL] = "XFAIL",
    [CONFORM_XPASS] = "XPASS",
};

/* An unexpected pass is as bad as a failure until somebody has looked: the profile is wrong, or the suite is. */
static const struct {
	char letter;
	unsigned rank;
} shown[CONFORM_VERDICTS] = {
    [CONFORM_FAIL] = {'F', 0},  [CONFORM_XPASS] = {'!', 1},       [CONFORM_INCONCLUSIVE] = {'?', 2},
    [CONFORM_XFAIL] = {'X', 3}, [CONFORM_UNSUPPORTED] = {'U', 4}, [CONFORM_LENIENT] = {'L', 5},
    [CONFORM_PASS] = {'P', 6},  [CONFORM_INFO_VALUE] = {'I', 7},  [CONFORM_SKIP] = {'S', 8},
};

enum conform_verdict report_verdict(const json_t *of)
{
	const char *name = json_string_value(json_object_get(of, "verdict"));

	assert(name != NULL);
	for (unsigned i = 0; i < CONFORM_VERDICTS; i++)
		if (strcmp(report_verdicts[i], name) == 0)
			return (enum conform_verdict)i;
	assert(!"a verdict that report_check() has let through");
	return CONFORM_INCONCLUSIVE;
}

char report_letter(enum conform_verdict verdict)
{
	return shown[verdict].letter;
}

unsigned report_rank(enum conform_verdict verdict)
{
	return shown[verdict].rank;
}
