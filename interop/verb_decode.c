/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "interop/config/config_values.h"
#include "interop/decode/explain.h"
#include "interop/decode/explain_json.h"
#include "interop/decode/twin.h"
#include "interop/options.h"
#include "interop/verb.h"

struct options {
	const char *capture, *twin;
	struct options_list keys, ports;
	bool tree, json, all, strict;
};

struct run {
	const struct options *options;
	struct twin *twin;
	struct timeval start;
	bool begun; /* `start` is known */
	bool failed;
};

static const struct options_verb verb = {
    .name = "decode",
    .operands = "CAPTURE",
    .purpose = "Explains a capture (pcap or pcapng, \"-\" for standard input) message by message: "
	       "what it says, "
	       "what is wrong with it\nby which section of which RFC, and with the keys what was "
	       "encrypted. "
	       "Fragments of IP and of IKE are put together.",
    .examples = "  ruthere decode wire.pcap\n"
		"  ruthere decode wire.pcap --keys ikev1.keys --tree\n"
		"  ruthere decode wire.pcap --keys evidence/ --twin plain.pcap\n"
		"  ruthere decode wire.pcap --json | jq 'select(.anomalies | length > 0)'\n",
    .least = 1,
    .most = 1,
};

/* ---- a datagram ---------------------------------------------------------------------------------------------------- */

static void print_json(json_t *object, struct run *run)
{
	if (object == NULL || json_dumpf(object, stdout, JSON_COMPACT) != 0)
		run->failed = true;
	putchar('\n');
	json_decref(object);
}

static bool is_shown(const struct options *options, const struct told *told)
{
	return options->all || told->what == TOLD_MESSAGE || told->what == TOLD_FRAGMENT ||
	       told->anomalies > 0;
}

static void tell(void *context, const struct told *told)
{
	struct run *run = context;

	if (run->twin != NULL)
		twin_plain(run->twin, told);
	if (!is_shown(run->options, told))
		return;
	if (run->options->json) {
		print_json(explain_json(told), run);
		return;
	}
	explain_line(told, run->start, stdout);
	if (run->options->tree && !explain_tree(told, stdout))
		run->failed = true;
}

/* ---- the capture --------------------------------------------------------------------------------------------------- */

static bool read_packets(struct run *run, struct packets *packets, struct decoder *decoder,
			 struct fault *fault)
{
	struct packet packet;
	bool broken;

	while (packets_next(packets, &packet, &broken, fault)) {
		if (!run->begun)
			run->start = packet.time;
		run->begun = true;
		decoder_packet(decoder, &packet);
		if (run->twin != NULL)
			twin_packet(run->twin, &packet);
	}
	if (run->options->json)
		print_json(explain_json_summary(decoder_counts(decoder)), run);
	else
		explain_summary(decoder_counts(decoder), stdout);
	if (broken)
		return false;
	if (fflush(stdout) != 0 || ferror(stdout))
		return fault_say(fault, "what was found could not be written: %s", strerror(errno));
	return !run->failed || fault_say(fault, "no memory: something was left out");
}

static bool explain(struct run *run, struct packets *packets,
		    const struct decoder_settings *settings, uint32_t *anomalies,
		    struct fault *fault)
{
	struct decoder *decoder = decoder_new(settings);
	struct fault later;
	bool good;

	if (decoder == NULL)
		return fault_say(fault, "no memory for what a capture shows");
	if (run->options->twin != NULL) {
		run->twin = twin_open(run->options->twin, packets_link(packets), fault);
		if (run->twin == NULL) {
			decoder_free(decoder);
			return false;
		}
	}
	good = read_packets(run, packets, decoder, fault);
	*anomalies = decoder_counts(decoder)->anomalies;
	decoder_free(decoder);
	if (!twin_close(run->twin, &later)) {
		*fault = later;
		return false;
	}
	return good;
}

/* ---- the command line ---------------------------------------------------------------------------------------------- */

