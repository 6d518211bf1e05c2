/* SPDX-License-Identifier: ISC */
#include <stdarg.h>
#include <string.h>

#include "ike/exchange.h"
#include "tests/support/unit.h"

#define END 256 /* no payload type */

/* A message of empty payloads of these types, checked against a row. */
static enum ike_verdict check(enum ike_message_kind kind, unsigned flags, ...)
{
	struct ike_message message;
	va_list types;

	memset(&message, 0, sizeof(message));
	message.header.flags = (uint8_t)flags;
	va_start(types, flags);
	for (int type = va_arg(types, int); type != END; type = va_arg(types, int))
		message.payload[message.payloads++].type = (uint8_t)type;
	va_end(types);
	return ike_message_check(kind, &message);
}

static bool is_encrypted(enum ike_message_kind kind)
{
	return strncmp(ike_message_kind_notation(kind), "HDR*", 4) == 0;
}

#define CLEAR 0
#define STAR  IKE_FLAG_ENCRYPTION
#define SA    IKE_PAYLOAD_SA
#define KE    IKE_PAYLOAD_KE
#define NONCE IKE_PAYLOAD_NONCE
#define ID    IKE_PAYLOAD_ID
#define HASH  IKE_PAYLOAD_HASH
#define N     IKE_PAYLOAD_NOTIFY
#define D     IKE_PAYLOAD_DELETE
#define VID   IKE_PAYLOAD_VENDOR_ID
#define CERT  IKE_PAYLOAD_CERT
#define CR    IKE_PAYLOAD_CR
#define SIG   IKE_PAYLOAD_SIG

START_TEST(test_encryption)
{
	ck_assert_int_eq(check(IKE_MM1, STAR, SA, END), IKE_BAD_FLAGS);
	ck_assert_int_eq(check(IKE_MM4, STAR, KE, NONCE, END), IKE_BAD_FLAGS);
	ck_assert_int_eq(check(IKE_MM5, CLEAR, ID, HASH, END), IKE_UNPROTECTED);
	ck_assert_int_eq(check(IKE_MM6, CLEAR, ID, HASH, END), IKE_UNPROTECTED);
	ck_assert_int_eq(check(IKE_INFO_PROTECTED, CLEAR, HASH, N, END), IKE_UNPROTECTED);
	ck_assert_int_eq(check(IKE_INFO_CLEAR, STAR, N, END), IKE_BAD_FLAGS);
	/* the Commit bit is nobody's business here */
	ck_assert_int_eq(check(IKE_MM5, STAR | IKE_FLAG_COMMIT, ID, HASH, END), IKE_ACCEPTED);
}
END_TEST

START_TEST(test_missing)
{
	for (unsigned kind = 0; kind < IKE_MESSAGE_KINDS; kind++)
		ck_assert_int_eq(check(kind, is_encrypted(kind) ? STAR : CLEAR, END),
				 IKE_PAYLOAD_MISSING);
	ck_assert_int_eq(check(IKE_MM1, CLEAR, VID, END), IKE_PAYLOAD_MISSING);
	ck_assert_int_eq(check(IKE_MM3, CLEAR, KE, END), IKE_PAYLOAD_MISSING);
	ck_assert_int_eq(check(IKE_MM3, CLEAR, NONCE, END), IKE_PAYLOAD_MISSING);
	ck_assert_int_eq(check(IKE_MM5, STAR, ID, END), IKE_PAYLOAD_MISSING);
	ck_assert_int_eq(check(IKE_MM5, STAR, HASH, N, END), IKE_PAYLOAD_MISSING);
	ck_assert_int_eq(check(IKE_INFO_PROTECTED, STAR, HASH, END), IKE_PAYLOAD_MISSING);
	ck_assert_int_eq(check(IKE_INFO_PROTECTED, STAR, N, END), IKE_PAYLOAD_MISSING);
	ck_assert_int_eq(check(IKE_INFO_PROTECTED, STAR, D, N, END), IKE_PAYLOAD_MISSING);
	ck_assert_int_eq(check(IKE_INFO_CLEAR, CLEAR, 200, END), IKE_PAYLOAD_MISSING);
}
END_TEST

