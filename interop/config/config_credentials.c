/* SPDX-License-Identifier: ISC */
#include "interop/config/config_credentials.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ike/identity.h"
#include "interop/node/clock.h"
#include "interop/config/config_pem.h"

#define DAY        86400 /* seconds */
#define SOON       30    /* days that a certificate is still valid, at which that is told */
#define WHY_LENGTH 256

/* Those of every peer with the same files. */
struct config_credentials {
	struct config_credentials *next;
	char *path[CONFIG_FILES]; /* owned; NULL: none */
	struct credentials *made;
};

/* ---- the words ----------------------------------------------------------------------------------------------------- */

static const char *const files[CONFIG_FILES] = {
    [CONFIG_KEY] = "key",
    [CONFIG_CERTIFICATE] = "certificate",
    [CONFIG_AUTHORITIES] = "authorities",
    [CONFIG_REVOCATIONS] = "revocations",
};

static const char *const authentications[] = {
    [CONFIG_PSK] = "psk",
    [CONFIG_RSA] = "rsa",
    [CONFIG_ECDSA] = "ecdsa",
};

static const char *const exchanges[] = {
    [CONFIG_MAIN] = "main",
    [CONFIG_AGGRESSIVE] = "aggressive",
    [CONFIG_AGGRESSIVE_PSK] = "aggressive-psk",
};

const char *config_file_field(enum config_file file)
{
	return files[file];
}

/* The index of a word, or `count`. */
static unsigned word(const char *text, const char *const *words, unsigned count)
{
	unsigned i = 0;

	while (i < count && strcmp(text, words[i]) != 0)
		i++;
	return i;
}

bool value_authentication(const char *text, enum config_authentication *authentication,
			  struct fault *fault)
{
	const unsigned found = word(text, authentications, CONFIG_ECDSA + 1);

	if (found > CONFIG_ECDSA)
		return fault_say(fault, "\"%s\" is none of psk, rsa, ecdsa", text);
	*authentication = (enum config_authentication)found;
	return true;
}

bool value_exchange(const char *text, enum config_exchange *exchange, struct fault *fault)
{
	const unsigned found = word(text, exchanges, CONFIG_AGGRESSIVE_PSK + 1);

	if (found > CONFIG_AGGRESSIVE_PSK)
		return fault_say(fault, "\"%s\" is none of main, aggressive, aggressive-psk", text);
	*exchange = (enum config_exchange)found;
	return true;
}

/* ---- what goes together -------------------------------------------------------------------------------------------- */

static bool check_secret(struct config *config, const struct config_peer *peer, struct fault *fault)
{
	if (peer->secret == NULL)
		return fault_say(fault, "secret is missing: write secret = \"file:PATH\"");
	for (unsigned i = 0; i < CONFIG_FILES; i++)
		if (peer->file[i] != NULL)
			return fault_say(fault,
					 "%s: this peer is known by its secret: leave it out, or "
					 "write authentication = rsa (or ecdsa) and no secret",
					 files[i]);
	if (peer->exchange == CONFIG_AGGRESSIVE)
		return fault_say(fault,
				 "exchange: in Aggressive Mode with a secret anybody who asks is "
				 "given a hash of it, and can search for the secret offline "
				 "(CVE-2002-1623): write exchange = aggressive-psk if you want "
				 "that, or main");
	if (peer->exchange == CONFIG_AGGRESSIVE_PSK)
		config_warn(config,
			    "peer \"%s\": exchange = aggressive-psk gives anybody who asks a hash "
			    "of the secret, to search for it offline (CVE-2002-1623): only a long "
			    "random one stands that",
			    peer->name);
	return true;
}

/* A certificate has no place for any other. */
static bool certificate_can_name(const struct ike_identity *identity)
{
	switch (identity->type) {
	case 0:
	case IKE_ID_IPV4:
	case IKE_ID_IPV6:
	case IKE_ID_FQDN:
	case IKE_ID_USER_FQDN:
	case IKE_ID_DER_DN:
		return true;
	default:
		return false;
	}
}

static bool check_signatures(const struct config_peer *peer, struct fault *fault)
{
	const char *authentication = authentications[peer->authentication];

	if (peer->secret != NULL)
		return fault_say(fault,
				 "secret: with authentication = %s none is used: leave it out, or "
				 "write authentication = psk",
				 authentication);
	if (peer->exchange == CONFIG_AGGRESSIVE_PSK)
		return fault_say(fault,
				 "exchange: aggressive-psk is for a secret; with authentication = "
				 "%s write exchange = aggressive",
				 authentication);
	if (!certificate_can_name(&peer->ike.remote_identity))
		return fault_say(fault, "identity: no certificate can speak for one of this type: "
					"write an fqdn, user-fqdn, ipv4, ipv6 or der-dn");
	return true;
}

bool config_check_credentials(struct config *config, struct config_peer *peer, struct fault *fault)
{
	peer->ike.aggressive = peer->exchange != CONFIG_MAIN;
	peer->ike.authentication = IKE_AUTHENTICATION_PSK;
	return peer->authentication == CONFIG_PSK ? check_secret(config, peer, fault)
						  : check_signatures(peer, fault);
}

