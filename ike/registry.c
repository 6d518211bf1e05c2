/* SPDX-License-Identifier: ISC */
/* The names of the numbers: one table per kind of entry in registry.def, each filled by including it. */
#include "ike/registry.h"

#include <stddef.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

struct entry {
	unsigned number;
	const char *name;
};

static const struct entry exchanges[] = {
#define EXCHANGE(symbol, number, name) {number, name},
#include "ike/registry.def"
};

static const struct entry payloads[] = {
#define PAYLOAD(symbol, number, name) {number, name},
#include "ike/registry.def"
};

static const struct entry notifies[] = {
#define NOTIFY(symbol, number, name) {number, name},
#include "ike/registry.def"
};

static const struct entry protocols[] = {
#define PROTOCOL(symbol, number, name) {number, name},
#include "ike/registry.def"
};

static const struct entry identities[] = {
#define IDENTITY(symbol, number, name) {number, name},
#include "ike/registry.def"
};

static const struct entry attributes[] = {
#define ATTRIBUTE(symbol, number, name) {number, name},
#include "ike/registry.def"
};

static const struct entry encryptions[] = {
#define ENCRYPTION(symbol, number, name) {number, name},
#include "ike/registry.def"
};

static const struct entry hashes[] = {
#define HASH(symbol, number, name) {number, name},
#include "ike/registry.def"
};

static const struct entry authentications[] = {
#define AUTHENTICATION(symbol, number, name) {number, name},
#include "ike/registry.def"
};

static const struct entry groups[] = {
#define GROUP(symbol, number, name) {number, name},
#include "ike/registry.def"
};

static const struct entry ipsec_attributes[] = {
#define IPSEC_ATTRIBUTE(symbol, number, name) {number, name},
#include "ike/registry.def"
};

static const struct entry esp_transforms[] = {
#define ESP_TRANSFORM(symbol, number, name) {number, name},
#include "ike/registry.def"
};

static const struct entry esp_authentications[] = {
#define ESP_AUTHENTICATION(symbol, number, name) {number, name},
#include "ike/registry.def"
};

static const struct entry encapsulations[] = {
#define ENCAPSULATION(symbol, number, name) {number, name},
#include "ike/registry.def"
};

static const struct entry certificates[] = {
#define CERTIFICATE(symbol, number, name) {number, name},
#include "ike/registry.def"
};

static const char *name_of(const struct entry *entries, size_t count, unsigned number)
{
	for (size_t i = 0; i < count; i++)
		if (entries[i].number == number)
			return entries[i].name;
	return NULL;
}

const char *ike_exchange_name(unsigned number)
{
	return name_of(exchanges, COUNT(exchanges), number);
}

const char *ike_payload_name(unsigned number)
{
	return name_of(payloads, COUNT(payloads), number);
}

const char *ike_notify_name(unsigned number)
{
	return name_of(notifies, COUNT(notifies), number);
}

const char *ike_protocol_name(unsigned number)
{
	return name_of(protocols, COUNT(protocols), number);
}

const char *ike_id_name(unsigned number)
{
	return name_of(identities, COUNT(identities), number);
}

const char *ike_attribute_name(unsigned number)
{
	return name_of(attributes, COUNT(attributes), number);
}

const char *ike_encryption_name(unsigned number)
{
	return name_of(encryptions, COUNT(encryptions), number);
}

const char *ike_hash_name(unsigned number)
{
	return name_of(hashes, COUNT(hashes), number);
}

const char *ike_authentication_name(unsigned number)
{
	return name_of(authentications, COUNT(authentications), number);
}

const char *ike_group_name(unsigned number)
{
	return name_of(groups, COUNT(groups), number);
}

const char *ike_ipsec_attribute_name(unsigned number)
{
	return name_of(ipsec_attributes, COUNT(ipsec_attributes), number);
}

const char *ike_esp_transform_name(unsigned number)
{
	return name_of(esp_transforms, COUNT(esp_transforms), number);
}

const char *ike_esp_authentication_name(unsigned number)
{
	return name_of(esp_authentications, COUNT(esp_authentications), number);
}

const char *ike_encapsulation_name(unsigned number)
{
	return name_of(encapsulations, COUNT(encapsulations), number);
}

const char *ike_certificate_name(unsigned number)
{
	return name_of(certificates, COUNT(certificates), number);
}