START_TEST(test_repeated)
{
	ck_assert_int_eq(check(IKE_MM1, CLEAR, SA, SA, END), IKE_PAYLOAD_REPEATED);
	ck_assert_int_eq(check(IKE_MM2, CLEAR, SA, VID, SA, END), IKE_PAYLOAD_REPEATED);
	ck_assert_int_eq(check(IKE_MM3, CLEAR, KE, NONCE, KE, END), IKE_PAYLOAD_REPEATED);
	ck_assert_int_eq(check(IKE_MM4, CLEAR, KE, NONCE, NONCE, END), IKE_PAYLOAD_REPEATED);
	ck_assert_int_eq(check(IKE_MM5, STAR, ID, ID, HASH, END), IKE_PAYLOAD_REPEATED);
	ck_assert_int_eq(check(IKE_MM6, STAR, ID, HASH, HASH, END), IKE_PAYLOAD_REPEATED);
	ck_assert_int_eq(check(IKE_INFO_PROTECTED, STAR, HASH, N, HASH, END), IKE_PAYLOAD_REPEATED);
}
END_TEST

START_TEST(test_unexpected)
{
	ck_assert_int_eq(check(IKE_MM1, CLEAR, SA, KE, END), IKE_PAYLOAD_UNEXPECTED);
	ck_assert_int_eq(check(IKE_MM1, CLEAR, SA, D, END), IKE_PAYLOAD_UNEXPECTED);
	ck_assert_int_eq(check(IKE_MM3, CLEAR, KE, NONCE, SA, END), IKE_PAYLOAD_UNEXPECTED);
	ck_assert_int_eq(check(IKE_MM5, STAR, ID, HASH, IKE_PAYLOAD_SIG, END),
			 IKE_PAYLOAD_UNEXPECTED);
	ck_assert_int_eq(check(IKE_MM5, STAR, ID, HASH, D, END), IKE_PAYLOAD_UNEXPECTED);
	/* a hash is no signature, and Aggressive Mode says who it is once */
	ck_assert_int_eq(check(IKE_MM5_SIGNED, STAR, ID, HASH, SIG, END), IKE_PAYLOAD_UNEXPECTED);
	ck_assert_int_eq(check(IKE_MM5_SIGNED, STAR, ID, CERT, END), IKE_PAYLOAD_MISSING);
	ck_assert_int_eq(check(IKE_AM2_SIGNED, CLEAR, SA, KE, NONCE, ID, HASH, END),
			 IKE_PAYLOAD_UNEXPECTED);
	ck_assert_int_eq(check(IKE_AM3, STAR, ID, HASH, END), IKE_PAYLOAD_UNEXPECTED);
	ck_assert_int_eq(check(IKE_AM3_SIGNED, STAR, CERT, SIG, SIG, END), IKE_PAYLOAD_REPEATED);
	ck_assert_int_eq(check(IKE_AM1, CLEAR, KE, SA, NONCE, ID, END), IKE_PAYLOAD_ORDER);
	ck_assert_int_eq(check(IKE_AM1, CLEAR, SA, KE, NONCE, END), IKE_PAYLOAD_MISSING);
	ck_assert_int_eq(check(IKE_INFO_CLEAR, CLEAR, N, HASH, END), IKE_PAYLOAD_UNEXPECTED);
	ck_assert_int_eq(check(IKE_INFO_PROTECTED, STAR, HASH, N, VID, END),
			 IKE_PAYLOAD_UNEXPECTED);
	/* parts of an SA payload on their own */
	ck_assert_int_eq(check(IKE_MM1, CLEAR, SA, IKE_PAYLOAD_PROPOSAL, END),
			 IKE_PAYLOAD_UNEXPECTED);
	ck_assert_int_eq(check(IKE_MM1, CLEAR, SA, IKE_PAYLOAD_ATTRIBUTES, END),
			 IKE_PAYLOAD_UNEXPECTED);
}
END_TEST

/* RFC 2408 section 5.3: what is not registered is refused, what is for private use means nothing to us. */
START_TEST(test_unknown)
{
	for (unsigned type = 14; type < 256; type++) {
		enum ike_verdict verdict = check(IKE_MM1, CLEAR, SA, (int)type, END);

		if (type >= 128 || type == IKE_PAYLOAD_NAT_D)
			ck_assert_int_eq(verdict, IKE_ACCEPTED);
		else if (type == IKE_PAYLOAD_ATTRIBUTES || type == IKE_PAYLOAD_NAT_OA)
			ck_assert_int_eq(verdict, IKE_PAYLOAD_UNEXPECTED);
		else
			ck_assert_int_eq(verdict, IKE_PAYLOAD_UNKNOWN);
	}
	ck_assert_int_eq(check(IKE_INFO_PROTECTED, STAR, HASH, 99, N, END), IKE_PAYLOAD_UNKNOWN);
}
END_TEST

