/* SPDX-License-Identifier: ISC */
/*
 * impair_sa.c - the SAs whose keys the layer knows.  They are asked for at each message, because the last Delete leaves when the
 * core has forgotten its SA.
 */
#include <string.h>

#include "crypto/secret.h"
#include "ike/address.h"
#include "interop/impair/impair_layer.h"

static bool has_cookies(const uint8_t *cky_i, const uint8_t *cky_r, const uint8_t *other_i,
			const uint8_t *other_r)
{
	return memcmp(cky_i, other_i, IKE_COOKIE_LENGTH) == 0 &&
	       memcmp(cky_r, other_r, IKE_COOKIE_LENGTH) == 0;
}

static struct impair_sa *longest_unused(struct impair *impair)
{
	struct impair_sa *oldest = &impair->sa[0];

	for (size_t i = 0; i < IMPAIR_SAS; i++) {
		struct impair_sa *sa = &impair->sa[i];

		if (!sa->used)
			return sa;
		if (sa->looked_at < oldest->looked_at)
			oldest = sa;
	}
	return oldest;
}

bool impair_sa_status(const struct impair *impair, const struct impair_sa *sa,
		      struct ike_sa_status *status)
{
	uint32_t cursor = 0;

	while (ike_next_sa(impair->core, &cursor, status))
		if (has_cookies(status->cky_i, status->cky_r, sa->cky_i, sa->cky_r))
			return true;
	return false;
}

static struct impair_sa *learn(struct impair *impair, const uint8_t *cky_i, const uint8_t *cky_r)
{
	struct ike_sa_status status;
	struct impair_sa *sa;
	struct ike_keys keys;

	if (!ike_export_keys(impair->core, cky_i, cky_r, &keys))
		return NULL;
	if (!keys.established) {
		secret_wipe(&keys, sizeof(keys));
		return NULL;
	}
	sa = longest_unused(impair);
	memset(sa, 0, sizeof(*sa));
	sa->used = true;
	memcpy(sa->cky_i, cky_i, IKE_COOKIE_LENGTH);
	memcpy(sa->cky_r, cky_r, IKE_COOKIE_LENGTH);
	sa->keys = keys;
	secret_wipe(&keys, sizeof(keys));
	if (impair_sa_status(impair, sa, &status))
		sa->remote = status.remote;
	return sa;
}

struct impair_sa *impair_sa_of(struct impair *impair, const uint8_t *cky_i, const uint8_t *cky_r)
{
	struct impair_sa *sa = NULL;

	for (size_t i = 0; i < IMPAIR_SAS && sa == NULL; i++)
		if (impair->sa[i].used &&
		    has_cookies(impair->sa[i].cky_i, impair->sa[i].cky_r, cky_i, cky_r))
			sa = &impair->sa[i];
	if (sa == NULL)
		sa = learn(impair, cky_i, cky_r);
	if (sa != NULL)
		sa->looked_at = ++impair->looked;
	return sa;
}

/* The core is told from where it knows the SA, or it would not look at it. */
void impair_kill(struct impair *impair, ike_time now, struct impair_sa *sa)
{
	struct ike_sa_status status;
	struct message message;

	if (!impair_sa_status(impair, sa, &status))
		return;
	sa->remote = status.remote;
	impair_begin(impair, sa, &message);
	message_add_delete(&message);
	impair_give(impair, now, sa, &message);
}

void impair_kill_others(struct impair *impair, ike_time now, const struct ike_address *host,
			const struct impair_sa *but)
{
	struct ike_sa_status status;
	uint32_t cursor = 0;

	while (ike_next_sa(impair->core, &cursor, &status)) {
		struct impair_sa *sa;

		if ((host != NULL && !ike_address_same_host(&status.remote, host)) ||
		    (but != NULL &&
		     has_cookies(but->cky_i, but->cky_r, status.cky_i, status.cky_r)))
			continue;
		sa = impair_sa_of(impair, status.cky_i, status.cky_r);
		if (sa != NULL)
			impair_kill(impair, now, sa);
	}
}
