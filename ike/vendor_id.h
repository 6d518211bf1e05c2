/* SPDX-License-Identifier: ISC */
/*
 * vendor_id.h - vendor IDs that are known by name, for descriptions only.  Which ones are acted on is the extension's.
 */
#ifndef IKE_VENDOR_ID_H
#define IKE_VENDOR_ID_H

#include "ike/types.h"

const char *
ike_vendor_id_name(struct octets vendor_id); /* "DPD", "XAUTH", "RFC 3947"; NULL: not known */

#endif
