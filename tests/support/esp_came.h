/* SPDX-License-Identifier: ISC */
/*
 * esp_came.h - ESP that comes to B of a duo for an SA that is not there: what is done about it.
 */
#ifndef TESTS_SUPPORT_ESP_CAME_H
#define TESTS_SUPPORT_ESP_CAME_H

#include "tests/support/duo.h"

#define ESP_SPI    0xabcd1234u
#define ESP_OCTETS 200

struct ike_address esp_address(const char *text); /* fails the test where it is none */
/* A tunnel; B knows A's gateway, or waits for it to call.  Before duo_start. */
struct duo *esp_duo(uint8_t seed, bool gateway);
/* The same with an established pair. */
struct duo *esp_established(uint8_t seed, bool gateway);

/* IKE_COMMAND_UNKNOWN_SPI, with ESP_SPI. */
struct ike_command esp_came(const char *from, const char *to, uint32_t octets);
/* How often B has done that so far. */
uint64_t esp_done(const struct duo *duo, enum ike_counter counter);
/* Tells B, and whether it does just that one thing about it, which the return value of ike_command() must agree with. */
bool esp_does(struct duo *duo, const struct ike_command *command, enum ike_counter counter);
/* The same for ESP that is not encapsulated, from that address or from A's. */
bool esp_comes(struct duo *duo, const char *from, enum ike_counter counter);
bool esp_comes_from_a(struct duo *duo, enum ike_counter counter);
/* IKE_COMMAND_REMEMBER to B, of its only peer. */
bool esp_remembers(struct duo *duo, const char *at);

#endif
