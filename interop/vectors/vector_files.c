/* SPDX-License-Identifier: ISC */
#include "interop/vectors/vector_files.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "interop/node/capture.h"
#include "interop/vectors/vector_json.h"
#include "interop/vectors/vector_seal.h"

#define LINK_RAW 101 /* LINKTYPE_RAW: IP and nothing before it */
#define SNAP     65535

static FILE *create(const char *directory, const char *set, const char *name, struct fault *fault)
{
	char *path = NULL;
	FILE *file = NULL;

	if (asprintf(&path, "%s/%s/%s", directory, set, name) < 0) {
		fault_say(fault, "no memory for a file name");
		return NULL;
	}
	file = fopen(path, "wbe");
	if (file == NULL)
		fault_say(fault, "cannot write %s: %s", path, strerror(errno));
	free(path);
	return file;
}

static bool finish(FILE *file, const char *set, const char *name, struct fault *fault)
{
	bool bad = ferror(file) != 0;

	return (fclose(file) == 0 && !bad) ||
	       fault_say(fault, "cannot write %s/%s: %s", set, name, strerror(errno));
}

/* ---- captures ------------------------------------------------------------------------------------------------------ */

static void put_le(FILE *file, uint32_t value, int octets)
{
	for (int i = 0; i < octets; i++)
		(void)fputc((int)(value >> 8 * i & 0xff), file);
}

static void put_head(FILE *file)
{
	put_le(file, 0xa1b2c3d4, 4);
	put_le(file, 2, 2);
	put_le(file, 4, 2);
	put_le(file, 0, 4);
	put_le(file, 0, 4);
	put_le(file, SNAP, 4);
	put_le(file, LINK_RAW, 4);
}

static void put_frame(FILE *file, const struct vector_datagram *datagram, struct octets payload)
{
	uint8_t packet[IKE_DATAGRAM_MAX + VECTOR_MARKER + CAPTURE_HEADERS];
	size_t length = capture_packet(&datagram->source, &datagram->destination, payload, packet,
				       sizeof(packet));

	put_le(file, (uint32_t)(VECTOR_EPOCH + (int64_t)(datagram->at / IKE_SECOND)), 4);
	put_le(file, (uint32_t)(datagram->at % IKE_SECOND), 4);
	put_le(file, (uint32_t)length, 4);
	put_le(file, (uint32_t)length, 4);
	(void)fwrite(packet, 1, length, file);
}

/* The message in the clear in the place of the datagram that completes it. */
static bool put_twin(FILE *file, const struct vector_trace *trace, size_t index)
{
	const struct vector_datagram *datagram = &trace->world->datagram[index];
	size_t first = trace->repeats[index] != VECTOR_DATAGRAMS ? trace->repeats[index] : index;
	const struct vector_message *message;
	struct vector_datagram twin = *datagram;
	uint8_t octets[sizeof(twin.data) + VECTOR_MARKER];

	if (trace->message_of[index] == VECTOR_MESSAGES)
		return false;
	message = &trace->message[trace->message_of[index]];
	if (message->part[message->parts - 1] != first)
		return false;
	twin.length = vector_seal_twin(message, twin.data);
	if (twin.length == 0)
		return false;
	put_frame(file, datagram, octets_of(octets, vector_payload(&twin, octets)));
	return true;
}

static bool write_capture(const struct vector_trace *trace, const char *directory, bool plain,
			  struct fault *fault)
{
	const struct vector_world *world = trace->world;
	const char *name = plain ? "plain.pcap" : "wire.pcap";
	FILE *file = create(directory, world->set->name, name, fault);

	if (file == NULL)
		return false;
	put_head(file);
	for (size_t i = 0; i < world->datagrams; i++) {
		uint8_t octets[IKE_DATAGRAM_MAX + VECTOR_MARKER];

		if (!plain || !put_twin(file, trace, i))
			put_frame(file, &world->datagram[i],
				  octets_of(octets, vector_payload(&world->datagram[i], octets)));
	}
	return finish(file, world->set->name, name, fault);
}

/* ---- keys and values ----------------------------------------------------------------------------------------------- */

static void put_hex(FILE *file, struct octets octets)
{
	for (size_t i = 0; i < octets.length; i++)
		(void)fprintf(file, "%02x", octets.data[i]);
}

static bool write_keys(const struct vector_trace *trace, const char *directory, struct fault *fault)
{
	const char *set = trace->world->set->name;
	FILE *file = create(directory, set, CAPTURE_KEYS, fault);

	if (file == NULL)
		return false;
	for (size_t i = 0; i < trace->sas; i++) {
		const struct vector_sa *sa = &trace->sa[i];
		const struct skeyid *skeyid = &sa->told.skeyid;

		if (!sa->keyed)
			continue;
		put_hex(file, octets_of(sa->cky_i, IKE_COOKIE_LENGTH));
		(void)fputc(',', file);
		put_hex(file, octets_of(skeyid->key, cipher_key_length(skeyid->cipher)));
		(void)fputc('\n', file);
	}
	return finish(file, set, CAPTURE_KEYS, fault);
}

static bool write_values(const struct vector_made *made, const char *directory, struct fault *fault)
{
	const char *set = made->world->set->name;
	json_t *values = vector_json(made);
	bool good;
	FILE *file;

	if (values == NULL)
		return fault_say(fault, "no memory for the values of a set");
	file = create(directory, set, "values.json", fault);
	if (file != NULL) {
		good =
		    json_dumpf(values, file, JSON_INDENT(1)) == 0; /* in the order of insertion */
		(void)fputc('\n', file);
		good = finish(file, set, "values.json", fault) &&
		       (good || fault_say(fault, "cannot write %s/values.json", set));
	} else {
		good = false;
	}
	json_decref(values);
	return good;
}

bool vector_files_write(const struct vector_made *made, const char *directory, struct fault *fault)
{
	const char *set = made->world->set->name;
	char *path = NULL;
	bool good;

	if (mkdir(directory, 0777) != 0 && errno != EEXIST)
		return fault_say(fault, "cannot make the directory %s: %s", directory,
				 strerror(errno));
	if (asprintf(&path, "%s/%s", directory, set) < 0)
		return fault_say(fault, "no memory for a file name");
	good = mkdir(path, 0777) == 0 || errno == EEXIST ||
	       fault_say(fault, "cannot make the directory %s: %s", path, strerror(errno));
	free(path);
	return good && write_capture(made->trace, directory, false, fault) &&
	       write_capture(made->trace, directory, true, fault) &&
	       write_keys(made->trace, directory, fault) && write_values(made, directory, fault);
}
