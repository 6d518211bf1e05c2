/* SPDX-License-Identifier: ISC */
/*
 * unknown_spi.h - ESP has come for an SA that is not there: what to do about it.  unknown_spi.c has the rules.
 */
#ifndef IKE_UNKNOWN_SPI_H
#define IKE_UNKNOWN_SPI_H

#include "ike/core.h"

/* True: something was sent or begun. */
bool unknown_spi_came(struct ike_core *core, const struct ike_command *command);
/* The user knows where that peer was before we were restarted.  False: it has gateways, may not be there, or none is remembered. */
bool unknown_spi_remember(struct ike_core *core, uint32_t peer, const struct ike_address *address);
/* The SA in use with whoever sends ESP from there to that port of ours.  NULL: nobody is known there, or it has none. */
struct ike_sa *unknown_spi_sa_at(const struct ike_core *core, const struct ike_address *address,
				 uint16_t local_port);
/* An SA is in use, and is where it is. */
void unknown_spi_note_sa(struct ike_core *core, const struct ike_sa *sa);
/* Another worker has that SA, and looks after whoever is there. */
void unknown_spi_note_elsewhere(struct ike_core *core, const struct ike_contact *contact);

#endif
