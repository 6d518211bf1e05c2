/* SPDX-License-Identifier: ISC */
#include "interop/config/config_grammar.h"

#include <stdio.h>
#include <string.h>

#include "ike/cookie.h"
#include "interop/config/config.h"
#include "interop/config/config_credentials.h"
#include "interop/config/config_traffic.h"
#include "interop/config/config_values.h"

/* ---- the grammar --------------------------------------------------------------------------------------------------- */

/* clang-format off */
static cfg_opt_t limits_fields[] = {
	CFG_STR("sas",                   NULL, CFGF_NONE),
	CFG_STR("handshakes",            NULL, CFGF_NONE),
	CFG_STR("handshakes-per-source", NULL, CFGF_NONE),
	CFG_STR("outputs",               NULL, CFGF_NONE),
	CFG_STR("events",                NULL, CFGF_NONE),
	CFG_STR("notifies-per-second",   NULL, CFGF_NONE),
	CFG_STR("unknown-spis-per-second", NULL, CFGF_NONE),
	CFG_STR("remembered",            NULL, CFGF_NONE),
	CFG_STR("ipsec-sas",             NULL, CFGF_NONE),
	CFG_STR("quick-modes",           NULL, CFGF_NONE),
	CFG_STR("reassemblies",          NULL, CFGF_NONE),
	CFG_END()
};

static cfg_opt_t node_fields[] = {
	CFG_STR("identity",           NULL,           CFGF_NONE),
	CFG_STR_LIST("listen",        NULL,           CFGF_NONE),
	CFG_STR("port",               "500",          CFGF_NONE),
	CFG_STR("nat-t-port",         NULL,           CFGF_NONE),
	CFG_STR("control",            CONFIG_CONTROL, CFGF_NONE),
	CFG_STR("user",               CONFIG_USER,    CFGF_NONE),
	CFG_STR("workers",            "1",            CFGF_NONE),
	CFG_BOOL("confine",           cfg_true,       CFGF_NONE),
	CFG_BOOL("say-invalid-cookie", cfg_true,      CFGF_NONE),
	CFG_STR("key",                NULL,           CFGF_NONE),
	CFG_STR("certificate",        NULL,           CFGF_NONE),
	CFG_STR("authorities",        NULL,           CFGF_NONE),
	CFG_STR("revocations",        NULL,           CFGF_NONE),
	CFG_STR("ipsec",              "auto",         CFGF_NONE),
	CFG_STR("tun",                CONFIG_TUN,     CFGF_NONE),
	CFG_STR_LIST("tun-addresses", NULL,           CFGF_NONE),
	CFG_STR("tun-mtu",            "0",            CFGF_NONE),
	CFG_STR("peers-file",         "",             CFGF_NONE),
	CFG_BOOL("say-invalid-spi",   cfg_false,      CFGF_NONE),
	CFG_SEC("limits",             limits_fields,  CFGF_NONE),
	CFG_END()
};

static cfg_opt_t keepalive_fields[] = {
	CFG_STR("mode",         "periodic", CFGF_NONE),
	CFG_STR("detect",       NULL,       CFGF_NONE),
	CFG_STR("loss",         NULL,       CFGF_NONE),
	CFG_FLOAT("false-deaths", KEEPALIVE_DEFAULT_FALSE_DEATHS, CFGF_NONE),
	CFG_STR("worry",        NULL,       CFGF_NONE),
	CFG_STR("retry",        NULL,       CFGF_NONE),
	CFG_STR("misses",       NULL,       CFGF_NONE),
	CFG_BOOL("strict",      cfg_false,  CFGF_NONE),
	CFG_END()
};

static cfg_opt_t recovery_fields[] = {
	CFG_STR("on-death",          NULL, CFGF_NONE),
	CFG_BOOL("connect-at-start", cfg_true, CFGF_NONE),
	CFG_STR("attempts",          NULL, CFGF_NONE),
	CFG_STR("attempt-timeout",   NULL, CFGF_NONE),
	CFG_STR("backoff-first",     NULL, CFGF_NONE),
	CFG_STR("backoff-most",      NULL, CFGF_NONE),
	CFG_STR("hold-down",         NULL, CFGF_NONE),
	CFG_END()
};

