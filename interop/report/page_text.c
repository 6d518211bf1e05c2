/* SPDX-License-Identifier: ISC */
#include "interop/report/page_text.h"

/* The assembler reads the files, from the folder that make runs in; the Makefile knows that the object hangs on them. */
#define PAGE_FILE(symbol, path)                                                                    \
	__asm__(".pushsection .rodata\n" #symbol "_begin: .incbin \"" path "\"\n" #symbol          \
		"_end: .byte 0\n.popsection\n"                                                     \
		".global " #symbol "_begin, " #symbol "_end\n"                                     \
		".hidden " #symbol "_begin\n.hidden " #symbol "_end\n");                           \
	extern const uint8_t symbol##_begin[], symbol##_end[];                                     \
	struct octets symbol(void)                                                                 \
	{                                                                                          \
		return octets_of(symbol##_begin, (size_t)(symbol##_end - symbol##_begin));         \
	}

PAGE_FILE(page_html, "interop/report/page.html")
PAGE_FILE(page_css, "interop/report/page.css")
PAGE_FILE(page_js, "interop/report/page.js")
