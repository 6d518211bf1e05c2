/* SPDX-License-Identifier: ISC */
/*
 * test_pair_deletes.c - Deletes of pairs of IPsec SAs, beside and before those of the SA that they come under.
 */
#include <stdio.h>
#include <string.h>

#include "tests/support/forge.h"
#include "tests/support/phase_2.h"
#include "tests/support/unit.h"

static size_t pairs_of(struct duo *duo, enum duo_node node)
{
	struct ike_ipsec_sa sa;

	return duo_pairs(duo, node, &sa);
}

static enum ike_verdict inform(struct duo *duo, uint8_t first, const char *payloads)
{
	uint8_t raw[512];
	struct forge forge;

	forge_from(&forge, duo, DUO_A);
	forge_raw(&forge, first, octets_of(raw, phase_2_hex(payloads, raw, sizeof(raw))));
	return forge_inject(&forge, duo, DUO_B);
}

/* In any order, of the pair and of the SA that says so, twice, and with something about the pair that is gone behind it. */
START_TEST(cve_2023_38712_deletes_of_pairs)
{
	/* E: the pair, I: the SA, N: a shorter life of the pair */
	static const char *const orders[] = {"E",  "EE",  "EI",  "IE",  "EN",
					     "NE", "ENE", "EIN", "IEN", "EEI"};

	for (size_t i = 0; i < sizeof(orders) / sizeof(orders[0]); i++) {
		struct duo *duo = phase_2_established((uint8_t)(120 + i), "aes128-sha1");
		const struct ike_sa *sa = phase_2_sa(duo, DUO_B);
		struct ike_ipsec_sa pair;
		char text[512], cookies[2 * IKE_COOKIE_LENGTH * 2 + 1];
		size_t at = 0, length = strlen(orders[i]);

		ck_assert_uint_eq(duo_pairs(duo, DUO_B, &pair), 1);
		for (size_t j = 0; j < 2 * IKE_COOKIE_LENGTH; j++)
			snprintf(cookies + 2 * j, 3, "%02x",
				 j < IKE_COOKIE_LENGTH ? sa->cky_i[j]
						       : sa->cky_r[j - IKE_COOKIE_LENGTH]);
		for (size_t j = 0; j < length; j++) {
			const char *next = j + 1 == length           ? "00"
					   : orders[i][j + 1] == 'N' ? "0b"
								     : "0c";

			if (orders[i][j] == 'E')
				at += (size_t)snprintf(text + at, sizeof(text) - at,
						       "%s00(00000001 03 04 0001 %08x)", next,
						       pair.spi_out);
			else if (orders[i][j] == 'I')
				at +=
				    (size_t)snprintf(text + at, sizeof(text) - at,
						     "%s00(00000001 01 10 0001 %s)", next, cookies);
			else
				at += (size_t)snprintf(
				    text + at, sizeof(text) - at,
				    "%s00(00000001 03 04 6000 %08x 80010001 8002003c)", next,
				    pair.spi_out);
		}
		(void)inform(duo, orders[i][0] == 'N' ? IKE_PAYLOAD_NOTIFY : IKE_PAYLOAD_DELETE,
			     text);
		/* nothing behind the SA's own end is read; a pair outlives its SA */
		ck_assert_uint_eq(pairs_of(duo, DUO_B), orders[i][0] == 'I');
		ck_assert_uint_eq(duo_established(duo, DUO_B), strchr(orders[i], 'I') == NULL);
		duo_run(duo, 10 * IKE_SECOND);
		duo_free(duo);
	}
}
END_TEST

/* A Delete that names a thousand SPIs, the one that is there among them: one pair goes, in time that can be spent. */
START_TEST(deletes_of_a_thousand_pairs)
{
	struct duo *duo = phase_2_established(130, "aes128-sha1");
	uint8_t raw[FORGE_RAW_MAX];
	struct wire_writer writer;
	struct ike_ipsec_sa pair;
	struct forge forge;

	ck_assert_uint_eq(duo_pairs(duo, DUO_B, &pair), 1);
	wire_write_to(&writer, raw, sizeof(raw));
	wire_write_u32(&writer, 12 + 4 * 800);
	wire_write_u32(&writer, IKE_DOI_IPSEC);
	wire_write_u32(&writer, 0x03040000 | 800);
	for (uint32_t i = 0; i < 800; i++)
		wire_write_u32(&writer, i == 700 ? pair.spi_out : i);
	forge_from(&forge, duo, DUO_A);
	forge_raw(&forge, IKE_PAYLOAD_DELETE, wire_written(&writer));
	ck_assert_int_eq(forge_inject(&forge, duo, DUO_B), IKE_ACCEPTED);
	ck_assert_uint_eq(pairs_of(duo, DUO_B), 0);
	duo_free(duo);
}
END_TEST

UNIT_MAIN("pair_deletes", cve_2023_38712_deletes_of_pairs, deletes_of_a_thousand_pairs)
