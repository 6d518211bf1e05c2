/* SPDX-License-Identifier: ISC */
#include "tests/support/unit.h"

#include <string.h>

#include "ike/address.h"
#include "interop/config/config_values.h"
#include "tests/support/scratch.h"

static struct fault fault;

START_TEST(test_duration_wrong)
{
	static const char *const wrong[] = {"",      "s",     "10",    "-5s", "10 s",
					    "1e3s",  "0x10s", "inf s", ".5s", "1.2.3s",
					    "10sec", "400d",  "nan"};
	ike_time duration = 77;

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		ck_assert_msg(!value_duration(wrong[i], &duration, &fault), "%s", wrong[i]);
		ck_assert_uint_eq(duration, 77);
	}
	ck_assert(!value_duration("10", &duration, &fault));
	ck_assert_ptr_nonnull(strstr(fault.text, "10s")); /* says what would be right */
}
END_TEST

START_TEST(test_duration)
{
	static const struct {
		const char *text;
		ike_time microseconds;
	} right[] = {
	    {"500ms", 500000},   {"10s", 10000000},   {"1.5s", 1500000}, {"5m", 300000000},
	    {"8h", 28800000000}, {"1d", 86400000000}, {"0s", 0},         {"0.001ms", 1},
	};

	for (size_t i = 0; i < sizeof(right) / sizeof(right[0]); i++) {
		ike_time duration;

		ck_assert_msg(value_duration(right[i].text, &duration, &fault), "%s", fault.text);
		ck_assert_uint_eq(duration, right[i].microseconds);
	}
}
END_TEST

START_TEST(test_share)
{
	static const char *const wrong[] = {"", "20", "%", "100%", "-1%", "20 %", "x%", "99.96%"};
	uint32_t share = 77;

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		ck_assert_msg(!value_share(wrong[i], &share, &fault), "%s", wrong[i]);
	ck_assert_uint_eq(share, 77);
	ck_assert(value_share("20%", &share, &fault));
	ck_assert_uint_eq(share, 200);
	ck_assert(value_share("0.5%", &share, &fault));
	ck_assert_uint_eq(share, 5);
}
END_TEST

START_TEST(test_number)
{
	static const char *const wrong[] = {"",   "x",   "-1", "+3",    " 3",
					    "3 ", "2.5", "0",  "65536", "99999999999999999999999"};
	uint32_t number = 77;

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		ck_assert_msg(!value_number(wrong[i], 1, 65535, &number, &fault), "%s", wrong[i]);
	ck_assert_uint_eq(number, 77);
	ck_assert(value_number("65535", 1, 65535, &number, &fault));
	ck_assert_uint_eq(number, 65535);
}
END_TEST

START_TEST(test_gateway_wrong)
{
	static const char *const wrong[] = {"",
					    ":500",
					    "192.0.2.1:0",
					    "192.0.2.1:x",
					    "192.0.2.1:65536",
					    "2001:db8::1::2",
					    "localhost:",
					    "0.0.0.0",
					    "224.0.0.1",
					    "255.255.255.255:500",
					    "::",
					    "ff02::1",
					    "fe80::1",
					    "[febf::1]:500",
					    "::ffff:192.0.2.1",
					    "no-such-name.invalid"};
	struct ike_address address = {.port = 77};

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		ck_assert_msg(!value_gateway(wrong[i], &address, &fault), "%s", wrong[i]);
		ck_assert_uint_eq(address.port, 77);
	}
}
END_TEST

START_TEST(test_gateway)
{
	struct ike_address address;

	ck_assert(value_gateway("192.0.2.1", &address, &fault));
	ck_assert_uint_eq(address.port, 0);
	ck_assert(value_gateway("fec0::1", &address, &fault));
	ck_assert(value_gateway("::1", &address, &fault));
	ck_assert(value_gateway("223.255.255.255", &address, &fault));
	ck_assert(value_gateway("[2001:db8::1]:4500", &address, &fault));
	ck_assert_uint_eq(address.family, IKE_FAMILY_IPV6);
	ck_assert_uint_eq(address.port, 4500);
	ck_assert_msg(value_gateway("localhost:4711", &address, &fault), "%s", fault.text);
	ck_assert_uint_eq(address.port, 4711);
	ck_assert_uint_ne(address.family, IKE_FAMILY_NONE);
}
END_TEST

