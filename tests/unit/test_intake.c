/* SPDX-License-Identifier: ISC */
#include "tests/support/unit.h"

#include <arpa/inet.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "interop/node/capture.h"
#include "interop/node/clock.h"
#include "interop/config/config.h"
#include "interop/config/config_values.h"
#include "interop/node/intake.h"
#include "interop/node/tunnels.h"
#include "tests/support/own_network.h"
#include "tests/support/scratch.h"

static struct fault fault;
static struct config *config;
static struct udp *udp;
static struct ike_core *core;
static struct impair *impair;
static struct capture *capture;
static struct intake *intake;
static struct encapsulation encapsulation;

static void open_intake(enum impairment impairment)
{
	struct random_source chance;
	struct config_peer *peer;
	bool on[IMPAIRMENTS] = {false};

	random_system(&chance);
	config = config_new();
	peer = config_add_peer(config, "other");
	peer->secret = value_secret("0123456789abcdef", NULL, &fault);
	ck_assert(value_address("127.0.0.1", &config->listen[config->listens++], &fault));
	ck_assert(config_check_peer(config, peer, &fault) && config_finish(config, &fault));
	udp = udp_new(config->listen, 1, &fault);
	capture = capture_open(scratch_path("capture"), &fault);
	core = ike_core_new(&config->ike, &chance, clock_now());
	ck_assert(udp != NULL && capture != NULL && core != NULL);
	if (impairment < IMPAIRMENTS) {
		on[impairment] = true;
		impair = impair_new(core, on, &chance);
		ck_assert_ptr_nonnull(impair);
	}
	intake = intake_new(core, impair, &encapsulation, capture);
	ck_assert_ptr_nonnull(intake);
}

static void close_intake(void)
{
	intake_free(intake);
	impair_free(impair);
	impair = NULL;
	ike_core_free(core);
	ck_assert(capture_close(capture));
	udp_free(udp);
	config_free(config);
}

/* One datagram comes, and is captured. */
static void come(const uint8_t *data, size_t length)
{
	struct ike_address address = udp_address(udp, 0);
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(address.port)};
	int descriptor = socket(AF_INET, SOCK_DGRAM, 0);

	memcpy(&to.sin_addr, address.octets, 4);
	ck_assert_int_eq(sendto(descriptor, data, length, 0, (struct sockaddr *)&to, sizeof(to)),
			 (ssize_t)length);
	close(descriptor);
	intake_receive(intake, udp, 0);
	ck_assert_uint_eq(capture_count(capture), 1);
}

/* An ISAKMP header of that version with nothing behind it; then what the core has been given of it. */
static uint64_t arrived(uint8_t version)
{
	const uint8_t data[28] = {1, [16] = 13, version, 5, [27] = 28};
	struct ike_status status;

	come(data, sizeof(data));
	ike_status(core, &status);
	return status.counter[IKE_COUNT_DATAGRAMS_IN];
}

START_TEST(test_not_impaired)
{
	open_intake(IMPAIRMENTS);
	ck_assert_uint_eq(arrived(0x20), 1);
	ck_assert(!intake_impaired(intake));
	close_intake();
}
END_TEST

START_TEST(test_through_the_layer)
{
	open_intake(IMPAIR_DIES_OF_FLAGS);
	ck_assert_uint_eq(arrived(0x20), 1);
	ck_assert(!impair_wants_exit(impair));
	close_intake();
}
END_TEST

/* What kills the node never gets to the core, but was on the wire. */
START_TEST(test_kept_from_the_core)
{
	open_intake(IMPAIR_DIES_OF_MAJOR_VERSION);
	ck_assert_uint_eq(arrived(0x20), 0);
	ck_assert(impair_wants_exit(impair));
	ck_assert(!intake_impaired(intake));
	close_intake();
}
END_TEST

/* ESP is the store's, where that moves packets; otherwise it is counted, and dropped.  The core never sees it. */
START_TEST(test_esp)
{
	static const uint8_t esp[32] = {0xde, 0xad, 0xbe, 0xef, [7] = 1};
	const struct store_settings settings = {.device = {.name = "ruthere0", .pairs = 2}};
	struct tunnels *tunnels;
	struct ike_status status;
	struct store *store;
	struct fault notice;

	open_intake(IMPAIRMENTS);
	encapsulation.port = udp_address(udp, 0).port;
	come(esp, sizeof(esp));
	ck_assert_uint_eq(encapsulation.esp, 1);
	close_intake();
	if (!own_network())
		return;
	open_intake(IMPAIRMENTS);
	encapsulation = (struct encapsulation){.port = udp_address(udp, 0).port};
	store = store_open(STORE_USERSPACE, &settings, &notice, &fault);
	ck_assert_msg(store != NULL, "%s", fault.text);
	tunnels = tunnels_on(store, NULL);
	intake_tunnels(intake, tunnels);
	come(esp, sizeof(esp));
	ck_assert_uint_eq(encapsulation.esp, 0);
	ck_assert_uint_eq(esp_plane_count(esp_device_plane(store_device(store)), ESP_UNKNOWN_SPI),
			  1);
	ike_status(core, &status);
	ck_assert_uint_eq(status.counter[IKE_COUNT_DATAGRAMS_IN], 0);
	tunnels_free(tunnels);
	close_intake();
}
END_TEST

UNIT_MAIN("intake", test_esp, test_not_impaired, test_through_the_layer, test_kept_from_the_core)
