/* SPDX-License-Identifier: ISC */
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "interop/verb.h"
#include "tests/support/command.h"
#include "tests/support/film.h"
#include "tests/support/scratch.h"
#include "tests/support/unit.h"

static struct film film;

static void write_film(const char *name)
{
	FILE *file = fopen(scratch_path(name), "wbe");

	ck_assert_ptr_nonnull(file);
	ck_assert_uint_eq(fwrite(film.octets, 1, film.length, file), film.length);
	fclose(file);
}

static int decode(const char *rest)
{
	char line[1024];

	ck_assert_int_eq(chdir(scratch_directory()), 0);
	snprintf(line, sizeof(line), "decode %s", rest);
	return command_run(verb_decode, line);
}

/* A session in wire.pcap, its keys in ikev1.keys. */
static void session(void)
{
	struct duo *duo = duo_new(1);
	char line[KEY_LOG_LINE];
	struct key_row row;

	duo_start(duo);
	duo_establish(duo);
	film_key(duo, DUO_A, &row);
	ck_assert_uint_gt(key_log_line(&row, line, sizeof(line)), 0);
	scratch_file(KEY_LOG, 0600, line);
	film_duo(&film, duo);
	write_film("wire.pcap");
	duo_free(duo);
}

START_TEST(test_command_line)
{
	static const char *const bad[] = {
	    "",
	    "wire.pcap other.pcap",
	    "wire.pcap --nonsense",
	    "wire.pcap --port 0",
	    "wire.pcap --port 70000",
	    "wire.pcap --port x",
	    "wire.pcap --twin wire.pcap",
	    "wire.pcap --twin ./wire.pcap",
	    "wire.pcap --keys ikev1.keys --twin ikev1.keys",
	};
	char many[256] = "wire.pcap";
	size_t length = strlen(many);

	session();
	for (int i = 0; i < 18; i++)
		length += (size_t)snprintf(many + length, sizeof(many) - length, " -p 700");
	ck_assert_int_eq(decode(many), 2);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		ck_assert_msg(decode(bad[i]) == 2, "%s", bad[i]);
		ck_assert_str_eq(command_out(), "");
	}
	ck_assert_int_eq(decode("wire.pcap"), 0); /* it is still there */
	ck_assert_int_eq(decode("--help"), 0);
	ck_assert_ptr_nonnull(strstr(command_out(), "usage: ruthere decode [options] CAPTURE"));
}
END_TEST

START_TEST(test_files)
{
	session();
	ck_assert_int_eq(decode("none.pcap"), 1);
	ck_assert_ptr_nonnull(strstr(command_err(), "none.pcap"));
	ck_assert_int_eq(decode("ikev1.keys"), 1);
	ck_assert_int_eq(decode("wire.pcap --keys none"), 1);
	ck_assert_int_eq(decode("wire.pcap --keys wire.pcap"), 1);
	ck_assert_ptr_nonnull(strstr(command_err(), "wire.pcap:1: "));
	ck_assert_int_eq(decode("wire.pcap --twin none/twin.pcap"), 1);
	/* what can be read is told, and then that it could not all be */
	film.length -= 5;
	write_film("cut.pcap");
	ck_assert_int_eq(decode("cut.pcap"), 1);
	ck_assert_ptr_nonnull(strstr(command_out(), "MM1"));
	ck_assert_ptr_nonnull(strstr(command_err(), "cut.pcap: after packet"));
}
END_TEST

START_TEST(test_read)
{
	session();
	ck_assert_int_eq(decode("wire.pcap --keys ikev1.keys --strict"), 0);
	ck_assert_ptr_nonnull(strstr(command_out(), "HASH(1) verified"));
	ck_assert_ptr_nonnull(strstr(command_out(), "; anomalies in 0\n"));
	ck_assert_int_eq(decode("wire.pcap --keys . --tree --twin plain.pcap"), 0);
	ck_assert_ptr_nonnull(strstr(command_out(), "exchange type: MAIN (2)"));
	/* the twin needs no keys */
	ck_assert_int_eq(decode("plain.pcap"), 0);
	ck_assert_ptr_nonnull(strstr(command_out(), "MAIN [ ID("));
	ck_assert_int_eq(decode("wire.pcap --json"), 0);
	ck_assert_int_eq(strncmp(command_out(), "{\"packet\":1,", 12), 0);
	ck_assert_ptr_nonnull(strstr(command_out(), "\n{\"summary\":{"));
}
END_TEST

START_TEST(test_strict)
{
	static const struct ike_address a = {.octets = {192, 0, 2, 1}, .port = 500, .family = 4},
					b = {.octets = {192, 0, 2, 1}, .port = 4500, .family = 4};

	film_start(&film, FILM_RAW);
	film_datagram(&film, 0, &b, &b, octets_of("\xff", 1));
	write_film("good.pcap");
	film_datagram(&film, 0, &a, &a, octets_of("x", 1));
	write_film("bad.pcap");
	ck_assert_int_eq(decode("good.pcap --strict"), 0);
	ck_assert_ptr_null(strstr(command_out(), "-- NAT keepalive"));
	ck_assert_int_eq(decode("good.pcap --all"), 0);
	ck_assert_ptr_nonnull(strstr(command_out(), "-- NAT keepalive"));
	ck_assert_int_eq(decode("bad.pcap"), 0);
	ck_assert_int_eq(decode("bad.pcap --strict"), 1);
}
END_TEST

UNIT_MAIN("verb_decode", test_command_line, test_files, test_read, test_strict)
