/* SPDX-License-Identifier: ISC */
/*
 * evidence.h - a case's datagrams and keys as files that other programs read: wire.pcap, plain.pcap, ikev1_decryption_table, and
 * ikev1.keys, in a directory named by the case's ID.
 */
#ifndef INTEROP_CONFORM_EVIDENCE_H
#define INTEROP_CONFORM_EVIDENCE_H

#include "interop/conform/result.h"

/* Makes the directory, and those above it.  Nothing is written for a case that was not run.  False: see fault. */
bool evidence_write(const char *output, const struct conform_result *result, uint16_t nat_t_port,
		    struct fault *fault) IKE_MUST_USE;

#endif
