/* SPDX-License-Identifier: ISC */
#include "interop/esp/esp_device.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/secret.h"
#include "interop/esp/esp_words.h"
#include "interop/esp/link_watch.h"
#include "interop/esp/raw_esp.h"
#include "interop/esp/route.h"
#include "interop/esp/tun.h"

#define BATCH   UDP_BATCH
#define BATCHES 4 /* without a look at anything else */
#define ROOM    (ESP_HEADROOM + UDP_ROOM + ESP_TAILROOM)

struct esp_device {
	uint64_t (*packets)(const void *context, uint32_t peer, uint32_t tunnel);
	const void *packets_context;
	struct esp_plane *plane;
	struct tun *tun;
	struct link_watch link;
	struct routes *routes;
	struct raw_esp *raw;
	struct udp *udp;
	esp_device_reader reader;
	void *context;
	esp_device_witness witness;
	void *witness_context;
	struct esp_device_counters count;
	struct esp_words words;
	struct ike_command unknown[ESP_DEVICE_UNKNOWN];
	size_t unknowns;
	struct ike_datagram datagram[BATCH];
	uint8_t data[BATCH][ROOM];
};

/* ---- beginning and end --------------------------------------------------------------------------------------------- */

static bool open_all(struct esp_device *device, const struct esp_device_settings *settings,
		     struct fault *fault)
{
	struct tun_settings tun = {.name = settings->name,
				   .address = settings->address,
				   .addresses = settings->addresses,
				   .mtu = settings->mtu != 0 ? settings->mtu : ESP_DEVICE_MTU};
	struct random_source random;

	device->packets = settings->packets;
	device->packets_context = settings->context;
	random_system(&random);
	device->plane = esp_plane_new(&random, settings->pairs);
	if (device->plane == NULL)
		return fault_say(fault, "no memory for a table of %u pairs of IPsec SAs",
				 settings->pairs);
	device->tun = tun_new(&tun, fault);
	if (device->tun == NULL || !link_watch_open(&device->link, tun_name(device->tun), fault))
		return false;
	device->routes = routes_new(tun_name(device->tun), ROUTE_MARK, ROUTE_TABLE, fault);
	if (device->routes == NULL)
		return false;
	device->raw = raw_esp_new(ROUTE_MARK, fault);
	return device->raw != NULL;
}

struct esp_device *esp_device_new(const struct esp_device_settings *settings, struct fault *fault)
{
	struct esp_device *device = calloc(1, sizeof(*device));

	if (device == NULL) {
		fault_say(fault, "no memory for an interface");
		return NULL;
	}
	device->link.netlink.descriptor = -1;
	if (open_all(device, settings, fault))
		return device;
	esp_device_free(device);
	return NULL;
}

void esp_device_free(struct esp_device *device)
{
	if (device == NULL)
		return;
	raw_esp_free(device->raw);
	routes_free(device->routes);
	link_watch_close(&device->link);
	tun_free(device->tun);
	esp_plane_free(device->plane);
	secret_wipe(device->data, sizeof(device->data)); /* the last packets as they were inside */
	free(device);
}

const char *esp_device_name(const struct esp_device *device)
{
	return tun_name(device->tun);
}

bool esp_device_use(struct esp_device *device, struct udp *udp, struct fault *fault)
{
	device->udp = udp;
	return udp_mark(udp, ROUTE_MARK, fault);
}

void esp_device_read_by(struct esp_device *device, esp_device_reader reader, void *context)
{
	device->reader = reader;
	device->context = context;
}

void esp_device_shown_to(struct esp_device *device, esp_device_witness witness, void *context)
{
	device->witness = witness;
	device->witness_context = context;
}

/* ---- pairs --------------------------------------------------------------------------------------------------------- */

bool esp_device_hold(struct esp_device *device, const struct ike_selector *local,
		     const struct ike_selector *remote, struct fault *fault)
{
	if (remote->prefix.address.family == IKE_FAMILY_NONE)
		return true;
	return routes_add(device->routes, local, remote, fault);
}

