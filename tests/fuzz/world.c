/* SPDX-License-Identifier: ISC */
#include "tests/fuzz/world.h"

#include <stdlib.h>
#include <string.h>

#include "ike/address.h"

#define SETTLE_MOST  256  /* calls of ike_tick for one moment */
#define ADVANCE_MOST 4096 /* deadlines within one operation */
#define REFUSED_MOST 16   /* of one handshake: phase_1.c leaves it alone after that */

/* ---- what has passed ----------------------------------------------------------------------------------------------- */

static void remember(struct world_ring *ring, const struct ike_address *remote,
		     const struct ike_address *local, const uint8_t *data, size_t length)
{
	struct world_datagram *datagram = &ring->datagram[ring->count % WORLD_MEMORY];

	if (length > sizeof(datagram->octets))
		return;
	memcpy(datagram->octets, data, length);
	datagram->length = length;
	datagram->remote_port = remote->port;
	datagram->local_port = local->port != 0 ? local->port : 500;
	ring->count++;
}

const struct world_datagram *world_recall(const struct world_ring *ring, size_t back)
{
	size_t kept = ring->count < WORLD_MEMORY ? ring->count : WORLD_MEMORY;

	return kept == 0 ? NULL : &ring->datagram[(ring->count - 1 - back % kept) % WORLD_MEMORY];
}

static enum world_address number_of(const struct ike_address *address)
{
	for (enum world_address i = 0; i < WORLD_ADDRESSES; i++) {
		struct ike_address known = world_address(i);

		if (ike_address_same_host(&known, address))
			return i;
	}
	FUZZ_REQUIRE(!"an address that nobody has");
	return WORLD_NOBODY;
}

struct ike_sa *world_sa(const struct world *world, enum world_address of)
{
	struct ike_address address = world_address(of);
	uint32_t cursor = 0;
	struct ike_sa *sa;

	while ((sa = sa_table_next(world->core->sas, &cursor)) != NULL)
		if (ike_address_same_host(&sa->remote, &address))
			return sa;
	return NULL;
}

/* ---- in ------------------------------------------------------------------------------------------------------------ */

/* The responder's cookie is sent to nobody else: who names it receives what is sent there. */
static bool proves_address(const struct world *world, const struct ike_address *from,
			   const uint8_t *data, size_t length)
{
	const struct ike_sa *sa;

	if (length < IKE_HEADER_LENGTH || ike_cookie_is_zero(data + IKE_COOKIE_LENGTH))
		return false;
	sa = sa_table_find(world->core->sas, data, data + IKE_COOKIE_LENGTH);
	return sa != NULL && ike_address_same_host(&sa->remote, from);
}

void world_ports(struct world *world, unsigned which)
{
	world->ports = which & 3;
}

enum ike_verdict world_input_by(struct world *world, enum world_address from, uint16_t remote_port,
				uint16_t local_port, const uint8_t *data, size_t length)
{
	static uint8_t twin[2 * IKE_DATAGRAM_MAX];
	uint8_t *alone = malloc(length > 0 ? length : 1); /* so that one octet too far is seen */
	struct ike_datagram in = {
	    .remote = world_address(from),
	    .local = {.octets = {192, 0, 2, 9}, .port = local_port, .family = IKE_FAMILY_IPV4},
	    .data = alone,
	    .length = length,
	    .room = sizeof(twin),
	    .plain = twin,
	};
	struct world_account *account = &world->account[from];
	enum ike_verdict verdict;

	FUZZ_REQUIRE(alone != NULL);
	in.remote.port = remote_port;
	if (length > 0)
		memcpy(alone, data, length);
	account->in += length;
	if (!account->proved)
		account->proved = proves_address(world, &in.remote, data, length);
	verdict = ike_input(world->core, world->now, &in);
	FUZZ_REQUIRE(verdict < IKE_VERDICTS);
	FUZZ_REQUIRE(length == 0 || memcmp(alone, data, length) == 0);
	/* the last fragment's twin is that of the whole message */
	FUZZ_REQUIRE(in.plain_length <= in.room);
	world->digest = fuzz_digest(world->digest, &verdict, sizeof(verdict));
	world->digest = fuzz_digest(world->digest, twin, in.plain_length);
	remember(&world->heard, &in.remote, &in.local, data, length);
	free(alone);
	return verdict;
}

enum ike_verdict world_input(struct world *world, enum world_address from, const uint8_t *data,
			     size_t length)
{
	static const struct {
		uint16_t remote, local;
	} ports[] = {{500, 500}, {4500, 4500}, {4501, 4500}, {61000, 500}};

	return world_input_by(world, from, ports[world->ports].remote, ports[world->ports].local,
			      data, length);
}

/* ---- out ----------------------------------------------------------------------------------------------------------- */

