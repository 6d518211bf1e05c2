/* SPDX-License-Identifier: ISC */
/*
 * config_file.c - from the configuration file to the configuration.
 *
 * What concerns a section as a whole is checked where the section closes, and carries that line.
 */
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "interop/config/config.h"
#include "interop/config/config_credentials.h"
#include "interop/config/config_grammar.h"
#include "interop/config/config_secret.h"
#include "interop/config/config_text.h"
#include "interop/config/config_traffic.h"
#include "interop/config/config_tunnel.h"
#include "interop/config/config_values.h"

/* libconfuse's callbacks carry no argument, so what is being loaded stands here; only config_load() sets it. */
static struct {
	const char *path;
	const char *folder; /* that secret files are relative to */
	const char *text;   /* with the secrets that are not in files */
	struct config *config;
	struct fault *fault;
	bool complained; /* the first complaint is the one that helps */
	bool secret_in_text;
} loading;

/* ---- complaints ---------------------------------------------------------------------------------------------------- */

static void complain(cfg_t *cfg, const char *format, va_list arguments)
    __attribute__((format(printf, 2, 0)));

static void complain(cfg_t *cfg, const char *format, va_list arguments)
{
	char text[FAULT_TEXT - 128];

	if (loading.complained)
		return;
	loading.complained = true;
	vsnprintf(text, sizeof(text), format, arguments);
	fault_say(loading.fault, "%s:%d: %s", loading.path, cfg != NULL ? cfg->line : 0, text);
}

/* ---- the node section ---------------------------------------------------------------------------------------------- */

/* The readers below take values that the grammar has accepted: what they cannot fail at is not looked at again. */

static void read_count(cfg_t *cfg, const char *name, uint32_t *number)
{
	const char *text = cfg_getstr(cfg, name);

	if (text != NULL)
		*number = (uint32_t)strtoul(text, NULL, 10);
}

static void read_duration(cfg_t *cfg, const char *name, ike_time *duration)
{
	const char *text = cfg_getstr(cfg, name);
	struct fault fault;

	if (text != NULL && !value_duration(text, duration, &fault))
		*duration = 0;
}

static bool read_identity(cfg_t *cfg, const char *name, struct ike_identity *identity,
			  struct fault *fault)
{
	const char *text = cfg_getstr(cfg, name);

	return text == NULL || value_identity(text, identity, fault);
}

static bool read_listen(cfg_t *node, struct config *config, struct fault *fault)
{
	static const char *const everywhere[] = {"0.0.0.0", "::"};
	unsigned count = cfg_size(node, "listen");
	unsigned total = count > 0 ? count : 2;
	uint16_t port = (uint16_t)strtoul(cfg_getstr(node, "port"), NULL, 10);

	if (total > CONFIG_LISTEN_MAX)
		return fault_say(fault, "listen: more than %d addresses", CONFIG_LISTEN_MAX);
	for (unsigned i = 0; i < total; i++) {
		const char *text = count > 0 ? cfg_getnstr(node, "listen", i) : everywhere[i];

		if (!value_address(text, &config->listen[i], fault))
			return false;
		if (config->listen[i].port == 0)
			config->listen[i].port = port;
	}
	config->listens = total;
	if (cfg_getstr(node, "nat-t-port") != NULL) {
		config->nat_t_port = (uint16_t)strtoul(cfg_getstr(node, "nat-t-port"), NULL, 10);
		config->nat_t_said = true;
	}
	return true;
}

static bool read_files(cfg_t *cfg, char *file[CONFIG_FILES], struct fault *fault)
{
	for (unsigned i = 0; i < CONFIG_FILES; i++) {
		const char *path = cfg_getstr(cfg, config_file_field((enum config_file)i));

		if (path != NULL && (file[i] = strdup(path)) == NULL)
			return fault_say(fault, "no memory");
	}
	return true;
}

