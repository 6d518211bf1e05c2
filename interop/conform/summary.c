/* SPDX-License-Identifier: ISC */
#include "interop/conform/summary.h"

#include <stdlib.h>
#include <string.h>

#define GROUP_WIDTH 24

bool summary_add(struct summary *summary, const struct conform_result *result)
{
	if (summary->results == summary->room) {
		size_t room = summary->room == 0 ? 64 : 2 * summary->room;
		struct conform_result *grown =
		    realloc(summary->result, room * sizeof(*summary->result));

		if (grown == NULL)
			return false;
		summary->result = grown;
		summary->room = room;
	}
	summary->result[summary->results] = *result;
	summary->result[summary->results++].trial = NULL;
	summary->count[result->verdict]++;
	return true;
}

void summary_free(struct summary *summary)
{
	free(summary->result);
	*summary = (struct summary){.result = NULL};
}

bool summary_is_good(const struct summary *summary)
{
	return summary->count[CONFORM_FAIL] == 0 && summary->count[CONFORM_XPASS] == 0 &&
	       summary->count[CONFORM_INCONCLUSIVE] == 0;
}

static size_t add_count(char *text, size_t length, size_t used, size_t count,
			enum conform_verdict verdict)
{
	int more = snprintf(text + used, length - used, "%s%zu %s", used > 0 ? ", " : "", count,
			    conform_verdict_name(verdict));

	return more < 0 || used + (size_t)more >= length ? used : used + (size_t)more;
}

static const char *counts(const size_t count[CONFORM_VERDICTS], char *text, size_t length)
{
	size_t used = 0;

	text[0] = '\0';
	for (int i = 0; i < CONFORM_VERDICTS; i++)
		if (count[i] > 0)
			used = add_count(text, length, used, count[i], (enum conform_verdict)i);
	return text;
}

const char *summary_counts(const struct summary *summary, char *text, size_t length)
{
	return counts(summary->count, text, length);
}

void summary_put(const char *text, FILE *out)
{
	for (; *text != '\0'; text++)
		putc(*text >= ' ' && *text <= '~' ? *text : '?', out);
}

/* ---- the table ----------------------------------------------------------------------------------------------------- */

/* Octets of an ID that name its group: document/section. */
static size_t group_length(const char *id)
{
	const char *section = strchr(id, '/');
	const char *slug = section != NULL ? strchr(section + 1, '/') : NULL;

	return slug != NULL ? (size_t)(slug - id) : strlen(id);
}

static bool same_group(const char *a, const char *b)
{
	return group_length(a) == group_length(b) && strncmp(a, b, group_length(a)) == 0;
}

static bool is_first_of_group(const struct summary *summary, size_t index)
{
	for (size_t i = 0; i < index; i++)
		if (same_group(summary->result[i].of->id, summary->result[index].of->id))
			return false;
	return true;
}

static void print_group(const struct summary *summary, size_t first, FILE *out)
{
	const char *id = summary->result[first].of->id;
	size_t count[CONFORM_VERDICTS] = {0};
	char text[160];

	for (size_t i = first; i < summary->results; i++)
		if (same_group(summary->result[i].of->id, id))
			count[summary->result[i].verdict]++;
	fprintf(out, "  %-*.*s %s\n", GROUP_WIDTH, (int)group_length(id), id,
		counts(count, text, sizeof(text)));
}

static void print_result(const struct conform_result *result, FILE *out)
{
	fprintf(out, "\n%s %s (%s)\n  %s\n", conform_verdict_name(result->verdict), result->of->id,
		conform_level_name(result->of->level), result->of->title);
	if (result->verdict != CONFORM_INFO_VALUE)
		fprintf(out, "  expected: %s\n", result->of->expected);
	fputs("  observed: ", out);
	if (result->value[0] != '\0') {
		summary_put(result->value, out);
		fputs("; ", out);
	}
	summary_put(result->observed, out);
	putc('\n', out);
	if (result->reason != NULL)
		fprintf(out, "  profile:  %s\n", result->reason);
}

void summary_print(const struct summary *summary, FILE *out)
{
	char text[160];

	for (size_t i = 0; i < summary->results; i++)
		if (is_first_of_group(summary, i))
			print_group(summary, i, out);
	for (size_t i = 0; i < summary->results; i++)
		if (summary->result[i].verdict != CONFORM_PASS &&
		    summary->result[i].verdict != CONFORM_SKIP)
			print_result(&summary->result[i], out);
	fprintf(out, "\n%zu cases: %s\n", summary->results,
		summary_counts(summary, text, sizeof(text)));
}

/* ---- TAP ----------------------------------------------------------------------------------------------------------- */

void summary_tap_plan(size_t cases, FILE *out)
{
	fprintf(out, "TAP version 13\n1..%zu\n", cases);
}

static void put_yaml(const char *key, const char *text, FILE *out)
{
	fprintf(out, "  %s: \"", key);
	for (; *text != '\0'; text++) {
		if (*text == '"' || *text == '\\')
			putc('\\', out);
		putc(*text >= ' ' && *text <= '~' ? *text : '?', out);
	}
	fputs("\"\n", out);
}

/* SKIP and TODO are TAP's own words: not run, and known to fail. */
void summary_tap(const struct conform_result *result, size_t number, FILE *out)
{
	enum conform_verdict verdict = result->verdict;
	bool bad =
	    verdict == CONFORM_FAIL || verdict == CONFORM_INCONCLUSIVE || verdict == CONFORM_XFAIL;

	fprintf(out, "%s %zu - %s", bad ? "not ok" : "ok", number, result->of->id);
	if (verdict == CONFORM_SKIP) {
		fputs(" # SKIP ", out);
		summary_put(result->observed, out);
	} else if (verdict == CONFORM_XFAIL || verdict == CONFORM_XPASS) {
		fputs(" # TODO ", out);
		summary_put(result->reason != NULL ? result->reason : "", out);
	}
	putc('\n', out);
	if (verdict == CONFORM_PASS || verdict == CONFORM_SKIP)
		return;
	fputs("  ---\n", out);
	put_yaml("verdict", conform_verdict_name(verdict), out);
	put_yaml("level", conform_level_name(result->of->level), out);
	put_yaml("section", result->of->section, out);
	put_yaml("expected", result->of->expected, out);
	put_yaml("observed", result->observed, out);
	if (result->value[0] != '\0')
		put_yaml("value", result->value, out);
	fputs("  ...\n", out);
}
