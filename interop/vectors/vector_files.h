/* SPDX-License-Identifier: ISC */
/*
 * vector_files.h - the folder of a set: wire.pcap, plain.pcap, ikev1_decryption_table, values.json.
 *
 * The captures are written octet by octet, little-endian on every machine, which libpcap does not do.
 */
#ifndef INTEROP_VECTORS_VECTOR_FILES_H
#define INTEROP_VECTORS_VECTOR_FILES_H

#include "interop/vectors/vector_make.h"

/* The folder `directory`/NAME, made where there is none; its files are replaced.  False: see fault. */
bool vector_files_write(const struct vector_made *made, const char *directory,
			struct fault *fault) IKE_MUST_USE;

#endif
