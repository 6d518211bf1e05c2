/* SPDX-License-Identifier: ISC */
#include "interop/node/capture.h"

#include <errno.h>
#include <fcntl.h>
#include <pcap/pcap.h>
#include <stdio_ext.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "crypto/secret.h"
#include "ike/wire.h"
#include "interop/checksum.h"
#include "interop/decode/key_log.h"
#include "interop/node/udp.h"

#define PACKET_MOST (UDP_ROOM + CAPTURE_HEADERS)
#define HOPS        64
#define UDP         17 /* IANA's protocol number */
#define FILES       5

struct capture {
	pcap_t *link; /* a link that carries IP datagrams and nothing else */
	pcap_dumper_t *wire, *plain;
	FILE *keys, *key_log, *events;
	off_t whole
	    [FILES]; /* how long each file is up to the last record that is known to be written */
	uint32_t packets;  /* gives IPv4 datagrams their identification */
	int error;         /* of the first write that failed since the last flush */
	char problem[160]; /* empty: none */
};

static const char *const names[FILES] = {"wire.pcap", "plain.pcap", "events.jsonl", CAPTURE_KEYS,
					 KEY_LOG};

static FILE *file_of(const struct capture *capture, size_t index)
{
	FILE *const files[FILES] = {pcap_dump_file(capture->wire), pcap_dump_file(capture->plain),
				    capture->events, capture->keys, capture->key_log};

	return files[index];
}

/* ---- packets ------------------------------------------------------------------------------------------------------- */

static void write_ipv4(struct wire_writer *writer, const struct ike_address *from,
		       const struct ike_address *to, size_t udp_length, uint16_t identification)
{
	wire_write_u8(writer, 0x45);
	wire_write_u8(writer, 0);
	wire_write_u16(writer, (uint16_t)(20 + udp_length));
	wire_write_u16(writer, identification);
	wire_write_u16(writer, 0);
	wire_write_u8(writer, HOPS);
	wire_write_u8(writer, UDP);
	wire_write_u16(writer, 0);
	wire_write_octets(writer, octets_of(from->octets, 4));
	wire_write_octets(writer, octets_of(to->octets, 4));
	wire_patch_u16(writer, 10, checksum_of(checksum_add(0, wire_written(writer))));
}

static void write_ipv6(struct wire_writer *writer, const struct ike_address *from,
		       const struct ike_address *to, size_t udp_length)
{
	wire_write_u32(writer, 6u << 28);
	wire_write_u16(writer, (uint16_t)udp_length);
	wire_write_u8(writer, UDP);
	wire_write_u8(writer, HOPS);
	wire_write_octets(writer, octets_of(from->octets, 16));
	wire_write_octets(writer, octets_of(to->octets, 16));
}

/* The pseudo header is the addresses, the protocol and the length: RFC 768, and RFC 8200 section 8.1 to the same effect. */
static uint16_t udp_checksum(const struct ike_address *from, const struct ike_address *to,
			     struct octets udp)
{
	uint32_t sum = UDP + (uint32_t)udp.length;
	uint16_t checksum;

	sum = checksum_add(sum, octets_of(from->octets, sizeof(from->octets)));
	sum = checksum_add(sum, octets_of(to->octets, sizeof(to->octets)));
	checksum = checksum_of(checksum_add(sum, udp));
	return checksum != 0 ? checksum : 0xffff; /* 0 stands for "none" */
}

static size_t write_packet(const struct ike_address *from, const struct ike_address *to,
			   struct octets payload, uint16_t identification, uint8_t *packet,
			   size_t room)
{
	bool ipv6 = from->family == IKE_FAMILY_IPV6 || to->family == IKE_FAMILY_IPV6;
	size_t udp_length = 8 + payload.length, start;
	struct wire_writer writer;

	if (udp_length > 65515)
		return 0; /* does not fit into an IPv4 datagram */
	wire_write_to(&writer, packet, room);
	if (ipv6)
		write_ipv6(&writer, from, to, udp_length);
	else
		write_ipv4(&writer, from, to, udp_length, identification);
	start = writer.length;
	wire_write_u16(&writer, from->port);
	wire_write_u16(&writer, to->port != 0 ? to->port : IKE_PORT);
	wire_write_u16(&writer, (uint16_t)udp_length);
	wire_write_u16(&writer, 0);
	wire_write_octets(&writer, payload);
	if (writer.failed)
		return 0;
	wire_patch_u16(&writer, start + 6,
		       udp_checksum(from, to, octets_of(packet + start, udp_length)));
	return writer.length;
}

