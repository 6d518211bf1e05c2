/* SPDX-License-Identifier: ISC */
#include "interop/workers/merge.h"

#include <stdbool.h>
#include <string.h>

#include "interop/status/status.h"

static json_int_t count_of(const json_t *object, const char *name)
{
	return json_integer_value(json_object_get(object, name));
}

static void add_to(json_t *object, const char *name, json_int_t more)
{
	json_object_set_new(object, name, json_integer(count_of(object, name) + more));
}

/* ---- counts -------------------------------------------------------------------------------------------------------- */

static void add_counters(json_t *sum, json_t *counters)
{
	const char *name;
	json_t *count;

	json_object_foreach(counters, name, count)
	{
		add_to(sum, name, json_integer_value(count));
	}
}

static json_t *find(json_t *list, const char *field, const char *text)
{
	json_t *one;
	size_t index;

	json_array_foreach(list, index, one)
	{
		const char *own = json_string_value(json_object_get(one, field));

		if (own != NULL && text != NULL && strcmp(own, text) == 0)
			return one;
	}
	return NULL;
}

static void add_verdicts(json_t *sum, const json_t *verdicts)
{
	json_t *one;
	size_t index;

	json_array_foreach(verdicts, index, one)
	{
		json_t *known =
		    find(sum, "verdict", json_string_value(json_object_get(one, "verdict")));

		if (known != NULL)
			add_to(known, "count", count_of(one, "count"));
		else
			json_array_append(sum, one);
	}
}

static void add_capture(json_t *sum, const json_t *capture)
{
	if (!json_is_object(sum))
		return;
	add_to(sum, "datagrams", count_of(capture, "datagrams"));
	if (!json_is_string(json_object_get(sum, "problem")))
		json_object_set(sum, "problem", json_object_get(capture, "problem"));
}

/* ---- peers --------------------------------------------------------------------------------------------------------- */

static bool rests(const json_t *peer)
{
	const char *state = json_string_value(json_object_get(peer, "state"));

	return state == NULL || strcmp(state, "resting") == 0 || strcmp(state, "waited for") == 0;
}

/* Who does anything about a peer is the one that looks after it; where nobody does, what the first says is as true. */
static void take_recovery(json_t *sum, const json_t *peer, size_t worker)
{
	static const char *const fields[] = {"state",   "gateways", "gateway",
					     "attempt", "failures", "next_s"};

	if (!rests(sum) || rests(peer))
		return;
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		json_object_set(sum, fields[i], json_object_get(peer, fields[i]));
	json_object_set_new(sum, "worker", json_integer((json_int_t)worker));
}

static void add_sas(json_t *sum, const json_t *peer, size_t worker, size_t *told)
{
	json_t *sas = json_object_get(sum, "sas"), *sa;
	size_t index;

	add_to(sum, "sa_count", count_of(peer, "sa_count"));
	json_array_foreach(json_object_get(peer, "sas"), index, sa)
	{
		json_t *named;

		if ((*told)++ >= STATUS_SAS_MOST)
			return;
		named = json_copy(sa);
		json_object_set_new(named, "worker", json_integer((json_int_t)worker));
		json_array_append_new(sas, named);
	}
}

/* The first worker's, without what is only there: all have the same configuration. */
static json_t *peers_of(const json_t *answer)
{
	json_t *peers = json_deep_copy(json_object_get(answer, "peers")), *peer;
	size_t index;

	json_array_foreach(peers, index, peer)
	{
		json_object_set_new(peer, "sa_count", json_integer(0));
		json_array_clear(json_object_get(peer, "sas"));
		json_object_set_new(peer, "worker", rests(peer) ? json_null() : json_integer(0));
	}
	return peers;
}

static void add_peers(json_t *sum, const json_t *answer, size_t worker, size_t *told)
{
	const json_t *peers = json_object_get(answer, "peers");
	json_t *peer;
	size_t index;

	json_array_foreach(sum, index, peer)
	{
		take_recovery(peer, json_array_get(peers, index), worker);
		add_sas(peer, json_array_get(peers, index), worker, told);
	}
}

/* ---- all ----------------------------------------------------------------------------------------------------------- */

static json_t *worker_json(json_t *answer, size_t worker)
{
	static const char *const fields[] = {"pid", "sas", "established", "handshakes", "outputs"};
	json_t *one = json_object();

	json_object_set_new(one, "worker", json_integer((json_int_t)worker));
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		json_object_set(one, fields[i], json_object_get(answer, fields[i]));
	json_object_set(one, "news", json_object_get(answer, "news"));
	json_object_set(one, "datagrams-in",
			json_object_get(json_object_get(answer, "counters"), "datagrams-in"));
	return one;
}

json_t *merge_status(json_t *const *answers, size_t workers)
{
	static const char *const counts[] = {"sas", "established", "handshakes", "outputs"};
	json_t *sum = json_deep_copy(answers[0]), *list = json_array(), *peers;
	size_t told = 0;

	peers = peers_of(answers[0]);
	for (size_t i = 0; i < workers; i++) {
		json_array_append_new(list, worker_json(answers[i], i));
		add_peers(peers, answers[i], i, &told);
		if (i == 0)
			continue;
		for (size_t j = 0; j < sizeof(counts) / sizeof(counts[0]); j++)
			add_to(sum, counts[j], count_of(answers[i], counts[j]));
		add_counters(json_object_get(sum, "counters"),
			     json_object_get(answers[i], "counters"));
		add_verdicts(json_object_get(sum, "verdicts"),
			     json_object_get(answers[i], "verdicts"));
		add_capture(json_object_get(sum, "capture"),
			    json_object_get(answers[i], "capture"));
	}
	json_object_del(sum, "news");
	json_object_set_new(sum, "peers", peers);
	json_object_set_new(sum, "workers", list);
	return sum;
}

json_t *merge_done(json_t *const *answers, size_t workers)
{
	bool done = false;

	for (size_t i = 0; i < workers; i++) {
		if (!json_is_true(json_object_get(answers[i], "ok")))
			return json_deep_copy(answers[i]);
		done = done || json_is_true(json_object_get(answers[i], "done"));
	}
	return json_pack("{s:b, s:b}", "ok", 1, "done", done);
}
