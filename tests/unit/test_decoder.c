/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "interop/decode/decoder.h"
#include "tests/support/film.h"
#include "tests/support/forge.h"
#include "tests/support/signers.h"
#include "tests/support/unit.h"

static struct film film;
static struct film_look look;

static struct duo *established(uint8_t seed)
{
	struct duo *duo = duo_new(seed);

	duo_start(duo);
	duo_establish(duo);
	return duo;
}

static struct key_log *keys_of(const struct duo *duo, enum duo_node node)
{
	struct key_log *log = key_log_new();
	struct key_row row;

	ck_assert_ptr_nonnull(log);
	film_key(duo, node, &row);
	ck_assert(key_log_add(log, &row));
	return log;
}

static const struct ike_address a = {.octets = {192, 0, 2, 1}, .port = 500, .family = 4},
				b = {.octets = {192, 0, 2, 2}, .port = 500, .family = 4};

/* A message of the forge's, as from A, at the end of the film. */
static void add_forged(struct forge *forge, bool clear)
{
	uint8_t octets[4096];
	size_t length = clear ? forge_clear(forge, octets, sizeof(octets))
			      : forge_protected(forge, octets, sizeof(octets));

	film_datagram(&film, 100 * IKE_SECOND, &a, &b, octets_of(octets, length));
}

static const struct film_line *last_line(const struct duo *duo)
{
	struct key_log *log = keys_of(duo, DUO_A);

	film_look(&film, log, 0, &look);
	key_log_free(log);
	ck_assert_uint_gt(look.lines, 0);
	return &look.line[look.lines - 1];
}

START_TEST(test_not_ike)
{
	static const struct {
		const char *hex;
		uint16_t port;
		enum told_what what;
		enum ike_verdict verdict;
	} datagrams[] = {
	    {"ff", 4500, TOLD_KEEPALIVE, IKE_ACCEPTED},
	    {"ff", 500, TOLD_MESSAGE, IKE_TOO_SHORT},
	    {"0102", 4500, TOLD_NONSENSE, IKE_ACCEPTED},
	    {"00000000 0102", 4500, TOLD_MESSAGE, IKE_TOO_SHORT},
	    {"c0ffee01 00000007 aaaa", 4500, TOLD_ESP, IKE_ACCEPTED},
	    {"1111111111111111 2222222222222222 21 20 22 08 00000000 0000001c", 500, TOLD_MESSAGE,
	     IKE_BAD_MAJOR_VERSION},
	    {"1111111111111111 2222222222222222 21 20 22 08 00000000 0000001c", 15500, TOLD_MESSAGE,
	     IKE_BAD_MAJOR_VERSION},
	    {"c0ffee01 00000007 aaaa", 15500, TOLD_ESP, IKE_ACCEPTED},
	    {"1111111111111111 2222222222222222 00 10 09 00 00000001 0000001c", 500, TOLD_MESSAGE,
	     IKE_BAD_EXCHANGE_TYPE},
	    {"1111111111111111 2222222222222222 0a 10 05 00 00000001 0000001d 00000000", 500,
	     TOLD_MESSAGE, IKE_UNEQUAL_LENGTHS},
	};
	struct ike_address from = a, to = b;
	uint8_t octets[256];
	size_t length;

	for (size_t i = 0; i < sizeof(datagrams) / sizeof(datagrams[0]); i++) {
		length = unit_hex(datagrams[i].hex, octets, sizeof(octets));

		from.port = to.port = datagrams[i].port;
		film_start(&film, FILM_RAW);
		film_datagram(&film, 0, &from, &to, octets_of(octets, length));
		film_look(&film, NULL, 15500, &look);
		ck_assert_uint_eq(look.lines, 1);
		ck_assert_int_eq(look.line[0].what, datagrams[i].what);
		ck_assert_msg(datagrams[i].verdict == IKE_ACCEPTED
				  ? look.line[0].anomalies == 0
				  : film_line_has(&look.line[0], datagrams[i].verdict),
			      "%s: %s", datagrams[i].hex, look.line[0].text);
	}
	from.port = to.port = 53;
	film_start(&film, FILM_RAW);
	film_datagram(&film, 0, &from, &to, octets_of("x", 1));
	film_look(&film, NULL, 0, &look);
	ck_assert_uint_eq(look.lines, 0);
	ck_assert_uint_eq(look.counts.other, 1);
	ck_assert_uint_eq(look.counts.elsewhere, 0);
	length =
	    unit_hex("00000000 1111111111111111 2222222222222222 00 10 05 00 00000001 0000001c",
		     octets, sizeof(octets));
	film_datagram(&film, 0, &from, &to, octets_of(octets, length));
	film_look(&film, NULL, 0, &look);
	ck_assert_uint_eq(look.counts.elsewhere, 1);
	ck_assert_uint_eq(look.counts.elsewhere_port, 53);
}
END_TEST

