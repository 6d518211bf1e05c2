/* SPDX-License-Identifier: ISC */
#include "interop/events/event_line.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define PLAIN  ""
#define GOOD   "32" /* green */
#define UNEASY "33" /* yellow */
#define BAD    "31" /* red */

/*
 * {field} is replaced by the field's value: text as it is, numbers with up to three decimals, truth as yes and no.
 * {field?words} gives the words if the field is there, is not null and is not false; {field=value?words} if it is that text.
 * A list is its texts, with semicolons between them.  A direction is an arrow.  The order is
 * that of events.md.
 */
static const struct template
{
	const char *event;
	const char *words;
	const char *colour;
	bool chatter;
}
templates[] = {
    {"started", "ruthere {version} is ready, process {pid}{notice?; }{notice}", PLAIN, false},
    {"confined", "{text}", PLAIN, false},
    {"plan", "{text}", PLAIN, false},
    {"ping-plan", "tunnel {tunnel}, ping {ping}: {text}", PLAIN, false},
    {"impaired", "IMPAIRED ON PURPOSE: this node {sentences}", BAD, false},
    {"fell-over", "FELL OVER, as it was impaired to: nothing is closed, nothing more is sent", BAD,
     false},
    {"connecting", "Phase 1 begins as {role}{exchange=aggressive?, Aggressive Mode}", PLAIN, false},
    {"established",
     "established as {role}, {proposal}, keepalive {keepalive}, identity {identity}"
     "{initial_contact?, INITIAL-CONTACT sent}{exchange=aggressive?, Aggressive Mode}"
     "{authentication=rsa-signature?, RSA signatures}{authentication=ecdsa-256?, ECDSA signatures}"
     "{authentication=ecdsa-384?, ECDSA signatures}{authentication=ecdsa-521?, ECDSA signatures}"
     "{nat=here?, NAT here}{nat=there?, NAT there}{nat=both?, NAT at both ends}",
     GOOD, false},
    {"failed",
     "Phase 1 failed as {role}: {why}{verdict?: }{sentence}{section? (}{section}{section?)}"
     "{notify?; the peer said }{notify}",
     BAD, false},
    {"refused", "refused: {sentence}{section? (}{section}{section?)}", UNEASY, false},
    {"peer-says", "the peer says {notify}{authenticated? (authenticated)}", UNEASY, false},
    {"offers", "no common proposal: {text}", UNEASY, false},
    {"renewed", "renewed: a new SA took over", GOOD, false},
    {"deleted", "deleted: {why}", UNEASY, false},
    {"initial-contact", "INITIAL-CONTACT obeyed, older SAs deleted: {deleted}", UNEASY, false},
    {"moved", "the peer has moved here, as what is authenticated shows", UNEASY, false},
    {"ipsec-established",
     "{tunnel?tunnel }{tunnel}{tunnel?: }IPsec SAs {spi_in} in, {spi_out} out as {role}, "
     "{agreement}"
     "{encapsulated?, in UDP}",
     GOOD, false},
    {"ipsec-failed",
     "{tunnel?tunnel }{tunnel}{tunnel?: }Quick Mode failed as {role}: {why}{verdict?: "
     "}{sentence}{section? "
     "(}{section}"
     "{section?)}{notify?; the peer said }{notify}",
     BAD, false},
    {"ipsec-renewed",
     "{tunnel?tunnel }{tunnel}{tunnel?: }newer IPsec SAs took over from {spi_in} in, {spi_out} out",
     GOOD, false},
    {"ipsec-deleted",
     "{tunnel?tunnel }{tunnel}{tunnel?: }IPsec SAs {spi_in} in, {spi_out} out deleted: {why}",
     UNEASY, false},
    {"hint", "unprotected {notify}: taken as a hint, nothing more", UNEASY, false},
    {"unknown-spi", "ESP came for {spi}, which is no SA of ours: {done}", UNEASY, false},
    {"asked", "-> R-U-THERE number={number}, unanswered {open}", PLAIN, true},
    {"answered", "-> R-U-THERE-ACK number={number}", PLAIN, true},
    {"alive", "<- R-U-THERE-ACK number={number}{rtt_ms? time=}{rtt_ms}{rtt_ms? ms}", GOOD, true},
    {"suspect", "suspect: {misses} unanswered, silent for {silence_s} s", UNEASY, false},
    {"echo",
     "<- echo reply number={number} through tunnel {tunnel}{rtt_ms? time=}{rtt_ms}{rtt_ms? ms}",
     GOOD, true},
    {"echo-missed", "tunnel {tunnel}: {misses} echo requests unanswered, silent for {silence_s} s",
     UNEASY, false},
    {"echo-again", "tunnel {tunnel}: packets come through again, after {silence_s} s of silence",
     GOOD, false},
    {"echo-late",
     "this program was {by_s} s late; tunnel {tunnel} gets a fresh round of echo requests", UNEASY,
     false},
    {"black-hole",
     "tunnel {tunnel}: IKE answers, but nothing comes through: {misses} echo requests unanswered, "
     "silent for {silence_s} s; it is negotiated anew",
     BAD, false},
    {"tunnel-dead",
     "tunnel {tunnel}: DEAD, {misses} echo requests unanswered, silent for {silence_s} s", BAD,
     false},
    {"dead", "DEAD: {misses} unanswered, silent for {silence_s} s", BAD, false},
    {"late", "this program was {by_s} s late; the peer gets a fresh round", UNEASY, false},
    {"recovering", "recovering: attempt {attempt}, in {wait_s} s", UNEASY, false},
    {"recovered", "recovered after {after_s} s", GOOD, false},
    {"returning", "returning to the preferred gateway", UNEASY, false},
    {"message", "{direction} {line}", PLAIN, false},
    {"overload", "a limit was reached: {text}", BAD, false},
    {"clock", "the {clock} clock was set by {by_s} s; timers are not affected", UNEASY, false},
    {"trouble", "{text}", BAD, false},
    {"relief", "{text}", GOOD, false},
    {"worker-ended", "{text}", BAD, false},
    {"stopped", "stopped{left?; SAs left whose peers were not told: }{left}", PLAIN, false},
};

