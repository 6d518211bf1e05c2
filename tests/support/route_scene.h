/* SPDX-License-Identifier: ISC */
/*
 * route_scene.h - routes, rules and addresses that another program has made, and what becomes of packets; in own_network.h.
 */
#ifndef TESTS_SUPPORT_ROUTE_SCENE_H
#define TESTS_SUPPORT_ROUTE_SCENE_H

#include <stddef.h>
#include <stdint.h>

#include "interop/esp/tun.h"

/* To the loopback interface, IPv4. */
void route_scene_add_route(uint32_t table, const char *to);
/* Everything looks into that table, IPv4. */
void route_scene_add_rule(uint32_t table);
/* Of the loopback interface. */
void route_scene_add_address(const char *prefix, uint8_t scope);

/* How many the kernel has of that table, of both families. */
size_t route_scene_rules(uint32_t table);
size_t route_scene_routes(uint32_t table);
size_t route_scene_barriers(uint32_t table); /* routes that lead nowhere */
/* Takes an interface down, or brings it up. */
void route_scene_set_up(const char *interface, bool up);
void route_scene_delete(const char *interface);

/*
 * What becomes of a packet with that mark: where it comes from, if it goes into the interface; else the system's word for that it
 * has no way to go ("ENETUNREACH"), or "elsewhere".  Until the next call.
 */
const char *route_scene_way(struct tun *tun, const char *to, uint32_t mark);

#endif