static bool read_node(cfg_t *node, struct config *config, struct fault *fault)
{
	struct ike_limits *limits = &config->ike.limits;
	cfg_t *section = cfg_getsec(node, "limits");
	const char *control = cfg_getstr(node, "control");

	read_count(section, "sas", &limits->sas);
	read_count(section, "handshakes", &limits->handshakes);
	read_count(section, "handshakes-per-source", &limits->handshakes_per_source);
	read_count(section, "outputs", &limits->outputs);
	read_count(section, "events", &limits->events);
	read_count(section, "notifies-per-second", &limits->notifies_per_second);
	read_count(section, "unknown-spis-per-second", &limits->unknown_spis_per_second);
	read_count(section, "remembered", &limits->remembered);
	read_count(section, "ipsec-sas", &limits->ipsec_sas);
	read_count(section, "quick-modes", &limits->quick_modes);
	read_count(section, "reassemblies", &limits->reassemblies);
	config->ike.say_invalid_cookie = cfg_getbool(node, "say-invalid-cookie") == cfg_true;
	config->confine = cfg_getbool(node, "confine") == cfg_true;
	config->workers = (uint32_t)strtoul(cfg_getstr(node, "workers"), NULL, 10);
	config->user = strdup(cfg_getstr(node, "user"));
	if (config->user == NULL)
		return fault_say(fault, "no memory");
	if (!read_identity(node, "identity", &config->ike.identity, fault) ||
	    !read_files(node, config->file, fault))
		return false;
	if (control[0] != '\0') {
		config->control = strdup(control);
		if (config->control == NULL)
			return fault_say(fault, "no memory");
	}
	return read_listen(node, config, fault) &&
	       config_read_node_traffic(node, loading.folder, config, fault);
}

/* ---- a peer section ------------------------------------------------------------------------------------------------ */

static bool read_gateways(cfg_t *section, struct config_peer *peer, struct fault *fault)
{
	unsigned count = cfg_size(section, "gateways");
	struct fault detail;

	if (count > IKE_GATEWAYS_MAX)
		return fault_say(fault, "gateways: more than %d", IKE_GATEWAYS_MAX);
	for (unsigned i = 0; i < count; i++) {
		const char *text = cfg_getnstr(section, "gateways", i);

		if (!value_gateway(text, &peer->ike.gateway[i], &detail))
			return fault_say(fault, "gateways: %s", detail.text);
		peer->gateway[i] = strdup(text);
		if (peer->gateway[i] == NULL)
			return fault_say(fault, "no memory");
		peer->ike.gateways++;
	}
	return true;
}

static bool read_proposals(cfg_t *section, struct config_peer *peer, struct fault *fault)
{
	unsigned count = cfg_size(section, "proposals");

	if (count > IKE_PROPOSALS_MAX)
		return fault_say(fault, "proposals: more than %d", IKE_PROPOSALS_MAX);
	for (unsigned i = 0; i < count; i++)
		if (!value_proposal(cfg_getnstr(section, "proposals", i), &peer->ike.proposal[i],
				    fault))
			return false;
	if (count > 0)
		peer->ike.proposals = count;
	return true;
}

static bool read_secret(cfg_t *section, struct config_peer *peer, struct fault *fault)
{
	const char *field = cfg_getstr(section, "secret"), *text;
	struct fault detail;

	if (field == NULL)
		return true; /* config_check_peer() says so */
	text = config_secret_of(loading.text, field);
	loading.secret_in_text |= strncmp(text, "file:", 5) != 0;
	peer->secret = value_secret(text, loading.folder, &detail);
	return peer->secret != NULL || fault_say(fault, "secret: %s", detail.text);
}

/* Detection time and loss are defaults only where the probes are not given one by one (keepalive.h). */
static void read_keepalive(cfg_t *section, struct keepalive_settings *settings)
{
	const char *mode = cfg_getstr(section, "mode");
	const char *loss = cfg_getstr(section, "loss");
	struct fault fault;

	settings->mode = strcmp(mode, "off") == 0         ? KEEPALIVE_OFF
			 : strcmp(mode, "ping") == 0      ? KEEPALIVE_OFF /* by the tunnels */
			 : strcmp(mode, "on-demand") == 0 ? KEEPALIVE_ON_DEMAND
							  : KEEPALIVE_PERIODIC;
	settings->strictness =
	    cfg_getbool(section, "strict") == cfg_true ? KEEPALIVE_STRICT : KEEPALIVE_INTEROP;
	settings->false_deaths_a_year = cfg_getfloat(section, "false-deaths");
	read_duration(section, "worry", &settings->worry);
	read_duration(section, "retry", &settings->retry);
	read_count(section, "misses", &settings->misses);
	if (settings->worry != 0 || settings->retry != 0 || settings->misses != 0) {
		settings->detect = 0;
		settings->loss_per_mille = 0;
	}
	read_duration(section, "detect", &settings->detect);
	if (loss != NULL && !value_share(loss, &settings->loss_per_mille, &fault))
		settings->loss_per_mille = 0;
}

