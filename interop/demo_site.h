/* SPDX-License-Identifier: ISC */
/*
 * demo_site.h - what the demo's nodes find when they start: a directory with a secret and a configuration each, and a UDP
 * port that is free on all their addresses.  It all stays there, to be looked at and to be played again.
 */
#ifndef INTEROP_DEMO_SITE_H
#define INTEROP_DEMO_SITE_H

#include "ike/types.h"
#include "interop/fault.h"

#define DEMO_B1 "127.0.0.2"
#define DEMO_B2 "127.0.0.3"

/* `port`: where all of them listen.  The directory is made; what an earlier demo left there is overwritten. */
bool demo_site_make(const char *directory, uint16_t *port, struct fault *fault) IKE_MUST_USE;

#endif
