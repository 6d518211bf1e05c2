/* SPDX-License-Identifier: ISC */
#include "interop/vectors/vector_set.h"

#include <string.h>

#include "interop/vectors/vector_negative.h"
#include "interop/vectors/vector_play.h"

#define MAIN_PSK "RFC 2409 section 5.4;RFC 2409 appendix B;RFC 3706 section 5"
#define MAIN_RSA "RFC 2409 section 5.1;RFC 2409 appendix B;RFC 3706 section 5"
#define QUICK    "RFC 2409 section 5.4;RFC 2409 section 5.5;RFC 2407 section 4.5"
#define SESSION  "Phase 1 with INITIAL-CONTACT, three R-U-THERE each way, Delete"

/* clang-format off */
static const struct vector_set positive[] = {
	/* every cipher, hash and group, and every way from SKEYID_e to the key */
	{.name = "main-psk-3des-md5-modp1024", .proposal = "3des-md5-modp1024", .sections = MAIN_PSK, .play = vector_play_session,
	 .description = "Main Mode, pre-shared key. Ka = K1 | K2 from SKEYID_e of 16 octets. " SESSION},
	{.name = "main-psk-3des-sha1-modp1536", .proposal = "3des-sha1-modp1536", .sections = MAIN_PSK, .play = vector_play_session,
	 .description = "Main Mode, pre-shared key. Ka = K1 | K2 from SKEYID_e of 20 octets. " SESSION},
	{.name = "main-psk-aes128-md5-modp768", .proposal = "aes128-md5-modp768", .sections = MAIN_PSK, .play = vector_play_session,
	 .description = "Main Mode, pre-shared key. SKEYID_e is as long as the key. " SESSION},
	{.name = "main-psk-aes128-sha1-modp2048", .proposal = "aes128-sha1-modp2048", .sections = MAIN_PSK, .play = vector_play_session,
	 .description = "Main Mode, pre-shared key. SKEYID_e is longer than the key. " SESSION},
	{.name = "main-psk-aes192-sha1-modp3072", .proposal = "aes192-sha1-modp3072", .sections = MAIN_PSK, .play = vector_play_session,
	 .description = "Main Mode, pre-shared key. Ka = K1 | K2 for 24 octets of AES. " SESSION},
	{.name = "main-psk-aes256-sha1-modp4096", .proposal = "aes256-sha1-modp4096", .sections = MAIN_PSK, .play = vector_play_session,
	 .description = "Main Mode, pre-shared key. Ka = K1 | K2 for 32 octets of AES. " SESSION},
	{.name = "main-psk-aes256-md5-ecp256", .proposal = "aes256-md5-ecp256", .sections = MAIN_PSK ";RFC 5903 section 7", .play = vector_play_session,
	 .description = "Main Mode, pre-shared key. Ka = K1 | K2, both used whole. " SESSION},
	{.name = "main-psk-aes128-sha256-modp6144", .proposal = "aes128-sha256-modp6144", .sections = MAIN_PSK, .play = vector_play_session,
	 .description = "Main Mode, pre-shared key. SKEYID_e is twice as long as the key. " SESSION},
	{.name = "main-psk-aes192-sha384-ecp384", .proposal = "aes192-sha384-ecp384", .sections = MAIN_PSK ";RFC 5903 section 7", .play = vector_play_session,
	 .description = "Main Mode, pre-shared key. SKEYID_e is longer than the key. " SESSION},
	{.name = "main-psk-aes256-sha256-x25519", .proposal = "aes256-sha256-x25519", .sections = MAIN_PSK ";RFC 7748 section 6.1", .play = vector_play_session,
	 .description = "Main Mode, pre-shared key. SKEYID_e is as long as the longest key. " SESSION},
	{.name = "main-psk-aes256-sha512-ecp521", .proposal = "aes256-sha512-ecp521", .sections = MAIN_PSK ";RFC 5903 section 7", .play = vector_play_session,
	 .description = "Main Mode, pre-shared key. SKEYID_e is twice as long as the longest key. " SESSION},
	{.name = "main-psk-3des-sha512-modp8192", .proposal = "3des-sha512-modp8192", .sections = MAIN_PSK, .play = vector_play_session,
	 .description = "Main Mode, pre-shared key. The longest values that there are. " SESSION},
	{.name = "main-psk-long-secret", .proposal = "aes128-sha1-x25519", .sections = MAIN_PSK ";RFC 2104 section 2", .play = vector_play_session,
	 .secret = "a pre-shared key that is longer than the block of the hash, which is 64 octets, and so is hashed first",
	 .description = "Main Mode, pre-shared key longer than the block of the hash. " SESSION},

	/* zeros at the front */
	{.name = "leading-zero-g-xy-modp1024", .proposal = "aes128-sha1-modp1024", .sections = MAIN_PSK ";RFC 2409 section 5", .play = vector_play_session,
	 .variant = 35, .zeros = VECTOR_G_XY, .zero_octets = 1,
	 .description = "g^xy of MODP begins with a zero octet. " SESSION},
	{.name = "leading-zeros-g-xy-modp1024", .proposal = "aes128-sha1-modp1024", .sections = MAIN_PSK ";RFC 2409 section 5", .play = vector_play_session,
	 .variant = 9814, .zeros = VECTOR_G_XY, .zero_octets = 2,
	 .description = "g^xy of MODP begins with two zero octets. " SESSION},
	{.name = "leading-zero-g-xy-modp2048-rsa", .proposal = "aes256-sha256-modp2048", .sections = MAIN_RSA ";RFC 2409 section 5", .play = vector_play_session,
	 .options = VECTOR_RSA, .variant = 24, .zeros = VECTOR_G_XY, .zero_octets = 1,
	 .description = "g^xy of MODP begins with a zero octet, and SKEYID itself is of it. " SESSION},
	{.name = "leading-zero-g-xy-ecp256", .proposal = "aes128-sha256-ecp256", .sections = MAIN_PSK ";RFC 5903 section 7", .play = vector_play_session,
	 .variant = 528, .zeros = VECTOR_G_XY, .zero_octets = 1,
	 .description = "g^xy of a NIST curve begins with a zero octet. " SESSION},
	{.name = "leading-zeros-g-xy-ecp256", .proposal = "aes128-sha256-ecp256", .sections = MAIN_PSK ";RFC 5903 section 7", .play = vector_play_session,
	 .variant = 85061, .zeros = VECTOR_G_XY, .zero_octets = 2,
	 .description = "g^xy of a NIST curve begins with two zero octets. " SESSION},
	{.name = "leading-zero-g-xy-x25519", .proposal = "aes128-sha256-x25519", .sections = MAIN_PSK ";RFC 7748 section 6.1", .play = vector_play_session,
	 .variant = 489, .zeros = VECTOR_G_XY, .zero_octets = 1,
	 .description = "g^xy of Curve25519, which is no big-endian number, begins with a zero octet. " SESSION},
	{.name = "leading-zero-public-i", .proposal = "aes128-sha1-modp1024", .sections = MAIN_PSK ";RFC 2409 section 5", .play = vector_play_session,
	 .variant = 619, .zeros = VECTOR_PUBLIC_I, .zero_octets = 1,
	 .description = "The initiator's public value begins with a zero octet. " SESSION},
	{.name = "leading-zero-public-r", .proposal = "aes128-sha1-modp1024", .sections = MAIN_PSK ";RFC 2409 section 5", .play = vector_play_session,
	 .variant = 413, .zeros = VECTOR_PUBLIC_R, .zero_octets = 1,
	 .description = "The responder's public value begins with a zero octet. " SESSION},
	{.name = "leading-zero-quick-mode", .proposal = "aes128-sha1-modp1024", .tunnel = "aes128-sha1-modp1024", .sections = QUICK, .play = vector_play_session,
	 .variant = 71, .zeros = VECTOR_QUICK_G_XY, .zero_octets = 1,
	 .description = "g(qm)^xy of Quick Mode begins with a zero octet. " SESSION},

	/* signatures, Aggressive Mode */
	{.name = "main-rsa-aes128-sha1-modp2048", .proposal = "aes128-sha1-modp2048", .sections = MAIN_RSA, .play = vector_play_session, .options = VECTOR_RSA,
	 .description = "Main Mode, RSA signatures. " SESSION},
	{.name = "main-rsa-aes256-sha256-ecp256", .proposal = "aes256-sha256-ecp256", .sections = MAIN_RSA, .play = vector_play_session, .options = VECTOR_RSA,
	 .description = "Main Mode, RSA signatures. " SESSION},
	{.name = "main-rsa-3des-md5-modp1024", .proposal = "3des-md5-modp1024", .sections = MAIN_RSA, .play = vector_play_session, .options = VECTOR_RSA,
	 .description = "Main Mode, RSA signatures. SKEYID of 16 octets, expanded key. " SESSION},
	{.name = "aggressive-psk-aes128-sha1-modp1024", .proposal = "aes128-sha1-modp1024", .sections = MAIN_PSK, .play = vector_play_session, .options = VECTOR_AGGRESSIVE,
	 .description = "Aggressive Mode, pre-shared key. Three R-U-THERE each way, Delete"},
	{.name = "aggressive-psk-aes256-sha256-x25519", .proposal = "aes256-sha256-x25519", .sections = MAIN_PSK, .play = vector_play_session, .options = VECTOR_AGGRESSIVE,
	 .description = "Aggressive Mode, pre-shared key. Three R-U-THERE each way, Delete"},
	{.name = "aggressive-rsa-aes128-sha256-modp2048", .proposal = "aes128-sha256-modp2048", .sections = MAIN_RSA, .play = vector_play_session, .options = VECTOR_AGGRESSIVE | VECTOR_RSA,
	 .description = "Aggressive Mode, RSA signatures. Three R-U-THERE each way, Delete"},

	/* Quick Mode */
	{.name = "quick-aes128-sha1", .proposal = "aes128-sha1-modp2048", .tunnel = "aes128-sha1", .sections = QUICK, .play = vector_play_session,
	 .description = "Quick Mode without PFS: KEYMAT is K1 | K2. " SESSION},
	{.name = "quick-3des-md5", .proposal = "3des-md5-modp1024", .tunnel = "3des-md5", .sections = QUICK, .play = vector_play_session,
	 .description = "Quick Mode without PFS: KEYMAT is K1 | K2 | K3. " SESSION},
	{.name = "quick-aes256-sha256-pfs-modp2048", .proposal = "aes256-sha256-modp2048", .tunnel = "aes256-sha256-modp2048", .sections = QUICK, .play = vector_play_session,
	 .description = "Quick Mode with PFS: KEYMAT is K1 | K2. " SESSION},
	{.name = "quick-aes128-sha1-pfs-x25519", .proposal = "aes128-sha512-x25519", .tunnel = "aes128-sha1-x25519", .sections = QUICK, .play = vector_play_session,
	 .description = "Quick Mode with PFS: KEYMAT is part of K1. " SESSION},
	{.name = "quick-aes256-md5-rsa-pfs-ecp256", .proposal = "aes256-sha1-ecp256", .tunnel = "aes256-md5-ecp256", .sections = QUICK, .play = vector_play_session, .options = VECTOR_RSA,
	 .description = "Quick Mode with PFS under RSA signatures: KEYMAT is K1 | K2 | K3. " SESSION},

	{.name = "quick-aes128gcm16", .proposal = "aes128-sha256-x25519", .tunnel = "aes128gcm16", .sections = QUICK ";RFC 4106 section 8", .play = vector_play_session,
	 .description = "Quick Mode without PFS for AES-GCM: KEYMAT is key and salt. " SESSION},
	{.name = "quick-aes256gcm16-pfs-x25519", .proposal = "aes256-sha256-x25519", .tunnel = "aes256gcm16-x25519", .sections = QUICK ";RFC 4106 section 8", .play = vector_play_session,
	 .description = "Quick Mode with PFS for AES-GCM: KEYMAT is key and salt, K1 | K2. " SESSION},

	/* what happens on the way, and in the course of time */
	{.name = "nat-t", .proposal = "aes128-sha1-modp2048", .sections = "RFC 3947 section 3.2;RFC 3947 section 4;RFC 3948 section 2.2;RFC 3948 section 2.3", .play = vector_play_nat, .options = VECTOR_NAT,
	 .description = "A is behind a NAT: NAT-D, port 4500 with the non-ESP marker, NAT keepalives. " SESSION},
	{.name = "nat-t-aggressive-quick-mode", .proposal = "aes128-sha256-x25519", .tunnel = "aes128-sha256", .sections = "RFC 3947 section 3.2;RFC 3947 section 5.1;RFC 3948 section 2.2", .play = vector_play_session, .options = VECTOR_NAT | VECTOR_AGGRESSIVE,
	 .description = "A is behind a NAT: Aggressive Mode that floats with its third message, and Quick Mode for UDP-encapsulated ESP. Three R-U-THERE each way, Delete"},
	{.name = "fragments", .proposal = "aes128-sha256-modp2048", .sections = "vendor extension;RFC 2409 section 5.1", .play = vector_play_session, .options = VECTOR_RSA | VECTOR_CHAIN | VECTOR_FRAGMENTS,
	 .description = "Main Mode, RSA signatures with two certificates each: the fifth and sixth message come in fragments (payload 132). " SESSION},
	{.name = "rekey", .proposal = "aes128-sha1-x25519", .lifetime = 60, .sections = "RFC 2409 section 5.4;RFC 2408 section 5.15;RFC 3706 section 5", .play = vector_play_rekey,
	 .description = "A Phase 1 SA of 60 s is renewed: a second one, and R-U-THERE under it"},
	{.name = "rekey-quick-mode", .proposal = "aes128-sha1-x25519", .lifetime = 60, .tunnel = "aes128-sha1", .sections = QUICK ";RFC 2408 section 5.15", .play = vector_play_rekey,
	 .description = "A Phase 1 SA of 60 s is renewed while its IPsec SAs stay"},
	{.name = "death-and-recovery", .proposal = "aes128-sha1-x25519", .sections = "RFC 3706 section 5;RFC 3706 section 6;RFC 2407 section 4.6.3.3", .play = vector_play_death,
	 .description = "B vanishes: questions stay unanswered, A declares it dead and calls, B is back, Phase 1 with INITIAL-CONTACT, questions are answered again"},
};
/* clang-format on */

#define POSITIVE (sizeof(positive) / sizeof(positive[0]))

size_t vector_sets(void)
{
	return POSITIVE + vector_negatives();
}

const struct vector_set *vector_set(size_t index)
{
	return index < POSITIVE ? &positive[index] : vector_negative(index - POSITIVE);
}

const struct vector_set *vector_set_find(const char *name)
{
	for (size_t i = 0; i < vector_sets(); i++)
		if (strcmp(vector_set(i)->name, name) == 0)
			return vector_set(i);
	return NULL;
}
