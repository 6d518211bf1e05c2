/* SPDX-License-Identifier: ISC */
/*
 * peers_met.h - where the peers without gateways were met, kept for the next start: where a peer with gateways is, the configuration says,
 * and of these nobody else would know when their ESP comes for SAs that the start has forgotten.
 */
#ifndef INTEROP_PEERS_MET_H
#define INTEROP_PEERS_MET_H

#include "interop/config/config.h"
#include "interop/node/peers_file.h"

struct peers_met;

/* A place; of each address there is one.  The port is 500 where ESP is not encapsulated. */
struct peers_met_place {
	uint32_t peer; /* index into config->peer */
	struct ike_address address;
};

/* `config` must outlive it.  NULL: no memory. */
struct peers_met *peers_met_new(const struct config *config);
void peers_met_free(struct peers_met *met); /* NULL is allowed */
/*
 * Adds what the file has of peers that the configuration has, without gateways; the rest is no trouble.  True: nothing to say, which also
 * is where there is no file yet.  False: `problem` says in one sentence what could not be read; the rest has been.
 */
bool peers_met_read(struct peers_met *met, const char *path, struct fault *problem);
size_t peers_met_count(const struct peers_met *met);
/* The oldest has index 0; good until the next change. */
const struct peers_met_place *peers_met_place(const struct peers_met *met, size_t index);

/* Follows ESTABLISHED; true: what is to be written has changed.  Of more than PEERS_FILE_MOST the longest not met is forgotten. */
bool peers_met_event(struct peers_met *met, const struct ike_event *event);
/* The user has closed the peer.  True: what is to be written has changed. */
bool peers_met_forget(struct peers_met *met, uint32_t peer);
/* What is to be written; good until the next call. */
const char *peers_met_text(struct peers_met *met, size_t *length);

#endif
