/* SPDX-License-Identifier: ISC */
/*
 * describe.h - a message as one line, in wire order.
 *
 *   MAIN [ SA(aes128-sha1-modp2048) VID(DPD) ]
 *   INFORMATIONAL* 7be2c41d [ HASH N(R-U-THERE seq=1041) ]
 */
#ifndef IKE_DESCRIBE_H
#define IKE_DESCRIBE_H

#include "ike/payload.h"

/* Terminated, cut at `length`; returns the length of the text.  The star stands for "was encrypted". */
size_t ike_describe_line(const struct ike_message *message, char *text, size_t length);

#endif
