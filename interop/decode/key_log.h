/* SPDX-License-Identifier: ISC */
/*
 * key_log.h - keys of Phase 1 SAs, for whoever has to read a capture.
 *
 * Two forms are read, line by line, and may be mixed; '#' begins a comment.
 *
 *	70a1b2c3d4e5f607,00112233...                    Wireshark's ikev1_decryption_table: initiator cookie, encryption key;
 *	                                                with or without quotation marks
 *	ikev1 CKY_I CKY_R aes128-sha1 KEY SKEYID_A LAST_BLOCK     our own: all in hex; HASH can be verified with it, and
 *	                                                LAST_BLOCK, the last ciphertext block of Phase 1, lets a capture be
 *	                                                read that begins after Phase 1.  "-" where it is not known yet.
 *
 * Ours is written by `--capture` as ikev1.keys, once when there are keys and once more when the SA is established.
 */
#ifndef INTEROP_DECODE_KEY_LOG_H
#define INTEROP_DECODE_KEY_LOG_H

#include "ike/ike.h"
#include "interop/fault.h"

#define KEY_LOG "ikev1.keys" /* the name of our own file */

struct key_row {
	uint8_t cky_i[IKE_COOKIE_LENGTH], cky_r[IKE_COOKIE_LENGTH];
	bool
	    whole; /* our own form: all of `keys` is good; otherwise key and key_length are, and cky_r is zero */
	struct ike_keys keys; /* skeyid_d is never in it */
};

struct key_log; /* rows of one or more files, in memory for secrets */

struct key_log *key_log_new(void) IKE_MUST_USE; /* NULL: no memory */
void key_log_free(struct key_log *log);         /* NULL is allowed; wiped */
/* Adds the rows of a file, or of a directory's KEY_LOG and ikev1_decryption_table.  False: see fault, with file and line. */
bool key_log_read(struct key_log *log, const char *path, struct fault *fault) IKE_MUST_USE;
/* The same for lines in memory, which are written into; there is room for one octet behind them.  `path` is for faults. */
bool key_log_parse(struct key_log *log, const char *path, char *text, size_t length,
		   struct fault *fault) IKE_MUST_USE;
bool key_log_add(struct key_log *log, const struct key_row *row) IKE_MUST_USE;
/* The best row for an SA: a whole one with both cookies before one of Wireshark's; NULL: none.  The newest of equals. */
const struct key_row *key_log_find(const struct key_log *log,
				   const uint8_t cky_i[IKE_COOKIE_LENGTH],
				   const uint8_t cky_r[IKE_COOKIE_LENGTH]);
/* All rows that may be meant for an SA, the best first: `nth` from 0; NULL: no more.  Cookies come again after a restart. */
const struct key_row *key_log_nth(const struct key_log *log, const uint8_t cky_i[IKE_COOKIE_LENGTH],
				  const uint8_t cky_r[IKE_COOKIE_LENGTH], size_t nth);
size_t key_log_count(const struct key_log *log);
/* Our own form of a row, with its newline; terminated; 0: no room (KEY_LOG_LINE is enough). */
#define KEY_LOG_LINE 512
size_t key_log_line(const struct key_row *row, char *line, size_t length);

#endif
