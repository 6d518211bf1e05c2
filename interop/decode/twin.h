/* SPDX-License-Identifier: ISC */
/*
 * twin.h - the capture once more, in the clear: what was decrypted as its plaintext twin (encryption flag clear, no padding, lengths and
 * checksums to match), everything else as it was.  For the owner only (mode 0600).
 */
#ifndef INTEROP_DECODE_TWIN_H
#define INTEROP_DECODE_TWIN_H

#include "interop/decode/told.h"

struct twin;

/* `link` is that of the capture.  NULL: see fault. */
struct twin *twin_open(const char *path, int link, struct fault *fault) IKE_MUST_USE;
/* False: something could not be written.  NULL is allowed. */
bool twin_close(struct twin *twin, struct fault *fault);

/* The packet as it was, unless twin_plain() has put something in its place since the last call. */
void twin_packet(struct twin *twin, const struct packet *packet);
/* What is told of the packet at hand: written if it was decrypted, all of it. */
void twin_plain(struct twin *twin, const struct told *told);

/* The frame that twin_plain() writes; 0: it was not decrypted, not all of it, or there is no room. */
#define TWIN_FRAME 65800 /* octets that are enough */
size_t twin_frame(const struct told *told, uint8_t *frame, size_t room);

#endif
