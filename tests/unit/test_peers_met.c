/* SPDX-License-Identifier: ISC */
#include "tests/support/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ike/address.h"
#include "interop/node/peers_met.h"
#include "tests/support/scratch.h"

#define HEADER "ruthere-peers 1\n"

enum { GATEWAY, ROAD, OTHER, LONG, PEERS };

static struct fault problem;
static struct config *config;
static struct peers_met *met;

static void begin(void)
{
	static const char *const names[] = {
	    "gw", "road warriors", "other",
	    "12345678901234567890123456789012345678901234567890123456789012345"};

	config = config_new();
	for (size_t i = 0; i < PEERS; i++)
		ck_assert_ptr_nonnull(config_add_peer(config, names[i]));
	config->peer[GATEWAY].ike.gateways = 1;
	config->peer[LONG].ike.gateways = 1; /* so that it is no trouble */
	met = peers_met_new(config);
	ck_assert_ptr_nonnull(met);
}

static void end(void)
{
	peers_met_free(met);
	config_free(config);
}

static struct ike_event established(uint32_t peer, const char *remote)
{
	struct ike_event event = {.kind = IKE_EVENT_ESTABLISHED, .peer = peer};

	ck_assert(ike_address_from_text(remote, &event.remote));
	return event;
}

static bool meet(uint32_t peer, const char *remote)
{
	struct ike_event event = established(peer, remote);

	return peers_met_event(met, &event);
}

static void expect(const char *expected)
{
	size_t length;
	const char *text = peers_met_text(met, &length);

	ck_assert_uint_eq(length, strlen(expected));
	ck_assert_mem_eq(text, expected, length);
}

/* Others' events, strangers, whoever has a gateway: not of them. */
START_TEST(test_who_is_not_remembered)
{
	struct ike_event event;

	begin();
	config->peer[LONG].ike.gateways = 0;
	for (int kind = 0; kind <= 64; kind++) {
		event = established(ROAD, "192.0.2.1");
		event.kind = (enum ike_event_kind)kind;
		if (kind != IKE_EVENT_ESTABLISHED)
			ck_assert(!peers_met_event(met, &event));
	}
	ck_assert(!meet(UINT32_MAX, "192.0.2.1"));
	ck_assert(!meet(PEERS, "192.0.2.1"));
	ck_assert(!meet(GATEWAY, "192.0.2.1"));
	ck_assert(!meet(LONG, "192.0.2.1"));
	ck_assert_uint_eq(peers_met_count(met), 0);
	expect(HEADER);
	end();
}
END_TEST

START_TEST(test_met)
{
	struct ike_event event;

	begin();
	ck_assert(meet(ROAD, "192.0.2.1:500"));
	ck_assert(!meet(ROAD, "192.0.2.1:500"));  /* a renewal writes nothing */
	ck_assert(!meet(ROAD, "192.0.2.1:1024")); /* its ESP has no port */
	event = established(ROAD, "192.0.2.1:1024");
	event.nat_there = true;
	ck_assert(peers_met_event(met, &event));
	event.remote.port = 4500;
	event.nat_here = !(event.nat_there = false);
	ck_assert(peers_met_event(met, &event));
	ck_assert(meet(OTHER, "2001:db8::1"));
	expect(HEADER "192.0.2.1 road warriors\n192.0.2.1:1024 road warriors\n"
		      "192.0.2.1:4500 road warriors\n2001:db8::1 other\n");
	ck_assert(meet(OTHER, "192.0.2.1")); /* somebody else has the address now */
	expect(HEADER "192.0.2.1:1024 road warriors\n192.0.2.1:4500 road warriors\n"
		      "2001:db8::1 other\n192.0.2.1 other\n");
	ck_assert(!peers_met_forget(met, GATEWAY));
	ck_assert(peers_met_forget(met, OTHER));
	ck_assert(!peers_met_forget(met, OTHER));
	expect(HEADER "192.0.2.1:1024 road warriors\n192.0.2.1:4500 road warriors\n");
	ck_assert(peers_met_forget(met, ROAD));
	expect(HEADER);
	end();
}
END_TEST

/* Who has not been met for the longest time makes room. */
START_TEST(test_limit)
{
	char text[32];
	size_t length;

	begin();
	for (int i = 0; i < PEERS_FILE_MOST; i++) {
		snprintf(text, sizeof(text), "10.1.%d.%d", i / 256, i % 256);
		ck_assert(meet(ROAD, text));
	}
	ck_assert(!meet(ROAD, "10.1.0.0"));
	ck_assert(meet(OTHER, "10.2.0.0"));
	ck_assert_uint_eq(peers_met_count(met), PEERS_FILE_MOST);
	ck_assert_uint_eq(peers_met_place(met, 0)->address.octets[3], 2);
	ck_assert_uint_eq(peers_met_place(met, PEERS_FILE_MOST - 2)->address.octets[3], 0);
	ck_assert_uint_eq(peers_met_place(met, PEERS_FILE_MOST - 1)->peer, OTHER);
	(void)peers_met_text(met, &length);
	ck_assert_uint_le(length, PEERS_FILE_ROOM);
	end();
}
END_TEST

