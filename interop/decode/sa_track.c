/* SPDX-License-Identifier: ISC */
#include "interop/decode/sa_track.h"

#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/hash.h"
#include "crypto/secret.h"
#include "ike/address.h"

#define FAMILY_LOOKED_AT                                                                           \
	1024 /* SAs of one initiator cookie: a capture may have any number of answers to one call */
#define MARK_LENGTH 20 /* SHA-1 */

struct family { /* SAs with one initiator cookie */
	uint8_t cky_i[IKE_COOKIE_LENGTH];
	struct traced_sa *newest;
};

struct mark { /* a message that has been seen */
	uint8_t digest[MARK_LENGTH];
	uint32_t packet;
	struct ike_address from;
};

struct sa_track {
	unsigned count;
	void *families, *marks;
};

/* ---- blocks -------------------------------------------------------------------------------------------------------- */

const uint8_t *blocks_nth(const struct blocks *blocks, unsigned nth, size_t block)
{
	if (nth >= blocks->count || nth >= BLOCKS_MAX)
		return NULL;
	return blocks->block[(blocks->count - 1 - nth) % BLOCKS_MAX] + CIPHER_MAX_BLOCK - block;
}

void blocks_add(struct blocks *blocks, struct octets ciphertext)
{
	size_t length = ciphertext.length < CIPHER_MAX_BLOCK ? ciphertext.length : CIPHER_MAX_BLOCK;

	if (length > 0)
		memcpy(blocks->block[blocks->count++ % BLOCKS_MAX] + CIPHER_MAX_BLOCK - length,
		       ciphertext.data + ciphertext.length - length, length);
}

/* ---- memory -------------------------------------------------------------------------------------------------------- */

static void forget(struct octets *kept)
{
	union {
		const uint8_t *read;
		uint8_t *write;
	} memory = {.read = kept->data};

	if (memory.write != NULL)
		secret_wipe(memory.write, kept->length);
	free(memory.write);
	*kept = octets_of(NULL, 0);
}

void sa_keep(struct octets *kept, struct octets octets)
{
	uint8_t *copy;

	if (kept->length > 0 || octets.length == 0)
		return;
	copy = malloc(octets.length);
	if (copy == NULL)
		return;
	memcpy(copy, octets.data, octets.length);
	*kept = octets_of(copy, octets.length);
}

void sa_borrow(struct octets *kept, bool *borrowed, struct octets octets)
{
	if (kept->length > 0 || octets.length == 0)
		return;
	*kept = octets;
	*borrowed = true;
}

static void free_exchange(void *node)
{
	struct traced_exchange *exchange = node;

	forget(&exchange->ni);
	forget(&exchange->nr);
	free(exchange);
}

static void free_sa(struct traced_sa *sa)
{
	tdestroy(sa->exchanges, free_exchange);
	if (!sa->sai_b_borrowed)
		forget(&sa->sai_b);
	if (!sa->g_xi_borrowed)
		forget(&sa->g_xi);
	forget(&sa->g_xr);
	free(sa);
}

static void free_family(void *node)
{
	struct family *family = node;

	while (family->newest != NULL) {
		struct traced_sa *sa = family->newest;

		family->newest = sa->older;
		free_sa(sa);
	}
	free(family);
}

struct sa_track *sa_track_new(void)
{
	return calloc(1, sizeof(struct sa_track));
}

void sa_track_free(struct sa_track *track)
{
	if (track == NULL)
		return;
	tdestroy(track->families, free_family);
	tdestroy(track->marks, free);
	free(track);
}

unsigned sa_track_count(const struct sa_track *track)
{
	return track->count;
}

/* ---- SAs by cookies ------------------------------------------------------------------------------------------------ */

static int compare_families(const void *a, const void *b)
{
	return memcmp(((const struct family *)a)->cky_i, ((const struct family *)b)->cky_i,
		      IKE_COOKIE_LENGTH);
}

static struct family *family_of(const struct sa_track *track, const uint8_t *cky_i)
{
	struct family key;
	void *const *found;

	memcpy(key.cky_i, cky_i, IKE_COOKIE_LENGTH);
	found = tfind(&key, &track->families, compare_families);
	return found == NULL ? NULL : *found;
}

struct traced_sa *sa_track_find(const struct sa_track *track, const struct ike_header *header)
{
	const struct family *family = family_of(track, header->cky_i);
	struct traced_sa *unanswered = NULL;
	unsigned looked = 0;

	if (family != NULL && ike_cookie_is_zero(header->cky_r))
		return family->newest;
	for (struct traced_sa *sa = family == NULL ? NULL : family->newest;
	     sa != NULL && looked < FAMILY_LOOKED_AT; sa = sa->older, looked++) {
		if (memcmp(sa->cky_r, header->cky_r, IKE_COOKIE_LENGTH) == 0)
			return sa;
		if (unanswered == NULL && ike_cookie_is_zero(sa->cky_r))
			unanswered = sa;
	}
	return unanswered;
}

bool sa_track_knows_initiator(const struct sa_track *track, const struct ike_header *header)
{
	return family_of(track, header->cky_i) != NULL;
}

