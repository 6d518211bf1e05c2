/* SPDX-License-Identifier: ISC */
#include "interop/report/page_text.h"

/* The assembler reads the files, from the folder that make runs in; the Makefile knows that the object hangs on them. */
#define PAGE_FILE(name) ".incbin \"interop/report/" name "\"\n"

#define PAGE_TEXT(symbol, files)                                                                   \
	__asm__(".pushsection .rodata\n" #symbol "_begin:\n" files #symbol                         \
		"_end:\n.balign 4\n" #symbol "_length: .long " #symbol "_end - " #symbol           \
		"_begin\n.popsection\n"                                                            \
		".global " #symbol "_begin, " #symbol "_length\n"                                  \
		".hidden " #symbol "_begin\n.hidden " #symbol "_length\n");                        \
	extern const uint8_t symbol##_begin[];                                                     \
	extern const uint32_t symbol##_length;                                                     \
	struct octets symbol(void)                                                                 \
	{                                                                                          \
		return octets_of(symbol##_begin, symbol##_length);                                 \
	}

PAGE_TEXT(page_html, PAGE_FILE("page.html"))
PAGE_TEXT(page_css, PAGE_FILE("page.css"))
/* page.js is the last of them: it starts what is in the others. */
PAGE_TEXT(page_js,
	  PAGE_FILE("page_model.js") PAGE_FILE("page_parts.js") PAGE_FILE("page_matrix.js")
	      PAGE_FILE("page_ladder.js") PAGE_FILE("page_octets.js") PAGE_FILE("page_capture.js")
		  PAGE_FILE("page_case.js") PAGE_FILE("page.js"))
