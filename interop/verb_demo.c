/* SPDX-License-Identifier: ISC */
/*
 * verb_demo.c - the main job in half a minute: a node watches two gateways on loopback; one is killed, comes back without
 * its state, is killed again; every step is held against what the node promised at its start.
 */
#include <event2/event.h>
#include <event2/event_struct.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "interop/node/capture.h"
#include "interop/node/clock.h"
#include "interop/demo_process.h"
#include "interop/demo_site.h"
#include "interop/events/event_line.h"
#include "interop/events/event_log.h"
#include "interop/options.h"
#include "interop/verb.h"

#define ALLOWANCE  0.25 /* seconds that a busy system may be late with a timer or a line */
#define JSON_STYLE (JSON_COMPACT | JSON_REAL_PRECISION(15))

enum { A, B1, B2, PROCESSES };

struct demo {
	const char *directory;
	bool json, colour;
	uint16_t port;
	ike_time epoch;
	struct event_base *base;
	struct event patience, signal[2];
	struct demo_process process[PROCESSES];
	size_t step;
	unsigned heard; /* how often this step's event was, so far */
	double began;   /* the step, in seconds since the start */
	double bound;   /* that A printed, seconds; 0: not yet */
	bool over, good;
};

/* ---- the story ----------------------------------------------------------------------------------------------------- */

enum deed { WAIT, START_B1, START_B2, START_A, KILL_B1 };

/* What is done, and what must then be heard from a node, how often, and how soon. */
static const struct step {
	const char *title; /* NULL: the one before goes on */
	enum deed deed;
	const char *node, *event;
	const char *gateway; /* NULL: any */
	const char *truth;   /* a field that must be true; NULL: none */
	unsigned times;
	double within; /* seconds; 0: the bound that A printed */
} steps[] = {
    {"two gateways start", START_B1, "b1", "started", NULL, NULL, 1, 5},
    {NULL, START_B2, "b2", "started", NULL, NULL, 1, 5},
    {"A starts and calls the first gateway", START_A, "a", "plan", NULL, NULL, 1, 5},
    {NULL, WAIT, "a", "established", DEMO_B1, "keepalive", 1, 5},
    {"A asks whether it is alive, whenever it has been silent", WAIT, "a", "alive", DEMO_B1, NULL,
     2, 6},
    {"the first gateway is killed (SIGKILL): no farewell", KILL_B1, "a", "dead", DEMO_B1, NULL, 1,
     0},
    {"the first gateway starts again, having forgotten everything", START_B1, "a", "established",
     DEMO_B1, "initial_contact", 1, 6},
    {NULL, WAIT, "a", "recovered", DEMO_B1, NULL, 1, 1},
    {"the first gateway is killed once more, and stays away", KILL_B1, "a", "dead", DEMO_B1, NULL,
     1, 0},
    {NULL, WAIT, "a", "established", DEMO_B2, "keepalive", 1, 12},
    {NULL, WAIT, "a", "recovered", DEMO_B2, NULL, 1, 1},
    {"the first gateway comes back: A returns to it after the hold-down", START_B1, "a",
     "returning", DEMO_B1, NULL, 1, 6},
    {NULL, WAIT, "a", "established", DEMO_B1, "keepalive", 1, 5},
};

#define STEPS (sizeof(steps) / sizeof(steps[0]))

/* ---- telling ------------------------------------------------------------------------------------------------------- */

static double seconds_now(const struct demo *demo)
{
	return (double)(clock_now() - demo->epoch) / 1e6;
}

static void show(const struct demo *demo, const json_t *line)
{
	const char *event = json_string_value(json_object_get(line, "event"));
	char text[1024];

	if (demo->json) {
		json_dumpf(line, stdout, JSON_STYLE);
		putchar('\n');
	} else if (event != NULL && strcmp(event, "message") != 0 && strcmp(event, "asked") != 0 &&
		   strcmp(event, "answered") != 0) {
		event_line(line, demo->colour, text, sizeof(text));
		puts(text);
	}
	fflush(stdout);
}

static void show_step(const struct demo *demo, const char *title)
{
	json_t *line;

	if (!demo->json) {
		printf("\n%s* %s%s\n", demo->colour ? "\033[1m" : "", title,
		       demo->colour ? "\033[0m" : "");
		return;
	}
	line = event_json_own("step", clock_now(), demo->epoch);
	json_object_set_new(line, "text", json_string(title));
	show(demo, line);
	json_decref(line);
}

