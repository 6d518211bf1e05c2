/* SPDX-License-Identifier: ISC */
/*
 * registry.h - the protocol's numbers as enumerations, and their names.  The numbers themselves are in registry.def.
 */
#ifndef IKE_REGISTRY_H
#define IKE_REGISTRY_H

#include <stdint.h>

enum ike_exchange_type {
#define EXCHANGE(symbol, number, name) IKE_EXCHANGE_##symbol = number,
#include "ike/registry.def"
};

enum ike_payload_type {
#define PAYLOAD(symbol, number, name) IKE_PAYLOAD_##symbol = number,
#include "ike/registry.def"
};

enum ike_notify_type {
#define NOTIFY(symbol, number, name) IKE_NOTIFY_##symbol = number,
#include "ike/registry.def"
};

enum ike_protocol {
#define PROTOCOL(symbol, number, name) IKE_PROTOCOL_##symbol = number,
#include "ike/registry.def"
};

enum ike_id_type {
#define IDENTITY(symbol, number, name) IKE_ID_##symbol = number,
#include "ike/registry.def"
};

enum ike_attribute {
#define ATTRIBUTE(symbol, number, name) IKE_ATTRIBUTE_##symbol = number,
#include "ike/registry.def"
};

enum ike_encryption {
#define ENCRYPTION(symbol, number, name) IKE_ENCRYPTION_##symbol = number,
#include "ike/registry.def"
};

enum ike_hash {
#define HASH(symbol, number, name) IKE_HASH_##symbol = number,
#include "ike/registry.def"
};

enum ike_authentication {
#define AUTHENTICATION(symbol, number, name) IKE_AUTHENTICATION_##symbol = number,
#include "ike/registry.def"
};

enum ike_group {
#define GROUP(symbol, number, name) IKE_GROUP_##symbol = number,
#include "ike/registry.def"
};

enum ike_ipsec_attribute {
#define IPSEC_ATTRIBUTE(symbol, number, name) IKE_IPSEC_ATTRIBUTE_##symbol = number,
#include "ike/registry.def"
};

enum ike_esp_transform {
#define ESP_TRANSFORM(symbol, number, name) IKE_ESP_TRANSFORM_##symbol = number,
#include "ike/registry.def"
};

enum ike_esp_authentication {
#define ESP_AUTHENTICATION(symbol, number, name) IKE_ESP_AUTHENTICATION_##symbol = number,
#include "ike/registry.def"
};

enum ike_encapsulation {
#define ENCAPSULATION(symbol, number, name) IKE_ENCAPSULATION_##symbol = number,
#include "ike/registry.def"
};

enum ike_certificate_encoding {
#define CERTIFICATE(symbol, number, name) IKE_CERTIFICATE_##symbol = number,
#include "ike/registry.def"
};

#define IKE_DOI_ISAKMP          0
#define IKE_DOI_IPSEC           1 /* RFC 2407 section 4.1 */
#define IKE_SIT_IDENTITY_ONLY   1 /* RFC 2407 section 4.2.1 */
#define IKE_TRANSFORM_KEY_IKE   1 /* RFC 2407 section 4.4.2 */
#define IKE_LIFE_TYPE_SECONDS   1 /* RFC 2409 appendix A */
#define IKE_LIFE_TYPE_KILOBYTES 2
#define IKE_NOTIFY_FIRST_STATUS 16384 /* below: errors (RFC 2408 section 3.14.1) */
#define IKE_PORT                500
#define IKE_NAT_T_PORT          4500 /* RFC 3947 section 4 */

/* NULL where the number has no name here. */
const char *ike_exchange_name(unsigned number);
const char *ike_payload_name(unsigned number);
const char *ike_notify_name(unsigned number);
const char *ike_protocol_name(unsigned number);
const char *ike_id_name(unsigned number);
const char *ike_attribute_name(unsigned number);
const char *ike_encryption_name(unsigned number);
const char *ike_hash_name(unsigned number);
const char *ike_authentication_name(unsigned number);
const char *ike_group_name(unsigned number);
const char *ike_ipsec_attribute_name(unsigned number);
const char *ike_esp_transform_name(unsigned number);
const char *ike_esp_authentication_name(unsigned number);
const char *ike_encapsulation_name(unsigned number);
const char *ike_certificate_name(unsigned number);

#endif