/* ---- the files ----------------------------------------------------------------------------------------------------- */

static const char *path_of(const struct config *config, const struct config_peer *peer,
			   enum config_file file)
{
	return peer->file[file] != NULL ? peer->file[file] : config->file[file];
}

static bool same_path(const char *a, const char *b)
{
	return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

static struct config_credentials *find(const struct config *config, const struct config_peer *peer)
{
	struct config_credentials *at = config->credentials;

	for (; at != NULL; at = at->next) {
		unsigned same = 0;

		while (same < CONFIG_FILES &&
		       same_path(at->path[same], path_of(config, peer, (enum config_file)same)))
			same++;
		if (same == CONFIG_FILES)
			return at;
	}
	return NULL;
}

static struct octets text_of(const struct pem *pem)
{
	return octets_of(pem->text, pem->length);
}

/* In the words of crypto/credentials.h there are certificates in what is one field here. */
static bool complain(const char *why, struct fault *fault)
{
	static const char theirs[] = "certificates: ";
	const size_t length = sizeof(theirs) - 1;
	const bool renamed = strncmp(why, theirs, length) == 0;

	return fault_say(fault, "%s%s", renamed ? "certificate: " : "",
			 renamed ? why + length : why);
}

static bool make(struct config_credentials *one, const char *folder, struct fault *fault)
{
	struct pem pem[CONFIG_FILES] = {{.room = 0}};
	char why[WHY_LENGTH] = "";
	struct fault detail;
	bool good = true;

	for (unsigned i = 0; good && i < CONFIG_FILES; i++)
		if (one->path[i] != NULL)
			good = pem_read(one->path[i], folder,
					i == CONFIG_KEY ? PEM_PRIVATE : PEM_PUBLIC, &pem[i],
					&detail) ||
			       fault_say(fault, "%s: %s", files[i], detail.text);
	if (good) {
		one->made = credentials_new(
		    &(struct credentials_text){.key = text_of(&pem[CONFIG_KEY]),
					       .certificates = text_of(&pem[CONFIG_CERTIFICATE]),
					       .authorities = text_of(&pem[CONFIG_AUTHORITIES]),
					       .revocations = text_of(&pem[CONFIG_REVOCATIONS])},
		    why, sizeof(why));
		good = one->made != NULL || complain(why, fault);
	}
	for (unsigned i = 0; i < CONFIG_FILES; i++)
		pem_free(&pem[i]);
	return good;
}

/* Told once for each certificate, not for each peer. */
static void warn_of_validity(struct config *config, const struct config_credentials *one,
			     int64_t now)
{
	const char *path = one->path[CONFIG_CERTIFICATE];
	char day[CLOCK_TEXT];
	int64_t from, until;

	if (!credentials_validity(one->made, &from, &until))
		return;
	if (now > until)
		config_warn(config, "certificate: %s has expired on %.10s: peers will refuse it",
			    path, clock_text((struct timeval){.tv_sec = until}, day));
	else if (now < from)
		config_warn(
		    config,
		    "certificate: %s is not valid before %.10s: peers will refuse it; is the "
		    "clock right?",
		    path, clock_text((struct timeval){.tv_sec = from}, day));
	else if (until - now < (int64_t)SOON * DAY)
		config_warn(config, "certificate: %s expires in %lld days, on %.10s", path,
			    (long long)((until - now) / DAY),
			    clock_text((struct timeval){.tv_sec = until}, day));
}

static void warn_of_lists(struct config *config, const struct config_credentials *one, int64_t now)
{
	char day[CLOCK_TEXT];
	int64_t until;

	if (credentials_lists_until(one->made, &until) && now > until)
		config_warn(config,
			    "revocations: a list in %s has been out of date since %.10s: whoever "
			    "needs it is refused",
			    one->path[CONFIG_REVOCATIONS],
			    clock_text((struct timeval){.tv_sec = until}, day));
}

static struct config_credentials *add(struct config *config, const struct config_peer *peer,
				      const char *folder, int64_t now, struct fault *fault)
{
	struct config_credentials *one = calloc(1, sizeof(*one));
	bool good = one != NULL;

	for (unsigned i = 0; good && i < CONFIG_FILES; i++) {
		const char *path = path_of(config, peer, (enum config_file)i);

		if (path != NULL)
			good = (one->path[i] = strdup(path)) != NULL;
	}
	if (!good)
		fault_say(fault, "no memory");
	if (!good || !make(one, folder, fault)) {
		config_free_credentials(one);
		return NULL;
	}
	warn_of_validity(config, one, now);
	warn_of_lists(config, one, now);
	one->next = config->credentials;
	config->credentials = one;
	return one;
}

void config_free_credentials(struct config_credentials *list)
{
	struct config_credentials *next;

	for (; list != NULL; list = next) {
		next = list->next;
		credentials_free(list->made);
		for (unsigned i = 0; i < CONFIG_FILES; i++)
			free(list->path[i]);
		free(list);
	}
}

/* ---- a peer -------------------------------------------------------------------------------------------------------- */

static const struct {
	const char *name; /* for people */
	enum config_authentication authentication;
	uint16_t number;
} kinds[] = {
    [SIGNATURE_RSA] = {"RSA", CONFIG_RSA, IKE_AUTHENTICATION_RSA_SIGNATURE},
    [SIGNATURE_ECDSA_256] = {"ECDSA", CONFIG_ECDSA, IKE_AUTHENTICATION_ECDSA_256},
    [SIGNATURE_ECDSA_384] = {"ECDSA", CONFIG_ECDSA, IKE_AUTHENTICATION_ECDSA_384},
    [SIGNATURE_ECDSA_521] = {"ECDSA", CONFIG_ECDSA, IKE_AUTHENTICATION_ECDSA_521},
};

/* Everything but revocations is needed. */
static bool check_paths(const struct config *config, const struct config_peer *peer,
			struct fault *fault)
{
	for (unsigned i = 0; i < CONFIG_REVOCATIONS; i++)
		if (path_of(config, peer, (enum config_file)i) == NULL)
			return fault_say(fault,
					 "%s is missing: with authentication = %s write %s = "
					 "\"PATH\", a file of PEM, here or in the node section",
					 files[i], authentications[peer->authentication], files[i]);
	return true;
}

static enum certificate_name name_of(uint8_t type)
{
	switch (type) {
	case IKE_ID_FQDN:
		return CERTIFICATE_NAME_DNS;
	case IKE_ID_USER_FQDN:
		return CERTIFICATE_NAME_EMAIL;
	case IKE_ID_DER_DN:
		return CERTIFICATE_NAME_DN;
	default:
		return CERTIFICATE_NAME_ADDRESS;
	}
}

static bool is_ours(const struct credentials *ours, const struct ike_identity *identity)
{
	return certificate_can_name(identity) &&
	       credentials_speak_for(ours, name_of(identity->type),
				     octets_of(identity->data, identity->length));
}

/*
 * Whoever verifies us looks for our identity in our certificate.  The peer's goes before the node's as always, and one that is
 * not there is told of; the node's, which is also for peers with secrets, is then not used.  What is left is the certificate's
 * subject.
 */
static bool choose_identity(struct config *config, struct config_peer *peer, struct fault *fault)
{
	const struct credentials *ours = peer->ike.credentials;
	const struct octets subject = credentials_subject(ours);
	struct ike_identity *own = &peer->ike.local_identity;
	const bool of_peer = own->type != 0;
	const struct ike_identity *said = of_peer ? own : &config->ike.identity;
	char text[2 * IKE_IDENTITY_MAX + 64];

	if (said->type != 0 && !is_ours(ours, said)) {
		ike_identity_text(said, text, sizeof(text));
		config_warn(
		    config,
		    "peer \"%s\": our certificate does not speak for %s, which belongs into "
		    "its subjectAltName: %s",
		    peer->name, text,
		    of_peer ? "the peer will refuse us"
			    : "to this peer we are the certificate's subject");
	} else if (said->type != 0) {
		*own = *said;
	}
	if (own->type != 0)
		return true;
	if (subject.length > IKE_IDENTITY_MAX ||
	    !credentials_speak_for(ours, CERTIFICATE_NAME_DN, subject))
		return fault_say(fault,
				 "certificate: its subject cannot be our identity, being empty or "
				 "longer than %d octets: write local-identity, one of its "
				 "subjectAltName",
				 IKE_IDENTITY_MAX);
	own->type = IKE_ID_DER_DN;
	own->length = (uint16_t)subject.length;
	memcpy(own->data, subject.data, subject.length);
	return true;
}

/* In Main Mode our address stands in for an identity; in the first message of all it is not known yet which one that is. */
static bool check_identity(const struct config *config, const struct config_peer *peer,
			   struct fault *fault)
{
	return !peer->ike.aggressive || peer->ike.gateways == 0 ||
	       peer->ike.local_identity.type != 0 || config->ike.identity.type != 0 ||
	       fault_say(fault, "local-identity is missing: Aggressive Mode says who we are in its "
				"first message: write it, or identity in the node section");
}

bool config_read_credentials(struct config *config, struct config_peer *peer, const char *folder,
			     struct fault *fault)
{
	const int64_t now = clock_wall(clock_now()).tv_sec;
	struct config_credentials *one;
	enum signature_kind kind;

	if (peer->authentication == CONFIG_PSK)
		return check_identity(config, peer, fault);
	if (!check_paths(config, peer, fault))
		return false;
	one = find(config, peer);
	if (one == NULL)
		one = add(config, peer, folder, now, fault);
	if (one == NULL)
		return false;
	kind = credentials_kind(one->made);
	if (kinds[kind].authentication != peer->authentication)
		return fault_say(fault,
				 "authentication: the key %s is for %s: write authentication = %s",
				 one->path[CONFIG_KEY], kinds[kind].name,
				 authentications[kinds[kind].authentication]);
	peer->ike.credentials = one->made;
	peer->ike.authentication = kinds[kind].number;
	return choose_identity(config, peer, fault);
}