static void show_result(const struct demo *demo, const struct step *step, double took, double most)
{
	bool good = took <= most + ALLOWANCE;
	json_t *line;

	if (!demo->json) {
		printf("%s%10s %s: %s after %.2f s, %s %.2f s%s\n",
		       demo->colour ? (good ? "\033[32m" : "\033[31m") : "",
		       good ? "ok" : "TOO LATE", step->node, step->event, took,
		       step->within > 0 ? "allowed" : "bound as printed", most,
		       demo->colour ? "\033[0m" : "");
		return;
	}
	line = event_json_own("checked", clock_now(), demo->epoch);
	json_object_set_new(line, "text", json_string(step->event));
	json_object_set_new(line, "ok", json_boolean(good));
	json_object_set_new(line, "took_s", json_real(round(took * 1e6) / 1e6));
	json_object_set_new(line, "most_s", json_real(most));
	show(demo, line);
	json_decref(line);
}

static void finish(struct demo *demo, bool good)
{
	demo->over = true;
	demo->good = good;
	event_base_loopbreak(demo->base);
}

static void fail(struct demo *demo, const char *what)
{
	if (!demo->over)
		fprintf(stderr, "ruthere demo: %s; the nodes' last words are in %s/*.log\n", what,
			demo->directory);
	finish(demo, false);
}

/* ---- going on ------------------------------------------------------------------------------------------------------ */

static double most_of(const struct demo *demo, const struct step *step)
{
	return step->within > 0 ? step->within : demo->bound;
}

static void start(struct demo *demo, size_t index)
{
	struct fault fault;

	if (!demo_process_start(&demo->process[index], demo->base, demo->directory, &fault))
		fail(demo, fault.text);
}

static void begin_step(struct demo *demo)
{
	const struct step *step = &steps[demo->step];
	struct timeval patience;

	if (step->title != NULL)
		show_step(demo, step->title);
	demo->heard = 0;
	demo->began = seconds_now(demo);
	switch (step->deed) {
	case WAIT:
		break;
	case START_A:
		start(demo, A);
		break;
	case START_B1:
		start(demo, B1);
		break;
	case START_B2:
		start(demo, B2);
		break;
	case KILL_B1:
		demo_process_kill(&demo->process[B1]);
		break;
	}
	patience = clock_span(0, (ike_time)((most_of(demo, step) + 1) * 1e6));
	event_add(&demo->patience, &patience);
}

static bool is_awaited(const struct step *step, const json_t *line)
{
	const char *node = json_string_value(json_object_get(line, "node"));
	const char *event = json_string_value(json_object_get(line, "event"));
	const char *gateway = json_string_value(json_object_get(line, "gateway"));
	size_t length = step->gateway != NULL ? strlen(step->gateway) : 0;

	if (event == NULL || strcmp(event, step->event) != 0 || strcmp(node, step->node) != 0)
		return false;
	if (step->gateway != NULL &&
	    (gateway == NULL || strncmp(gateway, step->gateway, length) != 0 ||
	     (gateway[length] != ':' && gateway[length] != '\0')))
		return false;
	return step->truth == NULL || json_is_true(json_object_get(line, step->truth));
}

static void on_event(void *context, json_t *line)
{
	struct demo *demo = context;
	const struct step *step = &steps[demo->step];
	double took;

	show(demo, line);
	if (demo->over || !is_awaited(step, line))
		return;
	if (strcmp(step->event, "plan") == 0)
		demo->bound = json_number_value(json_object_get(line, "detect_s"));
	if (++demo->heard < step->times)
		return;
	took = json_number_value(json_object_get(line, "t")) - demo->began;
	took = took > 0 ? took : 0; /* it may have come while the step before was being told */
	show_result(demo, step, took, most_of(demo, step));
	if (took > most_of(demo, step) + ALLOWANCE)
		fail(demo, "too late");
	else if (++demo->step < STEPS)
		begin_step(demo);
	else
		finish(demo, true);
}

static void on_exit_of_process(void *context, struct demo_process *process)
{
	char what[64];

	snprintf(what, sizeof(what), "node %s ended by itself", process->name);
	fail(context, what);
}

static void on_patience(evutil_socket_t descriptor, short what, void *context)
{
	struct demo *demo = context;
	const struct step *step = &steps[demo->step];
	char text[128];

	(void)descriptor;
	(void)what;
	snprintf(text, sizeof(text), "waited in vain for \"%s\" from node %s", step->event,
		 step->node);
	fail(demo, text);
}

