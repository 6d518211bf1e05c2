/* SPDX-License-Identifier: ISC */
#include "tests/support/unit.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "interop/verb.h"
#include "tests/support/command.h"
#include "tests/support/pki.h"
#include "tests/support/scratch.h"

#define SECRET "0123456789abcdef"

static uint16_t port;

/* Somebody to ask, who knows that one peer. */
static pid_t serve_peer(const char *peer)
{
	char config[1024], line[256];
	pid_t pid;

	port = command_free_port();
	snprintf(config, sizeof(config),
		 "node { identity = \"fqdn:target.example\" listen = {\"127.0.0.1\"} port = %u "
		 "control = \"%s\" }\n"
		 "peer \"any\" { %s proposals = {\"aes128-sha1-modp1024\"}\n"
		 "  keepalive { mode = off } }\n",
		 port, scratch_path("s"), peer);
	snprintf(line, sizeof(line), "serve -c %s", scratch_file("x.conf", 0600, config));
	pid = command_start(verb_serve, line);
	command_wait_for(scratch_path("s"));
	return pid;
}

static pid_t serve(void)
{
	return serve_peer("secret = \"" SECRET "\"");
}

static int ping(const char *words)
{
	char line[1200];

	snprintf(line, sizeof(line), "ping 127.0.0.1 --local-port 0 --port %u %s", port, words);
	return command_run(verb_ping, line);
}

START_TEST(test_usage)
{
	static const char *const wrong[] = {
	    "ping",
	    "ping 127.0.0.1",
	    "ping 127.0.0.1 --secret a --secret-file b",
	    "ping 127.0.0.1 --secret-file /nonexistent/psk",
	    "ping 127.0.0.1 --secret 0xzz",
	    "ping no-such-name.invalid --secret " SECRET,
	    "ping 127.0.0.1 --secret " SECRET " --proposal rot13",
	    "ping 127.0.0.1 --secret " SECRET " --identity fqdn:",
	    "ping 127.0.0.1 --secret " SECRET " --port 70000",
	    "ping 127.0.0.1 --secret " SECRET " -i soon",
	    "ping 127.0.0.1 --secret " SECRET " -W 1ms",
	    "ping 127.0.0.1 --secret " SECRET " --authentication dss",
	    "ping 127.0.0.1 --secret " SECRET " --authentication rsa",
	    "ping 127.0.0.1 --secret " SECRET " --exchange quick",
	    "ping 127.0.0.1 --secret " SECRET " --exchange aggressive",
	    "ping 127.0.0.1 --secret " SECRET " --key x",
	    "ping 127.0.0.1 --key x --certificate x --authorities x",
	    "ping 127.0.0.1 --authentication rsa",
	    "ping 127.0.0.1 --authentication rsa --certificate x --authorities x",
	    "ping 127.0.0.1 --authentication ecdsa --key x --certificate x",
	    "ping 127.0.0.1 --authentication rsa --key /nonexistent/k --certificate x "
	    "--authorities x",
	};

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		ck_assert_msg(command_run(verb_ping, wrong[i]) == 2, "%s", wrong[i]);
	ck_assert_int_eq(command_run(verb_ping, "ping --help"), 0);
}
END_TEST

/* A name that says what is asked for, and what it costs. */
START_TEST(test_aggressive_mode_with_a_secret)
{
	ck_assert_int_eq(
	    command_run(verb_ping, "ping 127.0.0.1 --secret " SECRET " --exchange aggressive"), 2);
	ck_assert_ptr_nonnull(strstr(command_err(), "CVE-2002-1623"));
	ck_assert_ptr_nonnull(strstr(command_err(), "aggressive-psk"));
	ck_assert_int_eq(
	    command_run(verb_ping, "ping 127.0.0.1 --secret " SECRET " --exchange aggressive-psk"),
	    2);
	ck_assert_ptr_nonnull(strstr(command_err(), "--identity"));
	ck_assert_int_eq(command_run(verb_ping, "ping 127.0.0.1 --authentication rsa"), 2);
	ck_assert_ptr_nonnull(strstr(command_err(), "key is missing"));
}
END_TEST