static enum options_result parse(struct options *o, int argc, char **argv)
{
	const struct options_row rows[] = {
	    {'k', "keys", OPTIONS_LIST, &o->keys, "FILE",
	     "keys: ikev1.keys, Wireshark's ikev1_decryption_table, or a directory with them; "
	     "repeatable",
	     0},
	    {'t', "tree", OPTIONS_FLAG, &o->tree, NULL,
	     "every field with its offset, octets, meaning and section", 0},
	    {0, "json", OPTIONS_FLAG, &o->json, NULL, "one JSON object per message", 0},
	    {0, "twin", OPTIONS_TEXT, &o->twin, "FILE", "the capture once more, in the clear", 0},
	    {'p', "port", OPTIONS_LIST, &o->ports, "N",
	     "also UDP on this port, with or without non-ESP marker; repeatable", 0},
	    {'a', "all", OPTIONS_FLAG, &o->all, NULL, "also ESP in UDP and NAT keepalives", 0},
	    {0, "strict", OPTIONS_FLAG, &o->strict, NULL, "exit with 1 if there is any anomaly", 0},
	};
	enum options_result result =
	    options_parse(&verb, rows, sizeof(rows) / sizeof(rows[0]), argc, argv);

	if (result == OPTIONS_RUN)
		o->capture = argv[optind];
	return result;
}

static bool read_ports(const struct options *options, struct decoder_settings *settings,
		       struct fault *fault)
{
	for (size_t i = 0; i < options->ports.count; i++) {
		struct fault why;
		uint32_t port;

		if (!value_number(options->ports.item[i], 1, UINT16_MAX, &port, &why))
			return fault_say(fault, "--port: %s", why.text);
		if (settings->ports == DECODER_PORTS)
			return fault_say(fault, "--port: more than %d of them", DECODER_PORTS);
		settings->port[settings->ports++] = (uint16_t)port;
	}
	return true;
}

/* Whoever opens a file to write it has emptied it. */
static bool is_read(const struct options *options)
{
	struct stat twin, other;

	if (options->twin == NULL || stat(options->twin, &twin) != 0 || !S_ISREG(twin.st_mode))
		return false;
	if ((strcmp(options->capture, "-") == 0 ? fstat(0, &other)
						: stat(options->capture, &other)) == 0 &&
	    other.st_dev == twin.st_dev && other.st_ino == twin.st_ino)
		return true;
	for (size_t i = 0; i < options->keys.count; i++)
		if (stat(options->keys.item[i], &other) == 0 && other.st_dev == twin.st_dev &&
		    other.st_ino == twin.st_ino)
			return true;
	return false;
}

static int run(const struct options *options, struct decoder_settings settings,
	       struct key_log *keys)
{
	struct run run = {.options = options};
	struct packets *packets;
	struct fault fault;
	uint32_t anomalies = 0;
	bool good;

	for (size_t i = 0; i < options->keys.count; i++)
		if (!key_log_read(keys, options->keys.item[i], &fault)) {
			fprintf(stderr, "ruthere decode: %s\n", fault.text);
			return 1;
		}
	packets = packets_open(options->capture, &fault);
	if (packets == NULL) {
		fprintf(stderr, "ruthere decode: %s\n", fault.text);
		return 1;
	}
	settings.keys = keys;
	settings.tell = tell;
	settings.context = &run;
	good = explain(&run, packets, &settings, &anomalies, &fault);
	packets_close(packets);
	if (!good)
		fprintf(stderr, "ruthere decode: %s\n", fault.text);
	return !good || (options->strict && anomalies > 0) ? 1 : 0;
}

int verb_decode(int argc, char **argv)
{
	struct options options = {.tree = false};
	struct decoder_settings settings = {.keys = NULL};
	enum options_result result = parse(&options, argc, argv);
	struct key_log *keys;
	struct fault fault;
	int status;

	if (result != OPTIONS_RUN)
		return OPTIONS_EXIT(result);
	if (!read_ports(&options, &settings, &fault)) {
		fprintf(stderr, "ruthere decode: %s\n", fault.text);
		return 2;
	}
	if (is_read(&options)) {
		fprintf(stderr, "ruthere decode: --twin %s: that is what is read\n", options.twin);
		return 2;
	}
	keys = key_log_new();
	if (keys == NULL) {
		fprintf(stderr, "ruthere decode: no memory for the keys\n");
		return 1;
	}
	status = run(&options, settings, keys);
	key_log_free(keys);
	return status;
}
