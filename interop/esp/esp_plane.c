/* SPDX-License-Identifier: ISC */
#include "interop/esp/esp_plane.h"

#include <string.h>

#include "crypto/secret.h"
#include "ike/address.h"
#include "interop/esp/esp_account.h"

#define LEAST_SPI   256                            /* RFC 4303 section 2.1 */
#define SOFT_NUMBER (UINT32_MAX - (1u << 24) + 1u) /* long before the last */
#define KILOBYTE    1024                           /* octets, as for the kernel: store_message.c */
#define IV_POOL     4096                           /* octets */
#define CERTAIN     IKE_SECOND                     /* after QM3 has left, the peer has the pair */
#define MOVES_APART IKE_SECOND                     /* at least, of one pair's peer */

struct esp_plane {
	struct random_source random;
	struct esp_table *table;
	struct esp_account account;
	uint64_t counts[ESP_VERDICTS];
	/*
	 * IVs of CBC must be such as nobody can predict (RFC 3602 section 3).  These are the random source's own octets, drawn many
	 * at a time, so that most packets cost no system call, and none is used twice.
	 */
	size_t ivs_left; /* octets, at the end */
	uint8_t ivs[IV_POOL];
};

struct esp_plane *esp_plane_new(const struct random_source *random, uint32_t pairs)
{
	struct esp_plane *plane = secret_slab_new(sizeof(*plane));

	if (plane == NULL)
		return NULL;
	plane->random = *random;
	plane->table = esp_table_new(&plane->random, pairs);
	if (plane->table == NULL) {
		esp_plane_free(plane);
		return NULL;
	}
	return plane;
}

/* ---- pairs ----------------------------------------------------------------------------------------------------------- */

static bool check(const struct esp_plane *plane, const struct ike_ipsec_sa *pair,
		  struct fault *fault)
{
	const struct ike_prefix *local = &pair->inside_local.prefix,
				*remote = &pair->inside_remote.prefix;

	if (pair->transport)
		return fault_say(fault,
				 "transport mode is not for the userspace ESP, which has no hold "
				 "on the host's own packets; say mode = tunnel, or ipsec = xfrm");
	if (ike_family_bits(local->address.family) == 0 ||
	    local->address.family != remote->address.family ||
	    local->bits > ike_family_bits(local->address.family) ||
	    remote->bits > ike_family_bits(remote->address.family))
		return fault_say(fault,
				 "the selectors of a pair must be two prefixes of one family");
	if (pair->number == 0 || esp_table_by_number(plane->table, pair->number) != NULL)
		return fault_say(fault, "pair %u is there already, or none", pair->number);
	if (pair->spi_in < LEAST_SPI || esp_table_by_spi(plane->table, pair->spi_in) != NULL)
		return fault_say(fault, "SPI 0x%08x is taken by another pair, or reserved",
				 pair->spi_in);
	return true;
}

static bool key(struct esp_pair *to, const struct ike_ipsec_sa *from, struct fault *fault)
{
	const size_t first = from->encryption_key_length, second = from->authentication_key_length;
	struct esp_form form;

	if (first > IKE_IPSEC_KEYMAT_MAX || second > IKE_IPSEC_KEYMAT_MAX - first)
		return fault_say(fault, "the keys of a pair are longer than its KEYMAT");
	return esp_form_of(&from->proposal, &form, fault) &&
	       esp_sa_key(&to->in, &form, from->spi_in, octets_of(from->keymat_in, first),
			  octets_of(from->keymat_in + first, second), PACKET_OPENED, fault) &&
	       esp_sa_key(&to->out, &form, from->spi_out, octets_of(from->keymat_out, first),
			  octets_of(from->keymat_out + first, second), PACKET_SEALED, fault);
}

static void drop(struct esp_plane *plane, struct esp_pair *pair)
{
	esp_sa_wipe(&pair->in);
	esp_sa_wipe(&pair->out);
	esp_table_give_back(plane->table, pair);
}

static void follow(struct esp_pair *to, const struct ike_ipsec_sa *from)
{
	to->local = from->local;
	to->remote = from->remote;
	to->encapsulated = from->encapsulated;
	to->superseded = from->superseded;
}

