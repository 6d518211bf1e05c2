/* SPDX-License-Identifier: ISC */
/*
 * vector_json.h - the values of a set as values.schema.json has them.
 */
#ifndef INTEROP_VECTORS_VECTOR_JSON_H
#define INTEROP_VECTORS_VECTOR_JSON_H

#include <jansson.h>

#include "interop/vectors/vector_make.h"

/* The caller's; NULL: no memory. */
json_t *vector_json(const struct vector_made *made) IKE_MUST_USE;

/* vector_json_parts.c: what the whole is made of. */
json_t *vector_json_octets(struct octets octets);         /* hex */
json_t *vector_json_octets_or_null(struct octets octets); /* null where there are none */
json_t *vector_json_number(unsigned number, const char *name);
json_t *vector_json_u32(uint32_t number); /* eight digits */
json_t *vector_json_endpoint(const struct ike_address *address);
json_t *vector_json_sas(const struct vector_trace *trace);
json_t *vector_json_quick_modes(const struct vector_trace *trace);
json_t *vector_json_message(const struct vector_trace *trace, const struct vector_message *message);

#endif
