/* SPDX-License-Identifier: ISC */
/* Configurations of peers that prove themselves by signatures, wrong in every field; then right. */
#include "tests/support/unit.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "interop/config/config_credentials.h"
#include "tests/support/pki.h"
#include "tests/support/scratch.h"

#define SECRET "secret = \"0123456789abcdef\" "
#define FILES  "key = rsa.key certificate = rsa.pem authorities = lab.pem "
#define RSA    "authentication = rsa "

static struct fault fault;
static struct pki_certificate root;

/* "NAME.key" and "NAME.pem", valid from then until then. */
static void write_pair(const char *name, enum pki_key key, int64_t from, int64_t until)
{
	struct pki_wish wish = {.key = key,
				.subject = "CN=t.example, O=lab",
				.alternative = "DNS:t.example,IP:192.0.2.9",
				.from = from,
				.until = until,
				.serial = 7};
	struct pki_certificate leaf;
	char text[PKI_PEM_MAX] = "", file[64];

	pki_make(&leaf, &wish, &root);
	pki_add_pem(text, &leaf);
	(void)snprintf(file, sizeof(file), "%s.pem", name);
	scratch_file(file, 0644, text);
	(void)snprintf(file, sizeof(file), "%s.key", name);
	scratch_file(file, 0600, pki_key_pem(key));
}

static void write_files(void)
{
	const int64_t now = time(NULL);
	struct pki_certificate leaf;
	char text[PKI_PEM_MAX] = "";

	pki_make(&root,
		 &(struct pki_wish){.key = PKI_ROOT,
				    .subject = "CN=root, O=lab",
				    .constraints = "critical,CA:TRUE",
				    .from = now - PKI_YEAR,
				    .until = now + PKI_YEAR},
		 NULL);
	pki_add_pem(text, &root);
	scratch_file("lab.pem", 0644, text);
	text[0] = '\0';
	pki_add_list(text, &root, NULL, 0, now - PKI_DAY, now + PKI_DAY);
	scratch_file("lab.crl", 0644, text);
	pki_add_list(text, &root, NULL, 0, now - 2 * PKI_DAY, now - PKI_DAY);
	scratch_file("old.crl", 0644, text);
	write_pair("rsa", PKI_RSA, now - PKI_DAY, now + 90 * PKI_DAY);
	pki_make(&leaf,
		 &(struct pki_wish){.key = PKI_RSA,
				    .from = now - PKI_DAY,
				    .until = now + 90 * PKI_DAY,
				    .alternative = "DNS:t.example"},
		 &root);
	text[0] = '\0';
	pki_add_pem(text, &leaf);
	scratch_file("nameless.pem", 0644, text);
	write_pair("p256", PKI_P256, now - PKI_DAY, now + 90 * PKI_DAY);
	write_pair("p384", PKI_P384, now - PKI_DAY, now + 90 * PKI_DAY);
	write_pair("p521", PKI_P521, now - PKI_DAY, now + 90 * PKI_DAY);
	write_pair("expired", PKI_RSA, now - 2 * PKI_DAY, now - PKI_DAY);
	write_pair("early", PKI_RSA, now + PKI_DAY, now + 90 * PKI_DAY);
	write_pair("soon", PKI_RSA, now - PKI_DAY, now + 5 * PKI_DAY + 60);
	scratch_file("open.key", 0644, pki_key_pem(PKI_RSA));
	scratch_file("open.pem", 0664, "x");
	scratch_file("text.pem", 0644, "a lab\n");
}

static struct config *load(const char *text)
{
	return config_load(scratch_file("x.conf", 0600, text), &fault);
}

static struct config *loaded(const char *text)
{
	struct config *config = load(text);

	ck_assert_msg(config != NULL, "%s: %s", text, fault.text);
	return config;
}

