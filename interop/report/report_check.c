/* SPDX-License-Identifier: ISC */
/*
 * report_check.c - report.schema.json as tables, and what a schema cannot say.
 */
#include <stdarg.h>
#include <string.h>

#include "interop/report/report.h"
#include "interop/report/report_text.h"
#include "interop/report/report_verdict.h"

/* ---- where we are -------------------------------------------------------------------------------------------------- */

struct place {
	const struct place *above; /* NULL: this is the report itself */
	const char *name;          /* of a member; NULL: an element */
	size_t index;
};

struct check {
	const char *file;
	struct fault *fault;
};

/* RFC 6901; the pointer of the report itself is empty. */
static void put_pointer(FILE *out, const struct place *place)
{
	if (place->above == NULL)
		return;
	put_pointer(out, place->above);
	fputc('/', out);
	if (place->name == NULL) {
		fprintf(out, "%zu", place->index);
		return;
	}
	for (const char *at = place->name; *at != '\0';) {
		char piece[64];
		size_t length = strcspn(at, "~/");

		if (length > sizeof(piece) - 1)
			length = sizeof(piece) - 1;
		memcpy(piece, at, length);
		piece[length] = '\0';
		report_put_plain(out, piece);
		at += length;
		if (*at == '~' || *at == '/')
			fputs(*at++ == '~' ? "~0" : "~1", out);
	}
}