/* R53 */
START_TEST(test_order)
{
	ck_assert_int_eq(check(IKE_MM1, CLEAR, VID, SA, END), IKE_PAYLOAD_ORDER);
	ck_assert_int_eq(check(IKE_MM2, CLEAR, 130, SA, END), IKE_PAYLOAD_ORDER);
	ck_assert_int_eq(check(IKE_INFO_PROTECTED, STAR, N, HASH, END), IKE_PAYLOAD_ORDER);
	ck_assert_int_eq(check(IKE_QM1, STAR, SA, HASH, NONCE, END), IKE_PAYLOAD_ORDER);
	/* SEQ_NO of the heartbeats draft: nothing before HASH(1) would be hashed */
	ck_assert_int_eq(check(IKE_INFO_PROTECTED, STAR, 217, HASH, N, END), IKE_PAYLOAD_ORDER);
}
END_TEST

START_TEST(test_what_peers_send)
{
	ck_assert_int_eq(check(IKE_MM1, CLEAR, SA, END), IKE_ACCEPTED);
	ck_assert_int_eq(check(IKE_MM1, CLEAR, SA, VID, VID, VID, VID, VID, VID, END),
			 IKE_ACCEPTED);
	ck_assert_int_eq(check(IKE_MM2, CLEAR, SA, VID, N, END), IKE_ACCEPTED);
	ck_assert_int_eq(check(IKE_MM3, CLEAR, KE, NONCE, 20, 20, END), IKE_ACCEPTED);
	ck_assert_int_eq(check(IKE_MM3, CLEAR, NONCE, KE, 130, 130, 130, VID, END), IKE_ACCEPTED);
	ck_assert_int_eq(check(IKE_MM4, CLEAR, KE, NONCE, IKE_PAYLOAD_CR, VID, 20, 20, END),
			 IKE_ACCEPTED);
	ck_assert_int_eq(check(IKE_MM5, STAR, ID, HASH, END), IKE_ACCEPTED);
	ck_assert_int_eq(check(IKE_MM5, STAR, ID, HASH, N, END), IKE_ACCEPTED);
	ck_assert_int_eq(check(IKE_MM5, STAR, HASH, N, ID, VID, N, END), IKE_ACCEPTED);
	ck_assert_int_eq(check(IKE_MM6, STAR, ID, HASH, VID, END), IKE_ACCEPTED);
	ck_assert_int_eq(check(IKE_MM5_SIGNED, STAR, ID, CERT, CERT, CR, SIG, N, END),
			 IKE_ACCEPTED);
	ck_assert_int_eq(check(IKE_MM6_SIGNED, STAR, ID, SIG, END), IKE_ACCEPTED);
	ck_assert_int_eq(check(IKE_AM1, CLEAR, SA, KE, NONCE, ID, VID, CR, END), IKE_ACCEPTED);
	ck_assert_int_eq(check(IKE_AM2, CLEAR, SA, KE, NONCE, ID, HASH, VID, 20, 20, END),
			 IKE_ACCEPTED);
	ck_assert_int_eq(check(IKE_AM2_SIGNED, CLEAR, SA, ID, KE, CERT, NONCE, SIG, END),
			 IKE_ACCEPTED);
	ck_assert_int_eq(check(IKE_AM3, STAR, HASH, N, 20, 20, END), IKE_ACCEPTED);
	ck_assert_int_eq(check(IKE_AM3, CLEAR, HASH, END), IKE_ACCEPTED);
	ck_assert_int_eq(check(IKE_AM3_SIGNED, STAR, CERT, SIG, END), IKE_ACCEPTED);
	ck_assert_int_eq(check(IKE_INFO_CLEAR, CLEAR, N, END), IKE_ACCEPTED);
	ck_assert_int_eq(check(IKE_INFO_CLEAR, CLEAR, D, END), IKE_ACCEPTED);
	ck_assert_int_eq(check(IKE_INFO_PROTECTED, STAR, HASH, N, END), IKE_ACCEPTED);
	ck_assert_int_eq(check(IKE_INFO_PROTECTED, STAR, HASH, D, END), IKE_ACCEPTED);
	ck_assert_int_eq(check(IKE_INFO_PROTECTED, STAR, HASH, D, N, D, 218, END), IKE_ACCEPTED);
	ck_assert_int_eq(check(IKE_QM1, STAR, HASH, SA, NONCE, END), IKE_ACCEPTED);
	ck_assert_int_eq(check(IKE_QM1, STAR, HASH, SA, NONCE, KE, ID, ID, END), IKE_ACCEPTED);
	ck_assert_int_eq(check(IKE_QM1, STAR, HASH, SA, SA, NONCE, ID, ID, N, 21, 21, END),
			 IKE_ACCEPTED);
	ck_assert_int_eq(check(IKE_QM2, STAR, HASH, SA, NONCE, KE, ID, ID, N, 131, END),
			 IKE_ACCEPTED);
	ck_assert_int_eq(check(IKE_QM3, STAR, HASH, END), IKE_ACCEPTED);
	ck_assert_int_eq(check(IKE_QM4, STAR, HASH, N, END), IKE_ACCEPTED);
}
END_TEST

