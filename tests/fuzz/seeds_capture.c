/* SPDX-License-Identifier: ISC */
/* Captures with their keys: a session of ours, whole and from its middle, in both forms of keys; fragments; links. */
#include <stdio.h>
#include <string.h>

#include "crypto/secret.h"
#include "tests/fuzz/seeds.h"
#include "tests/support/film.h"
#include "tests/support/unit.h"

static struct film film;

static void sow_film(struct sower *sower, const char *name, const char *keys)
{
	sow_begin(sower);
	wire_write_u16(&sower->writer, (uint16_t)strlen(keys));
	wire_write_octets(&sower->writer, octets_of(keys, strlen(keys)));
	wire_write_octets(&sower->writer, octets_of(film.octets, film.length));
	sow(sower, name);
}

/* The cheapest group; a Quick Mode; one R-U-THERE. */
static struct duo *session(void)
{
	struct duo *duo = duo_new(1);

	duo_propose(duo, DUO_A, "aes128-sha1-x25519");
	duo_propose(duo, DUO_B, "aes128-sha1-x25519");
	duo_tunnel(duo, "aes128-sha1");
	duo_start(duo);
	duo_establish(duo);
	duo_run(duo, 20 * IKE_SECOND);
	return duo;
}

static void film_from(const struct duo *duo, size_t first)
{
	film_start(&film, FILM_RAW);
	for (size_t i = first; i < duo->datagrams && i < first + 14; i++)
		film_duo_datagram(&film, duo, i);
}

/* A NAT keepalive and ESP in UDP on Ethernet with a VLAN, and half of an IP datagram. */
static void film_ethernet(void)
{
	uint8_t octets[256];
	size_t length;

	film_start(&film, 1);
	length = unit_hex("001122334455 66778899aabb 8100 0007 0800"
			  "4500001d00000000401100000a0000010a000002 1194 1194 0009 0000 ff",
			  octets, sizeof(octets));
	film_frame(&film, 0, octets_of(octets, length));
	length = unit_hex("001122334455 66778899aabb 86dd 60000000 0010 11 40"
			  "fd000100000000000000000000000000 fd000200000000000000000000000000"
			  "1194 1194 0010 0000 c0ffee01 00000001",
			  octets, sizeof(octets));
	film_frame(&film, 0, octets_of(octets, length));
	length = unit_hex(
	    "001122334455 66778899aabb 0800"
	    "4500002400012000401100000a0000010a000002 01f4 01f4 0018 0000 0102030405060708",
	    octets, sizeof(octets));
	film_frame(&film, 0, octets_of(octets, length));
}

void seeds_capture(struct sower *sower)
{
	struct ike_address from, to;
	struct duo *duo;
	char own[KEY_LOG_LINE], wireshark[80];
	struct key_row row;
	int length;

	FUZZ_REQUIRE(secret_init());
	duo = session();
	film_key(duo, DUO_A, &row);
	FUZZ_REQUIRE(key_log_line(&row, own, sizeof(own)) > 0);
	length = snprintf(wireshark, sizeof(wireshark), "%.16s,", own + 6);
	for (size_t i = 0; i < row.keys.key_length; i++)
		length += snprintf(wireshark + length, sizeof(wireshark) - (size_t)length, "%02x",
				   row.keys.key[i]);
	film_from(duo, 0);
	sow_film(sower, "session", own);
	sow_film(sower, "session-wireshark", wireshark);
	sow_film(sower, "session-no-keys", "# none\n");
	film_from(duo, 6);
	sow_film(sower, "later", own);
	sow_film(sower, "later-wireshark", wireshark);
	film_duo_ends(duo, 1, &from, &to);
	film_start(&film, FILM_RAW);
	film_fragments(&film, 0, &from, &to,
		       octets_of(duo->datagram[1].data, duo->datagram[1].length), 1, 100);
	sow_film(sower, "fragments", own);
	film_ethernet();
	sow_film(sower, "ethernet", "");
	duo_free(duo);
}