START_TEST(test_prefix)
{
	static const char *const wrong[] = {
	    "",           "all",          "192.0.2.0/33",  "2001:db8::/129",
	    "192.0.2.0/", "192.0.2.0/-1", "192.0.2.1:500", "/24"};
	struct ike_prefix prefix = {.bits = 77};

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		ck_assert_msg(!value_prefix(wrong[i], &prefix, &fault), "%s", wrong[i]);
	ck_assert_uint_eq(prefix.bits, 77);
	ck_assert(value_prefix("any", &prefix, &fault));
	ck_assert_uint_eq(prefix.address.family, IKE_FAMILY_NONE);
	ck_assert(value_prefix("198.51.100.0/24", &prefix, &fault));
	ck_assert_uint_eq(prefix.bits, 24);
	ck_assert(value_prefix("2001:db8::1", &prefix, &fault));
	ck_assert_uint_eq(prefix.bits, 128);
}
END_TEST

START_TEST(test_secret_wrong)
{
	static const char *const wrong[] = {"",     "0x",      "0x1",
					    "0xgg", "0x12 34", "file:/nonexistent/psk"};

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		ck_assert_msg(value_secret(wrong[i], NULL, &fault) == NULL, "%s", wrong[i]);
}
END_TEST

START_TEST(test_secret_file_of_others)
{
	static const mode_t modes[] = {0640, 0604, 0620, 0602, 0644, 0666};

	for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
		const char *path = scratch_file("psk", modes[i], "secret\n");

		ck_assert_ptr_null(value_secret_file(path, &fault));
		ck_assert_ptr_nonnull(strstr(fault.text, "chmod 600 "));
		ck_assert_ptr_nonnull(strstr(fault.text, path));
	}
	ck_assert_ptr_null(value_secret_file(scratch_directory(), &fault));
	ck_assert_ptr_null(value_secret_file(scratch_file("empty", 0600, "\n"), &fault));
}
END_TEST

static void check_secret(struct secret *secret, const char *text)
{
	struct octets octets;

	ck_assert_msg(secret != NULL, "%s", fault.text);
	octets = secret_bytes(secret);
	ck_assert_uint_eq(octets.length, strlen(text));
	ck_assert_mem_eq(octets.data, text, octets.length);
	secret_free(secret);
}

START_TEST(test_secret)
{
	check_secret(value_secret("open sesame", NULL, &fault), "open sesame");
	check_secret(value_secret("0x6F70656e", NULL, &fault), "open");
	scratch_file("unix", 0600, "open sesame\n");
	scratch_file("dos", 0400, "open sesame\r\n");
	scratch_file("bare", 0600, " open\n sesame ");
	scratch_file("hex", 0600, "0x6f70656e\n");
	check_secret(value_secret("file:unix", scratch_directory(), &fault), "open sesame");
	check_secret(value_secret("file:dos", scratch_directory(), &fault), "open sesame");
	check_secret(value_secret("file:bare", scratch_directory(), &fault), " open\n sesame ");
	check_secret(value_secret("file:hex", scratch_directory(), &fault), "open");
	check_secret(value_secret_file(scratch_path("unix"), &fault), "open sesame");
}
END_TEST

static bool is_weak(const char *text)
{
	struct secret *secret = value_secret(text, NULL, &fault);
	bool weak;

	ck_assert_ptr_nonnull(secret);
	weak = value_secret_is_weak(secret);
	secret_free(secret);
	return weak;
}

/* R136 */
START_TEST(test_weak)
{
	ck_assert(is_weak("swordfish"));
	ck_assert(is_weak("0123456789abcde"));
	ck_assert(is_weak("abcabcabcabcabcabcabcabc"));
	ck_assert(is_weak("0x00000000000000000000000000000000"));
	ck_assert(!is_weak("0123456789abcdef"));
	ck_assert(!is_weak("0x8f2d61c07be94a13d5508e3fa9c4b776"));
}
END_TEST

START_TEST(test_words_of_the_engine)
{
	struct ike_identity identity;
	struct ike_proposal proposal;
	struct ike_address address;

	ck_assert(!value_identity("fqdn:", &identity, &fault));
	ck_assert_ptr_nonnull(strstr(fault.text, "fqdn:gw.example"));
	ck_assert(!value_proposal("rot13-md5-modp1", &proposal, &fault));
	ck_assert_ptr_nonnull(strstr(fault.text, "aes128-sha1-modp2048"));
	ck_assert(!value_address("gw.example", &address, &fault));
	ck_assert(!value_identity("der-dn:gw", &identity, &fault));
	ck_assert_ptr_nonnull(strstr(fault.text, "der-dn:CN=gw"));
	ck_assert(value_identity("der-dn:CN=gw, O=lab", &identity, &fault));
	ck_assert_uint_eq(identity.type, IKE_ID_DER_DN);
	ck_assert(value_identity("user-fqdn:joe@example", &identity, &fault));
	ck_assert_uint_eq(identity.type, IKE_ID_USER_FQDN);
	ck_assert(value_proposal("3des-md5-modp1024", &proposal, &fault));
	ck_assert_uint_eq(proposal.group, IKE_GROUP_MODP_1024);
	ck_assert(value_address("192.0.2.1:500", &address, &fault));
}
END_TEST

