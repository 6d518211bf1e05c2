/* SPDX-License-Identifier: ISC */
/*
 * keepalive_beginnings.h - the situations from which the keepalive is explored.
 */
#ifndef TESTS_SUPPORT_KEEPALIVE_BEGINNINGS_H
#define TESTS_SUPPORT_KEEPALIVE_BEGINNINGS_H

#include "tests/support/keepalive_moves.h"

enum beginning {
	WITHOUT_SA,
	UP,
	WITHOUT_VENDOR_ID,
	SUPERSEDED,
	IN_A_ROUND,
	NEARLY_DEAD,
	MANY_OPEN,
	MANY_REPEATS,
	FEW_NUMBERS_LEFT,
	BEGINNINGS
};

struct situation beginnings_make(enum beginning beginning, const struct keepalive_plan *plan);

#endif