bool esp_device_add(struct esp_device *device, const struct ike_ipsec_sa *pair, struct fault *fault)
{
	if (!esp_plane_add(device->plane, pair, fault))
		return false;
	if (device->packets != NULL)
		esp_plane_limit_packets(
		    device->plane, pair->number,
		    device->packets(device->packets_context, pair->peer, pair->tunnel));
	if (routes_add(device->routes, &pair->inside_local, &pair->inside_remote, fault))
		return true;
	esp_plane_remove(device->plane, pair->number);
	return false;
}

void esp_device_change(struct esp_device *device, const struct ike_ipsec_sa *pair)
{
	esp_plane_change(device->plane, pair);
}

void esp_device_remove(struct esp_device *device, const struct ike_ipsec_sa *pair)
{
	esp_plane_remove(device->plane, pair->number);
	routes_remove(device->routes, &pair->inside_local, &pair->inside_remote);
}

/* ---- out ----------------------------------------------------------------------------------------------------------- */

/* What a full socket does not take is dropped, as IP may; what the system refuses is done with, and counted by whoever asked it. */
static void count_sent(struct esp_device *device, uint64_t *out, size_t done, size_t count,
		       uint64_t refused)
{
	*out += done - refused;
	device->count.refused += count - done + refused;
}

static void send_udp(struct esp_device *device, const struct ike_datagram *datagrams, size_t count)
{
	uint64_t before;
	size_t full, done;

	assert(device->udp != NULL); /* pairs come after the sockets */
	before = udp_refused(device->udp);
	done = udp_send(device->udp, datagrams, count, &full);

	count_sent(device, &device->count.out_udp, done, count, udp_refused(device->udp) - before);
	for (size_t i = 0; device->witness != NULL && i < done; i++)
		device->witness(device->witness_context, &datagrams[i]);
}

static void send_raw(struct esp_device *device, const struct ike_datagram *datagrams, size_t count)
{
	uint64_t before = raw_esp_refused(device->raw);
	size_t full, done = raw_esp_send(device->raw, datagrams, count, &full);

	count_sent(device, &device->count.out_raw, done, count,
		   raw_esp_refused(device->raw) - before);
}

/* Both ports are 0 where ESP travels without UDP; a peer behind a NAT may have any other, and 0. */
static bool is_raw(const struct ike_datagram *datagram)
{
	return datagram->local.port == 0;
}

/* In the order in which they came, as many of a kind at once as there are. */
static void send_all(struct esp_device *device, size_t count)
{
	size_t first = 0;

	while (first < count) {
		bool raw = is_raw(&device->datagram[first]);
		size_t run = 1;

		while (first + run < count && is_raw(&device->datagram[first + run]) == raw)
			run++;
		(raw ? send_raw : send_udp)(device, &device->datagram[first], run);
		first += run;
	}
}

/* False: the plane has dropped and counted it. */
static bool seal(struct esp_device *device, ike_time now, uint32_t number,
		 struct esp_buffer *packet, struct ike_datagram *datagram)
{
	bool encapsulated;
	enum esp_verdict verdict =
	    number == 0
		? esp_plane_seal(device->plane, now, packet, &datagram->local, &datagram->remote,
				 &encapsulated)
		: esp_plane_seal_through(device->plane, now, number, packet, &datagram->local,
					 &datagram->remote, &encapsulated);

	if (verdict != ESP_ACCEPTED)
		return false;
	datagram->data = packet->data;
	datagram->length = packet->length;
	if (!encapsulated)
		datagram->local.port = datagram->remote.port = 0;
	return true;
}

static bool move_out(struct esp_device *device, ike_time now)
{
	size_t count = 0, taken = 0;

	for (; taken < BATCH; taken++) {
		struct esp_buffer packet = {.data = device->data[count] + ESP_HEADROOM};

		packet.length = tun_read(device->tun, packet.data, UDP_ROOM);
		if (packet.length == 0)
			break;
		packet.room = UDP_ROOM + ESP_TAILROOM;
		device->count.from_tun++;
		if (seal(device, now, 0, &packet, &device->datagram[count]))
			count++;
	}
	send_all(device, count);
	return taken == BATCH;
}

bool esp_device_send(struct esp_device *device, ike_time now, uint32_t number,
		     struct esp_buffer *packet)
{
	if (!seal(device, now, number, packet, &device->datagram[0]))
		return false;
	send_all(device, 1);
	return true;
}

