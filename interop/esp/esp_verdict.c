/* SPDX-License-Identifier: ISC */
#include "interop/esp/esp_verdict.h"

#include <assert.h>

static const struct {
	const char *name, *section, *sentence;
} verdicts[ESP_VERDICTS] = {
#define VERDICT(name, section, sentence) {#name, section, sentence},
#include "interop/esp/esp_verdict.def"
#undef VERDICT
};

const char *esp_verdict_name(enum esp_verdict verdict)
{
	assert((unsigned)verdict < ESP_VERDICTS);
	return verdicts[verdict].name;
}

const char *esp_verdict_section(enum esp_verdict verdict)
{
	assert((unsigned)verdict < ESP_VERDICTS);
	return verdicts[verdict].section;
}

const char *esp_verdict_sentence(enum esp_verdict verdict)
{
	assert((unsigned)verdict < ESP_VERDICTS);
	return verdicts[verdict].sentence;
}
