/* SPDX-License-Identifier: ISC */
#include "interop/conform/case.h"

#include <string.h>

#include "interop/conform/cases.h"

const struct conform_case *const conform_tables[] = {
    cases_vendor_id,
    cases_vendor_id_ours,
    cases_acknowledgement,
    cases_question,
    cases_question_spi,
    cases_protection,
    cases_protection_header,
    cases_padding,
    cases_reply,
    cases_sequence,
    cases_timing,
    cases_renewal,
    cases_contact,
    cases_delete,
    cases_hint,
    cases_amplification,
    cases_probing,
    cases_answer,
    cases_death,
    cases_initiator,
    cases_resend,
    cases_robust_header,
    cases_robust_payload,
    cases_robust_phase_1,
    cases_robust_stray,
    cases_shape,
    NULL,
};

const struct conform_case *conform_case_at(size_t index)
{
	for (size_t i = 0; conform_tables[i] != NULL; i++)
		for (const struct conform_case *of = conform_tables[i]; of->id != NULL; of++)
			if (index-- == 0)
				return of;
	return NULL;
}

size_t conform_cases(void)
{
	size_t count = 0;

	while (conform_case_at(count) != NULL)
		count++;
	return count;
}

const struct conform_case *conform_case_find(const char *id)
{
	const struct conform_case *of;

	for (size_t i = 0; (of = conform_case_at(i)) != NULL; i++)
		if (strcmp(of->id, id) == 0)
			return of;
	return NULL;
}

const char *conform_level_name(enum conform_level level)
{
	static const char *const name[CONFORM_LEVELS] = {"MUST", "SHOULD", "MAY", "ROBUST", "INFO"};

	return name[level];
}

const char *conform_verdict_name(enum conform_verdict verdict)
{
	static const char *const name[CONFORM_VERDICTS] = {"PASS",        "LENIENT",      "FAIL",
							   "UNSUPPORTED", "INCONCLUSIVE", "SKIP",
							   "INFO",        "XFAIL",        "XPASS"};

	return name[verdict];
}

const char *conform_role_name(enum conform_role role)
{
	return role == CONFORM_RESPONDER ? "responder" : "initiator";
}