static cfg_opt_t tunnel_fields[] = {
	CFG_STR("local",           "own",     CFGF_NONE),
	CFG_STR("remote",          "own",     CFGF_NONE),
	CFG_STR("mode",            "tunnel",  CFGF_NONE),
	CFG_STR_LIST("proposals",  NULL,      CFGF_NONE),
	CFG_STR("lifetime",        NULL,      CFGF_NONE),
	CFG_STR("kilobytes",       "0",       CFGF_NONE),
	CFG_STR("packets",         "0",       CFGF_NONE),
	CFG_STR("ping",            "",        CFGF_NONE),
	CFG_STR("ping-from",       "",        CFGF_NONE),
	CFG_STR("ping-interval",   "10s",     CFGF_NONE),
	CFG_STR("ping-misses",     "3",       CFGF_NONE),
	CFG_STR("ping-when",       "silent",  CFGF_NONE),
	CFG_BOOL("narrow",         cfg_false, CFGF_NONE),
	CFG_BOOL("begin",          cfg_true,  CFGF_NONE),
	CFG_END()
};

static cfg_opt_t peer_fields[] = {
	CFG_STR_LIST("gateways",         NULL,             CFGF_NONE),
	CFG_STR("from",                  "any",            CFGF_NONE),
	CFG_STR("identity",              NULL,             CFGF_NONE),
	CFG_STR("local-identity",        NULL,             CFGF_NONE),
	CFG_STR("secret",                NULL,             CFGF_NONE),
	CFG_STR("authentication",        "psk",            CFGF_NONE),
	CFG_STR("exchange",              "main",           CFGF_NONE),
	CFG_STR("key",                   NULL,             CFGF_NONE),
	CFG_STR("certificate",           NULL,             CFGF_NONE),
	CFG_STR("authorities",           NULL,             CFGF_NONE),
	CFG_STR("revocations",           NULL,             CFGF_NONE),
	CFG_STR_LIST("proposals",        NULL,             CFGF_NONE),
	CFG_STR("lifetime",              NULL,             CFGF_NONE),
	CFG_BOOL("obey-initial-contact", cfg_true,         CFGF_NONE),
	CFG_BOOL("nat-traversal",        cfg_true,         CFGF_NONE),
	CFG_BOOL("encapsulate",          cfg_false,        CFGF_NONE),
	CFG_BOOL("fragmentation",        cfg_true,         CFGF_NONE),
	CFG_SEC("tunnel",                tunnel_fields,    CFGF_MULTI | CFGF_TITLE | CFGF_NO_TITLE_DUPES),
	CFG_SEC("keepalive",             keepalive_fields, CFGF_NONE),
	CFG_SEC("recovery",              recovery_fields,  CFGF_NONE),
	CFG_END()
};

static cfg_opt_t file_fields[] = {
	CFG_SEC("node", node_fields, CFGF_NONE),
	CFG_SEC("peer", peer_fields, CFGF_MULTI | CFGF_TITLE | CFGF_NO_TITLE_DUPES),
	CFG_END()
};
/* clang-format on */

/* ---- one value ----------------------------------------------------------------------------------------------------- */

typedef bool value_check(const char *text, struct fault *fault);

static bool check_duration(const char *text, struct fault *fault)
{
	ike_time duration;

	return value_duration(text, &duration, fault);
}

static bool check_share(const char *text, struct fault *fault)
{
	uint32_t per_mille;

	return value_share(text, &per_mille, fault);
}

static bool check_count(const char *text, struct fault *fault)
{
	uint32_t number;

	return value_number(text, 1, 100000000, &number, fault);
}

static bool check_rate(const char *text, struct fault *fault)
{
	uint32_t number;

	return value_number(text, 0, 1000000, &number, fault);
}

static bool check_port(const char *text, struct fault *fault)
{
	uint32_t number;

	return value_number(text, 0, 65535, &number, fault);
}

static bool check_workers(const char *text, struct fault *fault)
{
	uint32_t number;

	return value_number(text, 1, IKE_WORKERS_MAX, &number, fault);
}

static bool check_address(const char *text, struct fault *fault)
{
	struct ike_address address;

	return value_address(text, &address, fault);
}

static bool check_prefix(const char *text, struct fault *fault)
{
	struct ike_prefix prefix;

	return value_prefix(text, &prefix, fault);
}

static bool check_identity(const char *text, struct fault *fault)
{
	struct ike_identity identity;

	return value_identity(text, &identity, fault);
}

static bool check_proposal(const char *text, struct fault *fault)
{
	struct ike_proposal proposal;

	return value_proposal(text, &proposal, fault);
}

