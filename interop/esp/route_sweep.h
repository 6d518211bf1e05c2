/* SPDX-License-Identifier: ISC */
/*
 * route_sweep.h - takes away what has our protocol in a table of routes: what a crash has left, and at the end what is ours.
 */
#ifndef INTEROP_ESP_ROUTE_SWEEP_H
#define INTEROP_ESP_ROUTE_SWEEP_H

#include "interop/store/store_netlink.h"

/* Rules that lead to the table first, so that nothing is sent where nothing is heard any more; then its routes.  Best effort. */
void route_sweep(struct netlink *netlink, uint32_t table);

#endif