START_TEST(test_quick_mode)
{
	for (enum ike_message_kind kind = IKE_QM1; kind <= IKE_QM2; kind++) {
		ck_assert_int_eq(check(kind, STAR, HASH, NONCE, END), IKE_PAYLOAD_MISSING);
		ck_assert_int_eq(check(kind, STAR, HASH, SA, END), IKE_PAYLOAD_MISSING);
		ck_assert_int_eq(check(kind, STAR, SA, NONCE, END), IKE_PAYLOAD_MISSING);
		ck_assert_int_eq(check(kind, STAR, HASH, HASH, SA, NONCE, END),
				 IKE_PAYLOAD_REPEATED);
		ck_assert_int_eq(check(kind, STAR, HASH, SA, NONCE, NONCE, END),
				 IKE_PAYLOAD_REPEATED);
		ck_assert_int_eq(check(kind, STAR, HASH, SA, NONCE, KE, KE, END),
				 IKE_PAYLOAD_REPEATED);
		ck_assert_int_eq(check(kind, STAR, HASH, SA, NONCE, ID, ID, ID, END),
				 IKE_PAYLOAD_REPEATED);
		ck_assert_int_eq(check(kind, STAR, HASH, SA, NONCE, D, END),
				 IKE_PAYLOAD_UNEXPECTED);
		ck_assert_int_eq(check(kind, CLEAR, HASH, SA, NONCE, END), IKE_UNPROTECTED);
	}
	ck_assert_int_eq(check(IKE_QM2, STAR, HASH, SA, SA, NONCE, END), IKE_PAYLOAD_REPEATED);
	ck_assert_int_eq(check(IKE_QM3, STAR, HASH, N, END), IKE_PAYLOAD_UNEXPECTED);
	ck_assert_int_eq(check(IKE_QM3, STAR, HASH, HASH, END), IKE_PAYLOAD_REPEATED);
	ck_assert_int_eq(check(IKE_QM4, STAR, HASH, END), IKE_PAYLOAD_MISSING);
}
END_TEST

START_TEST(test_names)
{
	ck_assert_str_eq(ike_message_kind_name(IKE_MM5), "MM5");
	ck_assert_str_eq(ike_message_kind_notation(IKE_MM5), "HDR*, IDii, HASH_I [, N]");
	for (unsigned kind = 0; kind < IKE_MESSAGE_KINDS; kind++) {
		bool star = is_encrypted(kind);
		enum ike_verdict wrong = check(kind, star ? CLEAR : STAR, END);

		if (kind == IKE_AM3 || kind == IKE_AM3_SIGNED) /* either */
			ck_assert_int_eq(wrong, IKE_PAYLOAD_MISSING);
		else
			ck_assert_int_eq(wrong, star ? IKE_UNPROTECTED : IKE_BAD_FLAGS);
		for (unsigned other = 0; other < kind; other++)
			ck_assert_str_ne(ike_message_kind_name(kind), ike_message_kind_name(other));
	}
}
END_TEST

START_TEST(test_phase_1)
{
	ck_assert(ike_exchange_is_phase_1(IKE_EXCHANGE_MAIN_MODE));
	ck_assert(ike_exchange_is_phase_1(IKE_EXCHANGE_AGGRESSIVE));
	ck_assert(!ike_exchange_is_phase_1(IKE_EXCHANGE_QUICK_MODE));
	ck_assert(!ike_exchange_is_phase_1(IKE_EXCHANGE_INFORMATIONAL));
	ck_assert(!ike_exchange_is_phase_1(0));
}
END_TEST

UNIT_MAIN("exchange", test_quick_mode, test_encryption, test_missing, test_repeated,
	  test_unexpected, test_unknown, test_order, test_what_peers_send, test_names, test_phase_1)