bool esp_plane_add(struct esp_plane *plane, const struct ike_ipsec_sa *pair, struct fault *fault)
{
	struct esp_pair *added;

	if (!check(plane, pair, fault))
		return false;
	added = esp_table_take(plane->table);
	if (added == NULL)
		return fault_say(fault, "there are as many pairs of IPsec SAs as there may be");
	if (!key(added, pair, fault)) {
		drop(plane, added);
		return false;
	}
	added->number = pair->number;
	added->inside_local = pair->inside_local;
	added->inside_remote = pair->inside_remote;
	follow(added, pair);
	added->certain = pair->established_at + (pair->initiator ? CERTAIN : 0);
	added->early = random_below(&plane->random, ESP_EARLY_MOST + 1);
	added->octets = esp_limit_of((uint64_t)pair->kilobytes * KILOBYTE, added->early);
	added->packets = esp_limit_of(0, added->early);
	added->usage.used_in = added->usage.used_out = IKE_NEVER;
	esp_table_enter(plane->table, added);
	return true;
}

void esp_plane_change(struct esp_plane *plane, const struct ike_ipsec_sa *pair)
{
	struct esp_pair *changed = esp_table_by_number(plane->table, pair->number);

	if (changed != NULL)
		follow(changed, pair);
}

static void take_away(struct esp_plane *plane, struct esp_pair *pair)
{
	esp_account_forget(&plane->account, pair);
	esp_table_leave(plane->table, pair);
	drop(plane, pair);
}

void esp_plane_remove(struct esp_plane *plane, uint32_t number)
{
	struct esp_pair *pair = esp_table_by_number(plane->table, number);

	if (pair != NULL)
		take_away(plane, pair);
}

void esp_plane_continue(struct esp_plane *plane, uint32_t number, uint32_t sent)
{
	struct esp_pair *pair = esp_table_by_number(plane->table, number);

	if (pair != NULL && sent > pair->sent)
		pair->sent = sent;
}

void esp_plane_limit_packets(struct esp_plane *plane, uint32_t number, uint64_t packets)
{
	struct esp_pair *pair = esp_table_by_number(plane->table, number);

	if (pair != NULL)
		pair->packets = esp_limit_of(packets, pair->early);
}

void esp_plane_free(struct esp_plane *plane)
{
	struct esp_pair *pair;

	if (plane == NULL)
		return;
	while (plane->table != NULL && (pair = esp_table_next(plane->table, NULL)) != NULL)
		take_away(plane, pair);
	esp_table_free(plane->table);
	secret_slab_free(plane, sizeof(*plane));
}

/* ---- sealing --------------------------------------------------------------------------------------------------------- */

static enum esp_verdict counted(struct esp_plane *plane, enum esp_verdict verdict)
{
	plane->counts[verdict]++;
	return verdict;
}

static const uint8_t *next_iv(struct esp_plane *plane, const struct esp_sa *sa, uint32_t number,
			      uint8_t counter[ESP_IV_MAX])
{
	if (sa->form.salt > 0) { /* RFC 4106 section 3.1: never twice, and no more is asked */
		memset(counter, 0, ESP_IV_MAX);
		for (size_t i = 0; i < 4; i++)
			counter[4 + i] = (uint8_t)(number >> (24 - 8 * i));
		return counter;
	}
	if (plane->ivs_left < sa->form.iv) {
		random_octets(&plane->random, plane->ivs, sizeof(plane->ivs));
		plane->ivs_left = sizeof(plane->ivs);
	}
	plane->ivs_left -= sa->form.iv;
	return plane->ivs + plane->ivs_left;
}

static enum esp_verdict seal(struct esp_plane *plane, ike_time now, struct esp_pair *pair,
			     const struct inner_packet *inner, struct esp_buffer *packet)
{
	const bool v4 = inner->source.family == IKE_FAMILY_IPV4;
	struct esp_buffer sealed = *packet;
	uint8_t counter[ESP_IV_MAX];
	enum esp_verdict verdict;

	if (!esp_account_may_move(&plane->account, pair, ESP_OUT, inner->length))
		return ESP_LIFETIME_OVER;
	if (pair->sent == UINT32_MAX) {
		esp_account_hard(&plane->account, pair);
		return ESP_NUMBERS_USED_UP;
	}
	sealed.length = inner->length;
	verdict = esp_packet_seal(&pair->out, pair->sent + 1,
				  next_iv(plane, &pair->out, pair->sent + 1, counter),
				  v4 ? ESP_NEXT_IPV4 : ESP_NEXT_IPV6, &sealed);
	if (verdict != ESP_ACCEPTED)
		return verdict;
	*packet = sealed;
	if (++pair->sent >= SOFT_NUMBER)
		esp_account_soft(&plane->account, pair);
	esp_account_moved(&plane->account, pair, ESP_OUT, inner->length, now);
	return ESP_ACCEPTED;
}

