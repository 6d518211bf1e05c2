/* SPDX-License-Identifier: ISC */
#include "tests/support/pairs.h"

#include <check.h>
#include <string.h>

#include "ike/address.h"
#include "interop/config/config_values.h"

struct ike_address address_of(const char *text)
{
	struct ike_address address;

	ck_assert_msg(ike_address_from_text(text, &address), "%s", text);
	return address;
}

void set_selector(struct ike_selector *selector, const char *prefix, uint8_t protocol,
		  uint16_t port)
{
	struct fault fault;

	ck_assert_msg(value_prefix(prefix, &selector->prefix, &fault), "%s", fault.text);
	selector->protocol = protocol;
	selector->port = port;
}

struct ike_ipsec_sa pair_of_sas(uint32_t number)
{
	struct ike_ipsec_sa sa = {
	    .number = number,
	    .local = address_of("192.0.2.1"),
	    .remote = address_of("198.51.100.2"),
	    .initiator = true,
	    .proposal = {.encryption = IKE_ESP_TRANSFORM_AES,
			 .key_bits = 128,
			 .authentication = IKE_ESP_AUTHENTICATION_HMAC_SHA1},
	    .spi_in = 0x1000 + number,
	    .spi_out = 0x2000 + number,
	    .encryption_key_length = 16,
	    .authentication_key_length = 20,
	    .established_at = 10 * IKE_SECOND,
	    .renew_at = 3000 * IKE_SECOND,
	    .expires_at = 3610 * IKE_SECOND,
	};

	set_selector(&sa.inside_local, "10.1.0.0/16", 0, 0);
	set_selector(&sa.inside_remote, "10.2.0.0/16", 0, 0);
	memset(sa.keymat_in, 0xe0, 16);
	memset(sa.keymat_in + 16, 0xa0, 20);
	memset(sa.keymat_out, 0xe1, 16);
	memset(sa.keymat_out + 16, 0xa1, 20);
	return sa;
}
