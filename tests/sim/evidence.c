/* SPDX-License-Identifier: ISC */
#include "tests/sim/evidence.h"

#include <assert.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ike/describe.h"
#include "interop/node/capture.h"
#include "tests/sim/sim.h"

#define EPOCH 1767225600 /* 2026-01-01: where virtual time stands in a capture */

struct evidence {
	struct capture *capture;
	const char *directory;
	bool verbose;
};

struct evidence *evidence_open(const char *directory, bool verbose)
{
	struct evidence *evidence = calloc(1, sizeof(*evidence));
	struct fault fault;

	assert(evidence != NULL);
	evidence->verbose = verbose;
	evidence->directory = directory;
	if (directory == NULL)
		return evidence;
	evidence->capture = capture_open(directory, &fault);
	if (evidence->capture == NULL) {
		fprintf(stderr, "sim: %s\n", fault.text);
		free(evidence);
		return NULL;
	}
	return evidence;
}

/* ---- lines --------------------------------------------------------------------------------------------------------- */

static void write_line(struct evidence *evidence, const struct sim *sim, const struct node *node,
		       const char *what, const char *text)
{
	double at = (double)sim->now / 1e6;
	json_t *line;

	if (evidence->verbose)
		printf("%10.3f node %c %-10s %s\n", at, (char)('a' + node->number), what, text);
	if (evidence->capture == NULL)
		return;
	line = json_pack("{s:f, s:s%, s:s, s:s}", "t", at, "node", &"abcdef"[node->number],
			 (size_t)1, "what", what, "text", text);
	if (line == NULL)
		return;
	json_dumpf(line, capture_events(evidence->capture), JSON_COMPACT);
	fputc('\n', capture_events(evidence->capture));
	json_decref(line);
}

static size_t describe(const uint8_t *data, size_t length, char *text, size_t room)
{
	struct octets octets = octets_of(data, length);
	struct ike_message message;

	if (ike_header_parse(octets, &message.header) != IKE_ACCEPTED)
		return (size_t)snprintf(text, room, "%zu octets", length);
	message.payloads = 0;
	if ((message.header.flags & IKE_FLAG_ENCRYPTION) == 0 &&
	    ike_payloads_parse(octets_of(data + IKE_HEADER_LENGTH, length - IKE_HEADER_LENGTH),
			       false, 0, &message) != IKE_ACCEPTED)
		message.payloads = 0;
	ike_describe_line(&message, text, room);
	return strlen(text);
}

void evidence_note(struct evidence *evidence, const struct sim *sim, const struct node *node,
		   const char *text)
{
	if (evidence != NULL)
		write_line(evidence, sim, node, "befalls", text);
}

/* ---- datagrams ----------------------------------------------------------------------------------------------------- */

static void capture(struct evidence *evidence, const struct sim *sim,
		    const struct ike_address *from, const struct ike_address *to,
		    struct octets wire, struct octets plain)
{
	struct timeval wall = {.tv_sec = EPOCH + (time_t)(sim->now / IKE_SECOND),
			       .tv_usec = (suseconds_t)(sim->now % IKE_SECOND)};

	/* somebody may send more than any IKE message has; the beginning of it shows that */
	if (wire.length > IKE_DATAGRAM_MAX)
		wire.length = IKE_DATAGRAM_MAX;
	if (evidence->capture != NULL)
		capture_datagram(evidence->capture, wall, from, to, wire, plain);
}

void evidence_sent(struct evidence *evidence, const struct sim *sim, const struct node *node,
		   const struct ike_address *from, const struct ike_datagram *datagram, bool lost)
{
	char text[600], address[IKE_ADDRESS_TEXT];
	size_t at;

	if (evidence == NULL)
		return;
	ike_address_text(&datagram->remote, address, sizeof(address));
	at = (size_t)snprintf(text, sizeof(text), "%s ", address);
	at += datagram->plain_length > 0
		  ? describe(datagram->plain, datagram->plain_length, text + at, sizeof(text) - at)
		  : describe(datagram->data, datagram->length, text + at, sizeof(text) - at);
	if (lost)
		snprintf(text + at, sizeof(text) - at, " LOST");
	write_line(evidence, sim, node, "->", text);
	capture(evidence, sim, from, &datagram->remote, octets_of(datagram->data, datagram->length),
		octets_of(datagram->plain, datagram->plain_length));
}

void evidence_arrived(struct evidence *evidence, const struct sim *sim, const struct node *node,
		      const struct flight *flight, enum ike_verdict verdict)
{
	struct ike_address own = nat_seen_as(node, flight->to.port);
	char text[700], address[IKE_ADDRESS_TEXT];
	size_t at;

	if (evidence == NULL)
		return;
	ike_address_text(&flight->from, address, sizeof(address));
	at = (size_t)snprintf(text, sizeof(text), "%s %s %s: ", address,
			      provenance_name(sim->provenance), ike_verdict_name(verdict));
	describe(flight->data, flight->length, text + at, sizeof(text) - at);
	write_line(evidence, sim, node, "<-", text);
	if (sim->provenance != GENUINE)
		capture(evidence, sim, &flight->from, &own, octets_of(flight->data, flight->length),
			octets_of(NULL, 0));
}

void evidence_event(struct evidence *evidence, const struct sim *sim, const struct node *node,
		    const struct ike_event *event)
{
	static const char *const report[] = {"asked", "answered",   "alive",     "suspect",  "dead",
					     "late",  "recovering", "recovered", "returning"};
	char text[IKE_EVENT_TEXT + 200];
	struct ike_keys keys;

	if (evidence == NULL)
		return;
	if (event->kind == IKE_EVENT_KEYS && evidence->capture != NULL &&
	    ike_export_keys(node->core, event->cky_i, event->cky_r, &keys))
		capture_keys(evidence->capture, event->cky_i, event->cky_r, &keys);
	if (event->kind == IKE_EVENT_REPORT)
		snprintf(text, sizeof(text), "%s number=%u value=%u duration=%.3f",
			 report[event->report.kind], event->report.number, event->report.value,
			 (double)event->report.duration / 1e6);
	else
		snprintf(text, sizeof(text), "%s %02x%02x%02x%02x/%02x%02x%02x%02x %s %s %s%s",
			 ike_event_name(event->kind), event->cky_i[0], event->cky_i[1],
			 event->cky_i[2], event->cky_i[3], event->cky_r[0], event->cky_r[1],
			 event->cky_r[2], event->cky_r[3],
			 event->initiator ? "initiator" : "responder",
			 event->verdict != IKE_ACCEPTED ? ike_verdict_name(event->verdict) : "",
			 event->why != IKE_WHY_NONE ? ike_why_text(event->why) : "", event->text);
	write_line(evidence, sim, node, "event", text);
}

/* ---- the end ------------------------------------------------------------------------------------------------------- */

bool evidence_close(struct evidence *evidence, const struct sim *sim)
{
	const struct failure *failure = &sim->failure;
	char text[SIM_TEXT + 200];
	bool good = true;

	if (evidence == NULL)
		return true;
	if (failure->failed)
		snprintf(text, sizeof(text), "FAILED: %s: %s", failure->invariant, failure->text);
	else
		snprintf(text, sizeof(text), "all invariants held, and progress was made");
	write_line(evidence, sim, &sim->node[failure->failed ? failure->node : 0], "verdict", text);
	if (evidence->capture != NULL)
		good = capture_close(evidence->capture);
	free(evidence);
	return good;
}
