/* SPDX-License-Identifier: ISC */
/*
 * vector_esp.h - ESP packets through the IPsec SAs of a Quick Mode, sealed with its KEYMAT (RFC 4303).
 */
#ifndef INTEROP_VECTORS_VECTOR_ESP_H
#define INTEROP_VECTORS_VECTOR_ESP_H

#include "interop/vectors/vector_trace.h"

/* Seals a few packets each way, for a Quick Mode whose KEYMAT is known.  `random` draws the IVs of CBC.  False: see fault. */
bool vector_esp_seal(struct vector_quick *quick, struct random_source *random,
		     struct fault *fault) IKE_MUST_USE;

#endif
