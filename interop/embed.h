/* SPDX-License-Identifier: ISC */
/*
 * embed.h - files that are in the program, word for word.
 *
 * The assembler reads them, from the folder that make runs in; the Makefile knows that the object hangs on them.
 */
#ifndef INTEROP_EMBED_H
#define INTEROP_EMBED_H

#include "crypto/octets.h"

#define EMBED_FILE(path) ".incbin \"" path "\"\n"

/* At file scope: `files`, one or more EMBED_FILE(), one behind the other. */
#define EMBED(symbol, files)                                                                       \
	__asm__(".pushsection .rodata\n" #symbol "_begin:\n" files #symbol                         \
		"_end:\n.balign 4\n" #symbol "_length: .long " #symbol "_end - " #symbol           \
		"_begin\n.popsection\n"                                                            \
		".global " #symbol "_begin, " #symbol "_length\n"                                  \
		".hidden " #symbol "_begin\n.hidden " #symbol "_length\n");                        \
	extern const uint8_t symbol##_begin[];                                                     \
	extern const uint32_t symbol##_length

#define EMBEDDED(symbol) octets_of(symbol##_begin, symbol##_length)

#endif