static void read_recovery(cfg_t *section, struct recovery_settings *settings)
{
	const char *on_death = cfg_getstr(section, "on-death");

	if (on_death != NULL)
		settings->on_death =
		    strcmp(on_death, "clear") == 0 ? RECOVERY_CLEAR : RECOVERY_RESTART;
	settings->connect_at_start = cfg_getbool(section, "connect-at-start") == cfg_true;
	read_count(section, "attempts", &settings->attempts);
	read_duration(section, "attempt-timeout", &settings->attempt_timeout);
	read_duration(section, "backoff-first", &settings->backoff_first);
	read_duration(section, "backoff-most", &settings->backoff_most);
	read_duration(section, "hold-down", &settings->hold_down);
}

static bool read_authentication(cfg_t *section, struct config_peer *peer, struct fault *fault)
{
	return value_authentication(cfg_getstr(section, "authentication"), &peer->authentication,
				    fault) &&
	       value_exchange(cfg_getstr(section, "exchange"), &peer->exchange, fault) &&
	       read_files(section, peer->file, fault);
}

static bool read_peer(cfg_t *section, struct config *config, struct fault *fault)
{
	struct config_peer *peer = config_add_peer(config, cfg_title(section));
	ike_time lifetime;

	if (peer == NULL)
		return fault_say(fault, "no memory for one more peer");
	lifetime = peer->ike.lifetime * IKE_SECOND;
	read_duration(section, "lifetime", &lifetime);
	peer->ike.lifetime = (uint32_t)(lifetime / IKE_SECOND);
	peer->ike.obey_initial_contact = cfg_getbool(section, "obey-initial-contact") == cfg_true;
	peer->ike.nat_traversal = cfg_getbool(section, "nat-traversal") == cfg_true;
	peer->ike.encapsulate = cfg_getbool(section, "encapsulate") == cfg_true;
	peer->ike.fragmentation = cfg_getbool(section, "fragmentation") == cfg_true;
	read_keepalive(cfg_getsec(section, "keepalive"), &peer->keepalive);
	peer->ping_only = strcmp(cfg_getstr(cfg_getsec(section, "keepalive"), "mode"), "ping") == 0;
	read_recovery(cfg_getsec(section, "recovery"), &peer->extension.recovery);
	return read_gateways(section, peer, fault) && read_proposals(section, peer, fault) &&
	       read_secret(section, peer, fault) && read_authentication(section, peer, fault) &&
	       value_prefix(cfg_getstr(section, "from"), &peer->ike.from, fault) &&
	       read_identity(section, "identity", &peer->ike.remote_identity, fault) &&
	       read_identity(section, "local-identity", &peer->ike.local_identity, fault) &&
	       config_read_tunnels(section, peer, fault) && config_check_peer(config, peer, fault);
}

/* Called where a tunnel section closes: what is wrong with it as a whole is said there. */
static int finish_tunnel(cfg_t *cfg, cfg_opt_t *opt)
{
	cfg_t *section = cfg_opt_getnsec(opt, cfg_opt_size(opt) - 1);
	struct ike_tunnel_settings tunnel;
	struct config_traffic traffic;
	struct fault fault;

	config_tunnel_default(&tunnel);
	config_traffic_default(&traffic);
	if (config_read_tunnel(section, &tunnel, &traffic, &fault))
		return 0;
	cfg_error(cfg, "tunnel \"%s\": %s", cfg_title(section), fault.text);
	return -1;
}