struct traced_sa *sa_track_add(struct sa_track *track, const struct ike_header *header,
			       const struct ike_address *from, const struct ike_address *to)
{
	struct traced_sa *sa = calloc(1, sizeof(*sa));
	struct family *family = family_of(track, header->cky_i);

	if (sa == NULL)
		return NULL;
	if (family == NULL) {
		family = calloc(1, sizeof(*family));
		if (family == NULL) {
			free(sa);
			return NULL;
		}
		memcpy(family->cky_i, header->cky_i, IKE_COOKIE_LENGTH);
		if (tsearch(family, &track->families, compare_families) == NULL) {
			free(family);
			free(sa);
			return NULL;
		}
	}
	sa->number = ++track->count;
	sa->older = family->newest;
	family->newest = sa;
	memcpy(sa->cky_i, header->cky_i, IKE_COOKIE_LENGTH);
	memcpy(sa->cky_r, header->cky_r, IKE_COOKIE_LENGTH);
	sa->initiator = *from;
	sa->responder = *to;
	return sa;
}

/* ---- what was seen before ------------------------------------------------------------------------------------------ */

static int compare_marks(const void *a, const void *b)
{
	return memcmp(((const struct mark *)a)->digest, ((const struct mark *)b)->digest,
		      MARK_LENGTH);
}

uint32_t sa_track_seen(struct sa_track *track, struct crypto *crypto, struct octets message,
		       const struct packet *packet, bool *same_side)
{
	struct mark *mark = calloc(1, sizeof(*mark));
	void *const *found;

	*same_side = true;
	if (mark == NULL)
		return 0;
	hash_octets(crypto, HASH_SHA1, &message, 1, mark->digest);
	mark->packet = packet->number;
	mark->from = packet->from;
	found = tsearch(mark, &track->marks, compare_marks);
	if (found == NULL || *found != mark)
		free(mark);
	if (found == NULL || *found == mark)
		return 0;
	mark = *found;
	*same_side = ike_address_equal(&mark->from, &packet->from) ||
		     !ike_address_equal(&mark->from, &packet->to);
	return mark->packet;
}

/* ---- exchanges ----------------------------------------------------------------------------------------------------- */

static int compare_exchanges(const void *a, const void *b)
{
	uint32_t left = ((const struct traced_exchange *)a)->message_id,
		 right = ((const struct traced_exchange *)b)->message_id;

	return (left > right) - (left < right);
}

struct traced_exchange *sa_exchange(struct traced_sa *sa, uint32_t message_id, bool *made)
{
	struct traced_exchange *fresh = calloc(1, sizeof(*fresh));
	void *const *found;

	*made = false;
	if (fresh == NULL)
		return NULL;
	fresh->message_id = message_id;
	found = tsearch(fresh, &sa->exchanges, compare_exchanges);
	if (found == NULL || *found != fresh)
		free(fresh);
	if (found == NULL)
		return NULL;
	*made = *found == fresh;
	return *found;
}

/* ---- who and where ------------------------------------------------------------------------------------------------- */

static bool one_host(const struct traced_sa *sa)
{
	return ike_address_same_host(&sa->initiator, &sa->responder);
}

bool sa_is_between(const struct traced_sa *sa, const struct packet *packet)
{
	return ike_address_same_host(&packet->from, &sa->initiator) ||
	       ike_address_same_host(&packet->from, &sa->responder);
}

/* Where two hosts talk, the host says who it is; where they are one, the port does, until both have moved to another. */
static enum told_from side_of(struct traced_sa *sa, const struct packet *packet)
{
	if (!one_host(sa)) {
		if (ike_address_same_host(&packet->from, &sa->initiator))
			return TOLD_INITIATOR;
		if (ike_address_same_host(&packet->from, &sa->responder))
			return TOLD_RESPONDER;
		/* behind a NAT that has forgotten him: whom it is sent to is known */
		if (ike_address_same_host(&packet->to, &sa->initiator))
			return TOLD_RESPONDER;
		return ike_address_same_host(&packet->to, &sa->responder) ? TOLD_INITIATOR
									  : TOLD_UNKNOWN;
	}
	if (ike_address_equal(&packet->from, &sa->initiator) ||
	    ike_address_equal(&packet->to, &sa->responder))
		return TOLD_INITIATOR;
	if (ike_address_equal(&packet->from, &sa->responder) ||
	    ike_address_equal(&packet->to, &sa->initiator))
		return TOLD_RESPONDER;
	/* both ports are new: it is the initiator who floats first (RFC 3947 section 4) */
	sa->initiator = packet->from;
	sa->responder = packet->to;
	return TOLD_INITIATOR;
}

enum told_from sa_from(struct traced_sa *sa, const struct packet *packet)
{
	enum told_from from = side_of(sa, packet);

	if (from == TOLD_INITIATOR && ike_address_same_host(&packet->from, &sa->initiator))
		sa->initiator.port = packet->from.port;
	if (from == TOLD_RESPONDER && ike_address_same_host(&packet->from, &sa->responder))
		sa->responder.port = packet->from.port;
	return from;
}

void sa_moved(struct traced_sa *sa, const struct packet *packet)
{
	if (ike_address_same_host(&packet->to, &sa->responder))
		sa->initiator = packet->from;
	else if (ike_address_same_host(&packet->to, &sa->initiator))
		sa->responder = packet->from;
}