static bool check_mode(const char *text, struct fault *fault)
{
	return strcmp(text, "periodic") == 0 || strcmp(text, "on-demand") == 0 ||
	       strcmp(text, "ping") == 0 || strcmp(text, "off") == 0 ||
	       fault_say(fault, "\"%s\" is none of periodic, on-demand, ping, off", text);
}

static bool check_ipsec(const char *text, struct fault *fault)
{
	enum store_kind kind;

	return value_ipsec(text, &kind, fault);
}

static bool check_tun_address(const char *text, struct fault *fault)
{
	struct ike_prefix prefix;

	return value_tun_address(text, &prefix, fault);
}

static bool check_tun_mtu(const char *text, struct fault *fault)
{
	uint32_t mtu;

	return value_tun_mtu(text, &mtu, fault);
}

static bool check_ping(const char *text, struct fault *fault)
{
	struct ike_address address;

	return value_ping(text, &address, fault);
}

static bool check_ping_interval(const char *text, struct fault *fault)
{
	ike_time interval;

	return value_ping_interval(text, &interval, fault);
}

static bool check_ping_when(const char *text, struct fault *fault)
{
	bool always;

	return value_ping_when(text, &always, fault);
}

static bool check_ping_misses(const char *text, struct fault *fault)
{
	uint32_t misses;

	return value_ping_misses(text, &misses, fault);
}

static bool check_tunnel_mode(const char *text, struct fault *fault)
{
	return strcmp(text, "tunnel") == 0 || strcmp(text, "transport") == 0 ||
	       fault_say(fault, "\"%s\" is neither tunnel nor transport", text);
}

static bool check_selector(const char *text, struct fault *fault)
{
	struct ike_selector selector;

	return value_selector(text, &selector, fault);
}

static bool check_ipsec_proposal(const char *text, struct fault *fault)
{
	struct ike_ipsec_proposal proposal;

	return value_ipsec_proposal(text, &proposal, fault);
}

static bool check_any_number(const char *text, struct fault *fault)
{
	uint32_t number;

	return value_number(text, 0, UINT32_MAX, &number, fault);
}

static bool check_on_death(const char *text, struct fault *fault)
{
	return strcmp(text, "restart") == 0 || strcmp(text, "clear") == 0 ||
	       fault_say(fault, "\"%s\" is neither restart nor clear", text);
}

static bool check_authentication(const char *text, struct fault *fault)
{
	enum config_authentication authentication;

	return value_authentication(text, &authentication, fault);
}

static bool check_exchange(const char *text, struct fault *fault)
{
	enum config_exchange exchange;

	return value_exchange(text, &exchange, fault);
}

static bool check_path(const char *text, struct fault *fault)
{
	return text[0] != '\0' ||
	       fault_say(fault, "an empty name: write the path of a file of PEM");
}

/* Whether there is such a user is for the start to find out: a configuration may be checked on another machine. */
static bool check_user(const char *text, struct fault *fault)
{
	return text[0] != '\0' ||
	       fault_say(fault,
			 "an empty name: write the user that a node started by root becomes");
}

