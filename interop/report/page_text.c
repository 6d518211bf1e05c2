/* SPDX-License-Identifier: ISC */
#include "interop/report/page_text.h"

#include "interop/embed.h"

#define PAGE_FILE(name) EMBED_FILE("interop/report/" name)

EMBED(page_html, PAGE_FILE("page.html"));
EMBED(page_css, PAGE_FILE("page.css"));
/* page.js is the last of them: it starts what is in the others. */
EMBED(page_js, PAGE_FILE("page_model.js") PAGE_FILE("page_parts.js") PAGE_FILE("page_matrix.js")
		   PAGE_FILE("page_ladder.js") PAGE_FILE("page_octets.js")
		       PAGE_FILE("page_capture.js") PAGE_FILE("page_case.js") PAGE_FILE("page.js"));

struct octets page_html(void)
{
	return EMBEDDED(page_html);
}

struct octets page_css(void)
{
	return EMBEDDED(page_css);
}

struct octets page_js(void)
{
	return EMBEDDED(page_js);
}