START_TEST(test_without_keys)
{
	struct duo *duo = established(1);

	film_duo(&film, duo);
	film_look(&film, NULL, 0, &look);
	ck_assert_uint_eq(look.counts.decrypted, 0);
	ck_assert_uint_eq(look.counts.anomalies, 0);
	ck_assert_str_eq(look.line[4].reason, "no keys were given (--keys)");
	ck_assert_str_eq(look.line[0].kind, "MM1");
	ck_assert_str_eq(look.line[3].kind, "MM4");
	duo_free(duo);
}
END_TEST

/* Every plaintext is the sender's twin, octet for octet but for the flag and the length of the padded message. */
static void check_twins(const struct duo *duo)
{
	ck_assert_uint_eq(look.lines, duo->datagrams);
	for (size_t i = 0; i < duo->datagrams; i++) {
		const struct duo_datagram *datagram = &duo->datagram[i];
		const struct film_line *line = &look.line[i];

		ck_assert_msg(line->anomalies == 0, "%s: %s", line->text,
			      ike_verdict_name(line->verdict[0]));
		if (datagram->plain_length == 0)
			continue;
		ck_assert_msg(line->decrypted && !line->partial, "%s: %s", line->text,
			      line->reason);
		ck_assert_uint_eq(line->plain_length, datagram->plain_length);
		ck_assert_mem_eq(line->plain + IKE_HEADER_LENGTH,
				 datagram->plain + IKE_HEADER_LENGTH,
				 datagram->plain_length - IKE_HEADER_LENGTH);
	}
}

/* Main Mode, Quick Mode with forward secrecy, R-U-THEREs, Deletes: all of it, with every HASH. */
START_TEST(test_session)
{
	struct duo *duo = duo_new(2);
	struct key_log *log;
	size_t quick = 0;

	duo_tunnel(duo, "aes128-sha1-modp1024");
	duo_start(duo);
	duo_establish(duo);
	duo_run(duo, 60 * IKE_SECOND);
	log = keys_of(duo, DUO_B);
	film_duo(&film, duo);
	film_look(&film, log, 0, &look);
	check_twins(duo);
	for (size_t i = 0; i < look.lines; i++) {
		const struct film_line *line = &look.line[i];

		if (strncmp(line->kind, "QM", 2) == 0)
			quick++;
		if (strncmp(line->kind, "QM", 2) == 0 || strcmp(line->kind, "INFO*") == 0)
			ck_assert_int_eq(line->hash, TOLD_HASH_RIGHT);
	}
	ck_assert_uint_eq(quick, 3);
	ck_assert_uint_eq(look.counts.sas, 1);
	ck_assert_uint_eq(look.counts.hashes_wrong, 0);
	key_log_free(log);
	duo_free(duo);
}
END_TEST

/* In three messages, the last of them encrypted. */
START_TEST(test_aggressive)
{
	struct duo *duo = duo_new(7);
	struct key_log *log;

	duo->peer[DUO_A].aggressive = duo->peer[DUO_B].aggressive = true;
	duo_start(duo);
	duo_establish(duo);
	duo_run(duo, 30 * IKE_SECOND);
	log = keys_of(duo, DUO_A);
	film_duo(&film, duo);
	film_look(&film, log, 0, &look);
	check_twins(duo);
	ck_assert_str_eq(look.line[0].kind, "AM1");
	ck_assert_str_eq(look.line[1].kind, "AM2");
	ck_assert_str_eq(look.line[2].kind, "AM3");
	ck_assert_int_eq(look.line[1].from, TOLD_RESPONDER);
	key_log_free(log);
	duo_free(duo);
}
END_TEST

