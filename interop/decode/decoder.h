/* SPDX-License-Identifier: ISC */
/*
 * decoder.h - a capture, datagram by datagram, with all that the datagrams before it have shown.
 */
#ifndef INTEROP_DECODE_DECODER_H
#define INTEROP_DECODE_DECODER_H

#include "interop/decode/key_log.h"
#include "interop/decode/told.h"

#define DECODER_PORTS 16

struct decoder_settings {
	const struct key_log *keys;   /* NULL: none; stays the caller's */
	uint16_t port[DECODER_PORTS]; /* besides 500 and 4500 */
	size_t ports;
	/* `told` and what it points to are good until it returns. */
	void (*tell)(void *context, const struct told *told);
	void *context;
};

struct decoder_counts {
	uint32_t packets; /* of the file */
	uint32_t messages, fragments, repeated;
	uint32_t encrypted, decrypted,
	    partial; /* messages; decrypted: all of them, also those in part */
	uint32_t hashes_right, hashes_wrong;
	uint32_t anomalies; /* messages and fragments with one at least */
	uint32_t keepalives, esp, pieces, nonsense, other;
	uint32_t sas;
	uint32_t elsewhere; /* others that look like IKE, on a port that nobody has named ... */
	uint16_t elsewhere_port; /* ... the first of them on this one */
};

struct decoder;

struct decoder *
decoder_new(const struct decoder_settings *settings) IKE_MUST_USE; /* NULL: no memory */
void decoder_free(struct decoder *decoder); /* NULL is allowed; what was decrypted is wiped */
/* The next packet of the capture; tells about it if it is any of ours, twice where it completes a message in fragments. */
void decoder_packet(struct decoder *decoder, const struct packet *packet);
const struct decoder_counts *decoder_counts(const struct decoder *decoder);

#endif