static void say_where(const struct esp_pair *pair, struct ike_address *local,
		      struct ike_address *remote, bool *encapsulated)
{
	*local = pair->local;
	*remote = pair->remote;
	*encapsulated = pair->encapsulated;
	if (!pair->encapsulated)
		local->port = remote->port = 0;
}

enum esp_verdict esp_plane_seal(struct esp_plane *plane, ike_time now, struct esp_buffer *packet,
				struct ike_address *local, struct ike_address *remote,
				bool *encapsulated)
{
	struct inner_packet inner;
	struct esp_pair *pair = NULL;
	enum esp_verdict verdict =
	    inner_packet_read(octets_of(packet->data, packet->length), &inner);

	if (verdict == ESP_ACCEPTED)
		pair = esp_table_by_packet(plane->table, &inner, now, &verdict);
	if (pair == NULL)
		return counted(plane, verdict);
	verdict = seal(plane, now, pair, &inner, packet);
	if (verdict == ESP_ACCEPTED) {
		say_where(pair, local, remote, encapsulated);
		esp_account_use(&plane->account, pair, ESP_OUT);
	}
	return counted(plane, verdict);
}

enum esp_verdict esp_plane_seal_through(struct esp_plane *plane, ike_time now, uint32_t number,
					struct esp_buffer *packet, struct ike_address *local,
					struct ike_address *remote, bool *encapsulated)
{
	struct esp_pair *pair = esp_table_by_number(plane->table, number);
	struct inner_packet inner;
	enum esp_verdict verdict;

	if (pair == NULL)
		return counted(plane, ESP_NO_PAIR);
	verdict = inner_packet_read(octets_of(packet->data, packet->length), &inner);
	if (verdict == ESP_ACCEPTED)
		verdict = inner_packet_fits(&inner, &pair->inside_local, &pair->inside_remote);
	if (verdict == ESP_ACCEPTED)
		verdict = seal(plane, now, pair, &inner, packet);
	if (verdict == ESP_ACCEPTED)
		say_where(pair, local, remote, encapsulated);
	return counted(plane, verdict);
}

/* ---- opening --------------------------------------------------------------------------------------------------------- */

/* What can be said before a key is touched.  Nothing that is refused here or later is proof of life (R80). */
static enum esp_verdict find(struct esp_plane *plane, bool encapsulated, uint32_t spi,
			     uint32_t number, struct esp_pair **found)
{
	struct esp_pair *pair;
	enum esp_verdict verdict;

	if (spi < LEAST_SPI)
		return ESP_RESERVED_SPI;
	pair = *found = esp_table_by_spi(plane->table, spi);
	if (pair == NULL)
		return ESP_UNKNOWN_SPI;
	if (pair->encapsulated != encapsulated)
		return ESP_OTHER_ENCAPSULATION;
	if (pair->spent)
		return ESP_LIFETIME_OVER;
	verdict = replay_window_check(&pair->window, number);
	pair->usage.replays += verdict == ESP_REPLAYED || verdict == ESP_OUTSIDE_WINDOW;
	return verdict;
}

/* The inner packet, cut to its own length (RFC 4303 section 2.7: what follows it is there to hide its length). */
static enum esp_verdict take_inner(const struct esp_pair *pair, uint8_t next_header,
				   struct esp_buffer *packet)
{
	const uint8_t family = next_header == ESP_NEXT_IPV4 ? IKE_FAMILY_IPV4 : IKE_FAMILY_IPV6;
	struct inner_packet inner;
	enum esp_verdict verdict;