START_TEST(test_refusals)
{
	static const struct {
		const char *text; /* of the peer, on line 2 */
		const char *says;
	} wrong[] = {
	    {"", "secret is missing"},
	    {SECRET "exchange = aggressive-psk gateways = {\"192.0.2.1\"}",
	     "local-identity is missing"},
	    {SECRET "authentication = psk exchange = aggressive", "CVE-2002-1623"},
	    {SECRET "exchange = aggressive", "write exchange = aggressive-psk"},
	    {SECRET "key = rsa.key", "key: this peer is known by its secret"},
	    {SECRET "certificate = rsa.pem", "certificate: this peer is known by its secret"},
	    {SECRET "authorities = lab.pem", "authorities: this peer is known by its secret"},
	    {SECRET "revocations = lab.crl", "revocations: this peer is known by its secret"},
	    {RSA FILES SECRET, "secret: with authentication = rsa none is used"},
	    {RSA FILES "exchange = aggressive-psk", "write exchange = aggressive"},
	    {RSA FILES "identity = key-id:gw", "identity: no certificate can speak"},
	    {RSA "certificate = rsa.pem authorities = lab.pem", "key is missing"},
	    {RSA "key = rsa.key authorities = lab.pem", "certificate is missing"},
	    {RSA "key = rsa.key certificate = rsa.pem", "authorities is missing"},
	    {RSA "key = nowhere certificate = rsa.pem authorities = lab.pem", "key: cannot read"},
	    {RSA "key = rsa.key certificate = nowhere authorities = lab.pem",
	     "certificate: cannot read"},
	    {RSA "key = rsa.key certificate = rsa.pem authorities = nowhere",
	     "authorities: cannot read"},
	    {RSA FILES "revocations = nowhere", "revocations: cannot read"},
	    {RSA "key = open.key certificate = rsa.pem authorities = lab.pem", "chmod 600"},
	    {RSA "key = rsa.key certificate = open.pem authorities = lab.pem", "chmod go-w"},
	    {RSA "key = rsa.key certificate = rsa.pem authorities = open.pem", "authorities: "},
	    {RSA "key = text.pem certificate = rsa.pem authorities = lab.pem", "key: "},
	    {RSA "key = rsa.key certificate = text.pem authorities = lab.pem",
	     "certificate: there is none"},
	    {RSA "key = rsa.key certificate = rsa.pem authorities = text.pem",
	     "authorities: there is none"},
	    {RSA "key = rsa.key certificate = rsa.pem authorities = rsa.pem",
	     "authorities: none of them is self-signed"},
	    {RSA FILES "revocations = text.pem", "revocations: there is none"},
	    {RSA "key = rsa.key certificate = nameless.pem authorities = lab.pem",
	     "certificate: its subject cannot be our identity"},
	    {RSA "key = p256.key certificate = rsa.pem authorities = lab.pem",
	     "certificate: the first one is not for this key"},
	    {RSA "key = p256.key certificate = p256.pem authorities = lab.pem",
	     "is for ECDSA: write authentication = ecdsa"},
	    {"authentication = ecdsa " FILES, "is for RSA: write authentication = rsa"},
	};
	char text[512], place[128];

	write_files();
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		(void)snprintf(text, sizeof(text), "\npeer \"a\" { %s }\nnode { }\n",
			       wrong[i].text);
		ck_assert_msg(load(text) == NULL, "%s", text);
		(void)snprintf(place, sizeof(place), "%s:2: peer \"a\": ", scratch_path("x.conf"));
		ck_assert_msg(strncmp(fault.text, place, strlen(place)) == 0, "%s", fault.text);
		ck_assert_msg(strstr(fault.text, wrong[i].says) != NULL, "%s: %s", wrong[i].says,
			      fault.text);
	}
}
END_TEST

START_TEST(test_warnings)
{
	static const struct {
		const char *text;
		const char *says;
	} cases[] = {
	    {"peer a { " SECRET "exchange = aggressive-psk }", "CVE-2002-1623"},
	    {"peer a { " RSA "key = expired.key certificate = expired.pem authorities = lab.pem }",
	     "certificate: expired.pem has expired on 20"},
	    {"peer a { " RSA "key = early.key certificate = early.pem authorities = lab.pem }",
	     "certificate: early.pem is not valid before 20"},
	    {"peer a { " RSA "key = soon.key certificate = soon.pem authorities = lab.pem }",
	     "certificate: soon.pem expires in 5 days, on 20"},
	    {"peer a { " RSA FILES "revocations = old.crl }",
	     "revocations: a list in old.crl has been out of date since 20"},
	    {"peer a { " RSA FILES "local-identity = \"fqdn:other.example\" }",
	     "does not speak for fqdn:other.example, which"},
	    {"peer a { " RSA FILES "local-identity = \"key-id:t\" }",
	     "does not speak for key-id:0x74, which"},
	    {"node { identity = \"user-fqdn:joe@t.example\" } peer a { " RSA FILES "}",
	     "to this peer we are the certificate's subject"},
	    {"node { revocations = lab.crl } peer a { " SECRET "}",
	     "node: revocations is not read"},
	};

	write_files();
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct config *config = loaded(cases[i].text);

		ck_assert_msg(config->warnings == 1, "%s: %zu", cases[i].says, config->warnings);
		ck_assert_msg(strstr(config->warning[0], cases[i].says) != NULL, "%s",
			      config->warning[0]);
		config_free(config);
	}
}
END_TEST

