/* SPDX-License-Identifier: ISC */
/*
 * half_open.h - SAs of whose handshakes there are to be some, without any message, and what is counted of them.
 */
#ifndef TESTS_SUPPORT_HALF_OPEN_H
#define TESTS_SUPPORT_HALF_OPEN_H

#include "ike/core.h"

/* One that `source`, the last octet of an address, has called us for; `number` tells it from the others. */
struct ike_sa *half_open_sa(struct ike_core *core, uint8_t number, uint8_t source);

uint32_t half_open_of_all_sources(const struct ike_core *core);

#endif
