/* SPDX-License-Identifier: ISC */
#include "interop/one_peer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "interop/config/config_credentials.h"
#include "interop/config/config_values.h"

/* ---- the command line ---------------------------------------------------------------------------------------------- */

void one_peer_begin(struct one_peer *o, struct options_row rows[ONE_PEER_ROWS])
{
	const struct options_row all[ONE_PEER_ROWS] = {
	    {0, "secret-file", OPTIONS_TEXT, &o->secret_file, "FILE",
	     "the pre-shared key, in a file of yours alone", 0},
	    {0, "secret", OPTIONS_SECRET, &o->secret, "SECRET",
	     "the pre-shared key: text, or 0x and hex", 0},
	    {0, "authentication", OPTIONS_TEXT, &o->authentication, "HOW",
	     "psk, or rsa or ecdsa with the following (psk)", 0},
	    {0, "key", OPTIONS_TEXT, &o->file[CONFIG_KEY], "FILE",
	     "our private key, PEM, in a file of yours alone", 0},
	    {0, "certificate", OPTIONS_TEXT, &o->file[CONFIG_CERTIFICATE], "FILE",
	     "ours, and those between it and the authority", 0},
	    {0, "authorities", OPTIONS_TEXT, &o->file[CONFIG_AUTHORITIES], "FILE",
	     "whom to believe", 0},
	    {0, "revocations", OPTIONS_TEXT, &o->file[CONFIG_REVOCATIONS], "FILE",
	     "their revocation lists: one for every authority", 0},
	    {0, "exchange", OPTIONS_TEXT, &o->exchange, "NAME",
	     "main, aggressive, or aggressive-psk (main)", 0},
	    {0, "proposal", OPTIONS_LIST, &o->proposals, "P",
	     "such as aes128-sha1-modp2048; more than once: in order", 0},
	    {0, "identity", OPTIONS_TEXT, &o->identity, "ID",
	     "who we are: fqdn:..., user-fqdn:..., key-id:... (our address)", 0},
	    {0, "peer-identity", OPTIONS_TEXT, &o->peer_identity, "ID",
	     "who the gateway must be (anyone with the secret)", 0},
	    {0, "port", OPTIONS_NUMBER, &o->port, "N", "the gateway's UDP port (500)", 65535},
	    {0, "local-port", OPTIONS_NUMBER, &o->local_port, "N",
	     "ours; 0: any (500, if it can be had)", 65535},
	};

	*o = (struct one_peer){.port = ONE_PEER_PORT_UNSAID, .local_port = ONE_PEER_PORT_UNSAID};
	memcpy(rows, all, sizeof(all));
}

void one_peer_end(struct one_peer *o)
{
	if (o->secret != NULL) {
		secret_wipe(o->secret, strlen(o->secret));
		free(o->secret);
	}
	o->secret = NULL;
}

/* ---- the peer ------------------------------------------------------------------------------------------------------ */

static bool read_proposals(const struct options_list *list, struct config_peer *peer,
			   struct fault *fault)
{
	if (list->count > IKE_PROPOSALS_MAX)
		return fault_say(fault, "more than %d times --proposal", IKE_PROPOSALS_MAX);
	for (size_t i = 0; i < list->count; i++)
		if (!value_proposal(list->item[i], &peer->ike.proposal[i], fault))
			return false;
	if (list->count > 0)
		peer->ike.proposals = list->count;
	return true;
}

static bool read_secret(const struct one_peer *o, struct config_peer *peer, struct fault *fault)
{
	const bool given = o->secret != NULL || o->secret_file != NULL;

	if (o->secret != NULL && o->secret_file != NULL)
		return fault_say(fault, "give one of --secret-file FILE and --secret SECRET");
	if (!given && peer->authentication == CONFIG_PSK)
		return fault_say(fault, "give one of --secret-file FILE and --secret SECRET, or "
					"--authentication rsa (or ecdsa), --key, --certificate and "
					"--authorities");
	if (!given)
		return true;
	peer->secret = o->secret_file != NULL ? value_secret_file(o->secret_file, fault)
					      : value_secret(o->secret, NULL, fault);
	return peer->secret != NULL;
}

static bool read_authentication(const struct one_peer *o, struct config_peer *peer,
				struct fault *fault)
{
	for (size_t i = 0; i < CONFIG_FILES; i++)
		if (o->file[i] != NULL && (peer->file[i] = strdup(o->file[i])) == NULL)
			return fault_say(fault, "no memory");
	return (o->authentication == NULL ||
		value_authentication(o->authentication, &peer->authentication, fault)) &&
	       (o->exchange == NULL || value_exchange(o->exchange, &peer->exchange, fault)) &&
	       read_secret(o, peer, fault);
}