/* One certificate that has expired is told of once, however many use it. */
START_TEST(test_shared_files)
{
	struct config *config;

	write_files();
	config =
	    loaded("peer a { from = 10.1.0.0/16 " RSA "}\npeer b { from = 10.2.0.0/16 " RSA "}\n"
		   "peer c { from = 10.3.0.0/16 " RSA "key = rsa.key certificate = rsa.pem }\n"
		   "peer d { from = 10.4.0.0/16 " RSA "revocations = lab.crl }\n"
		   "node { key = expired.key certificate = expired.pem authorities = lab.pem }\n");
	ck_assert_uint_eq(config->warnings, 2); /* with the lists it is another one */
	ck_assert_ptr_nonnull(config->peer[0].ike.credentials);
	ck_assert_ptr_eq(config->peer[0].ike.credentials, config->peer[1].ike.credentials);
	ck_assert_ptr_ne(config->peer[0].ike.credentials, config->peer[2].ike.credentials);
	ck_assert_ptr_ne(config->peer[0].ike.credentials, config->peer[3].ike.credentials);
	ck_assert_ptr_eq(config->ike.peer[1].credentials, config->peer[1].ike.credentials);
	config_free(config);
}
END_TEST

START_TEST(test_what_the_engine_is_told)
{
	static const struct {
		const char *text;
		uint16_t authentication;
		bool aggressive;
	} cases[] = {
	    {SECRET, IKE_AUTHENTICATION_PSK, false},
	    {SECRET "authentication = psk exchange = main", IKE_AUTHENTICATION_PSK, false},
	    {SECRET "exchange = aggressive-psk", IKE_AUTHENTICATION_PSK, true},
	    {SECRET "exchange = aggressive-psk gateways = {\"192.0.2.1\"} local-identity = t",
	     IKE_AUTHENTICATION_PSK, true},
	    {RSA FILES, IKE_AUTHENTICATION_RSA_SIGNATURE, false},
	    {RSA FILES "exchange = aggressive revocations = lab.crl",
	     IKE_AUTHENTICATION_RSA_SIGNATURE, true},
	    {"authentication = ecdsa key = p256.key certificate = p256.pem authorities = lab.pem",
	     IKE_AUTHENTICATION_ECDSA_256, false},
	    {"authentication = ecdsa key = p384.key certificate = p384.pem authorities = lab.pem",
	     IKE_AUTHENTICATION_ECDSA_384, false},
	    {"authentication = ecdsa key = p521.key certificate = p521.pem authorities = lab.pem",
	     IKE_AUTHENTICATION_ECDSA_521, false},
	};

	write_files();
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct config *config;
		char text[512];

		(void)snprintf(text, sizeof(text), "peer \"a\" { %s }\n", cases[i].text);
		config = loaded(text);
		ck_assert_uint_eq(config->ike.peer[0].authentication, cases[i].authentication);
		ck_assert_int_eq(config->ike.peer[0].aggressive, cases[i].aggressive);
		ck_assert_int_eq(config->ike.peer[0].credentials == NULL,
				 cases[i].authentication == IKE_AUTHENTICATION_PSK);
		config_free(config);
	}
}
END_TEST

