/* SPDX-License-Identifier: ISC */
/*
 * status_print.c - the status as people read it.
 */
#include <string.h>

#include "interop/status/status.h"

static const char *text(const json_t *object, const char *name)
{
	const char *value = json_string_value(json_object_get(object, name));

	return value != NULL ? value : "-";
}

static double number(const json_t *object, const char *name)
{
	return json_number_value(json_object_get(object, name));
}

/* "12.3 s", or "-" where it is null. */
static const char *seconds(const json_t *object, const char *name, char room[32])
{
	const json_t *value = json_object_get(object, name);

	if (json_is_number(value))
		snprintf(room, 32, "%.1f s", json_number_value(value));
	else
		snprintf(room, 32, "-");
	return room;
}

static void print_head(const json_t *status, FILE *out)
{
	const json_t *limits = json_object_get(status, "limits");
	const json_t *one;
	size_t index, workers = json_array_size(json_object_get(status, "workers"));
	double shared = workers > 0 ? (double)workers : 1;
	char up[32];

	fprintf(out, "ruthere %s, process %.0f, up %s, listening on", text(status, "version"),
		number(status, "pid"), seconds(status, "uptime_s", up));
	json_array_foreach(json_object_get(status, "listen"), index, one)
	    fprintf(out, "%s %s", index > 0 ? "," : "", json_string_value(one));
	if (json_is_string(json_object_get(json_object_get(status, "capture"), "problem")))
		fprintf(out, "\nthe capture ended: %s",
			text(json_object_get(status, "capture"), "problem"));
	if (json_is_object(json_object_get(status, "confinement")))
		fprintf(out, "\n%s", text(json_object_get(status, "confinement"), "text"));
	if (json_is_string(json_object_get(json_object_get(status, "ipsec"), "store")))
		fprintf(out, "\n%s: %.0f pairs", text(json_object_get(status, "ipsec"), "meaning"),
			number(json_object_get(status, "ipsec"), "pairs"));
	if (json_array_size(json_object_get(status, "impairments")) > 0)
		fprintf(out, "\nIMPAIRED ON PURPOSE:");
	json_array_foreach(json_object_get(status, "impairments"), index, one)
	    fprintf(out, "%s %s", index > 0 ? "," : "", json_string_value(one));
	fprintf(out, "\n%.0f of %.0f SAs, %.0f established; %.0f of %.0f handshakes under way\n",
		number(status, "sas"), shared * number(limits, "sas"),
		number(status, "established"), number(status, "handshakes"),
		shared * number(limits, "handshakes"));
}

/* Limits are those of each. */
static void print_workers(const json_t *status, FILE *out)
{
	const json_t *limits = json_object_get(status, "limits"), *one;
	size_t index;

	json_array_foreach(json_object_get(status, "workers"), index, one)
	    fprintf(out,
		    "worker %.0f, process %.0f: %.0f of %.0f SAs, %.0f established; %.0f of %.0f "
		    "handshakes; %.0f datagrams came\n",
		    number(one, "worker"), number(one, "pid"), number(one, "sas"),
		    number(limits, "sas"), number(one, "established"), number(one, "handshakes"),
		    number(limits, "handshakes"), number(one, "datagrams-in"));
}

/* Where there are several. */
static void print_worker(const json_t *of, FILE *out)
{
	if (json_is_integer(json_object_get(of, "worker")))
		fprintf(out, "; worker %.0f", number(of, "worker"));
}

static void print_sa(const json_t *sa, FILE *out)
{
	char silence[32], next[32], age[32], expires[32];

	fprintf(out, "  SA %s:%s with %s as %s, %s\n", text(sa, "cky_i"), text(sa, "cky_r"),
		text(sa, "gateway"), text(sa, "role"), text(sa, "proposal"));
	fprintf(
	    out,
	    "     %s%s; keepalive %s; silent for %s, next look in %s; up for %s, expires in %s\n",
	    text(sa, "state"),
	    json_is_true(json_object_get(sa, "superseded")) ? " (superseded)" : "",
	    json_is_true(json_object_get(sa, "keepalive")) ? "yes" : "no",
	    seconds(sa, "silence_s", silence), seconds(sa, "next_s", next),
	    seconds(sa, "age_s", age), seconds(sa, "expires_s", expires));
	fprintf(out, "     identity %s by %s, %s mode%s%s", text(sa, "identity"),
		text(sa, "authentication"), text(sa, "exchange"),
		strcmp(text(sa, "nat"), "none") == 0 ? "" : "; NAT ",
		strcmp(text(sa, "nat"), "none") == 0 ? "" : text(sa, "nat"));
	print_worker(sa, out);
	fputc('\n', out);
}