/* Certificates: MM5 and MM6 in fragments of IKE, then the same once more, and again under other numbers. */
START_TEST(test_fragments)
{
	struct signers signers;
	struct duo *duo = signers_duo(&signers, 8, IKE_AUTHENTICATION_RSA_SIGNATURE);
	const struct film_line *whole[4];
	struct key_log *log;
	size_t wholes = 0;

	duo_start(duo);
	duo_establish(duo);
	log = keys_of(duo, DUO_A);
	film_start(&film, FILM_RAW);
	for (size_t i = 0; i < duo->datagrams; i++) {
		struct octets message = octets_of(duo->datagram[i].data, duo->datagram[i].length);
		struct ike_address from, to;

		film_duo_ends(duo, i, &from, &to);
		for (uint16_t times = 0; times < 3 && (i == 4 || i == 5); times++)
			film_fragments(&film, 0, &from, &to, message, (uint16_t)(times / 2 + i),
				       200);
		if (i != 4 && i != 5)
			film_duo_datagram(&film, duo, i);
	}
	film_look(&film, log, 0, &look);
	for (size_t i = 0; i < look.lines; i++)
		if (look.line[i].fragments > 0)
			whole[wholes++ % 4] = &look.line[i];
	ck_assert_uint_eq(wholes, 4);
	ck_assert_str_eq(whole[0]->kind, "MM5/SIG");
	ck_assert_str_eq(whole[2]->kind, "MM6/SIG");
	ck_assert_uint_ge(whole[0]->fragments, 2);
	ck_assert_uint_eq(whole[0]->repeats, 0);
	ck_assert_uint_eq(whole[1]->repeats, whole[0]->packet);
	ck_assert_uint_eq(look.counts.decrypted, look.counts.encrypted);
	ck_assert_uint_eq(look.counts.partial, 0);
	ck_assert_uint_eq(look.counts.anomalies, 0);
	key_log_free(log);
	signers_free(&signers, duo);
}
END_TEST

/* What somebody sends who has the keys, and does it wrong. */
START_TEST(test_wrong_under_keys)
{
	struct duo *duo = established(3);
	struct forge forge;

	film_duo(&film, duo);
	forge_from(&forge, duo, DUO_A);
	forge_r_u_there(&forge, 1000);
	forge.covered = 4;
	add_forged(&forge, false);
	ck_assert(film_line_has(last_line(duo), IKE_BAD_HASH));

	film_duo(&film, duo);
	forge_from(&forge, duo, DUO_A);
	forge_r_u_there(&forge, 1000);
	forge.bare = true;
	add_forged(&forge, false);
	ck_assert(film_line_has(last_line(duo), IKE_PAYLOAD_MISSING));

	film_duo(&film, duo);
	forge_from(&forge, duo, DUO_A);
	memset(forge.named_cky_r, 7, IKE_COOKIE_LENGTH);
	forge_r_u_there(&forge, 1000);
	add_forged(&forge, false);
	ck_assert(film_line_has(last_line(duo), IKE_KEEPALIVE_WRONG_COOKIES));

	film_duo(&film, duo);
	forge_from(&forge, duo, DUO_A);
	forge_raw_hex(&forge, 11, "00 01 0010 00000001 01 00 6002 00000000");
	add_forged(&forge, false);
	ck_assert(film_line_has(last_line(duo), IKE_RESERVED_NOT_ZERO));
	ck_assert(look.line[look.lines - 1].decrypted);

	film_duo(&film, duo);
	forge_from(&forge, duo, DUO_A);
	forge_r_u_there(&forge, 1000);
	add_forged(&forge, false);
	forge.bodies = 0;
	forge_r_u_there(&forge, 1001); /* under the same message ID */
	add_forged(&forge, false);
	ck_assert(film_line_has(last_line(duo), IKE_REUSED_MESSAGE_ID));
	duo_free(duo);
}
END_TEST