static bool is_of(const struct ike_header *header, const struct ike_sa *sa)
{
	return memcmp(header->cky_i, sa->cky_i, IKE_COOKIE_LENGTH) == 0 &&
	       memcmp(header->cky_r, sa->cky_r, IKE_COOKIE_LENGTH) == 0;
}

/* What the core asks a friend, and what it answers, by the plaintext twin. */
static void note_keepalive(struct world_friend *friend, struct octets twin)
{
	struct ike_message message;
	const struct ike_payload *payload;
	struct ike_notify notify;
	struct wire_reader data;
	uint32_t number;

	if (ike_header_parse(twin, &message.header) != IKE_ACCEPTED ||
	    !is_of(&message.header, &friend->sa) ||
	    ike_payloads_parse(
		octets_of(twin.data + IKE_HEADER_LENGTH, twin.length - IKE_HEADER_LENGTH), false, 0,
		&message) != IKE_ACCEPTED)
		return;
	payload = ike_payload_find(&message, IKE_PAYLOAD_NOTIFY);
	if (payload == NULL || ike_notify_parse(payload->body, &notify) != IKE_ACCEPTED)
		return;
	wire_read_from(&data, notify.data);
	number = wire_read_u32(&data);
	if (notify.type == IKE_NOTIFY_R_U_THERE_ACK)
		friend->answered = number;
	if (notify.type != IKE_NOTIFY_R_U_THERE)
		return;
	friend->last_question = number;
	if (friend->questions < WORLD_MEMORY)
		friend->question[friend->questions++] = number;
}

static void pull_output(struct world *world)
{
	static uint8_t data[IKE_DATAGRAM_MAX], twin[IKE_DATAGRAM_MAX];
	struct ike_datagram out = {.data = data, .room = sizeof(data), .plain = twin};
	uint32_t waiting = world->core->outputs, pulled = 0;

	FUZZ_REQUIRE(waiting <= world->settings.limits.outputs);
	while (ike_output(world->core, world->now, &out, 1) == 1) {
		enum world_address to = number_of(&out.remote);
		struct world_account *account = &world->account[to];

		FUZZ_REQUIRE(++pulled <= waiting * FRAGMENT_PARTS_MAX);
		FUZZ_REQUIRE(out.length >= IKE_HEADER_LENGTH ||
			     (out.length == 1 && out.local.port == 4500)); /* a NAT keepalive */
		FUZZ_REQUIRE(out.length <= out.room);
		FUZZ_REQUIRE(out.plain_length <= out.room);
		account->out += out.length;
		/* the first three are called by the core itself, and hold SAs with it */
		FUZZ_REQUIRE(to <= WORLD_PARTNER || account->proved || account->out <= account->in);
		world->digest = fuzz_digest(world->digest, &to, sizeof(to));
		world->digest = fuzz_digest(world->digest, data, out.length);
		remember(&world->sent, &out.remote, &out.local, data, out.length);
		if (to == WORLD_PARTNER)
			remember(&world->to_partner, &out.remote, &out.local, data, out.length);
		if (to <= WORLD_FRIEND)
			note_keepalive(&world->friend[to], octets_of(twin, out.plain_length));
	}
	FUZZ_REQUIRE(world->core->outputs == 0);
}

static void pull_events(struct world *world)
{
	struct ike_event event;

	while (ike_events(world->core, &event, 1) == 1) {
		FUZZ_REQUIRE(fuzz_good_text(event.text, strnlen(event.text, sizeof(event.text)),
					    sizeof(event.text)));
		FUZZ_REQUIRE(event.at <= world->now);
		world->digest = fuzz_digest(world->digest, &event.kind, sizeof(event.kind));
		world->digest = fuzz_digest(world->digest, &event.verdict, sizeof(event.verdict));
		world->digest = fuzz_digest(world->digest, event.text, strlen(event.text));
	}
}

/* Returns how many there were. */
static size_t answer_questions(struct world *world, enum world_address as)
{
	struct world_friend *friend = &world->friend[as];
	uint8_t message[SEAL_ROOM];
	size_t length, questions = world->options.mute ? 0 : friend->questions;

	for (size_t i = 0; i < questions; i++) {
		length = seal_keepalive(&friend->sa, IKE_NOTIFY_R_U_THERE_ACK, friend->message_id++,
					friend->question[i], message);
		(void)world_input_by(world, as, friend->sa.remote.port,
				     sa_local(world->core, &friend->sa)->port, message, length);
	}
	friend->questions = 0;
	return questions;
}