/* Text under construction, cut where it is full. */
struct draft {
	char *text;
	size_t length, room;
};

static void put(struct draft *draft, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void put(struct draft *draft, const char *format, ...)
{
	va_list arguments;
	int more;

	va_start(arguments, format);
	more =
	    vsnprintf(draft->text + draft->length, draft->room - draft->length, format, arguments);
	va_end(arguments);
	draft->length += more > 0 ? (size_t)more : 0;
	if (draft->length >= draft->room)
		draft->length = draft->room - 1;
}

/* What a peer chose (identities, for one) must not steer the terminal: only what prints gets through. */
static void put_printable(struct draft *draft, const char *text)
{
	for (; *text != '\0'; text++)
		put(draft, "%c", *text >= ' ' && *text != 0x7f ? *text : '?');
}

static void put_number(struct draft *draft, double number)
{
	char text[64];
	size_t length;

	snprintf(text, sizeof(text), "%.3f", number);
	length = strlen(text);
	while (text[length - 1] == '0')
		length--;
	if (text[length - 1] == '.')
		length--;
	put(draft, "%.*s", (int)length, text);
}

/* Of texts; there are no others. */
static void put_list(struct draft *draft, const json_t *list)
{
	const json_t *one;
	size_t index;

	json_array_foreach(list, index, one)
	{
		if (index > 0)
			put(draft, "; ");
		if (json_is_string(one))
			put_printable(draft, json_string_value(one));
	}
}

static void put_value(struct draft *draft, const json_t *value)
{
	switch (value != NULL ? json_typeof(value) : JSON_NULL) {
	case JSON_STRING:
		put_printable(draft, json_string_value(value));
		break;
	case JSON_INTEGER:
		put(draft, "%lld", (long long)json_integer_value(value));
		break;
	case JSON_REAL:
		put_number(draft, json_real_value(value));
		break;
	case JSON_ARRAY:
		put_list(draft, value);
		break;
	case JSON_TRUE:
	case JSON_FALSE:
		put(draft, "%s", json_is_true(value) ? "yes" : "no");
		break;
	default:
		break;
	}
}

static bool holds(const json_t *value, const char *text)
{
	if (text != NULL)
		return json_is_string(value) && strcmp(json_string_value(value), text) == 0;
	return value != NULL && !json_is_null(value) && !json_is_false(value);
}

/* One {...}; `inside` is what stands between the braces. */
static void put_field(struct draft *draft, const json_t *event, const char *inside, size_t length)
{
	const char *words = memchr(inside, '?', length);
	char name[48], *wanted;
	const json_t *value;

	snprintf(name, sizeof(name), "%.*s", words != NULL ? (int)(words - inside) : (int)length,
		 inside);
	wanted = strchr(name, '=');
	if (wanted != NULL)
		*wanted++ = '\0';
	value = json_object_get(event, name);
	if (strcmp(name, "direction") == 0)
		put(draft, json_is_string(value) && strcmp(json_string_value(value), "out") == 0
			       ? "->"
			       : "<-");
	else if (words == NULL)
		put_value(draft, value);
	else if (holds(value, wanted))
		put(draft, "%.*s", (int)(inside + length - words - 1), words + 1);
}

static void put_words(struct draft *draft, const json_t *event, const char *words)
{
	while (*words != '\0') {
		const char *open = strchr(words, '{');
		const char *close = open != NULL ? strchr(open, '}') : NULL;

		if (close == NULL) {
			put(draft, "%s", words);
			return;
		}
		put(draft, "%.*s", (int)(open - words), words);
		put_field(draft, event, open + 1, (size_t)(close - open - 1));
		words = close + 1;
	}
}

static const struct template *template_of(const json_t *event)
{
	const char *name = json_string_value(json_object_get(event, "event"));

	for (size_t i = 0; name != NULL && i < sizeof(templates) / sizeof(templates[0]); i++)
		if (strcmp(templates[i].event, name) == 0)
			return &templates[i];
	return NULL;
}

bool event_line_is_chatter(const json_t *event)
{
	const struct template *found = template_of(event);

	return found != NULL && found->chatter;
}

size_t event_line(const json_t *event, bool colour, char *text, size_t length)
{
	static const char *const who[] = {"node", "peer", "gateway"};
	const struct template *found = template_of(event);
	struct draft draft = {.text = text, .room = length};

	if (length == 0)
		return 0;
	text[0] = '\0';
	colour = colour && found != NULL && found->colour[0] != '\0';
	put(&draft, "%9.3f ", json_number_value(json_object_get(event, "t")));
	if (json_is_integer(json_object_get(event, "worker")))
		put(&draft, "w%d ", (int)json_integer_value(json_object_get(event, "worker")));
	for (size_t i = 0; i < sizeof(who) / sizeof(who[0]); i++) {
		const json_t *value = json_object_get(event, who[i]);

		if (!json_is_string(value))
			continue;
		put_value(&draft, value);
		put(&draft, " ");
	}
	if (colour)
		put(&draft, "\033[%sm", found->colour);
	if (found != NULL)
		put_words(&draft, event, found->words);
	else
		put_value(&draft, json_object_get(event, "event"));
	if (colour)
		put(&draft, "\033[0m");
	return draft.length;
}
