/* SPDX-License-Identifier: ISC */
#include "ike/verdict.h"

#include <assert.h>

static const struct {
	const char *name, *section, *sentence;
	uint16_t notify;
} verdicts[IKE_VERDICTS] = {
#define VERDICT(name, notify, section, sentence) {#name, section, sentence, notify},
#include "ike/verdict.def"
#undef VERDICT
};

const char *ike_verdict_name(enum ike_verdict verdict)
{
	assert((unsigned)verdict < IKE_VERDICTS);
	return verdicts[verdict].name;
}

const char *ike_verdict_section(enum ike_verdict verdict)
{
	assert((unsigned)verdict < IKE_VERDICTS);
	return verdicts[verdict].section;
}

const char *ike_verdict_sentence(enum ike_verdict verdict)
{
	assert((unsigned)verdict < IKE_VERDICTS);
	return verdicts[verdict].sentence;
}

uint16_t ike_verdict_notify(enum ike_verdict verdict)
{
	assert((unsigned)verdict < IKE_VERDICTS);
	return verdicts[verdict].notify;
}