static bool wrong(const struct check *check, const struct place *place, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static bool wrong(const struct check *check, const struct place *place, const char *format, ...)
{
	char pointer[FAULT_TEXT / 2] = "", text[FAULT_TEXT / 2];
	FILE *out = fmemopen(pointer, sizeof(pointer), "w");
	va_list arguments;

	if (out == NULL)
		return fault_say(check->fault, "%s: no memory", check->file);
	put_pointer(out, place);
	fclose(out);
	pointer[sizeof(pointer) - 1] = '\0';
	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	return fault_say(check->fault, "%s: at \"%s\": %s", check->file, pointer, text);
}

/* ---- the schema ---------------------------------------------------------------------------------------------------- */

enum kind {
	KIND_TEXT,
	KIND_TEXTS,
	KIND_NAMED_TEXTS, /* any names */
	KIND_HEX,
	KIND_ID,
	KIND_TIME,
	KIND_WORD,
	KIND_FLAG,
	KIND_NUMBER,
	KIND_SECONDS,
	KIND_NATURAL,  /* from 0 */
	KIND_POSITIVE, /* from 1 */
	KIND_OBJECT,
	KIND_OBJECTS,
};

struct rule {
	const char *name;
	enum kind kind;
	bool required;
	const char *const *words;  /* WORD: ended by NULL */
	const struct rule *object; /* OBJECT, OBJECTS: ended by a rule without name */
};

static const char *const schemas[] = {REPORT_SCHEMA, NULL};
static const char *const levels[] = {"MUST", "SHOULD", "MAY", "ROBUST", "INFO", NULL};
static const char *const roles[] = {"responder", "initiator", NULL};
static const char *const ends[] = {"tester", "device", NULL};
static const char *const hash_found[] = {"holds", "fails", NULL};
static const char *const ciphers[] = {"3des", "aes128", "aes192", "aes256", NULL};
static const char *const hashes[] = {"md5", "sha1", "sha256", "sha384", "sha512", NULL};

static const struct rule tool_rules[] = {
    {"name", KIND_TEXT, true, NULL, NULL}, {"version", KIND_TEXT, true, NULL, NULL}, {0}};

static const struct rule device_rules[] = {
    {"name", KIND_TEXT, true, NULL, NULL},     {"version", KIND_TEXT, false, NULL, NULL},
    {"address", KIND_TEXT, true, NULL, NULL},  {"vendor_ids", KIND_TEXTS, false, NULL, NULL},
    {"profile", KIND_TEXT, false, NULL, NULL}, {0}};

static const struct rule profile_rules[] = {{"verdict", KIND_WORD, true, report_verdicts, NULL},
					    {"found", KIND_WORD, false, report_verdicts, NULL},
					    {"reason", KIND_TEXT, true, NULL, NULL},
					    {0}};

static const struct rule field_rules[] = {
    {"offset", KIND_NATURAL, true, NULL, NULL}, {"length", KIND_NATURAL, true, NULL, NULL},
    {"depth", KIND_NATURAL, true, NULL, NULL},  {"name", KIND_TEXT, true, NULL, NULL},
    {"value", KIND_TEXT, true, NULL, NULL},     {"section", KIND_TEXT, false, NULL, NULL},
    {"wrong", KIND_FLAG, false, NULL, NULL},    {0}};

static const struct rule message_rules[] = {{"at", KIND_NUMBER, true, NULL, NULL},
					    {"from", KIND_WORD, true, ends, NULL},
					    {"source", KIND_TEXT, true, NULL, NULL},
					    {"destination", KIND_TEXT, true, NULL, NULL},
					    {"lost", KIND_FLAG, false, NULL, NULL},
					    {"wire", KIND_HEX, true, NULL, NULL},
					    {"plain", KIND_HEX, false, NULL, NULL},
					    {"hash", KIND_WORD, false, hash_found, NULL},
					    {"line", KIND_TEXT, true, NULL, NULL},
					    {"fields", KIND_OBJECTS, false, NULL, field_rules},
					    {0}};

static const struct rule sa_rules[] = {
    {"cky_i", KIND_HEX, true, NULL, NULL},       {"cky_r", KIND_HEX, true, NULL, NULL},
    {"cipher", KIND_WORD, true, ciphers, NULL},  {"hash", KIND_WORD, true, hashes, NULL},
    {"key", KIND_HEX, true, NULL, NULL},         {"skeyid_a", KIND_HEX, true, NULL, NULL},
    {"last_block", KIND_HEX, false, NULL, NULL}, {0}};

static const struct rule case_rules[] = {{"id", KIND_ID, true, NULL, NULL},
					 {"version", KIND_POSITIVE, true, NULL, NULL},
					 {"title", KIND_TEXT, true, NULL, NULL},
					 {"level", KIND_WORD, true, levels, NULL},
					 {"role", KIND_WORD, true, roles, NULL},
					 {"section", KIND_TEXT, true, NULL, NULL},
					 {"requirement", KIND_TEXT, true, NULL, NULL},
					 {"expected", KIND_TEXT, true, NULL, NULL},
					 {"verdict", KIND_WORD, true, report_verdicts, NULL},
					 {"observed", KIND_TEXT, true, NULL, NULL},
					 {"value", KIND_TEXT, false, NULL, NULL},
					 {"profile", KIND_OBJECT, false, NULL, profile_rules},
					 {"seconds", KIND_SECONDS, true, NULL, NULL},
					 {"deciding", KIND_NATURAL, false, NULL, NULL},
					 {"messages", KIND_OBJECTS, true, NULL, message_rules},
					 {"keys", KIND_OBJECTS, true, NULL, sa_rules},
					 {"command", KIND_TEXT, true, NULL, NULL},
					 {0}};

static const struct rule report_rules[] = {{"schema", KIND_WORD, true, schemas, NULL},
					   {"tool", KIND_OBJECT, true, NULL, tool_rules},
					   {"started", KIND_TIME, true, NULL, NULL},
					   {"seconds", KIND_SECONDS, true, NULL, NULL},
					   {"device", KIND_OBJECT, true, NULL, device_rules},
					   {"options", KIND_NAMED_TEXTS, true, NULL, NULL},
					   {"cases", KIND_OBJECTS, true, NULL, case_rules},
					   {0}};

/* ---- values -------------------------------------------------------------------------------------------------------- */

/* jansson's iterators want an object that may be changed, and do not change it. */
static json_t *iterable(const json_t *object)
{
	union {
		const json_t *given;
		json_t *taken;
	} same = {.given = object};

	return same.taken;
}

static bool is_hex(const char *text)
{
	size_t length = strlen(text);

	return length % 2 == 0 && strspn(text, "0123456789abcdef") == length;
}

/* ^[a-z0-9-]+/[a-z0-9.-]+/[a-z0-9-]+$ */
#define ID_PART_MOST 80 /* characters */

static bool is_id(const char *text)
{
	static const char *const allowed[] = {"abcdefghijklmnopqrstuvwxyz0123456789-",
					      "abcdefghijklmnopqrstuvwxyz0123456789.-",
					      "abcdefghijklmnopqrstuvwxyz0123456789-"};

	for (size_t i = 0; i < 3; i++) {
		size_t length = strspn(text, allowed[i]);

		text += length;
		/* tables are as wide as the longest of them */
		if (length == 0 || length > ID_PART_MOST || *text != (i < 2 ? '/' : '\0'))
			return false;
		text++;
	}
	return true;
}

static bool is_word(const json_t *value, const char *const *words)
{
	for (; *words != NULL; words++)
		if (json_is_string(value) && strcmp(json_string_value(value), *words) == 0)
			return true;
	return false;
}

static bool check_word(const struct check *check, const struct place *place, const json_t *value,
		       const char *const *words)
{
	char list[FAULT_TEXT / 4] = "";
	size_t length = 0;

	if (is_word(value, words))
		return true;
	for (size_t i = 0; words[i] != NULL && length < sizeof(list); i++)
		length += (size_t)snprintf(list + length, sizeof(list) - length, "%s%s",
					   i == 0                 ? ""
					   : words[i + 1] != NULL ? ", "
								  : " or ",
					   words[i]);
	return wrong(check, place, "it must be %s", list);
}

static bool check_texts(const struct check *check, const struct place *place, const json_t *value,
			bool named)
{
	const json_t *text;
	struct place below = {place, NULL, 0};
	const char *name;
	size_t i;

	if (named ? !json_is_object(value) : !json_is_array(value))
		return wrong(check, place, "it must be an %s of strings",
			     named ? "object" : "array");
	json_array_foreach(value, i, text)
	{
		below.index = i;
		if (!json_is_string(text))
			return wrong(check, &below, "it must be a string");
	}
	for (void *at = json_object_iter(iterable(value)); named && at != NULL;
	     at = json_object_iter_next(iterable(value), at)) {
		name = json_object_iter_key(at);
		below.name = name;
		if (!json_is_string(json_object_iter_value(at)))
			return wrong(check, &below, "it must be a string");
	}
	return true;
}

static bool check_number(const struct check *check, const struct place *place, const json_t *value,
			 enum kind kind)
{
	json_int_t least = kind == KIND_POSITIVE ? 1 : 0;

	if (kind == KIND_NUMBER)
		return json_is_number(value) || wrong(check, place, "it must be a number");
	if (kind == KIND_SECONDS)
		return (json_is_number(value) && json_number_value(value) >= 0) ||
		       wrong(check, place, "it must be a number of seconds, 0 or more");
	return (json_is_integer(value) && json_integer_value(value) >= least) ||
	       wrong(check, place, "it must be an integer, %d or more", (int)least);
}

static bool check_string(const struct check *check, const struct place *place, const json_t *value,
			 enum kind kind)
{
	const char *text = json_string_value(value);
	int64_t time;

	if (text == NULL)
		return wrong(check, place, "it must be a string");
	if (kind == KIND_HEX && !is_hex(text))
		return wrong(check, place, "it must be octets in hex: pairs of 0 to 9 and a to f");
	if (kind == KIND_ID && !is_id(text))
		return wrong(
		    check, place,
		    "it must be document/section/slug of a-z, 0-9 and hyphens, none of them long");
	if (kind == KIND_TIME && !report_time(text, &time))
		return wrong(check, place,
			     "it must be a time as in RFC 3339: 2026-11-26T09:00:00Z");
	return true;
}

static bool check_object(const struct check *check, const struct place *place, const json_t *object,
			 const struct rule *rules);

static bool check_value(const struct check *check, const struct place *place, const json_t *value,
			const struct rule *rule)
{
	struct place below = {place, NULL, 0};
	const json_t *element;
	size_t i;

	switch (rule->kind) {
	case KIND_TEXTS:
	case KIND_NAMED_TEXTS:
		return check_texts(check, place, value, rule->kind == KIND_NAMED_TEXTS);
	case KIND_WORD:
		return check_word(check, place, value, rule->words);
	case KIND_FLAG:
		return json_is_boolean(value) || wrong(check, place, "it must be true or false");
	case KIND_NUMBER:
	case KIND_SECONDS:
	case KIND_NATURAL:
	case KIND_POSITIVE:
		return check_number(check, place, value, rule->kind);
	case KIND_OBJECT:
		return check_object(check, place, value, rule->object);
	case KIND_OBJECTS:
		if (!json_is_array(value))
			return wrong(check, place, "it must be an array of objects");
		json_array_foreach(value, i, element)
		{
			below.index = i;
			if (!check_object(check, &below, element, rule->object))
				return false;
		}
		return true;
	default:
		return check_string(check, place, value, rule->kind);
	}
}

static const struct rule *rule_of(const struct rule *rules, const char *name)
{
	for (; rules->name != NULL; rules++)
		if (strcmp(rules->name, name) == 0)
			return rules;
	return NULL;
}

static bool check_object(const struct check *check, const struct place *place, const json_t *object,
			 const struct rule *rules)
{
	if (!json_is_object(object))
		return wrong(check, place, "it must be an object");
	for (const struct rule *rule = rules; rule->name != NULL; rule++)
		if (rule->required && json_object_get(object, rule->name) == NULL)
			return wrong(check, place, "its \"%s\" is missing", rule->name);
	for (void *at = json_object_iter(iterable(object)); at != NULL;
	     at = json_object_iter_next(iterable(object), at)) {
		struct place below = {place, json_object_iter_key(at), 0};
		const struct rule *rule = rule_of(rules, below.name);

		if (rule == NULL)
			return wrong(check, &below, "there is no such member in " REPORT_SCHEMA);
		if (!check_value(check, &below, json_object_iter_value(at), rule))
			return false;
	}
	return true;
}

/* ---- what the schema cannot say ------------------------------------------------------------------------------------ */

static bool check_fields(const struct check *check, const struct place *place,
			 const json_t *message)
{
	const json_t *plain = json_object_get(message, "plain"), *field,
		     *fields = json_object_get(message, "fields");
	json_int_t octets = (json_int_t)json_string_length(
				plain != NULL ? plain : json_object_get(message, "wire")) /
			    2;
	struct place all = {place, "fields", 0}, one = {&all, NULL, 0};
	size_t i;

	json_array_foreach(fields, i, field)
	{
		json_int_t offset = json_integer_value(json_object_get(field, "offset"));

		one.index = i;
		if (offset > octets ||
		    json_integer_value(json_object_get(field, "length")) > octets - offset)
			return wrong(check, &one, "it must lie within the message's %d octets",
				     (int)octets);
	}
	return true;
}

static bool check_case(const struct check *check, const struct place *place, const json_t *of)
{
	const json_t *deciding = json_object_get(of, "deciding"), *message,
		     *messages = json_object_get(of, "messages");
	struct place all = {place, "messages", 0}, one = {&all, NULL, 0};
	struct place index = {place, "deciding", 0};
	size_t i;

	if (deciding != NULL &&
	    json_integer_value(deciding) >= (json_int_t)json_array_size(messages))
		return wrong(check, &index, "it must be less than the number of messages, %zu",
			     json_array_size(messages));
	json_array_foreach(messages, i, message)
	{
		one.index = i;
		if (!check_fields(check, &one, message))
			return false;
	}
	return true;
}

static bool check_cases(const struct check *check, const struct place *place, const json_t *cases)
{
	json_t *seen = json_object();
	struct place one = {place, NULL, 0}, id = {&one, "id", 0};
	const json_t *of;
	bool good = seen != NULL || wrong(check, place, "no memory");
	size_t i;

	json_array_foreach(cases, i, of)
	{
		const char *name = json_string_value(json_object_get(of, "id"));

		if (!good)
			break;
		one.index = i;
		if (json_object_get(seen, name) != NULL)
			good = wrong(check, &id, "there is a case %.80s before it", name);
		else if (json_object_set_new(seen, name, json_true()) != 0)
			good = wrong(check, &id, "no memory");
		else
			good = check_case(check, &one, of);
	}
	json_decref(seen);
	return good;
}

bool report_check(const json_t *report, const char *name, struct fault *fault)
{
	const struct check check = {name, fault};
	const struct place whole = {NULL, NULL, 0}, cases = {&whole, "cases", 0};

	return check_object(&check, &whole, report, report_rules) &&
	       check_cases(&check, &cases, json_object_get(report, "cases"));
}