/* Called where a peer section closes. */
static int finish_peer(cfg_t *cfg, cfg_opt_t *opt)
{
	cfg_t *section = cfg_opt_getnsec(opt, cfg_opt_size(opt) - 1);
	struct fault fault;

	if (read_peer(section, loading.config, &fault)) {
		loading.config->peer[loading.config->peers - 1].line = cfg->line;
		return 0;
	}
	cfg_error(cfg, "peer \"%s\": %s", cfg_title(section), fault.text);
	return -1;
}

/* ---- the file ------------------------------------------------------------------------------------------------------ */

/* Every section counts its own lines, and the one that was being read has counted furthest. */
static int line_reached(cfg_t *cfg)
{
	int line = cfg->line;

	for (cfg_opt_t *opt = cfg->opts; opt->name != NULL; opt++) {
		for (unsigned i = 0; opt->type == CFGT_SEC && i < cfg_opt_size(opt); i++) {
			int reached = line_reached(cfg_opt_getnsec(opt, i));

			line = reached > line ? reached : line;
		}
	}
	return line;
}

/* The node's files count for peers before it, too: only now are all of them known. */
static bool read_credentials(struct config *config, struct fault *fault)
{
	bool used = false;
	struct fault detail;

	for (size_t i = 0; i < config->peers; i++)
		used = used || config->peer[i].authentication != CONFIG_PSK;
	for (unsigned i = 0; !used && i < CONFIG_FILES; i++)
		if (config->file[i] != NULL)
			config_warn(
			    config,
			    "node: %s is not read: no peer has authentication = rsa or ecdsa",
			    config_file_field((enum config_file)i));
	for (size_t i = 0; i < config->peers; i++)
		if (!config_read_credentials(config, &config->peer[i], loading.folder, &detail))
			return fault_say(fault, "%s:%d: peer \"%s\": %s", loading.path,
					 config->peer[i].line, config->peer[i].name, detail.text);
	return true;
}

static bool parse(const char *text, struct config *config, struct fault *fault)
{
	cfg_t *cfg = config_grammar_new(complain, finish_tunnel, finish_peer);
	struct fault detail;
	bool good;
	int line;

	if (cfg == NULL)
		return fault_say(fault, "no memory to read %s", loading.path);
	good = cfg_parse_buf(cfg, text) == CFG_SUCCESS;
	if (!good && !loading.complained) /* libconfuse refuses an empty name without a word */
		fault_say(fault, "%s:%d: this is not understood: a field's name should stand here",
			  loading.path, line_reached(cfg));
	if (good && !read_node(cfg_getsec(cfg, "node"), config, &detail))
		good = fault_say(fault, "%s:%d: %s", loading.path, cfg_getsec(cfg, "node")->line,
				 detail.text);
	config->line = cfg_getsec(cfg, "node")->line;
	if (good && !config_check_store(config, &line, &detail))
		good = fault_say(fault, "%s:%d: %s", loading.path, line, detail.text);
	if (good && !config_check_workers(config, &line, &detail))
		good = fault_say(fault, "%s:%d: %s", loading.path, line, detail.text);
	good = good && read_credentials(config, fault);
	if (good && !config_finish(config, &detail))
		good = fault_say(fault, "%s: %s", loading.path, detail.text);
	cfg_free(cfg);
	return good;
}

struct config *config_load(const char *path, struct fault *fault)
{
	bool others_may_read;
	char *text = config_text_read(path, &others_may_read, fault);
	char *shown = text != NULL ? config_secret_hide(path, text, fault) : NULL;
	char *copy = strdup(path);
	struct config *config = config_new();

	if (shown != NULL && (copy == NULL || config == NULL))
		fault_say(fault, "no memory to read %s", path);
	if (shown == NULL || copy == NULL || config == NULL) {
		config_text_free(text);
		free(shown);
		free(copy);
		config_free(config);
		return NULL;
	}
	loading.path = path;
	loading.folder = dirname(copy);
	loading.text = text;
	loading.config = config;
	loading.fault = fault;
	loading.complained = loading.secret_in_text = false;
	if (!parse(shown, config, fault)) {
		config_free(config);
		config = NULL;
	} else if (loading.secret_in_text && others_may_read) {
		config_warn(config, "%s holds a secret and may be read by others: chmod 600 %s",
			    path, path);
	}
	config_text_free(text);
	free(shown);
	free(copy);
	return config;
}
