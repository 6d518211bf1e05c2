/* SPDX-License-Identifier: ISC */
#include "interop/decode/packets.h"

#include <pcap/pcap.h>
#include <pcap/sll.h>
#include <stdlib.h>
#include <string.h>

#include "ike/wire.h"
#include "interop/decode/ip_pieces.h"

#define ETHERTYPE_IPV4   0x0800
#define ETHERTYPE_IPV6   0x86dd
#define ETHERTYPE_VLAN   0x8100
#define ETHERTYPE_QINQ   0x88a8
#define ADDRESSES_LENGTH 12 /* octets of Ethernet before the type */
#define COOKED_TYPE_AT   14 /* in Linux' cooked header, version 1 */
#define COOKED_2_REST    18 /* of version 2, behind the type */

#define PROTOCOL_HOPS     0
#define PROTOCOL_UDP      17
#define PROTOCOL_ROUTING  43
#define PROTOCOL_FRAGMENT 44
#define PROTOCOL_ESP      50
#define PROTOCOL_OPTIONS  60
#define MORE_FRAGMENTS    0x2000
#define OFFSET_BITS       0x1fff
#define IPV6_EXTENSIONS   8 /* headers of IPv6 that are passed over */
#define UDP_HEADER        8

struct packets {
	pcap_t *pcap;
	char *name;
	int link;
	uint32_t number;
	struct ip_pieces *pieces;
};

/* ---- the file ------------------------------------------------------------------------------------------------------ */

struct packets *packets_of_stream(FILE *stream, const char *name, struct fault *fault)
{
	struct packets *packets = calloc(1, sizeof(*packets));
	char error[PCAP_ERRBUF_SIZE] = "";

	if (packets != NULL) {
		packets->name = strdup(name);
		packets->pieces = ip_pieces_new();
	}
	if (packets == NULL || packets->name == NULL || packets->pieces == NULL) {
		fault_say(fault, "no memory for a capture");
		fclose(stream);
		packets_close(packets);
		return NULL;
	}
	packets->pcap = pcap_fopen_offline(stream, error);
	if (packets->pcap == NULL) {
		fault_say(fault, "%s: %s: it should be a pcap or pcapng file", name, error);
		fclose(stream);
		packets_close(packets);
		return NULL;
	}
	packets->link = pcap_datalink(packets->pcap);
	return packets;
}

struct packets *packets_open(const char *path, struct fault *fault)
{
	bool standard = strcmp(path, "-") == 0;
	FILE *stream = standard ? fdopen(0, "rb") : fopen(path, "rbe");

	if (stream == NULL) {
		fault_say(fault, "cannot read %s: %m", path);
		return NULL;
	}
	return packets_of_stream(stream, standard ? "standard input" : path, fault);
}

void packets_close(struct packets *packets)
{
	if (packets == NULL)
		return;
	if (packets->pcap != NULL)
		pcap_close(packets->pcap);
	ip_pieces_free(packets->pieces);
	free(packets->name);
	free(packets);
}

int packets_link(const struct packets *packets)
{
	return packets->link;
}

/* ---- links --------------------------------------------------------------------------------------------------------- */

static unsigned ip_version(struct octets octets)
{
	return octets.length == 0 ? 0 : octets.data[0] >> 4;
}

static unsigned skip_ethernet_type(struct wire_reader *reader)
{
	unsigned type = wire_read_u16(reader);

	while (type == ETHERTYPE_VLAN || type == ETHERTYPE_QINQ) {
		(void)wire_read_u16(reader);
		type = wire_read_u16(reader);
	}
	return type;
}

/* What is behind the link's header, if that is IP; else the reader has failed. */
static void skip_link(int link, struct wire_reader *reader)
{
	unsigned type = 0;

	switch (link) {
	case DLT_EN10MB:
		(void)wire_read_octets(reader, ADDRESSES_LENGTH);
		type = skip_ethernet_type(reader);
		break;
	case DLT_LINUX_SLL:
		(void)wire_read_octets(reader, COOKED_TYPE_AT);
		type = skip_ethernet_type(reader);
		break;
	case DLT_LINUX_SLL2:
		type = wire_read_u16(reader);
		(void)wire_read_octets(reader, COOKED_2_REST);
		break;
	case DLT_NULL: /* a family in the order of whoever captured; what is there says as much */
	case DLT_LOOP:
		(void)wire_read_u32(reader);
		type = ip_version(octets_of(reader->at, reader->left)) == 6 ? ETHERTYPE_IPV6
									    : ETHERTYPE_IPV4;
		break;
	case DLT_RAW:
	case DLT_IPV4:
	case DLT_IPV6:
		type = ETHERTYPE_IPV4;
		break;
	default:
		break;
	}
	if (type != ETHERTYPE_IPV4 && type != ETHERTYPE_IPV6)
		reader->failed = true;
}

/* ---- IP ------------------------------------------------------------------------------------------------------------ */

/* What an IP header says of what is behind it. */
struct ip {
	struct ip_piece piece; /* octets: as far as they were captured */
	bool fragment;
	size_t missing;
};

static void read_address(struct wire_reader *reader, uint8_t family, struct ike_address *address)
{
	size_t length = family == IKE_FAMILY_IPV4 ? 4 : 16;
	struct octets view = wire_read_octets(reader, length);

	*address = (struct ike_address){.family = family};
	if (view.length == length)
		memcpy(address->octets, view.data, length);
}

/* The payload of a header that says its length: the link may have padded behind it, or the capture have cut it off. */
static bool take_payload(struct wire_reader *reader, size_t length, struct ip *ip)
{
	ip->missing = length > reader->left ? length - reader->left : 0;
	ip->piece.octets = wire_read_octets(reader, length - ip->missing);
	return !reader->failed;
}

