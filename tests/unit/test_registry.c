/* SPDX-License-Identifier: ISC */
#include "ike/registry.h"
#include "tests/support/unit.h"

typedef const char *naming(unsigned number);

static naming *const all[] = {
    ike_exchange_name,
    ike_payload_name,
    ike_notify_name,
    ike_protocol_name,
    ike_id_name,
    ike_attribute_name,
    ike_encryption_name,
    ike_hash_name,
    ike_authentication_name,
    ike_group_name,
    ike_ipsec_attribute_name,
    ike_esp_transform_name,
    ike_esp_authentication_name,
    ike_encapsulation_name,
};

#define ALL (sizeof(all) / sizeof(all[0]))

START_TEST(test_unknown_numbers_have_no_name)
{
	for (size_t i = 0; i < ALL; i++) {
		ck_assert_ptr_null(all[i](99));
		ck_assert_ptr_null(all[i](65536));
		ck_assert_ptr_null(all[i](65536 + 1)); /* is not 1 */
	}
	ck_assert_ptr_null(ike_exchange_name(0));
	ck_assert_ptr_null(ike_encryption_name(0));
}
END_TEST

START_TEST(test_names_are_unambiguous)
{
	for (size_t i = 0; i < ALL; i++) {
		const char *names[64];
		size_t count = 0;

		for (unsigned number = 0; number <= 65535; number++) {
			const char *name = all[i](number);

			if (name == NULL)
				continue;
			for (size_t j = 0; j < count; j++)
				ck_assert_str_ne(name, names[j]);
			names[count++] = name;
			ck_assert_uint_lt(count, 64);
		}
		ck_assert_uint_ge(count, 3);
	}
}
END_TEST

/* Spot checks against the RFCs: one of each kind, and those that the keepalive lives by. */
START_TEST(test_numbers_are_those_of_the_rfcs)
{
	ck_assert_int_eq(IKE_EXCHANGE_MAIN_MODE, 2);
	ck_assert_int_eq(IKE_EXCHANGE_INFORMATIONAL, 5);
	ck_assert_int_eq(IKE_PAYLOAD_NOTIFY, 11);
	ck_assert_int_eq(IKE_PAYLOAD_NAT_D, 20);
	ck_assert_int_eq(IKE_NOTIFY_INITIAL_CONTACT, 24578);
	ck_assert_int_eq(IKE_NOTIFY_R_U_THERE, 0x8d28);
	ck_assert_int_eq(IKE_NOTIFY_R_U_THERE_ACK, 0x8d29);
	ck_assert_int_eq(IKE_PROTOCOL_ESP, 3);
	ck_assert_int_eq(IKE_ID_KEY_ID, 11);
	ck_assert_int_eq(IKE_ATTRIBUTE_KEY_LENGTH, 14);
	ck_assert_int_eq(IKE_ENCRYPTION_AES, 7);
	ck_assert_int_eq(IKE_HASH_SHA2_256, 4);
	ck_assert_int_eq(IKE_AUTHENTICATION_PSK, 1);
	ck_assert_int_eq(IKE_GROUP_MODP_2048, 14);
	ck_assert_int_eq(IKE_GROUP_CURVE25519, 31);
}
END_TEST

START_TEST(test_names)
{
	ck_assert_str_eq(ike_exchange_name(2), "MAIN");
	ck_assert_str_eq(ike_payload_name(13), "VID");
	ck_assert_str_eq(ike_notify_name(36136), "R-U-THERE");
	ck_assert_str_eq(ike_protocol_name(1), "ISAKMP");
	ck_assert_str_eq(ike_id_name(3), "user-fqdn");
	ck_assert_str_eq(ike_attribute_name(12), "life-duration");
	ck_assert_str_eq(ike_encryption_name(5), "3des");
	ck_assert_str_eq(ike_hash_name(2), "sha1");
	ck_assert_str_eq(ike_authentication_name(1), "psk");
	ck_assert_str_eq(ike_group_name(19), "ecp256");
}
END_TEST

UNIT_MAIN("registry", test_unknown_numbers_have_no_name, test_names_are_unambiguous,
	  test_numbers_are_those_of_the_rfcs, test_names)