START_TEST(test_selector_wrong)
{
	static const struct {
		const char *text, *says;
	} wrong[] = {
	    {"", "one end of a tunnel"},
	    {"any", "0.0.0.0/0"},
	    {"owner", "one end of a tunnel"},
	    {"own/32", "one end of a tunnel"},
	    {"10.1.0.0/33", "one end of a tunnel"},
	    {"10.1.0.0:500/16", "one end of a tunnel"},
	    {"10.1.0.7/16", "write 10.1.0.0/16"},
	    {"10.1.0.128/24 tcp", "write 10.1.0.0/24"},
	    {"2001:db8::1/64", "write 2001:db8::/64"},
	    {"128.0.0.0/0", "write 0.0.0.0/0"},
	    {"10.1.0.0/16 ip", "udp/1701"},
	    {"10.1.0.0/16 0", "udp/1701"},
	    {"10.1.0.0/16 256", "udp/1701"},
	    {"10.1.0.0/16 encapsulation", "udp/1701"},
	    {"10.1.0.0/16 /53", "udp/1701"},
	    {"10.1.0.0/16 icmp/8", "have ports"},
	    {"own udp/", "not a number"},
	    {"own udp/0", "not within"},
	    {"own udp/65536", "not within"},
	    {"own udp/53 tcp", "not a number"},
	    {" own", "one end of a tunnel"},
	    {"2001:db8:1111:2222:3333:4444:5555:6666/128xxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", "long"},
	};
	struct ike_selector selector = {.port = 77};

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		ck_assert_msg(!value_selector(wrong[i].text, &selector, &fault), "%s",
			      wrong[i].text);
		ck_assert_msg(strstr(fault.text, wrong[i].says) != NULL, "%s: %s", wrong[i].text,
			      fault.text);
	}
	ck_assert_uint_eq(selector.port, 77);
}
END_TEST

START_TEST(test_selector)
{
	static const struct {
		const char *text;
		uint8_t family, bits, first, protocol;
		uint16_t port;
	} right[] = {
	    {"own", IKE_FAMILY_NONE, 0, 0, 0, 0},
	    {"own udp/1701", IKE_FAMILY_NONE, 0, 0, 17, 1701},
	    {"10.1.0.0/16", IKE_FAMILY_IPV4, 16, 10, 0, 0},
	    {"10.1.0.7", IKE_FAMILY_IPV4, 32, 10, 0, 0},
	    {"0.0.0.0/0", IKE_FAMILY_IPV4, 0, 0, 0, 0},
	    {"::/0", IKE_FAMILY_IPV6, 0, 0, 0, 0},
	    {"2001:db8::/33 icmpv6", IKE_FAMILY_IPV6, 33, 0x20, 58, 0},
	    {"10.1.0.7/32  6/22", IKE_FAMILY_IPV4, 32, 10, 6, 22},
	    {"10.1.0.7/32 47", IKE_FAMILY_IPV4, 32, 10, 47, 0},
	};

	for (size_t i = 0; i < sizeof(right) / sizeof(right[0]); i++) {
		struct ike_selector selector;

		ck_assert_msg(value_selector(right[i].text, &selector, &fault), "%s", fault.text);
		ck_assert_uint_eq(selector.prefix.address.family, right[i].family);
		ck_assert_uint_eq(selector.prefix.bits, right[i].bits);
		ck_assert_uint_eq(selector.prefix.address.octets[0], right[i].first);
		ck_assert_uint_eq(selector.protocol, right[i].protocol);
		ck_assert_uint_eq(selector.port, right[i].port);
	}
}
END_TEST

START_TEST(test_ipsec_proposal)
{
	static const char *const wrong[] = {"",         "aes128",        "aes128-sha1-",
					    "des-sha1", "aes128-sha512", "aes128-sha1-modp2048-x"};
	struct ike_ipsec_proposal proposal = {.group = 77};

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		ck_assert_msg(!value_ipsec_proposal(wrong[i], &proposal, &fault), "%s", wrong[i]);
		ck_assert_ptr_nonnull(strstr(fault.text, "aes256-sha256-modp2048"));
	}
	ck_assert_uint_eq(proposal.group, 77);
	ck_assert(value_ipsec_proposal("aes128-sha1", &proposal, &fault));
	ck_assert_uint_eq(proposal.group, 0);
}
END_TEST

UNIT_MAIN("config_values", test_duration_wrong, test_duration, test_share, test_number,
	  test_gateway_wrong, test_gateway, test_prefix, test_secret_wrong,
	  test_secret_file_of_others, test_secret, test_weak, test_words_of_the_engine,
	  test_selector_wrong, test_selector, test_ipsec_proposal)
