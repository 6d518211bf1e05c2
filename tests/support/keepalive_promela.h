/* SPDX-License-Identifier: ISC */
/*
 * keepalive_promela.h - reads the transitions out of a Promela model: the inlines named STATE_INPUT or STATE_INPUT_CONDITION.
 */
#ifndef TESTS_SUPPORT_KEEPALIVE_PROMELA_H
#define TESTS_SUPPORT_KEEPALIVE_PROMELA_H

#include "tests/support/keepalive_transitions.h"

/*
 * `text` is the model's, which stays as it is and must outlive the table.  The next state is the argument of `become`, or the state
 * itself; the actions are those that are called.  Fails the test where one is defined twice, used nowhere, or cannot be read.
 */
void promela_transitions(const char *text, struct transitions *table);

#endif