/* Every field, sorted as the grammar above; NULL: checked elsewhere, or by libconfuse itself. */
static const struct field_check {
	const char *path;
	value_check *check;
} field_checks[] = {
    {"node|identity", check_identity},
    {"node|listen", check_address},
    {"node|port", check_port},
    {"node|nat-t-port", check_port},
    {"node|control", NULL},
    {"node|user", check_user},
    {"node|workers", check_workers},
    {"node|confine", NULL},
    {"node|say-invalid-cookie", NULL},
    {"node|key", check_path},
    {"node|certificate", check_path},
    {"node|authorities", check_path},
    {"node|revocations", check_path},
    {"node|ipsec", check_ipsec},
    {"node|tun", value_tun},
    {"node|tun-addresses", check_tun_address},
    {"node|tun-mtu", check_tun_mtu},
    {"node|peers-file", NULL},
    {"node|say-invalid-spi", NULL},
    {"node|limits|sas", check_count},
    {"node|limits|handshakes", check_count},
    {"node|limits|handshakes-per-source", check_count},
    {"node|limits|outputs", check_count},
    {"node|limits|events", check_count},
    {"node|limits|notifies-per-second", check_rate},
    {"node|limits|unknown-spis-per-second", check_rate},
    {"node|limits|remembered", check_rate},
    {"node|limits|ipsec-sas", check_count},
    {"node|limits|quick-modes", check_count},
    {"node|limits|reassemblies", check_count},
    {"peer|gateways", NULL},
    {"peer|from", check_prefix},
    {"peer|identity", check_identity},
    {"peer|local-identity", check_identity},
    {"peer|secret", NULL},
    {"peer|authentication", check_authentication},
    {"peer|exchange", check_exchange},
    {"peer|key", check_path},
    {"peer|certificate", check_path},
    {"peer|authorities", check_path},
    {"peer|revocations", check_path},
    {"peer|proposals", check_proposal},
    {"peer|lifetime", check_duration},
    {"peer|obey-initial-contact", NULL},
    {"peer|nat-traversal", NULL},
    {"peer|encapsulate", NULL},
    {"peer|fragmentation", NULL},
    {"peer|tunnel|local", check_selector},
    {"peer|tunnel|remote", check_selector},
    {"peer|tunnel|mode", check_tunnel_mode},
    {"peer|tunnel|proposals", check_ipsec_proposal},
    {"peer|tunnel|lifetime", check_duration},
    {"peer|tunnel|kilobytes", check_any_number},
    {"peer|tunnel|packets", check_any_number},
    {"peer|tunnel|ping", check_ping},
    {"peer|tunnel|ping-from", check_ping},
    {"peer|tunnel|ping-interval", check_ping_interval},
    {"peer|tunnel|ping-when", check_ping_when},
    {"peer|tunnel|ping-misses", check_ping_misses},
    {"peer|tunnel|narrow", NULL},
    {"peer|tunnel|begin", NULL},
    {"peer|keepalive|mode", check_mode},
    {"peer|keepalive|detect", check_duration},
    {"peer|keepalive|loss", check_share},
    {"peer|keepalive|false-deaths", NULL},
    {"peer|keepalive|worry", check_duration},
    {"peer|keepalive|retry", check_duration},
    {"peer|keepalive|misses", check_count},
    {"peer|keepalive|strict", NULL},
    {"peer|recovery|on-death", check_on_death},
    {"peer|recovery|connect-at-start", NULL},
    {"peer|recovery|attempts", check_count},
    {"peer|recovery|attempt-timeout", check_duration},
    {"peer|recovery|backoff-first", check_duration},
    {"peer|recovery|backoff-most", check_duration},
    {"peer|recovery|hold-down", check_duration},
};

#define FIELD_CHECKS (sizeof(field_checks) / sizeof(field_checks[0]))

/* Two fields of one name in one kind of section do not occur, so section and name find the row. */
static value_check *check_of(const cfg_t *cfg, const cfg_opt_t *opt)
{
	char end[64];

	snprintf(end, sizeof(end), "%s|%s", cfg->name, opt->name);
	for (size_t i = 0; i < FIELD_CHECKS; i++) {
		const char *path = field_checks[i].path;
		size_t length = strlen(path), wanted = strlen(end);

		if (length >= wanted && strcmp(path + length - wanted, end) == 0)
			return field_checks[i].check;
	}
	return NULL;
}

/* libconfuse takes "node|port = 1" outside of any section, and would have nobody look at the value. */
static bool is_in_its_section(const cfg_t *cfg, const cfg_opt_t *opt)
{
	for (const cfg_opt_t *own = cfg->opts; own->name != NULL; own++)
		if (own == opt)
			return true;
	return false;
}

/* Called for every value as it is read, for each element of a list. */
static int check_field(cfg_t *cfg, cfg_opt_t *opt)
{
	value_check *check = check_of(cfg, opt);
	unsigned count = cfg_opt_size(opt);
	struct fault fault;

	if (!is_in_its_section(cfg, opt)) {
		cfg_error(cfg, "%s: write it inside its section", opt->name);
		return -1;
	}
	if (check == NULL || count == 0 || check(cfg_opt_getnstr(opt, count - 1), &fault))
		return 0;
	cfg_error(cfg, "%s: %s", opt->name, fault.text);
	return -1;
}

cfg_t *config_grammar_new(cfg_errfunc_t complain, cfg_validate_callback_t finish_tunnel,
			  cfg_validate_callback_t finish_peer)
{
	cfg_t *cfg = cfg_init(file_fields, CFGF_NONE);

	if (cfg == NULL)
		return NULL;
	cfg_set_error_function(cfg, complain);
	for (size_t i = 0; i < FIELD_CHECKS; i++)
		cfg_set_validate_func(cfg, field_checks[i].path, check_field);
	cfg_set_validate_func(cfg, "peer|tunnel", finish_tunnel);
	cfg_set_validate_func(cfg, "peer", finish_peer);
	return cfg;
}