size_t capture_packet(const struct ike_address *from, const struct ike_address *to,
		      struct octets payload, uint8_t *packet, size_t room)
{
	return write_packet(from, to, payload, 0, packet, room);
}

/* ---- files --------------------------------------------------------------------------------------------------------- */

/* A new file in the directory; another program's links are not followed. */
static FILE *create(const char *directory, const char *name, mode_t mode, struct fault *fault)
{
	char *path = NULL;
	FILE *file = NULL;
	int descriptor = -1;

	if (asprintf(&path, "%s/%s", directory, name) < 0) {
		fault_say(fault, "no memory for a file name");
		return NULL;
	}
	descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, mode);
	/* An older file keeps its mode when it is truncated, so the mode is set whatever there was. */
	if (descriptor >= 0 && fchmod(descriptor, mode) == 0)
		file = fdopen(descriptor, "w");
	if (file == NULL) {
		fault_say(fault, "cannot write %s: %s", path, strerror(errno));
		if (descriptor >= 0)
			close(descriptor);
	}
	free(path);
	return file;
}

static pcap_dumper_t *create_pcap(struct capture *capture, const char *directory, const char *name,
				  mode_t mode, struct fault *fault)
{
	FILE *file = create(directory, name, mode, fault);
	pcap_dumper_t *dumper;

	if (file == NULL)
		return NULL;
	dumper = pcap_dump_fopen(capture->link, file);
	if (dumper == NULL) {
		fault_say(fault, "cannot write %s/%s: %s", directory, name,
			  pcap_geterr(capture->link));
		fclose(file);
	}
	return dumper;
}

static bool open_files(struct capture *capture, const char *directory, struct fault *fault)
{
	capture->link = pcap_open_dead(DLT_RAW, PACKET_MOST);
	if (capture->link == NULL)
		return fault_say(fault, "no memory for a capture");
	capture->wire = create_pcap(capture, directory, "wire.pcap", 0644, fault);
	if (capture->wire == NULL)
		return false;
	capture->plain = create_pcap(capture, directory, "plain.pcap", 0600, fault);
	if (capture->plain == NULL)
		return false;
	capture->events = create(directory, "events.jsonl", 0644, fault);
	if (capture->events == NULL)
		return false;
	/* no buffers, which would keep a copy of the keys where a core dump has it */
	capture->keys = create(directory, CAPTURE_KEYS, 0600, fault);
	if (capture->keys == NULL || setvbuf(capture->keys, NULL, _IONBF, 0) != 0)
		return false;
	capture->key_log = create(directory, KEY_LOG, 0600, fault);
	return capture->key_log != NULL && setvbuf(capture->key_log, NULL, _IONBF, 0) == 0;
}

struct capture *capture_open(const char *directory, struct fault *fault)
{
	struct capture *capture;

	if (mkdir(directory, 0777) != 0 && errno != EEXIST) {
		fault_say(fault, "cannot make the directory %s: %s", directory, strerror(errno));
		return NULL;
	}
	capture = calloc(1, sizeof(*capture));
	if (capture == NULL) {
		fault_say(fault, "no memory for a capture");
		return NULL;
	}
	if (open_files(capture, directory, fault)) {
		capture_flush(capture); /* the files' heads: valid captures from the start */
		if (capture_problem(capture) == NULL)
			return capture;
		fault_say(fault, "cannot write %s/%s", directory, capture_problem(capture));
	}
	capture_close(capture);
	return NULL;
}

/*
 * Every file is cut off behind its last whole record, so that others can read what is there, and what was still to be
 * written is forgotten: a disk that has room again later must not get the end of a record without its beginning.
 */
static void give_up(struct capture *capture, size_t index, int error)
{
	snprintf(capture->problem, sizeof(capture->problem), "%s: %s", names[index],
		 strerror(error));
	for (size_t i = 0; i < FILES; i++) {
		__fpurge(file_of(capture, i));
		(void)!ftruncate(fileno(file_of(capture, i)), capture->whole[i]);
	}
}

const char *capture_problem(const struct capture *capture)
{
	return capture->problem[0] != '\0' ? capture->problem : NULL;
}

uint32_t capture_count(const struct capture *capture)
{
	return capture->packets;
}