START_TEST(test_no_answer)
{
	port = command_free_port();
	ck_assert_int_eq(ping("--secret " SECRET " -c 1 -W 200ms"), 1);
	ck_assert_ptr_nonnull(strstr(command_err(), "no answer from 127.0.0.1"));
}
END_TEST

START_TEST(test_no_common_proposal)
{
	pid_t pid = serve();

	ck_assert_int_eq(ping("--secret " SECRET " -c 1 -W 500ms"), 1);
	ck_assert_ptr_nonnull(strstr(command_out(), "says NO-PROPOSAL-CHOSEN (unauthenticated)"));
	ck_assert_ptr_nonnull(strstr(command_err(), "--proposal"));
	ck_assert_int_eq(command_end(pid), 0);
}
END_TEST

START_TEST(test_wrong_secret)
{
	pid_t pid = serve();

	ck_assert_int_eq(ping("--secret wrong --proposal aes128-sha1-modp1024 -c 1 -W 500ms"), 1);
	ck_assert_ptr_nonnull(strstr(command_err(), "secrets differ"));
	ck_assert_int_eq(command_end(pid), 0);
}
END_TEST

START_TEST(test_wrong_identity)
{
	pid_t pid = serve();

	ck_assert_int_eq(ping("--secret " SECRET " --proposal aes128-sha1-modp1024 -c 1 -W 500ms "
			      "--peer-identity fqdn:another.example"),
			 1);
	ck_assert_ptr_nonnull(strstr(command_err(), "not who it should be"));
	ck_assert_int_eq(command_end(pid), 0);
}
END_TEST

START_TEST(test_answers)
{
	pid_t pid = serve();

	ck_assert_int_eq(ping("--secret " SECRET " --proposal aes128-sha1-modp1024 -c 3 -i 1ms "
			      "--peer-identity fqdn:target.example"),
			 0);
	ck_assert_ptr_nonnull(
	    strstr(command_out(), "aes128-sha1-modp1024, identity fqdn:target.example"));
	ck_assert_ptr_nonnull(strstr(command_out(), "R-U-THERE-ACK from 127.0.0.1:"));
	ck_assert_ptr_nonnull(strstr(command_out(), "3 sent, 3 answered, 0% lost"));
	ck_assert_int_eq(command_end(pid), 0);
	ck_assert_ptr_nonnull(
	    strstr(scratch_read(scratch_path("started.out")), "deleted: the peer deleted it"));
}
END_TEST

/* ---- with certificates ---- */

static struct pki_certificate root;

static void write_root(const char *name, enum pki_key key)
{
	const int64_t now = time(NULL);
	char text[PKI_PEM_MAX] = "";

	pki_make(&root,
		 &(struct pki_wish){.key = key,
				    .subject = "CN=root, O=lab",
				    .constraints = "critical,CA:TRUE",
				    .from = now - PKI_DAY,
				    .until = now + PKI_YEAR},
		 NULL);
	pki_add_pem(text, &root);
	scratch_file(name, 0644, text);
}

/* "NAME.pem" and "NAME.key", valid for so many more days. */
static void write_pair(const char *name, enum pki_key key, int days)
{
	const int64_t now = time(NULL);
	char subject[64], alternative[64], file[64], text[PKI_PEM_MAX] = "";
	struct pki_certificate leaf;

	snprintf(subject, sizeof(subject), "CN=%s, O=lab", name);
	snprintf(alternative, sizeof(alternative), "DNS:%s.example", name);
	pki_make(&leaf,
		 &(struct pki_wish){.key = key,
				    .subject = subject,
				    .alternative = alternative,
				    .from = now - 2 * PKI_DAY,
				    .until = now + days * PKI_DAY},
		 &root);
	pki_add_pem(text, &leaf);
	snprintf(file, sizeof(file), "%s.pem", name);
	scratch_file(file, 0644, text);
	snprintf(file, sizeof(file), "%s.key", name);
	scratch_file(file, 0600, pki_key_pem(key));
}

