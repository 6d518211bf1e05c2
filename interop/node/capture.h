/* SPDX-License-Identifier: ISC */
/*
 * capture.h - evidence in a directory: what was on the wire, what it meant, what happened, and the keys.
 *
 *   wire.pcap               datagrams as they were, in IP and UDP headers of our making with right checksums
 *   plain.pcap              the same, but encrypted messages as their plaintext twins: encryption flag clear, no padding
 *   events.jsonl            the event log (events.md)
 *   ikev1_decryption_table  Wireshark's table of that name: initiator cookie, encryption key
 *   ikev1.keys              our own key log (decode/key_log.h): with it HASH can be verified, and a capture be read that
 *                           begins after Phase 1
 *
 * The keys of this program leave it only here, because a user asked for it by name; what can be read with them, and they
 * themselves, are for the owner only (mode 0600).
 */
#ifndef INTEROP_CAPTURE_H
#define INTEROP_CAPTURE_H

#include <stdio.h>
#include <sys/time.h>

#include "ike/ike.h"
#include "interop/fault.h"

#define CAPTURE_KEYS "ikev1_decryption_table" /* the name that Wireshark looks for in its profile */

struct capture;

/* Makes the directory where there is none; files of an earlier run are replaced.  NULL: see fault. */
struct capture *capture_open(const char *directory, struct fault *fault);
bool capture_close(
    struct capture *capture); /* false: something could not be written; NULL is allowed */
/*
 * What ended the capture before its time, as a sentence; NULL: nothing has.  Its files end with the last record that was
 * written as a whole, and nothing more is put into them.
 */
const char *capture_problem(const struct capture *capture);
uint32_t capture_count(const struct capture *capture); /* datagrams that were captured */

/* One datagram; `plain` of length 0 where it was not encrypted.  An address of family NONE is written as all zeros. */
void capture_datagram(struct capture *capture, struct timeval wall, const struct ike_address *from,
		      const struct ike_address *to, struct octets wire, struct octets plain);
/* There are keys: a row in both files.  The last block of Phase 1 is not known yet. */
void capture_keys(struct capture *capture, const uint8_t cky_i[IKE_COOKIE_LENGTH],
		  const uint8_t cky_r[IKE_COOKIE_LENGTH], const struct ike_keys *keys);
/* The SA is established: one more row in our own key log, with the last block. */
void capture_established(struct capture *capture, const uint8_t cky_i[IKE_COOKIE_LENGTH],
			 const uint8_t cky_r[IKE_COOKIE_LENGTH], const struct ike_keys *keys);
FILE *capture_events(
    struct capture *capture); /* stays the capture's; not to be used once there is a problem */
void capture_flush(struct capture *capture); /* so that what is there can be read after a crash */

/*
 * IP and UDP headers with right checksums before `payload`, at `packet`; returns the octets written, 0 where `room` is too
 * small.  Both addresses must be of one family, or one NONE.
 */
#define CAPTURE_HEADERS 48 /* octets at most: IPv6 40, UDP 8 */
size_t capture_packet(const struct ike_address *from, const struct ike_address *to,
		      struct octets payload, uint8_t *packet, size_t room);

#endif