void world_settle(struct world *world)
{
	do {
		unsigned calls = 0;

		do {
			FUZZ_REQUIRE(++calls < SETTLE_MOST);
			(void)ike_tick(world->core, world->now, 16);
			pull_output(world);
		} while (ike_deadline(world->core) <= world->now);
		pull_events(world);
		ledger_pull(world);
	} while (answer_questions(world, WORLD_OTHER) + answer_questions(world, WORLD_FRIEND) > 0);
}

void world_advance(struct world *world, ike_time duration)
{
	ike_time end = world->now + duration;
	unsigned steps = 0;

	if (end > WORLD_STOP_AT)
		end = WORLD_STOP_AT;
	for (;;) {
		ike_time next;

		world_settle(world);
		next = ike_deadline(world->core);
		FUZZ_REQUIRE(next > world->now);
		if (next > end)
			break;
		FUZZ_REQUIRE(++steps < ADVANCE_MOST);
		world->now = next;
	}
	if (end > world->now)
		world->now = end;
	world_settle(world);
}

/* ---- what must be true --------------------------------------------------------------------------------------------- */

static void check_held(const struct world *world, const struct world_friend *friend)
{
	const struct ike_sa *sa;

	if (!friend->held)
		return;
	sa = sa_table_find(world->core->sas, friend->sa.cky_i, friend->sa.cky_r);
	FUZZ_REQUIRE(sa != NULL && sa->state == IKE_SA_ESTABLISHED && !sa->superseded);
	FUZZ_REQUIRE(memcmp(sa->keys, friend->keys, sa_keys(sa).length) == 0);
	FUZZ_REQUIRE(ike_address_equal(&sa->remote, &friend->sa.remote));
	FUZZ_REQUIRE(sa->party == friend->sa.party);
}

static bool is_right(const struct world *world, const struct ike_sa *sa)
{
	size_t kept = world->partners < WORLD_COOKIES ? world->partners : WORLD_COOKIES;
	enum world_address at = number_of(&sa->remote);

	if (at <= WORLD_FRIEND)
		return world->friend[at].known;
	if (at != WORLD_PARTNER)
		return false;
	for (size_t i = 0; i < kept; i++)
		if (memcmp(world->partners_cky_i[i], sa->cky_i, IKE_COOKIE_LENGTH) == 0)
			return true;
	return false;
}

static void check_sas(const struct world *world)
{
	uint32_t established = 0, handshakes = 0, cursor = 0;
	uint32_t of_source[WORLD_ADDRESSES] = {0};
	const struct ike_sa *sa;

	while ((sa = sa_table_next(world->core->sas, &cursor)) != NULL) {
		FUZZ_REQUIRE(sa->state == IKE_SA_NEGOTIATING || sa->state == IKE_SA_ESTABLISHED);
		FUZZ_REQUIRE(sa->state == IKE_SA_ESTABLISHED || sa->handshake != NULL);
		handshakes += sa->handshake != NULL;
		of_source[number_of(&sa->remote)] += sa->handshake != NULL && !sa->initiator;
		established += sa->state == IKE_SA_ESTABLISHED;
		FUZZ_REQUIRE(sa->state != IKE_SA_ESTABLISHED || is_right(world, sa));
	}
	FUZZ_REQUIRE(established == world->core->established);
	FUZZ_REQUIRE(handshakes == world->core->handshakes);
	for (size_t i = 0; i < WORLD_ADDRESSES; i++)
		FUZZ_REQUIRE(of_source[i] <= world->settings.limits.handshakes_per_source);
}

/* Each belongs to one SA, which knows it, and holds no more than it may. */
static void check_reassemblies(const struct ike_core *core)
{
	const struct reassembly_pool *pool = &core->reassemblies;
	const struct reassembly *one = pool->oldest;
	uint32_t used = 0;

	for (; one != NULL; one = one->newer, used++) {
		FUZZ_REQUIRE(one->sa != NULL && one->parts < FRAGMENT_PARTS_MAX + 1);
		FUZZ_REQUIRE(
		    &pool->reassembly[sa_table_seldom(core->sas, one->sa)->reassembly - 1] == one);
		FUZZ_REQUIRE(one->length > 0 && one->length <= sizeof(one->data));
		FUZZ_REQUIRE(one->last == 0 || one->parts < one->last);
	}
	FUZZ_REQUIRE(used == pool->used && used <= core->settings->limits.reassemblies);
	FUZZ_REQUIRE(pool->touched <= core->settings->limits.reassemblies);
}

void world_check(const struct world *world)
{
	const struct ike_limits *limits = &world->settings.limits;
	struct ike_status status;

	ike_status(world->core, &status);
	FUZZ_REQUIRE(status.sas <= limits->sas && status.handshakes <= limits->handshakes);
	FUZZ_REQUIRE(status.outputs <= limits->outputs && world->core->events <= limits->events);
	FUZZ_REQUIRE(status.ipsec_sas <= limits->ipsec_sas);
	FUZZ_REQUIRE(status.quick_modes <= limits->quick_modes);
	check_reassemblies(world->core);
	check_sas(world);
	check_held(world, &world->friend[WORLD_OTHER]);
	check_held(world, &world->friend[WORLD_FRIEND]);
}