START_TEST(test_wrong_without_keys)
{
	struct duo *duo = established(4);
	struct forge forge;
	uint8_t octets[4096];
	size_t length;

	film_duo(&film, duo);
	forge_from(&forge, duo, DUO_A);
	forge_delete(&forge);
	add_forged(&forge, true);
	ck_assert(film_line_has(last_line(duo), IKE_UNPROTECTED));

	film_duo(&film, duo);
	forge_from(&forge, duo, DUO_A);
	forge_notify(&forge, IKE_NOTIFY_NO_PROPOSAL_CHOSEN);
	add_forged(&forge, true);
	ck_assert(film_line_has(last_line(duo), IKE_UNPROTECTED));

	film_duo(&film, duo);
	forge_from(&forge, duo, DUO_A);
	forge_notify(&forge, IKE_NOTIFY_INVALID_COOKIE);
	add_forged(&forge, true);
	ck_assert_uint_eq(last_line(duo)->anomalies, 0);
	ck_assert_str_eq(look.line[look.lines - 1].note, "in the clear: a hint at most");

	film_duo(&film, duo);
	forge_from(&forge, duo, DUO_A);
	memset(forge.cky_r, 7, IKE_COOKIE_LENGTH);
	forge_r_u_there(&forge, 1);
	add_forged(&forge, false);
	ck_assert(film_line_has(last_line(duo), IKE_UNKNOWN_COOKIES));

	/* damaged on its way, from elsewhere */
	film_duo(&film, duo);
	forge_from(&forge, duo, DUO_A);
	forge_r_u_there(&forge, 1);
	length = forge_protected(&forge, octets, sizeof(octets));
	octets[40] ^= 1;
	{
		struct ike_address elsewhere = a;

		elsewhere.octets[3] = 77;
		film_datagram(&film, 0, &elsewhere, &b, octets_of(octets, length));
	}
	ck_assert(film_line_has(last_line(duo), IKE_UNREADABLE));
	ck_assert(film_line_has(&look.line[look.lines - 1], IKE_OTHER_ADDRESS));
	duo_free(duo);
}
END_TEST

START_TEST(test_repeated_and_reflected)
{
	struct duo *duo = established(5);
	const struct duo_datagram *last;
	size_t before;

	duo_run(duo, 30 * IKE_SECOND);
	film_duo(&film, duo);
	before = film.packets;
	last = &duo->datagram[duo->datagrams - 1];
	film_duo_datagram(&film, duo, duo->datagrams - 1);
	film_duo_datagram(&film, duo, 0);
	film_duo_datagram(&film, duo, 4);
	/* and back to who said it */
	film_datagram(&film, 0, last->to == DUO_A ? &a : &b, last->to == DUO_A ? &b : &a,
		      octets_of(last->data, last->length));
	ck_assert(film_line_has(last_line(duo), IKE_REFLECTED));
	ck_assert_uint_eq(look.counts.sas, 1);
	ck_assert_uint_eq(look.line[before].repeats, before);
	ck_assert(look.line[before].decrypted);
	ck_assert_uint_eq(look.line[before].anomalies, 0);
	ck_assert_uint_eq(look.line[before + 1].repeats, 1);
	ck_assert_uint_eq(look.line[before + 2].repeats, 5);
	ck_assert(look.line[before + 2].decrypted);
	duo_free(duo);
}
END_TEST

/* Both sides of a conversation that begins anew: other cookies, other keys, all read. */
START_TEST(test_several_sas)
{
	struct duo *duo = established(6);
	struct key_log *log = keys_of(duo, DUO_A);
	struct key_row row;

	duo_reboot(duo, DUO_B);
	duo_run(duo, 120 * IKE_SECOND);
	film_key(duo, DUO_A, &row);
	ck_assert(key_log_add(log, &row));
	film_duo(&film, duo);
	film_look(&film, log, 0, &look);
	ck_assert_uint_ge(look.counts.sas, 2);
	ck_assert_uint_gt(look.counts.encrypted, 10);
	for (size_t i = 0; i < look.lines; i++)
		if (look.line[i].sa == 1 || look.line[i].sa == look.counts.sas)
			ck_assert_msg(look.line[i].reason[0] == '\0', "%s: %s", look.line[i].text,
				      look.line[i].reason);
	key_log_free(log);
	duo_free(duo);
}
END_TEST

UNIT_MAIN("decoder", test_not_ike, test_without_keys, test_session, test_aggressive, test_fragments,
	  test_wrong_under_keys, test_wrong_without_keys, test_repeated_and_reflected,
	  test_several_sas)
