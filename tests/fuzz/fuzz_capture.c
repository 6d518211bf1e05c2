/* SPDX-License-Identifier: ISC */
/*
 * fuzz_capture.c - the explainer of captures; the input is two octets of length, a key log of that length, and a capture file.
 *
 * Whatever is in it: every text is terminated and may be printed, every field lies in the message that it is told of, what is told to
 * be decrypted is no longer than what it was made from, the twin of a packet is a packet again, a message that is said to be the same as
 * an earlier one has an earlier one, and what was counted fits together.  Twice the same file says twice the same.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/secret.h"
#include "interop/decode/decoder.h"
#include "interop/decode/explain.h"
#include "interop/decode/explain_json.h"
#include "interop/decode/twin.h"
#include "tests/fuzz/fuzz.h"

struct watch {
	uint64_t digest;
	uint32_t messages, fragments, anomalies;
	FILE *nowhere;
};

static void require_text(const char *text, size_t room)
{
	FUZZ_REQUIRE(memchr(text, '\0', room) != NULL);
	FUZZ_REQUIRE(fuzz_good_text(text, strlen(text), room));
	FUZZ_REQUIRE(strchr(text, '\n') == NULL);
}

static void require_fields(const struct told *told)
{
	struct field_list list;
	struct octets octets;

	FUZZ_REQUIRE(told_fields(told, &list, &octets));
	for (size_t i = 0; i < list.fields; i++) {
		const struct field *field = &list.field[i];

		FUZZ_REQUIRE(field->offset <= octets.length);
		FUZZ_REQUIRE(field->length <= octets.length - field->offset);
		FUZZ_REQUIRE(field->name != NULL && field->section != NULL);
		require_text(field->value, FIELD_VALUE);
	}
	field_list_free(&list);
}

static void require_message(const struct told *told)
{
	FUZZ_REQUIRE(told->anomalies <= TOLD_ANOMALIES);
	for (size_t i = 0; i < told->anomalies; i++) {
		FUZZ_REQUIRE(told->anomaly[i].verdict > IKE_ACCEPTED &&
			     told->anomaly[i].verdict < IKE_VERDICTS);
		require_text(told->anomaly[i].detail, sizeof(told->anomaly[i].detail));
	}
	FUZZ_REQUIRE(told->repeats <= told->packet->number);
	FUZZ_REQUIRE(told->message.payloads <= IKE_PAYLOADS_MAX);
	for (size_t i = 0; i < told->message.payloads; i++)
		FUZZ_REQUIRE(fuzz_inside(told->message.payload[i].whole,
					 told->clear.length > 0 ? told->clear : told->wire));
	FUZZ_REQUIRE(told->clear.length == 0 || told->clear.length == told->wire.length);
	FUZZ_REQUIRE(told->plain_length <= told->clear.length);
	/* what could not be read has a reason, and what could has none, unless it is in part */
	FUZZ_REQUIRE(told->clear.length == 0 || told->partial == (told->reason[0] != '\0'));
	FUZZ_REQUIRE(told->hash == TOLD_HASH_NONE || told->hash_name != NULL);
}

static void require_twin(const struct told *told)
{
	static uint8_t frame[TWIN_FRAME];
	size_t length = twin_frame(told, frame, sizeof(frame));

	FUZZ_REQUIRE(length == 0 || told->clear.length > 0);
	FUZZ_REQUIRE(length <= sizeof(frame));
	if (length > 0)
		FUZZ_REQUIRE(fuzz_same(frame, told->packet->frame.data, told->packet->ip_at));
}