/* ---- beginning and end --------------------------------------------------------------------------------------------- */

void world_remember(struct world_friend *friend, const struct ike_sa *sa)
{
	struct octets keys = sa_keys(sa);

	memset(friend->keys, 0, sizeof(friend->keys)); /* his, while there are none */
	if (keys.length > 0)
		memcpy(friend->keys, keys.data, keys.length);
	friend->sa = *sa;
	friend->sa.keys = friend->keys;
}

void world_hold(struct world *world, enum world_address who)
{
	struct world_friend *friend = &world->friend[who];
	const struct ike_sa *sa = world_sa(world, who);

	friend->message_id = 0x60000000;
	friend->number = 5000;
	friend->known = friend->held = sa != NULL && sa->state == IKE_SA_ESTABLISHED;
	friend->sa.keys = friend->keys;
	if (sa != NULL)
		world_remember(friend, sa);
}

void world_open(struct world *world, const struct world_options *options)
{
	const struct cast_record *record = cast_record(options->initiator, options->aggressive);
	size_t lines = options->half_open ? record->last : record->lines;
	bool whole = !options->half_open;

	if (options->lines > 0) {
		lines = options->lines;
		whole = lines > record->last;
	}
	memset(world, 0, sizeof(*world));
	world->options = *options;
	world->now = WORLD_START_AT;
	world->digest = FUZZ_DIGEST_START;
	world->friend[WORLD_OTHER].known = world->friend[WORLD_FRIEND].known = true;
	cast_core(world);
	for (size_t i = 0; i < lines; i++)
		cast_play(world, &record->line[i]);
	world_hold(world, WORLD_OTHER);
	world_hold(world, WORLD_FRIEND);
	FUZZ_REQUIRE(world->friend[WORLD_OTHER].held);
	FUZZ_REQUIRE(world->friend[WORLD_FRIEND].held == whole);
	world_check(world);
}

void world_reboot(struct world *world)
{
	ike_core_free(world->core);
	for (enum world_address i = WORLD_OTHER; i <= WORLD_FRIEND; i++)
		world->friend[i].known = world->friend[i].held = world->friend[i].speaks = false;
	memset(&world->ledger, 0, sizeof(world->ledger));
	cast_core(world);
	world->now += IKE_SECOND;
}

/* Nobody has proved anything in between, so the message that is right still is. */
static void finish_half_open(struct world *world)
{
	const struct cast_record *record =
	    cast_record(world->options.initiator, world->options.aggressive);
	const struct cast_line *line = &record->line[record->last];
	struct world_friend *friend = &world->friend[WORLD_FRIEND];
	const struct ike_sa *sa =
	    sa_table_find(world->core->sas, friend->sa.cky_i, friend->sa.cky_r);

	if (friend->known || sa == NULL || sa->handshake == NULL ||
	    sa->handshake->refused >= REFUSED_MOST)
		return;
	FUZZ_REQUIRE(sa->state == IKE_SA_NEGOTIATING);
	friend->known = true;
	FUZZ_REQUIRE(world_input(world, WORLD_FRIEND, line->octets, line->length) == IKE_ACCEPTED);
	world_settle(world); /* AM2 still needs g^xy */
	FUZZ_REQUIRE(sa->state == IKE_SA_ESTABLISHED);
	world_remember(friend, sa);
	friend->held = true;
}

static void ask(struct world *world, enum world_address as)
{
	struct world_friend *friend = &world->friend[as];
	uint8_t message[SEAL_ROOM];
	size_t length;

	if (!friend->held)
		return;
	length = seal_keepalive(&friend->sa, IKE_NOTIFY_R_U_THERE, friend->message_id++,
				friend->number, message);
	FUZZ_REQUIRE(world_input(world, as, message, length) == IKE_ACCEPTED);
	world_settle(world);
	FUZZ_REQUIRE(friend->answered == friend->number);
	friend->number++;
}

void world_free(struct world *world)
{
	ike_core_free(world->core);
	ike_core_free(world->partner);
}

void world_close(struct world *world)
{
	world->ports = 0;
	world_settle(world);
	if (world->options.half_open && world->lives == 1)
		finish_half_open(world);
	world_settle(world);
	world_check(world);
	ledger_compare(world);
	ask(world, WORLD_OTHER);
	ask(world, WORLD_FRIEND);
	world_check(world);
	world->digest =
	    fuzz_digest(world->digest, world->core->counter, sizeof(world->core->counter));
	world_free(world);
}