	if (next_header == ESP_NEXT_DUMMY)
		return ESP_DUMMY;
	if (next_header != ESP_NEXT_IPV4 && next_header != ESP_NEXT_IPV6)
		return ESP_BAD_NEXT_HEADER;
	verdict = inner_packet_read(octets_of(packet->data, packet->length), &inner);
	if (verdict != ESP_ACCEPTED)
		return verdict;
	if (inner.source.family != family)
		return ESP_INNER_BAD_VERSION;
	packet->length = inner.length;
	return inner_packet_fits(&inner, &pair->inside_remote, &pair->inside_local);
}

/*
 * RFC 3947 section 7: a peer behind a NAT whose mapping has changed, and who has packets to send and nothing of IKE, is known by them.
 * Only the newest packet so far says where the peer is (R159), so that one that was delayed does not take it back, and no replay
 * gets here; nor does a pair that has given way speak for the one in use.  Who is behind a NAT is for IKE to know, and IKE moves
 * the pair.
 *
 * Somebody on the path may hold a packet back, or let it be lost, and be the first to deliver it from an address of his own.  That
 * cannot be told from a new mapping: traffic goes to him until the next of the peer's own packets; as two mappings in use at once
 * shall not make IKE move to and fro with each packet, until the first of them after a second (R160).  What he gets is sealed.
 */
static void came_from_elsewhere(struct esp_pair *pair, uint32_t number,
				const struct ike_address *remote, ike_time now)
{
	pair->usage.elsewhere += !ike_address_same_host(&pair->remote, remote);
	if (!pair->encapsulated || pair->superseded || number <= pair->window.highest ||
	    now < pair->moves_at)
		return;
	pair->elsewhere = *remote;
	pair->moves_at = now + MOVES_APART;
}

static enum esp_verdict open_with(struct esp_plane *plane, ike_time now, struct esp_pair *pair,
				  uint32_t number, const struct ike_address *remote,
				  struct esp_buffer *packet)
{
	struct esp_buffer opened = *packet;
	uint8_t next_header = 0;
	enum esp_verdict verdict = esp_packet_open(&pair->in, &opened, &next_header);

	pair->usage.bad_icvs += verdict == ESP_BAD_ICV;
	if (verdict == ESP_ACCEPTED)
		verdict = take_inner(pair, next_header, &opened);
	if (verdict == ESP_DUMMY)
		opened.length = 0;
	else if (verdict != ESP_ACCEPTED)
		return verdict;
	if (!esp_account_may_move(&plane->account, pair, ESP_IN, opened.length))
		return ESP_LIFETIME_OVER;
	if (!ike_address_equal(&pair->remote, remote))
		came_from_elsewhere(pair, number, remote, now);
	replay_window_advance(&pair->window, number);
	esp_account_moved(&plane->account, pair, ESP_IN, opened.length, now);
	esp_account_use(&plane->account, pair, ESP_IN); /* R17: it is */
	*packet = opened;
	return verdict;
}

enum esp_verdict esp_plane_open(struct esp_plane *plane, ike_time now,
				const struct ike_address *remote, bool encapsulated,
				struct esp_buffer *packet, uint32_t *number)
{
	struct esp_pair *pair = NULL;
	uint32_t spi, sequence;
	enum esp_verdict verdict =
	    esp_packet_peek(octets_of(packet->data, packet->length), &spi, &sequence);

	if (verdict == ESP_ACCEPTED)
		verdict = find(plane, encapsulated, spi, sequence, &pair);
	if (verdict == ESP_ACCEPTED)
		verdict = open_with(plane, now, pair, sequence, remote, packet);
	*number = pair == NULL ? 0 : pair->number;
	return counted(plane, verdict);
}

/* ---- what there is to know ---------------------------------------------------------------------------------------------- */

bool esp_plane_used(struct esp_plane *plane, struct esp_use *use)
{
	return esp_account_next_use(&plane->account, use);
}

bool esp_plane_expired(struct esp_plane *plane, struct esp_expiry *expiry)
{
	return esp_account_next_expiry(&plane->account, expiry);
}

bool esp_plane_usage(const struct esp_plane *plane, uint32_t number, struct esp_usage *usage)
{
	const struct esp_pair *pair = esp_table_by_number(plane->table, number);

	if (pair == NULL)
		return false;
	*usage = pair->usage;
	return true;
}

uint64_t esp_plane_count(const struct esp_plane *plane, enum esp_verdict verdict)
{
	return plane->counts[verdict];
}
