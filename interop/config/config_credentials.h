/* SPDX-License-Identifier: ISC */
/*
 * config_credentials.h - how a peer and we prove who we are: by a secret, or by keys and certificates; and in which exchange.
 */
#ifndef INTEROP_CONFIG_CONFIG_CREDENTIALS_H
#define INTEROP_CONFIG_CONFIG_CREDENTIALS_H

#include "interop/config/config.h"

/* "psk", "rsa", "ecdsa". */
bool value_authentication(const char *text, enum config_authentication *authentication,
			  struct fault *fault) IKE_MUST_USE;
/* "main", "aggressive", "aggressive-psk". */
bool value_exchange(const char *text, enum config_exchange *exchange,
		    struct fault *fault) IKE_MUST_USE;
const char *config_file_field(enum config_file file); /* "key" */

/* Whether secret, files, authentication and exchange go together, before a file is read; warns. */
bool config_check_credentials(struct config *config, struct config_peer *peer,
			      struct fault *fault) IKE_MUST_USE;
/*
 * Reads the files of a peer that proves itself by signatures: its own, and the node's where it has none of its own, relative to
 * `folder` (NULL: to where we are).  Peers with the same files share what is made of them.  Fills `ike.credentials`,
 * `ike.authentication` and `ike.local_identity`; warns.  Of other peers it checks whether they need an identity.
 */
bool config_read_credentials(struct config *config, struct config_peer *peer, const char *folder,
			     struct fault *fault) IKE_MUST_USE;
void config_free_credentials(struct config_credentials *list); /* NULL is allowed */

#endif
