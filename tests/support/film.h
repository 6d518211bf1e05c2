/* SPDX-License-Identifier: ISC */
/*
 * film.h - captures made in memory: of what passed between the two engines of a duo, or packet by packet.
 */
#ifndef TESTS_SUPPORT_FILM_H
#define TESTS_SUPPORT_FILM_H

#include "interop/decode/decoder.h"
#include "tests/support/duo.h"

#define FILM_ROOM (1u << 20) /* octets */
#define FILM_RAW  101        /* LINKTYPE_RAW: IP and nothing before it */

struct film {
	size_t length, packets;
	uint8_t octets[FILM_ROOM]; /* a pcap file */
};

void film_start(struct film *film, uint32_t link);
void film_frame(struct film *film, ike_time at, struct octets frame);
/* A UDP datagram in IP, on a link of FILM_RAW. */
void film_datagram(struct film *film, ike_time at, const struct ike_address *from,
		   const struct ike_address *to, struct octets payload);

/* The same message in fragments of IKE with so many octets each, the last one first. */
void film_fragments(struct film *film, ike_time at, const struct ike_address *from,
		    const struct ike_address *to, struct octets message, uint16_t id, size_t part);

/* A datagram of a duo's, as from the other node. */
void film_duo_datagram(struct film *film, const struct duo *duo, size_t index);
/* Where it came from, and where it went. */
void film_duo_ends(const struct duo *duo, size_t index, struct ike_address *from,
		   struct ike_address *to);
/* All that passed, in order. */
void film_duo(struct film *film, const struct duo *duo);

/* A row of our own key log for the newest SA of a node; `established`: with the last block. */
void film_key(const struct duo *duo, enum duo_node node, struct key_row *row);

FILE *film_stream(const struct film *film);

/* ---- looked at ----------------------------------------------------------------------------------------------------- */

/* What was told of each datagram, in order, without what is good only for a while. */
struct film_line {
	uint32_t packet;
	enum told_what what;
	enum told_from from;
	unsigned sa, fragments;
	uint32_t repeats;
	bool decrypted, partial;
	enum told_hash hash;
	char kind[16], text[512], reason[TOLD_TEXT], note[TOLD_TEXT];
	size_t anomalies;
	enum ike_verdict verdict[TOLD_ANOMALIES];
	size_t plain_length;
	uint8_t plain[IKE_DATAGRAM_MAX]; /* the beginning of the plaintext: header as on the wire */
};

#define FILM_LINES 512

struct film_look {
	size_t lines;
	struct film_line line[FILM_LINES];
	struct decoder_counts counts;
};

/* Everything through the decoder; `log` may be NULL, `port` 0. */
void film_look(const struct film *film, const struct key_log *log, uint16_t port,
	       struct film_look *look);
bool film_line_has(const struct film_line *line, enum ike_verdict verdict);

#endif