static bool read_ipv4(struct wire_reader *reader, struct ip *ip)
{
	size_t header = (size_t)(wire_read_u8(reader) & 15) * 4, length;
	uint16_t flags;

	(void)wire_read_u8(reader);
	length = wire_read_u16(reader);
	ip->piece.id = wire_read_u16(reader);
	flags = wire_read_u16(reader);
	(void)wire_read_u8(reader);
	ip->piece.protocol = wire_read_u8(reader);
	(void)wire_read_u16(reader);
	read_address(reader, IKE_FAMILY_IPV4, &ip->piece.from);
	read_address(reader, IKE_FAMILY_IPV4, &ip->piece.to);
	if (length == 0) /* segmentation is left to the network card */
		length = 20 + reader->left;
	if (reader->failed || header < 20 || length < header)
		return false;
	(void)wire_read_octets(reader, header - 20);
	ip->piece.offset = (size_t)(flags & OFFSET_BITS) * 8;
	ip->piece.more = (flags & MORE_FRAGMENTS) != 0;
	ip->fragment = ip->piece.more || ip->piece.offset != 0;
	return take_payload(reader, length - header, ip);
}

static bool read_ipv6(struct wire_reader *reader, struct ip *ip)
{
	struct wire_reader inner;
	size_t length;

	(void)wire_read_u32(reader);
	length = wire_read_u16(reader);
	ip->piece.protocol = wire_read_u8(reader);
	(void)wire_read_u8(reader);
	read_address(reader, IKE_FAMILY_IPV6, &ip->piece.from);
	read_address(reader, IKE_FAMILY_IPV6, &ip->piece.to);
	if (!take_payload(reader, length, ip))
		return false;
	wire_read_from(&inner, ip->piece.octets);
	for (int i = 0; i < IPV6_EXTENSIONS && !ip->fragment; i++) {
		uint8_t next;
		uint16_t word;

		if (ip->piece.protocol == PROTOCOL_FRAGMENT) {
			next = wire_read_u8(&inner);
			(void)wire_read_u8(&inner);
			word = wire_read_u16(&inner);
			ip->piece.id = wire_read_u32(&inner);
			ip->piece.offset = word & ~7u;
			ip->piece.more = (word & 1) != 0;
			ip->fragment = ip->piece.more || ip->piece.offset != 0;
		} else if (ip->piece.protocol == PROTOCOL_HOPS ||
			   ip->piece.protocol == PROTOCOL_ROUTING ||
			   ip->piece.protocol == PROTOCOL_OPTIONS) {
			next = wire_read_u8(&inner);
			(void)wire_read_octets(&inner, 6 + (size_t)wire_read_u8(&inner) * 8);
		} else {
			break;
		}
		ip->piece.protocol = next;
	}
	ip->piece.octets = wire_read_rest(&inner);
	return !inner.failed;
}

static bool read_udp(struct octets octets, size_t missing, struct packet *packet)
{
	struct wire_reader reader;
	size_t length;

	wire_read_from(&reader, octets);
	packet->from.port = wire_read_u16(&reader);
	packet->to.port = wire_read_u16(&reader);
	length = wire_read_u16(&reader);
	(void)wire_read_u16(&reader);
	if (reader.failed || length < UDP_HEADER)
		return false;
	length -= UDP_HEADER;
	packet->missing = length > reader.left ? length - reader.left : 0;
	/* what IP does not have was not cut off by whoever captured it: then UDP's own length is wrong */
	if (packet->missing > missing)
		packet->missing = missing;
	packet->payload = wire_read_octets(&reader, length < reader.left ? length : reader.left);
	return true;
}

static enum packet_what read_frame(struct packets *packets, struct packet *packet)
{
	struct ip ip = {.fragment = false};
	struct wire_reader reader;
	struct octets octets;
	unsigned version;

	wire_read_from(&reader, packet->frame);
	skip_link(packets->link, &reader);
	if (reader.failed)
		return PACKET_OTHER;
	packet->ip_at = packet->frame.length - reader.left;
	version = ip_version(octets_of(reader.at, reader.left));
	if (!(version == 4   ? read_ipv4(&reader, &ip)
	      : version == 6 ? read_ipv6(&reader, &ip)
			     : false))
		return PACKET_OTHER;
	octets = ip.piece.octets;
	packet->from = ip.piece.from;
	packet->to = ip.piece.to;
	packet->pieces = 1;
	if (ip.fragment) {
		if (ip.piece.protocol != PROTOCOL_UDP)
			return PACKET_OTHER;
		if (ip.missing > 0 ||
		    !ip_pieces_add(packets->pieces, &ip.piece, &octets, &packet->pieces))
			return PACKET_FRAGMENT;
	}
	if (ip.piece.protocol == PROTOCOL_ESP)
		return PACKET_ESP;
	if (ip.piece.protocol != PROTOCOL_UDP)
		return PACKET_OTHER;
	return read_udp(octets, ip.missing, packet) ? PACKET_UDP : PACKET_OTHER;
}

bool packets_next(struct packets *packets, struct packet *packet, bool *broken, struct fault *fault)
{
	struct pcap_pkthdr *header;
	const u_char *data;
	int got = pcap_next_ex(packets->pcap, &header, &data);

	*broken = got != 1 && got != PCAP_ERROR_BREAK;
	if (*broken)
		fault_say(fault, "%s: after packet %u: %s", packets->name, packets->number,
			  pcap_geterr(packets->pcap));
	if (got != 1)
		return false;
	*packet = (struct packet){
	    .number = ++packets->number,
	    .time = header->ts,
	    .frame = octets_of(data, header->caplen),
	    .frame_length = header->len,
	};
	packet->what = read_frame(packets, packet);
	return true;
}
