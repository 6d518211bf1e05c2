/* SPDX-License-Identifier: ISC */
/*
 * pair_json.h - what has been agreed upon about a pair of IPsec SAs, as events and the status tell it (events.md).
 */
#ifndef INTEROP_PAIR_JSON_H
#define INTEROP_PAIR_JSON_H

#include <jansson.h>

#include "ike/ike.h"

/* Adds proposal, mode, local, remote (selectors), encapsulated.  Its keys are not looked at. */
void pair_json_add(json_t *line, const struct ike_ipsec_sa *sa);

#endif
