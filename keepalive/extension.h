/* SPDX-License-Identifier: ISC */
/*
 * extension.h - the adapter: keepalive_step and recovery_step as an extension of the engine.  It translates; it decides nothing.
 */
#ifndef KEEPALIVE_EXTENSION_H
#define KEEPALIVE_EXTENSION_H

#include "keepalive/keepalive.h"
#include "keepalive/recovery.h"

/* What ike_peer_settings.extension_settings points to when this extension is plugged in. */
struct keepalive_peer_settings {
	struct keepalive_plan plan;
	struct recovery_settings recovery;
};

const struct ike_extension *keepalive_extension(void); /* static storage */

#endif
