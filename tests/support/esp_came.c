/* SPDX-License-Identifier: ISC */
#include "tests/support/esp_came.h"

#include <check.h>

#include "ike/address.h"
#include "ike/core.h"

struct ike_address esp_address(const char *text)
{
	struct ike_address address;

	ck_assert(ike_address_from_text(text, &address));
	return address;
}

struct duo *esp_duo(uint8_t seed, bool gateway)
{
	struct duo *duo = duo_new(seed);

	(void)duo_tunnel(duo, "aes128-sha1");
	if (!gateway)
		duo->peer[DUO_B].gateways = 0;
	return duo;
}

struct duo *esp_established(uint8_t seed, bool gateway)
{
	struct duo *duo = esp_duo(seed, gateway);

	duo_start(duo);
	duo_establish(duo);
	duo_run(duo, 2 * IKE_SECOND);
	duo_assert_pairs(duo, 1);
	return duo;
}

struct ike_command esp_came(const char *from, const char *to, uint32_t octets)
{
	return (struct ike_command){
	    .kind = IKE_COMMAND_UNKNOWN_SPI,
	    .address = esp_address(from),
	    .local = esp_address(to),
	    .spi = ESP_SPI,
	    .octets = octets,
	    .peer = 77, /* not looked at */
	};
}

uint64_t esp_done(const struct duo *duo, enum ike_counter counter)
{
	return duo->core[DUO_B]->counter[counter];
}

static uint64_t all_of_it(const struct duo *duo)
{
	uint64_t sum = 0;

	for (int i = IKE_COUNT_UNKNOWN_SPI_CALLED; i <= IKE_COUNT_UNKNOWN_SPI_NOTHING; i++)
		sum += esp_done(duo, (enum ike_counter)i);
	return sum;
}

bool esp_does(struct duo *duo, const struct ike_command *command, enum ike_counter counter)
{
	uint64_t before = esp_done(duo, counter), all = all_of_it(duo);
	bool something = ike_command(duo->core[DUO_B], duo->now, command);

	ck_assert_uint_eq(all_of_it(duo), all + 1);
	ck_assert_int_eq(something, counter != IKE_COUNT_UNKNOWN_SPI_NOTHING &&
					counter != IKE_COUNT_UNKNOWN_SPI_LIMITED);
	return esp_done(duo, counter) == before + 1;
}

bool esp_comes(struct duo *duo, const char *from, enum ike_counter counter)
{
	struct ike_command command = esp_came(from, "192.0.2.2", ESP_OCTETS);

	return esp_does(duo, &command, counter);
}

bool esp_comes_from_a(struct duo *duo, enum ike_counter counter)
{
	return esp_comes(duo, "192.0.2.1", counter);
}

bool esp_remembers(struct duo *duo, const char *at)
{
	struct ike_command command = {.kind = IKE_COMMAND_REMEMBER, .address = esp_address(at)};

	return ike_command(duo->core[DUO_B], duo->now, &command);
}
