/* SPDX-License-Identifier: ISC */
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "crypto/backend.h"
#include "crypto/secret.h"
#include "interop/verb.h"
#include "interop/version.h"

static const struct {
	const char *name;
	int (*run)(int argc, char **argv);
	const char *summary;
} verbs[] = {
    {"demo", verb_demo, "nodes on loopback negotiate, keep alive, die, notice and recover"},
    {"serve", verb_serve, "answer whoever there is a key for, and keep configured peers alive"},
    {"ping", verb_ping, "Phase 1 with a gateway, then R-U-THERE with a line per answer"},
    {"conform", verb_conform, "a gateway's keepalive held against the RFCs, case by case"},
    {"status", verb_status, "what a running serve knows"},
    {"connect", verb_connect, "have a running serve call a peer now"},
    {"close", verb_close, "have a running serve delete a peer's SAs and stay away"},
    {"decode", verb_decode, "explain a capture, decrypted where there are keys"},
    {"vectors", verb_vectors, "test vectors: sessions with every value that went into them"},
    {"sim", verb_sim, "four ways to notice a death, compared on a simulated network"},
    {"bench", verb_bench, "what it costs, measured against the least that it could cost"},
    {"report", verb_report,
     "reports of conform as a page, as JUnit and TAP, and their differences"},
};

#define VERBS (sizeof(verbs) / sizeof(verbs[0]))

static void print_help(FILE *out)
{
	fprintf(
	    out,
	    "usage: ruthere VERB [options]\n\n"
	    "IKEv1 with the keepalive of RFC 3706 (R-U-THERE), to meet other implementations "
	    "with.\n"
	    "IKEv1 is Historic (RFC 9395): this is an instrument for tests, no recommendation.\n\n"
	    "verbs:\n");
	for (size_t i = 0; i < VERBS; i++)
		fprintf(out, "  %-9s %s\n", verbs[i].name, verbs[i].summary);
	fprintf(out, "\n\"ruthere VERB --help\" tells a verb's options and gives examples.\n");
}

int main(int argc, char **argv)
{
	signal(SIGPIPE, SIG_IGN); /* a reader who leaves is an error of writing, not the end */
	signal(SIGXFSZ, SIG_IGN); /* and so is a file that may not grow */
	if (argc < 2) {
		print_help(stderr);
		return 2;
	}
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
		print_help(stdout);
		return 0;
	}
	if (strcmp(argv[1], "--version") == 0) {
		printf("ruthere %s\n", RUTHERE_VERSION);
		return 0;
	}
	if (!crypto_guard_memory() || !secret_init()) {
		fprintf(stderr, "ruthere: OpenSSL or libsodium did not start\n");
		return 1;
	}
	for (size_t i = 0; i < VERBS; i++)
		if (strcmp(argv[1], verbs[i].name) == 0)
			return verbs[i].run(argc - 1, argv + 1);
	fprintf(stderr, "ruthere: \"%s\" is no verb\ntry: ruthere --help\n", argv[1]);
	return 2;
}