static bool read_identities(const struct one_peer *o, struct config_peer *peer, struct fault *fault)
{
	return (o->identity == NULL ||
		value_identity(o->identity, &peer->ike.local_identity, fault)) &&
	       (o->peer_identity == NULL ||
		value_identity(o->peer_identity, &peer->ike.remote_identity, fault));
}

struct config_peer *one_peer_add(const struct one_peer *o, struct config *config,
				 const char *gateway, ike_time attempt, struct fault *fault)
{
	struct config_peer *peer = config_add_peer(config, gateway);
	struct ike_address *address;

	if (peer == NULL) {
		fault_say(fault, "no memory");
		return NULL;
	}
	address = &peer->ike.gateway[0];
	peer->keepalive.mode = KEEPALIVE_OFF; /* whoever calls this asks by itself */
	peer->extension.recovery.connect_at_start = false;
	peer->extension.recovery.on_death = RECOVERY_CLEAR;
	peer->extension.recovery.attempts = 1;
	peer->extension.recovery.attempt_timeout = attempt;
	if (!value_gateway(gateway, address, fault) || !read_authentication(o, peer, fault) ||
	    !read_proposals(&o->proposals, peer, fault) || !read_identities(o, peer, fault))
		return NULL;
	if (o->port != ONE_PEER_PORT_UNSAID)
		address->port = (uint16_t)o->port;
	peer->ike.gateways = 1;
	config->listens = 1;
	config->listen[0] = (struct ike_address){.family = address->family};
	return peer;
}

/* What is asked of a file in its own words is asked here in those of the command line. */
static bool check_identity(const struct one_peer *o, const struct config_peer *peer,
			   struct fault *fault)
{
	return peer->exchange != CONFIG_AGGRESSIVE_PSK || o->identity != NULL ||
	       fault_say(fault, "give --identity ID: Aggressive Mode says who we are in its first "
				"message");
}

bool one_peer_finish(const struct one_peer *o, struct config *config, struct fault *fault)
{
	struct config_peer *peer = &config->peer[0];

	return check_identity(o, peer, fault) && config_check_peer(config, peer, fault) &&
	       config_read_credentials(config, peer, NULL, fault) && config_finish(config, fault);
}

void one_peer_listen(struct config *config, uint16_t port)
{
	config->listens = 1;
	config->listen[0].port = port;
	config_listen_for_nat_t(config);
}

void one_peer_warn(const struct config *config, const char *verb)
{
	for (size_t i = 0; config->peer[0].authentication != CONFIG_PSK && i < config->warnings;
	     i++)
		fprintf(stderr, "ruthere %s: warning: %s\n", verb, config->warning[i]);
}

/* ---- why it failed ------------------------------------------------------------------------------------------------- */

bool one_peer_explain(const struct one_peer_phase_1 *phase_1, const struct ike_event *event,
		      struct fault *fault)
{
	const bool psk = phase_1->psk;
	const char *said = phase_1->said;
	char gateway[IKE_ADDRESS_TEXT];

	ike_address_text(&phase_1->gateway, gateway, sizeof(gateway));
	if (psk &&
	    (event->verdict == IKE_UNREADABLE || event->verdict == IKE_AUTHENTICATION_FAILED))
		return fault_say(fault, "Phase 1 failed: the secrets differ (%s, %s)",
				 ike_verdict_sentence(event->verdict),
				 ike_verdict_section(event->verdict));
	if (event->verdict != IKE_ACCEPTED)
		return fault_say(fault, "Phase 1 failed: %s (%s)",
				 ike_verdict_sentence(event->verdict),
				 ike_verdict_section(event->verdict));
	if (said != NULL && strcmp(said, "NO-PROPOSAL-CHOSEN") == 0)
		return fault_say(fault, "Phase 1 failed: the peer said NO-PROPOSAL-CHOSEN; offer "
					"what it accepts with --proposal");
	if (phase_1->keys)
		return fault_say(
		    fault,
		    "Phase 1 failed: %s answered until there were keys and then fell silent%s%s: "
		    "most likely %s, or it does not accept our identity",
		    gateway, said != NULL ? ", saying " : "", said != NULL ? said : "",
		    psk ? "the secrets differ" : "it does not believe our certificate");
	if (said != NULL)
		return fault_say(fault, "Phase 1 failed: the peer said %s", said);
	return fault_say(fault, "Phase 1 failed: no answer from %s", gateway);
}
