/* SPDX-License-Identifier: ISC */
/*
 * field_cursor.h - between the sources that make a field_list: a place in the message, and fields that are read there.
 *
 * A cursor that has run into the end does nothing any more, like a wire_reader; a list without memory takes fields and forgets
 * them, so that only field_list_fill() has to look.
 */
#ifndef INTEROP_DECODE_FIELD_CURSOR_H
#define INTEROP_DECODE_FIELD_CURSOR_H

#include "ike/text.h"
#include "interop/decode/field.h"

#define FIELDS_MAX 8192 /* of a message: one of 64 KiB may be made of attributes of four octets */

struct field_builder {
	struct field_list *list;
	struct octets message;
	struct ike_header header;
	bool failed;          /* no memory */
	bool full;            /* FIELDS_MAX, and that has been said */
	struct field scratch; /* where fields go that are not kept */
};

struct field_cursor {
	struct field_builder *builder;
	struct wire_reader reader;
	unsigned depth;
};

typedef const char *field_naming(unsigned number);

/* A cursor for the inside of something, one level deeper. */
struct field_cursor field_inside(const struct field_cursor *outer, struct octets octets);

struct octets field_left(const struct field_cursor *cursor); /* what is still to be read */

/* A field over octets of the message, its value empty; never NULL. */
struct field *field_add(struct field_cursor *cursor, const char *name, const char *section,
			struct octets octets);
void field_say(struct field *field, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Marks a field as wrong, and says why behind its value. */
void field_wrong(struct field *field, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* The one that was added last, for what is known only afterwards. */
struct field *field_last(const struct field_cursor *cursor);

/* A number of 1, 2 or 4 octets: "NONCE (10)", "1041"; `names` may be NULL.  `field` (may be NULL) is good until the next one. */
uint32_t field_number(struct field_cursor *cursor, const char *name, size_t length,
		      field_naming *names, struct field **field);
/* So many octets, in hex.  Nothing for length 0. */
struct octets field_octets(struct field_cursor *cursor, const char *name, size_t length);
/* All that is left. */
struct octets field_rest(struct field_cursor *cursor, const char *name);
/* Text of a peer's choosing, in quotation marks, everything that does not print as \xNN. */
void field_quote(struct field *field, struct octets octets);
/* A remark of length 0 about what stands at `about`: a verdict, unless it is ACCEPTED. */
void field_verdict(struct field_cursor *cursor, struct octets about, enum ike_verdict verdict);
void field_remark(struct field_cursor *cursor, struct octets about, const char *name,
		  const char *text);
/* Whether what is left reads as a payload; then its generic header is told, and `body` is what follows. */
bool field_generic(struct field_cursor *cursor, uint8_t *next, struct octets *body);
/* Octets that cannot be made sense of. */
void field_nonsense(struct field_cursor *cursor, const char *why);

/* Attributes to the end (RFC 2408 section 3.3), by the numbers of one of these. */
enum field_attributes {
	FIELD_ATTRIBUTES_PHASE_1, /* RFC 2409 appendix A */
	FIELD_ATTRIBUTES_IPSEC,   /* RFC 2407 section 4.5 */
	FIELD_ATTRIBUTES_CONFIG,  /* the drafts of Mode-Config and XAUTH */
	FIELD_ATTRIBUTES_UNKNOWN,
};
void field_attributes(struct field_cursor *cursor, enum field_attributes kind);

/* ---- field_sa.c, field_payloads.c: the content of a payload, after its generic header ------------------------------ */

void field_sa(struct field_cursor *cursor);
void field_payload(struct field_cursor *cursor, uint8_t type);
const char *field_doi_name(unsigned number); /* a field_naming */
/* "RFC 2408 section 3.12" */
const char *field_payload_section(uint8_t type);

#endif