static void on_signal(evutil_socket_t descriptor, short what, void *context)
{
	(void)descriptor;
	(void)what;
	fail(context, "interrupted");
}

/* ---- beginning and end --------------------------------------------------------------------------------------------- */

static const struct options_verb verb = {
    .name = "demo",
    .operands = "",
    .purpose = "Runs three nodes on loopback, as processes of their own with real sockets: A "
	       "watches the gateways B1 and\n"
	       "B2. B1 is killed, and A notices within the time that it has printed; it is met "
	       "again with\n"
	       "INITIAL-CONTACT when it restarts, and replaced by B2 when it does not. Takes about "
	       "half a minute.\n"
	       "Exit status 0 only if all of it happened in time. Captures, keys and "
	       "configurations are left.",
    .examples = "  ruthere demo\n"
		"  ruthere demo --capture evidence --json | jq 'select(.event == \"dead\")'\n",
};

static bool open_demo(struct demo *demo)
{
	static const char *const names[] = {[A] = "a", [B1] = "b1", [B2] = "b2"};
	static const int signals[] = {SIGINT, SIGTERM};
	struct timeval wall = clock_wall(demo->epoch);

	demo->base = event_base_new();
	if (demo->base == NULL)
		return false;
	for (size_t i = 0; i < PROCESSES; i++)
		demo->process[i] = (struct demo_process){.name = names[i],
							 .program = "/proc/self/exe",
							 .on_event = on_event,
							 .on_exit = on_exit_of_process,
							 .context = demo,
							 .epoch = (double)wall.tv_sec +
								  (double)wall.tv_usec / 1e6};
	for (size_t i = 0; i < 2; i++)
		if (evsignal_assign(&demo->signal[i], demo->base, signals[i], on_signal, demo) !=
			0 ||
		    event_add(&demo->signal[i], NULL) != 0)
			return false;
	return evtimer_assign(&demo->patience, demo->base, on_patience, demo) == 0;
}

static void close_demo(struct demo *demo)
{
	demo->over = true;
	for (size_t i = 0; i < PROCESSES; i++)
		if (!demo_process_end(&demo->process[i]))
			demo->good = false;
	event_base_free(demo->base);
}

static void show_end(const struct demo *demo)
{
	json_t *line;

	if (demo->json) {
		line = event_json_own("demo", clock_now(), demo->epoch);
		json_object_set_new(line, "ok", json_boolean(demo->good));
		json_object_set_new(line, "directory", json_string(demo->directory));
		show(demo, line);
		json_decref(line);
		return;
	}
	printf("\n%s in %.1f s. Left in %s:\n"
	       "  a-1/wire.pcap   as on the wire\n"
	       "  a-1/plain.pcap  the same in plain: tshark -r %s/a-1/plain.pcap -d "
	       "udp.port==%u,isakmp\n"
	       "  a-1/" CAPTURE_KEYS
	       "  keys (yours alone): put it into a Wireshark profile to decrypt\n"
	       "  a-1/events.jsonl, a.conf, and the same of the gateways b1 and b2, one number per "
	       "life\n",
	       demo->good ? "Everything happened in time," : "FAILED after", seconds_now(demo),
	       demo->directory, demo->directory, demo->port);
}

int verb_demo(int argc, char **argv)
{
	struct demo demo = {.directory = "ruthere-demo", .epoch = clock_now()};
	const struct options_row rows[] = {
	    {0, "capture", OPTIONS_TEXT, &demo.directory, "DIR",
	     "leave captures, keys and configurations there (ruthere-demo)", 0},
	    {0, "json", OPTIONS_FLAG, &demo.json, NULL, "events as JSON lines", 0},
	};
	enum options_result result =
	    options_parse(&verb, rows, sizeof(rows) / sizeof(rows[0]), argc, argv);
	struct fault fault;

	if (result != OPTIONS_RUN)
		return OPTIONS_EXIT(result);
	demo.colour = !demo.json && event_log_wants_colour(stdout);
	if (!demo_site_make(demo.directory, &demo.port, &fault)) {
		fprintf(stderr, "ruthere demo: %s\n", fault.text);
		return 1;
	}
	if (!open_demo(&demo))
		abort(); /* no memory for a handful of events */
	begin_step(&demo);
	if (!demo.over)
		event_base_dispatch(demo.base);
	close_demo(&demo);
	show_end(&demo);
	return demo.good ? 0 : 1;
}
