/* SPDX-License-Identifier: ISC */
#include "interop/decode/twin.h"

#include <errno.h>
#include <fcntl.h>
#include <pcap/pcap.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "crypto/secret.h"
#include "interop/node/capture.h"

#define SNAP_LENGTH   262144
#define MARKER_LENGTH 4
#define LINK_MOST     64 /* octets before IP that are kept: more than any link has */
#define PAYLOAD_MOST  65536

struct twin {
	char *path;
	pcap_t *link;
	pcap_dumper_t *dumper;
	bool written; /* the packet at hand */
	uint8_t packet[LINK_MOST + CAPTURE_HEADERS + PAYLOAD_MOST];
};

struct twin *twin_open(const char *path, int link, struct fault *fault)
{
	struct twin *twin = calloc(1, sizeof(*twin));
	int descriptor;
	struct stat status;
	FILE *file = NULL;

	if (twin == NULL) {
		fault_say(fault, "no memory for a capture");
		return NULL;
	}
	descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
	/* an older file keeps its mode when it is truncated; a device's is nobody's to change */
	if (descriptor >= 0 && fstat(descriptor, &status) == 0 &&
	    (!S_ISREG(status.st_mode) || fchmod(descriptor, 0600) == 0))
		file = fdopen(descriptor, "wb");
	if (file == NULL) {
		fault_say(fault, "cannot write %s: %s", path, strerror(errno));
		if (descriptor >= 0)
			close(descriptor);
		free(twin);
		return NULL;
	}
	twin->path = strdup(path);
	twin->link = pcap_open_dead(link, SNAP_LENGTH);
	if (twin->path != NULL && twin->link != NULL)
		twin->dumper = pcap_dump_fopen(twin->link, file);
	if (twin->dumper != NULL)
		return twin;
	fault_say(fault, "cannot write %s: %s", path,
		  twin->link != NULL ? pcap_geterr(twin->link) : "no memory");
	fclose(file);
	(void)twin_close(twin, fault);
	return NULL;
}

bool twin_close(struct twin *twin, struct fault *fault)
{
	bool good = true;

	if (twin == NULL)
		return true;
	if (twin->dumper != NULL) {
		good = pcap_dump_flush(twin->dumper) == 0 && !ferror(pcap_dump_file(twin->dumper));
		if (!good)
			fault_say(fault, "cannot write all of %s: %s", twin->path, strerror(errno));
		pcap_dump_close(twin->dumper);
	}
	if (twin->link != NULL)
		pcap_close(twin->link);
	free(twin->path);
	secret_wipe(twin, sizeof(*twin));
	free(twin);
	return good;
}

static void dump(struct twin *twin, struct timeval time, struct octets octets, size_t length)
{
	const struct pcap_pkthdr header = {
	    .ts = time, .caplen = (bpf_u_int32)octets.length, .len = (bpf_u_int32)length};

	pcap_dump((u_char *)twin->dumper, &header, octets.data);
}

void twin_packet(struct twin *twin, const struct packet *packet)
{
	if (!twin->written)
		dump(twin, packet->time, packet->frame, packet->frame_length);
	twin->written = false;
}

size_t twin_frame(const struct told *told, uint8_t *frame, size_t room)
{
	static _Thread_local uint8_t payload[PAYLOAD_MOST];
	const struct packet *packet = told->packet;
	struct wire_writer writer;
	size_t length, start;

	if (told->clear.length == 0 || told->partial || packet->ip_at > LINK_MOST ||
	    packet->ip_at > room)
		return 0;
	wire_write_to(&writer, payload, sizeof(payload));
	if (told->encapsulated)
		wire_write_zeros(&writer, MARKER_LENGTH);
	start = writer.length;
	wire_write_octets(&writer, octets_of(told->clear.data, told->plain_length));
	wire_patch_u8(&writer, start + IKE_HEADER_FLAGS_AT,
		      told->message.header.flags & (uint8_t)~IKE_FLAG_ENCRYPTION);
	wire_patch_u32(&writer, start + IKE_HEADER_LENGTH_AT, (uint32_t)told->plain_length);
	if (writer.failed)
		return 0;
	memcpy(frame, packet->frame.data, packet->ip_at);
	length = capture_packet(&packet->from, &packet->to, wire_written(&writer),
				frame + packet->ip_at, room - packet->ip_at);
	secret_wipe(payload, writer.length);
	return length == 0 ? 0 : length + packet->ip_at;
}

void twin_plain(struct twin *twin, const struct told *told)
{
	size_t length = twin_frame(told, twin->packet, sizeof(twin->packet));

	if (length == 0)
		return;
	dump(twin, told->packet->time, octets_of(twin->packet, length), length);
	twin->written = true;
}