/* Where nobody says who we are, the certificate does. */
START_TEST(test_our_identity)
{
	static const struct {
		const char *text;
		uint8_t type; /* of the peer's local identity */
	} cases[] = {
	    {"peer a { " RSA FILES "}", IKE_ID_DER_DN},
	    {"peer a { " RSA FILES "local-identity = \"fqdn:T.example\" }", IKE_ID_FQDN},
	    {"peer a { " RSA FILES "local-identity = \"ipv4:192.0.2.9\" }", IKE_ID_IPV4},
	    {"node { identity = \"fqdn:t.example\" } peer a { " RSA
	     "key = rsa.key certificate = nameless.pem authorities = lab.pem }",
	     IKE_ID_FQDN},
	    {"peer a { " RSA FILES "} node { identity = \"fqdn:t.example\" }", IKE_ID_FQDN},
	    {"peer a { " SECRET "}", 0},
	};

	write_files();
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct config *config = loaded(cases[i].text);
		const struct ike_peer_settings *peer = &config->ike.peer[0];

		ck_assert_msg(config->warnings == 0, "%s", config->warning[0]);
		ck_assert_uint_eq(peer->local_identity.type, cases[i].type);
		if (peer->local_identity.type == IKE_ID_DER_DN) {
			const struct octets subject = credentials_subject(peer->credentials);

			ck_assert_uint_eq(peer->local_identity.length, subject.length);
			ck_assert_mem_eq(peer->local_identity.data, subject.data, subject.length);
		}
		config_free(config);
	}
}
END_TEST

/* Two peers at one address: which of them is meant must show in the first message, or in the identity. */
START_TEST(test_peers_at_one_address)
{
	static const struct {
		const char *a, *b;
		bool good;
	} cases[] = {
	    {SECRET, SECRET, false},
	    {SECRET "identity = a.example", SECRET "identity = b.example", false},
	    {SECRET "exchange = aggressive-psk identity = a.example", SECRET "identity = b.example",
	     false},
	    {RSA FILES, RSA FILES, false},
	    {RSA FILES, RSA FILES "exchange = aggressive", false},
	    {RSA FILES "identity = a.example", RSA FILES "identity = a.example", false},
	    {SECRET "exchange = aggressive-psk identity = a.example",
	     SECRET "exchange = aggressive-psk identity = b.example", true},
	    {RSA FILES "identity = a.example", RSA FILES "identity = b.example", true},
	    {RSA FILES "identity = a.example", RSA FILES, true},
	    {SECRET, RSA FILES, true},
	    {RSA FILES,
	     "authentication = ecdsa key = p256.key certificate = p256.pem authorities = lab.pem",
	     true},
	    {"authentication = ecdsa key = p384.key certificate = p384.pem authorities = lab.pem",
	     "authentication = ecdsa key = p256.key certificate = p256.pem authorities = lab.pem",
	     true},
	};
	static const char *const where[] = {"",
					    "gateways = \"192.0.2.1\" local-identity = t.example"};
	char text[1024];

	write_files();
	for (size_t i = 0; i < 2 * sizeof(cases) / sizeof(cases[0]); i++) {
		struct config *config;

		(void)snprintf(text, sizeof(text), "peer a { %s %s }\npeer b { %s %s }\n",
			       where[i % 2], cases[i / 2].a, where[i % 2], cases[i / 2].b);
		config = load(text);
		ck_assert_msg((config != NULL) == cases[i / 2].good, "%s: %s", text, fault.text);
		if (config == NULL)
			ck_assert_ptr_nonnull(strstr(fault.text, "peers \"a\" and \"b\""));
		config_free(config);
	}
}
END_TEST

START_TEST(test_words)
{
	enum config_authentication authentication;
	enum config_exchange exchange;

	ck_assert(!value_authentication("", &authentication, &fault));
	ck_assert(!value_authentication("RSA", &authentication, &fault));
	ck_assert(!value_exchange("", &exchange, &fault));
	ck_assert(!value_exchange("aggressive-rsa", &exchange, &fault));
	ck_assert(value_authentication("ecdsa", &authentication, &fault));
	ck_assert_int_eq(authentication, CONFIG_ECDSA);
	ck_assert(value_exchange("aggressive", &exchange, &fault));
	ck_assert_int_eq(exchange, CONFIG_AGGRESSIVE);
	ck_assert_str_eq(config_file_field(CONFIG_REVOCATIONS), "revocations");
}
END_TEST

UNIT_MAIN("config_credentials", test_refusals, test_warnings, test_shared_files,
	  test_what_the_engine_is_told, test_our_identity, test_peers_at_one_address, test_words)
