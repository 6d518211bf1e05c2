/* SPDX-License-Identifier: ISC */
/*
 * test_quick_mode_send.c - our messages of Quick Mode, octet for octet where they are not random.
 */
#include <stdio.h>
#include <string.h>

#include "tests/support/phase_2.h"
#include "tests/support/tap.h"
#include "tests/support/unit.h"

static void read_nth(const struct duo *duo, enum ike_message_kind kind, size_t n,
		     struct ike_message *message)
{
	tap_read(tap_plain(phase_2_nth(duo, kind, n)), message);
}

static void expect_types(const struct ike_message *message, const uint8_t *types, size_t count)
{
	ck_assert_uint_eq(message->payloads, count);
	for (size_t i = 0; i < count; i++)
		ck_assert_uint_eq(message->payload[i].type, types[i]);
}

START_TEST(test_without_a_group)
{
	static const uint8_t first[] = {IKE_PAYLOAD_HASH, IKE_PAYLOAD_SA, IKE_PAYLOAD_NONCE,
					IKE_PAYLOAD_ID, IKE_PAYLOAD_ID};
	struct duo *duo = phase_2_established(1, "aes128-sha1 3des-md5");
	struct ike_message one, two, three;
	struct octets sa;
	char hex[256];
	struct ike_ipsec_sa a;

	ck_assert_uint_eq(duo_pairs(duo, DUO_A, &a), 1);
	read_nth(duo, IKE_QM1, 0, &one);
	expect_types(&one, first, 5);
	ck_assert_uint_eq(one.header.flags,
			  0); /* the twin's: encryption taken off, and no commit bit */
	ck_assert_uint_eq(phase_2_nth(duo, IKE_QM1, 0)->data[IKE_HEADER_FLAGS_AT],
			  IKE_FLAG_ENCRYPTION);
	snprintf(hex, sizeof(hex),
		 "00000001 00000001 00000048 01 03 04 02 %08x"
		 "03000020 01 0c 0000 80040001 80010001 0002000400000e10 80050002 80060080"
		 "0000001c 02 03 0000 80040001 80010001 0002000400000e10 80050001",
		 a.spi_in);
	unit_assert_hex(tap_body(&one, IKE_PAYLOAD_SA), hex);
	ck_assert_uint_eq(tap_body(&one, IKE_PAYLOAD_NONCE).length, 16);
	unit_assert_hex(one.payload[3].body, "04 00 0000 0a010000 ffff0000");
	unit_assert_hex(one.payload[4].body, "04 00 0000 0a020000 ffff0000");

	read_nth(duo, IKE_QM2, 0, &two);
	expect_types(&two, first, 5);
	ck_assert_uint_eq(two.header.message_id, one.header.message_id);
	sa = tap_body(&two, IKE_PAYLOAD_SA);
	snprintf(hex, sizeof(hex),
		 "00000001 00000001 0000002c 01 03 04 01 %08x"
		 "00000020 01 0c 0000 80040001 80010001 0002000400000e10 80050002 80060080",
		 a.spi_out);
	unit_assert_hex(sa, hex);
	unit_assert_hex(two.payload[3].body, "04 00 0000 0a010000 ffff0000");
	ck_assert_mem_ne(tap_body(&one, IKE_PAYLOAD_NONCE).data,
			 tap_body(&two, IKE_PAYLOAD_NONCE).data, 16);

	read_nth(duo, IKE_QM3, 0, &three);
	expect_types(&three, first, 1);
	duo_free(duo);
}
END_TEST

START_TEST(test_with_a_group)
{
	static const uint8_t types[] = {IKE_PAYLOAD_HASH, IKE_PAYLOAD_SA, IKE_PAYLOAD_NONCE,
					IKE_PAYLOAD_KE,   IKE_PAYLOAD_ID, IKE_PAYLOAD_ID};
	struct duo *duo = phase_2_established(2, "aes128-sha1-modp1024");
	struct ike_message message;

	for (enum ike_message_kind kind = IKE_QM1; kind <= IKE_QM2; kind++) {
		read_nth(duo, kind, 0, &message);
		expect_types(&message, types, 6);
		ck_assert_uint_eq(tap_body(&message, IKE_PAYLOAD_KE).length, 128);
		ck_assert_mem_eq(tap_body(&message, IKE_PAYLOAD_SA).data + 28, "\x80\x03\x00\x02",
				 4);
	}
	duo_free(duo);
}
END_TEST

/* RFC 2407 section 4.6.3.1: about the SA that the responder receives with. */
START_TEST(test_shorter_life)
{
	struct duo *duo = duo_new(3);
	struct ike_message message;
	struct ike_ipsec_sa b;
	char hex[128];

	duo_tunnel(duo, "aes128-sha1");
	duo->peer[DUO_B].tunnel[0].lifetime = 600;
	duo_start(duo);
	duo_establish(duo);
	ck_assert_uint_eq(duo_pairs(duo, DUO_B, &b), 1);
	read_nth(duo, IKE_QM2, 0, &message);
	snprintf(hex, sizeof(hex), "00000001 03 04 6000 %08x 80010001 00020004 00000258", b.spi_in);
	unit_assert_hex(tap_body(&message, IKE_PAYLOAD_NOTIFY), hex);
	duo_free(duo);
}
END_TEST

