/* SPDX-License-Identifier: ISC */
#include <string.h>
#include <sys/stat.h>

#include "interop/decode/decoder.h"
#include "interop/decode/twin.h"
#include "tests/support/film.h"
#include "tests/support/scratch.h"
#include "tests/support/unit.h"

static struct film film;
static struct fault fault;

static void tell(void *context, const struct told *told)
{
	twin_plain(context, told);
}

static void make_twin(const struct key_log *log, const char *path)
{
	struct packets *packets = packets_of_stream(film_stream(&film), "film", &fault);
	struct twin *twin = twin_open(path, packets_link(packets), &fault);
	struct decoder_settings settings = {.keys = log, .tell = tell, .context = twin};
	struct decoder *decoder = decoder_new(&settings);
	struct packet packet;
	bool broken;

	ck_assert_msg(twin != NULL, "%s", fault.text);
	while (packets_next(packets, &packet, &broken, &fault)) {
		decoder_packet(decoder, &packet);
		twin_packet(twin, &packet);
	}
	ck_assert_msg(twin_close(twin, &fault), "%s", fault.text);
	packets_close(packets);
	decoder_free(decoder);
}

START_TEST(test_cannot_be_written)
{
	ck_assert_ptr_null(twin_open(scratch_path("none/twin"), 101, &fault));
	ck_assert_ptr_nonnull(strstr(fault.text, "none/twin"));
	ck_assert(twin_close(NULL, &fault));
}
END_TEST

/* Octet for octet the senders' plaintexts, behind headers with the same addresses; the rest as it was. */
START_TEST(test_twin)
{
	struct duo *duo = duo_new(1);
	struct key_log *log = key_log_new();
	struct key_row row;
	struct packets *packets;
	struct packet packet;
	struct stat status;
	bool broken;

	duo_start(duo);
	duo_establish(duo);
	film_key(duo, DUO_A, &row);
	ck_assert(key_log_add(log, &row));
	film_duo(&film, duo);
	scratch_file("twin", 0644, "an older one");
	make_twin(log, scratch_path("twin"));
	ck_assert_int_eq(stat(scratch_path("twin"), &status), 0);
	ck_assert_uint_eq(status.st_mode & 0777, 0600);
	packets = packets_open(scratch_path("twin"), &fault);
	ck_assert_msg(packets != NULL, "%s", fault.text);
	for (size_t i = 0; i < duo->datagrams; i++) {
		const struct duo_datagram *datagram = &duo->datagram[i];
		bool plain = datagram->plain_length > 0;

		ck_assert(packets_next(packets, &packet, &broken, &fault));
		ck_assert_int_eq(packet.what, PACKET_UDP);
		ck_assert_uint_eq(packet.from.octets[3], datagram->to == DUO_A ? 2 : 1);
		ck_assert_uint_eq(packet.payload.length,
				  plain ? datagram->plain_length : datagram->length);
		ck_assert_mem_eq(packet.payload.data, plain ? datagram->plain : datagram->data,
				 packet.payload.length);
	}
	ck_assert(!packets_next(packets, &packet, &broken, &fault));
	packets_close(packets);
	key_log_free(log);
	duo_free(duo);
}
END_TEST

/* Nothing can be decrypted: the same file. */
START_TEST(test_as_it_was)
{
	struct duo *duo = duo_new(1);
	FILE *file;
	static uint8_t octets[FILM_ROOM];

	duo_start(duo);
	duo_establish(duo);
	film_duo(&film, duo);
	make_twin(NULL, scratch_path("same"));
	file = fopen(scratch_path("same"), "rbe");
	ck_assert_uint_eq(fread(octets, 1, sizeof(octets), file), film.length);
	ck_assert_mem_eq(octets + 24, film.octets + 24, film.length - 24);
	fclose(file);
	duo_free(duo);
}
END_TEST

UNIT_MAIN("twin", test_cannot_be_written, test_twin, test_as_it_was)