bool capture_close(struct capture *capture)
{
	bool good;

	if (capture == NULL)
		return true;
	if (capture->key_log != NULL) /* the last one: all are open */
		capture_flush(capture);
	if (capture->wire != NULL)
		pcap_dump_close(capture->wire);
	if (capture->plain != NULL)
		pcap_dump_close(capture->plain);
	if (capture->events != NULL)
		fclose(capture->events);
	if (capture->keys != NULL)
		fclose(capture->keys);
	if (capture->key_log != NULL)
		fclose(capture->key_log);
	if (capture->link != NULL)
		pcap_close(capture->link);
	good = capture_problem(capture) == NULL;
	free(capture);
	return good;
}

void capture_flush(struct capture *capture)
{
	for (size_t i = 0; i < FILES && capture_problem(capture) == NULL; i++) {
		FILE *file = file_of(capture, i);

		if (fflush(file) != 0 || ferror(file))
			give_up(capture, i, capture->error != 0 ? capture->error : errno);
	}
	for (size_t i = 0; i < FILES && capture_problem(capture) == NULL; i++)
		capture->whole[i] = ftello(file_of(capture, i));
}

FILE *capture_events(struct capture *capture)
{
	return capture->events;
}

/* ---- what goes into them ------------------------------------------------------------------------------------------- */

static void dump(struct capture *capture, pcap_dumper_t *dumper, struct timeval wall,
		 const struct ike_address *from, const struct ike_address *to,
		 struct octets payload)
{
	uint8_t packet[PACKET_MOST];
	size_t length =
	    write_packet(from, to, payload, (uint16_t)capture->packets, packet, sizeof(packet));
	struct pcap_pkthdr header = {
	    .ts = wall, .caplen = (bpf_u_int32)length, .len = (bpf_u_int32)length};

	errno = 0;
	if (length > 0) /* it has the room of the longest datagram that the sockets give */
		pcap_dump((u_char *)dumper, &header, packet);
	if (capture->error == 0 && ferror(pcap_dump_file(dumper)))
		capture->error = errno; /* later calls would hide it: libpcap does not look */
}

void capture_datagram(struct capture *capture, struct timeval wall, const struct ike_address *from,
		      const struct ike_address *to, struct octets wire, struct octets plain)
{
	if (capture_problem(capture) != NULL)
		return;
	capture->packets++;
	dump(capture, capture->wire, wall, from, to, wire);
	dump(capture, capture->plain, wall, from, to, plain.length > 0 ? plain : wire);
}

static size_t put_hex(char *line, size_t length, const uint8_t *octets, size_t count)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < count; i++) {
		line[length++] = digits[octets[i] >> 4];
		line[length++] = digits[octets[i] & 15];
	}
	return length;
}

static void write_row(struct capture *capture, FILE *file, char *line, size_t length, size_t room)
{
	errno = 0;
	if (fwrite(line, 1, length, file) != length && capture->error == 0)
		capture->error = errno;
	secret_wipe(line, room);
}

void capture_established(struct capture *capture, const uint8_t cky_i[IKE_COOKIE_LENGTH],
			 const uint8_t cky_r[IKE_COOKIE_LENGTH], const struct ike_keys *keys)
{
	struct key_row row = {.whole = true, .keys = *keys};
	char line[KEY_LOG_LINE] = "";

	if (capture_problem(capture) != NULL)
		return;
	memcpy(row.cky_i, cky_i, IKE_COOKIE_LENGTH);
	memcpy(row.cky_r, cky_r, IKE_COOKIE_LENGTH);
	write_row(capture, capture->key_log, line, key_log_line(&row, line, sizeof(line)),
		  sizeof(line));
	secret_wipe(&row, sizeof(row));
}

void capture_keys(struct capture *capture, const uint8_t cky_i[IKE_COOKIE_LENGTH],
		  const uint8_t cky_r[IKE_COOKIE_LENGTH], const struct ike_keys *keys)
{
	char line[2 * (IKE_COOKIE_LENGTH + sizeof(keys->key)) + 2];
	size_t length;

	if (capture_problem(capture) != NULL)
		return;
	length = put_hex(line, 0, cky_i, IKE_COOKIE_LENGTH);
	line[length++] = ',';
	length = put_hex(line, length, keys->key, keys->key_length);
	line[length++] = '\n';
	write_row(capture, capture->keys, line, length, sizeof(line));
	capture_established(capture, cky_i, cky_r, keys);
}
