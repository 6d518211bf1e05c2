/* SPDX-License-Identifier: ISC */
#include "interop/conform/target.h"

#include <stdio.h>
#include <string.h>

#include "interop/node/clock.h"
#include "interop/config/config_tunnel.h"
#include "interop/config/config_values.h"

#define PATIENCE_LEAST (50 * IKE_MILLISECOND)
#define LONGEST        (3600 * IKE_SECOND)
#define SELECTOR_MOST  80

/* ---- tunnels ------------------------------------------------------------------------------------------------------- */

static bool read_ends(const char *text, struct ike_tunnel_settings *tunnel, struct fault *fault)
{
	const char *equals = strchr(text, '=');
	char ours[SELECTOR_MOST];
	int length;

	length =
	    equals != NULL ? snprintf(ours, sizeof(ours), "%.*s", (int)(equals - text), text) : -1;
	if (length < 0 || (size_t)length >= sizeof(ours))
		return fault_say(
		    fault,
		    "--tunnel \"%s\" is not OURS=THEIRS, such as 10.1.0.0/16=10.2.0.0/16 "
		    "or own=own",
		    text);
	return value_selector(ours, &tunnel->local, fault) &&
	       value_selector(equals + 1, &tunnel->remote, fault);
}

static bool add_ours(const struct target *target, struct config_peer *peer, struct fault *fault)
{
	struct ike_tunnel_settings *tunnel;

	if (target->tunnel == NULL)
		return target->esp.count == 0 ||
		       fault_say(fault, "--esp is for --tunnel OURS=THEIRS, which is missing");
	tunnel = config_add_tunnel(peer, "asked");
	if (tunnel == NULL)
		return fault_say(fault, "no memory");
	tunnel->wait = true; /* until a case wants it */
	if (target->esp.count > IKE_IPSEC_PROPOSALS_MAX)
		return fault_say(fault, "more than %d times --esp", IKE_IPSEC_PROPOSALS_MAX);
	for (size_t i = 0; i < target->esp.count; i++)
		if (!value_ipsec_proposal(target->esp.item[i], &tunnel->proposal[i], fault))
			return false;
	if (target->esp.count > 0)
		tunnel->proposals = target->esp.count;
	return read_ends(target->tunnel, tunnel, fault);
}

static bool is_all(const struct ike_selector *selector, const char *prefix)
{
	char text[IKE_SELECTOR_TEXT];

	ike_selector_text(selector, text, sizeof(text));
	return strcmp(text, prefix) == 0;
}

/* Whatever the device asks for lies inside. */
static bool add_any(struct config_peer *peer, const char *name, const char *prefix,
		    struct fault *fault)
{
	static const char *const texts[] = {
	    "aes256-sha256",        "aes128-sha256",        "aes256-sha1", "aes128-sha1",
	    "aes128-sha1-modp2048", "aes128-sha1-modp1536", "3des-sha1",   "3des-md5"};
	struct ike_tunnel_settings *ours = &peer->ike.tunnel[0], *tunnel;

	if (peer->ike.tunnels > 0 && is_all(&ours->local, prefix) &&
	    is_all(&ours->remote, prefix)) {
		ours->narrow = true; /* two with the same ends would be one too many */
		return true;
	}
	tunnel = config_add_tunnel(peer, name);
	if (tunnel == NULL)
		return fault_say(fault, "no memory");
	tunnel->wait = true;
	tunnel->narrow = true;
	tunnel->proposals = 0;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		tunnel->proposals +=
		    ike_ipsec_proposal_parse(texts[i], &tunnel->proposal[tunnel->proposals]);
	return value_selector(prefix, &tunnel->local, fault) &&
	       value_selector(prefix, &tunnel->remote, fault);
}

/* ---- settings ------------------------------------------------------------------------------------------------------ */

static bool settle_time(ike_time said, ike_time otherwise, const char *name, ike_time *time,
			struct fault *fault)
{
	*time = said != 0 ? said : otherwise;
	return (*time >= PATIENCE_LEAST && *time <= LONGEST) ||
	       fault_say(fault, "--%s is not within 50ms to 1h", name);
}

static bool settle_times(const struct target *target, struct trial_settings *settings,
			 struct fault *fault)
{
	return settle_time(target->patience, TARGET_PATIENCE, "patience", &settings->patience,
			   fault) &&
	       settle_time(target->worry, TARGET_WORRY, "worry", &settings->worry, fault) &&
	       settle_time(target->death, TARGET_DEATH, "death", &settings->death, fault);
}

/* One device, few SAs: each of them has a core of its own. */
static void limit(struct ike_limits *limits)
{
	limits->sas = 16;
	limits->handshakes = 16;
	limits->handshakes_per_source = 16;
	limits->outputs = 256;
	limits->events = 256;
	limits->ipsec_sas = 64;
	limits->quick_modes = 16;
	limits->reassemblies = 8;
}

bool target_settle(const struct target *target, const struct one_peer *one_peer,
		   struct config *config, const char *gateway, struct trial_settings *settings,
		   struct fault *fault)
{
	struct config_peer *peer;
	ike_time attempt;

	memset(settings, 0, sizeof(*settings));
	if (!settle_times(target, settings, fault))
		return false;
	config->ipsec = STORE_KEEP; /* there is no kernel behind it that could take packets */
	config->ike.say_invalid_cookie = false;
	limit(&config->ike.limits);
	/* a little less than trial_call() waits, so that the core has told why */
	attempt = 5 * settings->patience - settings->patience / 8;
	peer = one_peer_add(one_peer, config, gateway, attempt, fault);
	if (peer == NULL || !add_ours(target, peer, fault) ||
	    !add_any(peer, "any", "0.0.0.0/0", fault) || !add_any(peer, "any6", "::/0", fault) ||
	    !one_peer_finish(one_peer, config, fault))
		return false;
	settings->ike = config->ike;
	settings->ike.calendar = 0;
	(void)clock_calendar(&settings->ike.calendar);
	settings->peer = config->ike.peer[0];
	settings->tunnel = target->tunnel != NULL ? &config->ike.peer[0].tunnel[0] : NULL;
	random_system(&settings->random);
	return true;
}
