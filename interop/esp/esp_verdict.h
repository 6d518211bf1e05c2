/* SPDX-License-Identifier: ISC */
/*
 * esp_verdict.h - why a packet was dropped, with the RFC's section.  The list is esp_verdict.def.
 */
#ifndef INTEROP_ESP_ESP_VERDICT_H
#define INTEROP_ESP_ESP_VERDICT_H

enum esp_verdict {
#define VERDICT(name, section, sentence) ESP_##name,
#include "interop/esp/esp_verdict.def"
#undef VERDICT
	ESP_VERDICTS /* how many there are */
};

const char *esp_verdict_name(enum esp_verdict verdict);     /* "BAD_ICV" */
const char *esp_verdict_section(enum esp_verdict verdict);  /* "RFC 4303 section 3.4.4" */
const char *esp_verdict_sentence(enum esp_verdict verdict); /* one line, no full stop */

#endif