/* The host itself, where the tunnel names nobody; kilobytes; another message ID every time. */
START_TEST(test_own_address)
{
	struct duo *duo = duo_new(4);
	struct ike_command anew = {.kind = IKE_COMMAND_TUNNEL};
	struct ike_message message;
	uint32_t message_id;

	duo_tunnel(duo, "aes128-sha1");
	for (enum duo_node node = DUO_A; node < DUO_NODES; node++) {
		struct ike_tunnel_settings *tunnel = &duo->peer[node].tunnel[0];

		memset(&tunnel->local, 0, sizeof(tunnel->local));
		memset(&tunnel->remote, 0, sizeof(tunnel->remote));
		tunnel->local.protocol = tunnel->remote.protocol = 17;
		tunnel->local.port = tunnel->remote.port = 1701;
		tunnel->transport = true;
		tunnel->kilobytes = 4096;
	}
	duo_start(duo);
	duo_establish(duo);
	duo_assert_pairs(duo, 1);
	read_nth(duo, IKE_QM1, 0, &message);
	unit_assert_hex(message.payload[3].body, "01 11 06a5 c0000201");
	unit_assert_hex(message.payload[4].body, "01 11 06a5 c0000202");
	message_id = message.header.message_id;
	ck_assert_mem_eq(tap_body(&message, IKE_PAYLOAD_SA).data + 44,
			 "\x80\x01\x00\x02\x00\x02\x00\x04\x00\x00\x10\x00", 12);
	ck_assert(ike_command(duo->core[DUO_A], duo->now, &anew));
	duo_run(duo, IKE_SECOND);
	read_nth(duo, IKE_QM1, 1, &message);
	ck_assert_uint_ne(message.header.message_id, message_id);
	duo_free(duo);
}
END_TEST

/* Transport mode behind a NAT, in both forms: A calls itself what nobody else does, and both agree all the same. */
START_TEST(test_behind_a_nat)
{
	for (int draft = 0; draft <= 1; draft++) {
		struct duo *duo = duo_new((uint8_t)(5 + draft));
		struct ike_command begin = {.kind = IKE_COMMAND_TUNNEL};
		struct ike_message message;
		struct ike_ipsec_sa a, b;

		duo_tunnel(duo, "aes128-sha1");
		for (enum duo_node node = DUO_A; node < DUO_NODES; node++) {
			struct ike_tunnel_settings *tunnel = &duo->peer[node].tunnel[0];

			memset(&tunnel->local, 0, sizeof(tunnel->local));
			memset(&tunnel->remote, 0, sizeof(tunnel->remote));
			tunnel->local.protocol = tunnel->remote.protocol = 17;
			tunnel->transport = tunnel->wait = true;
		}
		duo_start(duo);
		duo_establish(duo);
		for (enum duo_node node = DUO_A; node < DUO_NODES; node++) {
			struct ike_sa *sa = phase_2_sa(duo, node);
			struct ike_address own;

			sa->encapsulated = true;
			sa->nat_t_draft = draft != 0;
			if (node == DUO_B)
				continue;
			own = *sa_local(duo->core[node], sa);
			own.octets[0] = 10; /* 10.0.2.1, and B sees 192.0.2.1 */
			sa_set_local(duo->core[node], sa, &own);
		}
		ck_assert(ike_command(duo->core[DUO_A], duo->now, &begin));
		duo_run(duo, IKE_SECOND);
		ck_assert_uint_eq(duo_pairs(duo, DUO_A, &a), 1);
		ck_assert_uint_eq(duo_pairs(duo, DUO_B, &b), 1);
		ck_assert(a.encapsulated && b.encapsulated);
		ck_assert_uint_eq(b.remote.port,
				  500); /* the Phase 1 SA's, which has not floated here */
		ck_assert_uint_eq(b.inside_remote.prefix.address.octets[0], 192);
		ck_assert_uint_eq(b.inside_remote.protocol, 17);
		read_nth(duo, IKE_QM1, 0, &message);
		unit_assert_hex(message.payload[3].body, "01 11 0000 0a000201");
		ck_assert_mem_eq(tap_body(&message, IKE_PAYLOAD_SA).data + 28,
				 draft ? "\x80\x04\xf0\x04" : "\x80\x04\x00\x04", 4);
		if (draft) {
			unit_assert_hex(tap_body(&message, IKE_PAYLOAD_NAT_OA_DRAFT),
					"01 000000 0a000201");
			duo_free(duo);
			continue;
		}
		unit_assert_hex(message.payload[5].body, "01 000000 0a000201");
		unit_assert_hex(message.payload[6].body, "01 000000 c0000202");
		read_nth(duo, IKE_QM2, 0, &message);
		unit_assert_hex(message.payload[5].body, "01 000000 c0000201");
		unit_assert_hex(message.payload[6].body, "01 000000 c0000202");
		duo_free(duo);
	}
}
END_TEST

UNIT_MAIN("quick_mode_send", test_behind_a_nat, test_without_a_group, test_with_a_group,
	  test_shorter_life, test_own_address)
