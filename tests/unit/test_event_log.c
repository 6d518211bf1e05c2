/* SPDX-License-Identifier: ISC */
#include "tests/support/unit.h"

#include <stdio.h>
#include <string.h>

#include "interop/events/event_log.h"
#include "tests/support/pairs.h"
#include "tests/support/scratch.h"

static const struct config nobody;

static struct ike_event report(enum ike_extension_report_kind kind)
{
	return (struct ike_event){.kind = IKE_EVENT_REPORT,
				  .peer = UINT32_MAX,
				  .gateway = UINT32_MAX,
				  .report = {.kind = kind}};
}

/* What the log writes for these events, to `out` or to the capture's file. */
static char *written(struct event_log log, bool to_file, const struct ike_event *events,
		     size_t count)
{
	const char *path = scratch_path("log");
	FILE *stream = fopen(path, "w");

	log.config = &nobody;
	*(to_file ? &log.file : &log.out) = stream;
	for (size_t i = 0; i < count; i++)
		event_log_event(&log, &events[i]);
	event_log_flush(&log);
	ck_assert(!log.failed);
	fclose(stream);
	return scratch_read(path);
}

START_TEST(test_nobody_listens)
{
	struct event_log log = {.config = &nobody};
	struct ike_event event = report(IKE_REPORT_DEAD);

	event_log_event(&log, &event);
	event_log_line(&log, NULL);
	event_log_flush(&log);
	ck_assert(!log.failed);
}
END_TEST

static struct ike_ipsec_sa known;

static const struct ike_ipsec_sa *pair(void *context, uint32_t number)
{
	ck_assert_ptr_eq(context, &known);
	return number == known.number ? &known : NULL;
}

/* What is agreed upon comes with it where the pair is known. */
START_TEST(test_pairs)
{
	struct event_log log = {.json = true, .pair = pair, .pairs = &known};
	struct ike_event event = {.kind = IKE_EVENT_IPSEC_ESTABLISHED, .ipsec = 7};
	const char *text;

	known = pair_of_sas(7);
	text = written(log, false, &event, 1);
	ck_assert_ptr_nonnull(strstr(text, "\"proposal\":\"aes128-sha1\",\"mode\":\"tunnel\""));
	event.ipsec = 8;
	ck_assert_ptr_null(strstr(written(log, false, &event, 1), "\"proposal\""));
	event.ipsec = 7;
	event.kind = IKE_EVENT_IPSEC_DELETED;
	ck_assert_ptr_null(strstr(written(log, false, &event, 1), "\"proposal\""));
	log.pair = NULL;
	event.kind = IKE_EVENT_IPSEC_ESTABLISHED;
	ck_assert_ptr_null(strstr(written(log, false, &event, 1), "\"proposal\""));
}
END_TEST

START_TEST(test_reader_has_gone)
{
	struct event_log log = {.config = &nobody, .out = fopen("/dev/full", "w")};
	struct ike_event event = report(IKE_REPORT_DEAD);

	ck_assert_ptr_nonnull(log.out);
	event_log_event(&log, &event);
	event_log_flush(&log);
	ck_assert(log.failed);
	fclose(log.out);
}
END_TEST

START_TEST(test_chatter_is_for_those_who_ask)
{
	const struct ike_event events[] = {report(IKE_REPORT_ASKED), report(IKE_REPORT_ANSWERED),
					   report(IKE_REPORT_ALIVE)};
	const struct event_log terse = {.verbose = false}, verbose = {.verbose = true},
			       json = {.json = true};
	char *text = written(terse, false, events, 3);

	ck_assert_str_eq(text, "");
	text = written(verbose, false, events, 3);
	ck_assert_ptr_nonnull(strstr(text, "R-U-THERE-ACK"));
	text = written(json, false, events, 3);
	ck_assert_ptr_nonnull(strstr(text, "\"alive\""));
	text = written(terse, true, events, 3); /* a capture has it all */
	ck_assert_ptr_nonnull(strstr(text, "\"alive\""));
}
END_TEST

START_TEST(test_losses_are_told_once)
{
	struct ike_event events[] = {report(IKE_REPORT_DEAD), report(IKE_REPORT_DEAD)};
	const struct event_log json = {.json = true};
	char *text, *first;

	events[0].lost = events[1].lost = 12;
	text = written(json, false, events, 2);
	first = strstr(text, "12 events were dropped");
	ck_assert_ptr_nonnull(first);
	ck_assert_ptr_null(strstr(first + 1, "12 events"));
}
END_TEST

START_TEST(test_every_line_is_an_object)
{
	const struct ike_event events[] = {report(IKE_REPORT_DEAD), report(IKE_REPORT_LATE)};
	const struct event_log json = {.json = true};
	char *text = written(json, false, events, 2), *line = strtok(text, "\n");
	size_t lines = 0;

	for (; line != NULL; line = strtok(NULL, "\n"), lines++) {
		json_t *object = json_loads(line, 0, NULL);

		ck_assert(json_is_object(object));
		json_decref(object);
	}
	ck_assert_uint_eq(lines, 2);
}
END_TEST

START_TEST(test_colours_only_on_a_terminal)
{
	FILE *file = fopen("/dev/null", "w");

	ck_assert(!event_log_wants_colour(file));
	fclose(file);
}
END_TEST

/* It says so in every line, to whomever, and each line is out before the next one is made. */
START_TEST(test_one_of_several_workers)
{
	const char *path = scratch_path("log");
	struct event_log log = {
	    .config = &nobody, .out = fopen(path, "w"), .json = true, .worker = {1, 2}};

	event_log_line(&log, event_json_own("one", 0, 0));
	ck_assert_ptr_nonnull(strstr(scratch_read(path), "\"event\":\"one\",\"worker\":1}\n"));
	log.json = false;
	event_log_line(&log, event_json_own("two", 0, 0));
	ck_assert_ptr_nonnull(strstr(scratch_read(path), " w1 two\n"));
	ck_assert(!log.failed);
	fclose(log.out);
	log.out = fopen("/dev/full", "w");
	event_log_line(&log, event_json_own("three", 0, 0));
	ck_assert(log.failed);
	fclose(log.out);
}
END_TEST

START_TEST(test_the_only_worker)
{
	struct ike_event event = report(IKE_REPORT_DEAD);

	ck_assert_ptr_null(
	    strstr(written((struct event_log){.json = true, .worker = {0, 1}}, false, &event, 1),
		   "worker"));
}
END_TEST

UNIT_MAIN("event_log", test_one_of_several_workers, test_the_only_worker, test_nobody_listens,
	  test_pairs, test_reader_has_gone, test_chatter_is_for_those_who_ask,
	  test_losses_are_told_once, test_every_line_is_an_object, test_colours_only_on_a_terminal)