static void print_pair(const json_t *pair, FILE *out)
{
	char age[32], renew[32], expires[32];
	const json_t *ping;

	fprintf(out, "     %s in, %s out with %s as %s, %s %s%s, %s to %s%s\n",
		text(pair, "spi_in"), text(pair, "spi_out"), text(pair, "gateway"),
		text(pair, "role"), text(pair, "proposal"), text(pair, "mode"),
		json_is_true(json_object_get(pair, "encapsulated")) ? " in UDP" : "",
		text(pair, "local"), text(pair, "remote"),
		json_is_true(json_object_get(pair, "superseded")) ? " (superseded)" : "");
	fprintf(out, "       up for %s, to be renewed in %s, expires in %s",
		seconds(pair, "age_s", age), seconds(pair, "renew_s", renew),
		seconds(pair, "expires_s", expires));
	if (json_is_integer(json_object_get(pair, "octets_in")))
		fprintf(out, "; %.0f packets (%.0f octets) in, %.0f (%.0f) out",
			number(pair, "packets_in"), number(pair, "octets_in"),
			number(pair, "packets_out"), number(pair, "octets_out"));
	fputc('\n', out);
	ping = json_object_get(pair, "ping");
	if (ping != NULL)
		fprintf(out, "       ping: %s, %.0f of %.0f answered, silent for %s\n",
			text(ping, "state"), number(ping, "replies"), number(ping, "requests"),
			seconds(ping, "silence_s", age));
}

static void print_tunnels(const json_t *peer, FILE *out)
{
	const json_t *tunnel, *pairs, *pair;
	size_t i, j;

	json_array_foreach(json_object_get(peer, "tunnels"), i, tunnel)
	{
		json_int_t count = json_integer_value(json_object_get(tunnel, "pair_count"));

		fprintf(out, "  tunnel %s: %s, %s to %s, %lld pair%s of SAs\n",
			text(tunnel, "tunnel"), text(tunnel, "mode"), text(tunnel, "local"),
			text(tunnel, "remote"), (long long)count, count == 1 ? "" : "s");
		pairs = json_object_get(tunnel, "pairs");
		json_array_foreach(pairs, j, pair) print_pair(pair, out);
	}
}

static void print_peer(const json_t *peer, FILE *out)
{
	const json_t *plan = json_object_get(peer, "plan");
	const json_t *sas = json_object_get(peer, "sas");
	const json_t *sa;
	size_t index;
	char next[32];

	fprintf(out, "\npeer %s: %s", text(peer, "peer"), text(peer, "state"));
	if (json_is_string(json_object_get(peer, "gateway")))
		fprintf(out, ", gateway %s", text(peer, "gateway"));
	if (json_is_number(json_object_get(peer, "next_s")))
		fprintf(out, ", attempt %.0f, next step in %s", number(peer, "attempt"),
			seconds(peer, "next_s", next));
	print_worker(peer, out);
	fprintf(out, "\n  plan: %s\n", text(plan, "text"));
	json_array_foreach(sas, index, sa) print_sa(sa, out);
	print_tunnels(peer, out);
	if (number(peer, "sa_count") > (double)json_array_size(sas))
		fprintf(out, "  and %.0f more SAs\n",
			number(peer, "sa_count") - (double)json_array_size(sas));
}

static void print_verdicts(const json_t *verdicts, FILE *out)
{
	const json_t *verdict;
	size_t index;

	json_array_foreach(verdicts, index, verdict) fprintf(
	    out, "  %12.0f  %-26s %s%s%s%s\n", number(verdict, "count"), text(verdict, "verdict"),
	    text(verdict, "sentence"), text(verdict, "section")[0] != '\0' ? " (" : "",
	    text(verdict, "section"), text(verdict, "section")[0] != '\0' ? ")" : "");
}

/* Where this program moves them. */
static void print_packets(const json_t *packets, FILE *out)
{
	static const struct {
		const char *name, *meaning;
	} counters[] = {
	    {"to_interface", "to it"}, {"in_udp", "of ESP in UDP received"},
	    {"out_udp", "sent"},       {"in_raw", "of ESP without UDP received"},
	    {"out_raw", "sent"},       {"refused_by_system", "that the system refused"},
	};

	if (!json_is_object(packets))
		return;
	fprintf(out, "\npackets\n  %12.0f  from the interface %s\n",
		number(packets, "from_interface"), text(packets, "interface"));
	for (size_t i = 0; i < sizeof(counters) / sizeof(counters[0]); i++)
		fprintf(out, "  %12.0f  %s\n", number(packets, counters[i].name),
			counters[i].meaning);
	print_verdicts(json_object_get(packets, "dropped"), out);
}

static void print_counters(const json_t *status, FILE *out)
{
	const json_t *count;
	const char *name;

	fprintf(out, "\ncounters\n");
	json_object_foreach(json_object_get(status, "counters"), name,
			    count) if (json_integer_value(count) > 0)
	    fprintf(out, "  %12lld  %s\n", (long long)json_integer_value(count), name);
	fprintf(out, "\nverdicts\n");
	print_verdicts(json_object_get(status, "verdicts"), out);
}

void status_print(const json_t *status, FILE *out)
{
	const json_t *peer;
	size_t index;

	print_head(status, out);
	print_workers(status, out);
	json_array_foreach(json_object_get(status, "peers"), index, peer) print_peer(peer, out);
	print_packets(json_object_get(json_object_get(status, "ipsec"), "packets"), out);
	print_counters(status, out);
}
