/* SPDX-License-Identifier: ISC */
/*
 * test_memory.c - a real node that meets a peer, forgets everything, and is told by the file where the peer was.
 */
#include "tests/support/unit.h"

#include <event2/event.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "interop/config/config_values.h"
#include "interop/node/clock.h"
#include "interop/node/memory.h"
#include "tests/support/scratch.h"

#define HEADER "ruthere-peers 1\n"

static struct fault fault;
static struct config *config;
static struct memory *memory;
static struct node *node;
static FILE *out;

static void make_config(void)
{
	struct config_peer *peer;

	config = config_new();
	peer = config_add_peer(config, "road");
	peer->secret = value_secret("0123456789abcdef", NULL, &fault);
	config->listen[config->listens++] =
	    (struct ike_address){.octets = {127, 0, 0, 1}, .family = IKE_FAMILY_IPV4};
	config->nat_t_port = 0;
	config->peers_file = strdup(scratch_path("peers"));
	ck_assert_msg(config_check_peer(config, peer, &fault) && config_finish(config, &fault),
		      "%s", fault.text);
}

static void open_memory(void)
{
	struct scribe *scribe = scribe_new(&fault);

	ck_assert_msg(scribe != NULL, "%s", fault.text);
	make_config();
	memory = memory_new(config, scribe, &fault);
}

static void begin(void)
{
	struct node_settings settings = {.on_event = memory_event};

	open_memory();
	ck_assert_msg(memory != NULL, "%s", fault.text);
	out = fopen(scratch_path("log"), "w");
	settings.config = config;
	settings.log = (struct event_log){.out = out, .json = true};
	settings.context = memory;
	node = node_new(&settings, &fault);
	ck_assert_msg(node != NULL, "%s", fault.text);
	ck_assert_msg(memory_begin(memory, node, &fault), "%s", fault.text);
}

static void end(void)
{
	ck_assert_msg(memory_free(memory, &fault), "%s", fault.text);
	node_free(node);
	config_free(config);
	fclose(out);
}

static void happen(enum ike_event_kind kind, enum ike_why why, const char *remote)
{
	struct ike_event event = {.kind = kind, .why = why};

	ck_assert(value_address(remote, &event.remote, &fault));
	memory_event(memory, &event);
}

/* The node's loop, until the file is what it should be. */
static void run_until(const char *expected)
{
	char text[512];
	size_t length = 0;

	for (unsigned i = 0; i < 1000; i++) {
		const struct timeval soon = {.tv_usec = 10000};
		FILE *file;

		event_base_loopexit(node_base(node), &soon);
		event_base_dispatch(node_base(node));
		file = fopen(config->peers_file, "r");
		if (file == NULL)
			continue;
		length = fread(text, 1, sizeof(text) - 1, file);
		text[length] = '\0';
		fclose(file);
		if (strcmp(text, expected) == 0)
			return;
	}
	ck_abort_msg("the file is \"%s\", not \"%s\"", length > 0 ? text : "", expected);
}

static uint32_t remembered_by_core(void)
{
	struct ike_status status;

	ike_status(node_core(node), &status);
	return status.remembered;
}

static void put_file(const char *text)
{
	FILE *file = fopen(scratch_path("peers"), "w");

	ck_assert_ptr_nonnull(file);
	fputs(text, file);
	fclose(file);
}

static unsigned told(const char *words)
{
	char line[1024];
	unsigned count = 0;
	FILE *file;

	fflush(out);
	file = fopen(scratch_path("log"), "r");
	while (fgets(line, sizeof(line), file) != NULL)
		count += strstr(line, words) != NULL;
	fclose(file);
	return count;
}

START_TEST(test_no_folder)
{
	struct scribe *scribe = scribe_new(&fault);

	ck_assert_msg(scribe != NULL, "%s", fault.text);
	make_config();
	free(config->peers_file);
	config->peers_file = strdup("/nowhere/at/all/peers");
	ck_assert_ptr_null(memory_new(config, scribe, &fault));
	ck_assert_ptr_nonnull(strstr(fault.text, "/nowhere/at/all"));
	ck_assert(memory_free(NULL, &fault));
	config_free(config);
}
END_TEST

/* What cannot be read is told, and no reason not to start. */
START_TEST(test_a_bad_file)
{
	put_file(HEADER "192.0.2.300 road\n192.0.2.7 road\n192.0.2.8 nobody\n");
	begin();
	ck_assert_uint_eq(remembered_by_core(), 1);
	ck_assert_uint_eq(told("\"peers-file\""), 1);
	end();
}
END_TEST

START_TEST(test_met_and_remembered)
{
	begin();
	ck_assert_uint_eq(remembered_by_core(), 0);
	happen(IKE_EVENT_ESTABLISHED, IKE_WHY_NONE, "192.0.2.7:500");
	happen(IKE_EVENT_ESTABLISHED, IKE_WHY_NONE, "192.0.2.8:500");
	run_until(HEADER "192.0.2.7 road\n192.0.2.8 road\n");
	ck_assert_uint_eq(told("trouble"), 0);
	end();
	begin();
	ck_assert_uint_eq(remembered_by_core(), 2);
	end();
}
END_TEST

/* Whom the user has closed is forgotten; one who is only told goodbye, because the program ends, is not. */
START_TEST(test_closed)
{
	put_file(HEADER "192.0.2.7 road\n");
	begin();
	happen(IKE_EVENT_DELETED, IKE_WHY_PEER_DELETED, "192.0.2.7:500");
	happen(IKE_EVENT_DELETED, IKE_WHY_CLOSED, "192.0.2.7:500");
	end();
	begin();
	ck_assert_uint_eq(remembered_by_core(), 1);
	happen(IKE_EVENT_DELETED, IKE_WHY_CLOSED, "192.0.2.7:500");
	run_until(HEADER);
	end();
}
END_TEST

/* What was heard last is written, however soon the end comes. */
START_TEST(test_the_end)
{
	begin();
	happen(IKE_EVENT_ESTABLISHED, IKE_WHY_NONE, "192.0.2.9:500");
	end();
	begin();
	ck_assert_uint_eq(remembered_by_core(), 1);
	end();
}
END_TEST

UNIT_MAIN("memory", test_no_folder, test_a_bad_file, test_met_and_remembered, test_closed,
	  test_the_end)