/* ---- in ------------------------------------------------------------------------------------------------------------ */

static void note_unknown(struct esp_device *device, const struct ike_datagram *datagram,
			 const struct esp_buffer *packet)
{
	if (device->unknowns == ESP_DEVICE_UNKNOWN)
		return;
	device->unknown[device->unknowns++] = esp_words_of_unknown(
	    &datagram->remote, &datagram->local, octets_of(packet->data, packet->length));
}

static void take(struct esp_device *device, ike_time now, const struct ike_datagram *datagram,
		 bool encapsulated)
{
	struct esp_buffer packet = {datagram->data, datagram->length, datagram->room};
	struct octets inner;
	uint32_t number = 0;
	enum esp_verdict verdict =
	    esp_plane_open(device->plane, now, &datagram->remote, encapsulated, &packet, &number);

	if (verdict == ESP_UNKNOWN_SPI)
		note_unknown(device, datagram, &packet);
	if (verdict != ESP_ACCEPTED)
		return;
	inner = octets_of(packet.data, packet.length);
	if (device->reader != NULL && device->reader(device->context, now, number, inner))
		return;
	if (tun_write(device->tun, inner))
		device->count.to_tun++;
	else
		device->count.refused++;
}

void esp_device_take(struct esp_device *device, ike_time now, const struct ike_datagram *datagram)
{
	device->count.in_udp++;
	take(device, now, datagram, true);
}

static bool move_in(struct esp_device *device, ike_time now, size_t socket)
{
	size_t count;

	for (size_t i = 0; i < BATCH; i++)
		device->datagram[i] =
		    (struct ike_datagram){.data = device->data[i], .room = sizeof(device->data[i])};
	count = raw_esp_receive(device->raw, socket, device->datagram, BATCH);
	device->count.in_raw += count;
	for (size_t i = 0; i < count; i++)
		take(device, now, &device->datagram[i], false);
	return count == BATCH;
}

/* ---- the loop ------------------------------------------------------------------------------------------------------ */

size_t esp_device_descriptors(const struct esp_device *device,
			      int descriptors[ESP_DEVICE_DESCRIPTORS])
{
	size_t count = 0;

	descriptors[count++] = tun_descriptor(device->tun);
	descriptors[count++] = link_watch_descriptor(&device->link);
	for (size_t i = 0; i < raw_esp_sockets(device->raw); i++)
		descriptors[count++] = raw_esp_descriptor(device->raw, i);
	return count;
}

static void see_to_interface(struct esp_device *device)
{
	if (!link_watch_came_up(&device->link))
		return;
	tun_restore(device->tun); /* first: the routes' sources are among them */
	routes_renew(device->routes);
}

void esp_device_move(struct esp_device *device, ike_time now, int descriptor)
{
	bool outbound = descriptor == tun_descriptor(device->tun), more = true;
	size_t socket = 0;

	if (descriptor == link_watch_descriptor(&device->link)) {
		see_to_interface(device);
		return;
	}
	while (!outbound && raw_esp_descriptor(device->raw, socket) != descriptor)
		socket++;
	for (unsigned i = 0; more && i < BATCHES; i++)
		more = outbound ? move_out(device, now) : move_in(device, now, socket);
}

bool esp_device_is_gone(const struct esp_device *device)
{
	return tun_is_gone(device->tun) || link_watch_is_gone(&device->link);
}

/* ---- what the core is to be told ----------------------------------------------------------------------------------- */

bool esp_device_next(struct esp_device *device, struct ike_command *command)
{
	if (esp_words_of_use(&device->words, device->plane, command))
		return true;
	if (device->unknowns == 0)
		return false;
	*command = device->unknown[--device->unknowns];
	return true;
}

bool esp_device_expired(struct esp_device *device, uint32_t *number, bool *hard)
{
	struct esp_expiry expiry;

	if (!esp_plane_expired(device->plane, &expiry))
		return false;
	*number = expiry.number;
	*hard = expiry.hard;
	return true;
}

const struct esp_plane *esp_device_plane(const struct esp_device *device)
{
	return device->plane;
}

struct esp_device_counters esp_device_count(const struct esp_device *device)
{
	return device->count;
}