static void write_files(void)
{
	write_root("other.pem", PKI_P256_OTHER);
	write_pair("stranger", PKI_RSA_OTHER, 90);
	write_root("lab.pem", PKI_ROOT);
	write_pair("target", PKI_RSA, 90);
	write_pair("caller", PKI_RSA_OTHER, 90);
	write_pair("expired", PKI_RSA_OTHER, -1);
}

/* With the key and certificate of that name. */
static int ping_as(const char *name, const char *authorities, const char *words)
{
	const char *folder = scratch_directory();
	char line[1024];

	snprintf(line, sizeof(line),
		 "--authentication rsa --key %s/%s.key --certificate %s/%s.pem --authorities %s/%s "
		 "--proposal aes128-sha1-modp1024 -c 1 -W 500ms %s",
		 folder, name, folder, name, folder, authorities, words);
	return ping(line);
}

#define TARGET                                                                                     \
	"authentication = rsa exchange = aggressive key = target.key certificate = target.pem "    \
	"authorities = lab.pem"

START_TEST(test_certificates_that_are_not_believed)
{
	pid_t pid;

	write_files();
	pid = serve_peer(TARGET);
	ck_assert_int_eq(ping_as("caller", "other.pem", ""), 1);
	ck_assert_ptr_nonnull(strstr(command_err(), "certificate"));
	ck_assert_int_eq(ping_as("caller", "lab.pem", "--peer-identity other.example"), 1);
	ck_assert_ptr_nonnull(strstr(command_err(), "not who it should be"));
	ck_assert_int_eq(ping_as("stranger", "lab.pem", ""), 1);
	ck_assert_ptr_nonnull(strstr(command_err(), "does not believe our certificate"));
	ck_assert_int_eq(ping_as("expired", "lab.pem", ""), 1);
	ck_assert_ptr_nonnull(strstr(command_err(), "expired.pem has expired"));
	ck_assert_int_eq(ping("--secret " SECRET " --proposal aes128-sha1-modp1024 -c 1 -W 500ms"),
			 1);
	ck_assert_int_eq(command_end(pid), 0);
}
END_TEST

START_TEST(test_certificates)
{
	static const char *const exchanges[] = {"", "--exchange aggressive"};
	pid_t pid;

	write_files();
	pid = serve_peer(TARGET);
	for (size_t i = 0; i < 2; i++) {
		ck_assert_int_eq(ping_as("caller", "lab.pem", exchanges[i]), 0);
		ck_assert_ptr_nonnull(strstr(command_out(), "identity fqdn:target.example"));
		ck_assert_ptr_nonnull(strstr(command_out(), "1 sent, 1 answered, 0% lost"));
	}
	ck_assert_int_eq(command_end(pid), 0);
	ck_assert_ptr_nonnull(
	    strstr(scratch_read(scratch_path("started.out")), "identity der-dn:CN=caller, O=lab"));
}
END_TEST

START_TEST(test_json)
{
	pid_t pid = serve();

	scratch_file("psk", 0600, SECRET "\n");
	{
		char words[256];

		snprintf(words, sizeof(words),
			 "--secret-file %s --proposal aes128-sha1-modp1024 -c 1 --json --messages "
			 "--capture %s",
			 scratch_path("psk"), scratch_path("capture"));
		ck_assert_int_eq(ping(words), 0);
	}
	ck_assert_ptr_nonnull(strstr(command_out(), "\"event\":\"alive\""));
	ck_assert_ptr_nonnull(strstr(command_out(), "N(R-U-THERE-ACK seq="));
	ck_assert_ptr_nonnull(
	    strstr(command_out(), "\"event\":\"statistics\",\"sent\":1,\"answered\":1"));
	ck_assert_uint_eq(
	    strcspn(scratch_read(scratch_path("capture/ikev1_decryption_table")), ","), 16);
	ck_assert_int_eq(command_end(pid), 0);
}
END_TEST

UNIT_MAIN("verb_ping", test_usage, test_aggressive_mode_with_a_secret, test_no_answer,
	  test_no_common_proposal, test_wrong_secret, test_wrong_identity, test_answers,
	  test_certificates_that_are_not_believed, test_certificates, test_json)