START_TEST(test_wrong_files)
{
	static const struct {
		mode_t mode;
		const char *text, *says;
		size_t count;
	} wrong[] = {
	    {0622, HEADER "192.0.2.1 other\n", "chmod 600", 0},
	    {0660, HEADER "192.0.2.1 other\n", "may be written by others", 0},
	    {0600, "192.0.2.1 other\n", "line 1", 0},
	    {0600, HEADER "192.0.2.1 other\n192.0.2.2 oth", "line 3", 1},
	    {0600, HEADER "\n192.0.2.2 other\n", "line 2", 1},
	};

	begin();
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		const char *path = scratch_file("peers", wrong[i].mode, wrong[i].text);

		ck_assert(!peers_met_read(met, path, &problem));
		ck_assert_msg(strstr(problem.text, path) != NULL, "%s", problem.text);
		ck_assert_msg(strstr(problem.text, wrong[i].says) != NULL, "%s", problem.text);
		ck_assert_uint_eq(peers_met_count(met), wrong[i].count);
		(void)peers_met_forget(met, OTHER);
	}
	ck_assert(!peers_met_read(met, scratch_directory(), &problem));
	ck_assert_ptr_nonnull(strstr(problem.text, "not a regular file"));
	ck_assert_int_eq(mkfifo(scratch_path("pipe"), 0600), 0);
	ck_assert(!peers_met_read(met, scratch_path("pipe"), &problem)); /* and does not wait */
	ck_assert_int_eq(symlink(scratch_path("peers"), scratch_path("link")), 0);
	ck_assert(!peers_met_read(met, scratch_path("link"), &problem));
	ck_assert_ptr_nonnull(strstr(problem.text, "cannot be read"));
	ck_assert_uint_eq(peers_met_count(met), 0);
	end();
}
END_TEST

START_TEST(test_too_large)
{
	char *text = malloc(PEERS_FILE_ROOM + 2);
	size_t length = strlen(HEADER "192.0.2.1 other\n");

	begin();
	ck_assert_ptr_nonnull(text);
	memset(text, 'x', PEERS_FILE_ROOM + 1);
	text[PEERS_FILE_ROOM + 1] = '\0';
	memcpy(text, HEADER "192.0.2.1 other\n", length);
	ck_assert(!peers_met_read(met, scratch_file("peers", 0600, text), &problem));
	ck_assert_ptr_nonnull(strstr(problem.text, "more than 131072 octets"));
	ck_assert_uint_eq(peers_met_count(met), 1);
	free(text);
	end();
}
END_TEST

/* A name of which nothing can be remembered is said at the start, not when it is too late. */
START_TEST(test_names)
{
	begin();
	config->peer[LONG].ike.gateways = 0;
	ck_assert(!peers_met_read(met, scratch_path("nowhere"), &problem));
	ck_assert_ptr_nonnull(strstr(problem.text, "more than 64 octets"));
	ck_assert(!peers_met_read(met, scratch_file("peers", 0600, HEADER), &problem));
	ck_assert_ptr_nonnull(strstr(problem.text, "is not remembered"));
	end();
}
END_TEST

/* What the last start has left; whoever is not configured any more, or has a gateway now, is passed over without a word. */
START_TEST(test_read)
{
	begin();
	ck_assert(peers_met_read(met, scratch_path("nowhere"), &problem));
	ck_assert(peers_met_read(met, scratch_file("peers", 0600, ""), &problem));
	ck_assert_uint_eq(peers_met_count(met), 0);
	ck_assert(peers_met_read(met,
				 scratch_file("peers", 0644,
					      HEADER "192.0.2.1 gw\n192.0.2.2:4500 road warriors\n"
						     "192.0.2.3 gone\n192.0.2.4 road\n"
						     "192.0.2.5 other\n192.0.2.5 road warriors\n"),
				 &problem));
	ck_assert_uint_eq(peers_met_count(met), 2);
	ck_assert_uint_eq(peers_met_place(met, 0)->peer, ROAD);
	ck_assert_uint_eq(peers_met_place(met, 0)->address.port, 4500);
	ck_assert_uint_eq(peers_met_place(met, 1)->peer, ROAD);
	ck_assert_uint_eq(peers_met_place(met, 1)->address.port, 500);
	expect(HEADER "192.0.2.2:4500 road warriors\n192.0.2.5 road warriors\n");
	ck_assert(!meet(ROAD, "192.0.2.5"));
	end();
}
END_TEST

UNIT_MAIN("peers_met", test_who_is_not_remembered, test_met, test_limit, test_wrong_files,
	  test_too_large, test_names, test_read)
