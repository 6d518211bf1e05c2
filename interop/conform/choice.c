/* SPDX-License-Identifier: ISC */
#include "interop/conform/choice.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* ---- what a case is like ------------------------------------------------------------------------------------------- */

static bool is_like_id(const struct conform_case *of, const char *text)
{
	return strncmp(of->id, text, strlen(text)) == 0;
}

/* `section` is itself or what it is in: whole numbers between the dots. */
static bool is_in(const char *section, size_t length, const char *text)
{
	size_t wanted = strlen(text);

	return length >= wanted && strncmp(section, text, wanted) == 0 &&
	       (length == wanted || section[wanted] == '.' || section[wanted] == '/');
}

static bool is_like_section(const struct conform_case *of, const char *text)
{
	const char *section = strchr(of->id, '/') + 1;
	size_t end = strcspn(section, "/");

	return text[0] != '\0' &&
	       (is_in(section, end, text) || is_in(of->id, (size_t)(section - of->id) + end, text));
}

static bool is_like_level(const struct conform_case *of, const char *text)
{
	return strcasecmp(conform_level_name(of->level), text) == 0;
}

static bool is_like_role(const struct conform_case *of, const char *text)
{
	return strcasecmp(conform_role_name(of->role), text) == 0;
}

typedef bool likeness(const struct conform_case *of, const char *text);

static bool is_like_any(const struct conform_case *of, const struct options_list *list,
			likeness *is_like)
{
	for (size_t i = 0; i < list->count; i++)
		if (is_like(of, list->item[i]))
			return true;
	return false;
}

static bool suits(const struct conform_case *of, const struct options_list *list, likeness *is_like)
{
	return list->count == 0 || is_like_any(of, list, is_like);
}

/* ---- what was asked for in vain ------------------------------------------------------------------------------------ */

static bool check(const struct options_list *list, likeness *is_like, const char *what,
		  struct fault *fault)
{
	const struct conform_case *of;

	for (size_t i = 0; i < list->count; i++) {
		bool found = false;

		for (size_t j = 0; !found && (of = conform_case_at(j)) != NULL; j++)
			found = is_like(of, list->item[i]);
		if (!found)
			return fault_say(fault,
					 "no case has the %s \"%s\": see ruthere conform --list",
					 what, list->item[i]);
	}
	return true;
}

static bool check_level(const struct options_list *list, struct fault *fault)
{
	for (size_t i = 0; i < list->count; i++) {
		bool found = false;

		for (int level = 0; level < CONFORM_LEVELS; level++)
			found = found || strcasecmp(conform_level_name((enum conform_level)level),
						    list->item[i]) == 0;
		if (!found)
			return fault_say(fault,
					 "\"%s\" is no level: MUST, SHOULD, MAY, ROBUST or INFO",
					 list->item[i]);
	}
	return true;
}

static bool check_role(const struct options_list *list, struct fault *fault)
{
	for (size_t i = 0; i < list->count; i++)
		if (strcasecmp(list->item[i], conform_role_name(CONFORM_RESPONDER)) != 0 &&
		    strcasecmp(list->item[i], conform_role_name(CONFORM_INITIATOR)) != 0)
			return fault_say(fault, "\"%s\" is no role: responder or initiator",
					 list->item[i]);
	return true;
}

/* ---- an earlier report --------------------------------------------------------------------------------------------- */

static bool is_settled(const char *verdict)
{
	static const enum conform_verdict settled[] = {CONFORM_PASS, CONFORM_INFO_VALUE,
						       CONFORM_XFAIL, CONFORM_SKIP};

	for (size_t i = 0; i < sizeof(settled) / sizeof(settled[0]); i++)
		if (strcmp(verdict, conform_verdict_name(settled[i])) == 0)
			return true;
	return false;
}

static json_t *read_report(const char *path, struct fault *fault)
{
	json_error_t error;
	json_t *report = json_load_file(path, 0, &error);

	if (report == NULL) {
		fault_say(fault, "%s:%d: %s: give a report.json of ruthere conform", path,
			  error.line, error.text);
		return NULL;
	}
	if (!json_is_array(json_object_get(report, "cases"))) {
		fault_say(fault, "%s has no cases: give a report.json of ruthere conform", path);
		json_decref(report);
		return NULL;
	}
	return report;
}

static bool was_unsettled(const json_t *report, const struct conform_case *of)
{
	const json_t *entry;
	size_t i;

	json_array_foreach(json_object_get(report, "cases"), i, entry)
	{
		const char *id = json_string_value(json_object_get(entry, "id"));
		const char *verdict = json_string_value(json_object_get(entry, "verdict"));

		if (id != NULL && verdict != NULL && strcmp(id, of->id) == 0)
			return !is_settled(verdict);
	}
	return false;
}

/* ---- the choice ---------------------------------------------------------------------------------------------------- */

static bool is_chosen(const struct choice *choice, const struct conform_case *of,
		      const json_t *report)
{
	return suits(of, &choice->ids, is_like_id) &&
	       suits(of, &choice->sections, is_like_section) &&
	       suits(of, &choice->levels, is_like_level) &&
	       suits(of, &choice->roles, is_like_role) &&
	       !is_like_any(of, &choice->skip, is_like_id) &&
	       (report == NULL || was_unsettled(report, of));
}

static bool check_all(const struct choice *choice, struct fault *fault)
{
	return check(&choice->ids, is_like_id, "ID", fault) &&
	       check(&choice->skip, is_like_id, "ID", fault) &&
	       check(&choice->sections, is_like_section, "section", fault) &&
	       check_level(&choice->levels, fault) && check_role(&choice->roles, fault);
}

const struct conform_case **choice_make(const struct choice *choice, size_t *count,
					struct fault *fault)
{
	const struct conform_case **chosen, *of;
	json_t *report = NULL;

	*count = 0;
	if (!check_all(choice, fault))
		return NULL;
	if (choice->again != NULL && (report = read_report(choice->again, fault)) == NULL)
		return NULL;
	chosen = calloc(conform_cases() + 1, sizeof(*chosen));
	if (chosen == NULL)
		fault_say(fault, "no memory");
	for (size_t i = 0; chosen != NULL && (of = conform_case_at(i)) != NULL; i++)
		if (is_chosen(choice, of, report))
			chosen[(*count)++] = of;
	json_decref(report);
	return chosen;
}