static void take(void *context, const struct told *told)
{
	struct watch *watch = context;
	char text[EXPLAIN_TEXT];
	json_t *object;

	explain_text(told, text, sizeof(text));
	require_text(text, sizeof(text));
	require_text(told->reason, sizeof(told->reason));
	require_text(told->note, sizeof(told->note));
	if (told->what == TOLD_MESSAGE || told->what == TOLD_FRAGMENT) {
		require_message(told);
		require_fields(told);
		require_twin(told);
	}
	explain_line(told, told->packet->time, watch->nowhere);
	FUZZ_REQUIRE(explain_tree(told, watch->nowhere));
	object = explain_json(told);
	FUZZ_REQUIRE(object != NULL);
	FUZZ_REQUIRE(json_dumpf(object, watch->nowhere, JSON_COMPACT) == 0);
	json_decref(object);
	watch->messages += told->what == TOLD_MESSAGE;
	watch->fragments += told->what == TOLD_FRAGMENT;
	watch->anomalies += told->anomalies > 0;
	watch->digest = fuzz_digest(watch->digest, text, strlen(text));
	watch->digest = fuzz_digest(watch->digest, told->reason, strlen(told->reason));
}

static void require_counts(const struct decoder_counts *counts, const struct watch *watch)
{
	FUZZ_REQUIRE(counts->messages == watch->messages);
	FUZZ_REQUIRE(counts->fragments == watch->fragments);
	FUZZ_REQUIRE(counts->anomalies == watch->anomalies);
	FUZZ_REQUIRE(counts->encrypted <= counts->messages);
	FUZZ_REQUIRE(counts->decrypted <= counts->encrypted);
	FUZZ_REQUIRE(counts->partial <= counts->decrypted);
	FUZZ_REQUIRE(counts->hashes_right + counts->hashes_wrong <= counts->decrypted);
}

static uint64_t explain(struct octets capture, const struct key_log *keys)
{
	struct watch watch = {.digest = FUZZ_DIGEST_START, .nowhere = fopen("/dev/null", "we")};
	const struct decoder_settings settings = {
	    .keys = keys, .port = {15500}, .ports = 1, .tell = take, .context = &watch};
	struct decoder *decoder = decoder_new(&settings);
	struct packets *packets;
	struct packet packet;
	struct fault fault;
	bool broken;
	FILE *stream = fmemopen((void *)(uintptr_t)capture.data, capture.length, "rb");

	FUZZ_REQUIRE(watch.nowhere != NULL && decoder != NULL && stream != NULL);
	packets = packets_of_stream(stream, "input", &fault);
	if (packets == NULL) {
		FUZZ_REQUIRE(fuzz_good_text(fault.text, strlen(fault.text), sizeof(fault.text)));
	} else {
		while (packets_next(packets, &packet, &broken, &fault)) {
			FUZZ_REQUIRE(packet.payload.length <= 65535);
			FUZZ_REQUIRE(packet.ip_at <= packet.frame.length);
			decoder_packet(decoder, &packet);
		}
		require_counts(decoder_counts(decoder), &watch);
		explain_summary(decoder_counts(decoder), watch.nowhere);
	}
	packets_close(packets);
	decoder_free(decoder);
	fclose(watch.nowhere);
	return watch.digest;
}

/* Good rows are written as they were read. */
static void read_keys(struct key_log *keys, struct octets text)
{
	char *lines = malloc(text.length + 1);
	struct fault fault;

	FUZZ_REQUIRE(lines != NULL);
	if (text.length > 0)
		memcpy(lines, text.data, text.length);
	if (!key_log_parse(keys, "keys", lines, text.length, &fault)) {
		FUZZ_REQUIRE(memchr(fault.text, '\0', sizeof(fault.text)) != NULL);
		FUZZ_REQUIRE(strncmp(fault.text, "keys:", 5) == 0);
	}
	free(lines);
}

int fuzz_capture(const uint8_t *data, size_t length)
{
	struct fuzz_input input = {.at = data, .left = length};
	struct octets text, capture;
	struct key_log *keys;

	FUZZ_REQUIRE(secret_init());
	keys = key_log_new();
	FUZZ_REQUIRE(keys != NULL);
	text = fuzz_octets(&input, fuzz_u16(&input));
	capture = fuzz_octets(&input, input.left);
	read_keys(keys, text);
	if (capture.length > 0)
		FUZZ_REQUIRE(explain(capture, keys) == explain(capture, keys));
	key_log_free(keys);
	return 0;
}
