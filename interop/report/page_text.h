/* SPDX-License-Identifier: ISC */
/*
 * page_text.h - page.html, page.css and page.js as they were when the program was built.
 */
#ifndef INTEROP_REPORT_PAGE_TEXT_H
#define INTEROP_REPORT_PAGE_TEXT_H

#include "crypto/octets.h"

struct octets page_html(void), page_css(void), page_js(void);

#endif
