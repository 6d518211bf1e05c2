/* SPDX-License-Identifier: ISC */
#include "interop/decode/key_log.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "crypto/secret.h"
#include "ike/text.h"
#include "interop/node/capture.h"

#define FILE_MOST (16u << 20) /* octets: some hundred thousand rows */
#define LINE_MOST 1024
#define BLANKS    " \t\r\n"

struct key_log {
	struct key_row *row; /* a slab */
	size_t rows, room;
};

static const struct {
	const char *name;
	enum cipher_algorithm cipher;
} ciphers[] = {{"3des", CIPHER_3DES},
	       {"aes128", CIPHER_AES_128},
	       {"aes192", CIPHER_AES_192},
	       {"aes256", CIPHER_AES_256}};

static const struct {
	const char *name;
	enum hash_algorithm hash;
} hashes[] = {{"md5", HASH_MD5},
	      {"sha1", HASH_SHA1},
	      {"sha256", HASH_SHA2_256},
	      {"sha384", HASH_SHA2_384},
	      {"sha512", HASH_SHA2_512}};

#define CIPHERS (sizeof(ciphers) / sizeof(ciphers[0]))
#define HASHES  (sizeof(hashes) / sizeof(hashes[0]))

/* ---- rows ---------------------------------------------------------------------------------------------------------- */

struct key_log *key_log_new(void)
{
	return calloc(1, sizeof(struct key_log));
}

void key_log_free(struct key_log *log)
{
	if (log == NULL)
		return;
	secret_slab_free(log->row, log->room * sizeof(*log->row));
	free(log);
}

bool key_log_add(struct key_log *log, const struct key_row *row)
{
	if (log->rows == log->room) {
		size_t room = log->room == 0 ? 16 : 2 * log->room;
		struct key_row *more = secret_slab_new(room * sizeof(*more));

		if (more == NULL)
			return false;
		if (log->rows > 0)
			memcpy(more, log->row, log->rows * sizeof(*more));
		secret_slab_free(log->row, log->room * sizeof(*log->row));
		log->row = more;
		log->room = room;
	}
	log->row[log->rows] = *row;
	secret_wipe(log->row[log->rows].keys.skeyid_d, HASH_MAX_LENGTH);
	log->rows++;
	return true;
}

size_t key_log_count(const struct key_log *log)
{
	return log->rows;
}

/* How good a row is for an SA; 0: it is not for it. */
static int fit(const struct key_row *row, const uint8_t *cky_i, const uint8_t *cky_r)
{
	if (memcmp(row->cky_i, cky_i, IKE_COOKIE_LENGTH) != 0)
		return 0;
	if (!row->whole)
		return 1;
	if (memcmp(row->cky_r, cky_r, IKE_COOKIE_LENGTH) != 0)
		return 0;
	return row->keys.established ? 3 : 2;
}

const struct key_row *key_log_nth(const struct key_log *log, const uint8_t cky_i[IKE_COOKIE_LENGTH],
				  const uint8_t cky_r[IKE_COOKIE_LENGTH], size_t nth)
{
	for (int wanted = 3; wanted > 0; wanted--)
		for (size_t i = log->rows; i-- > 0;)
			if (fit(&log->row[i], cky_i, cky_r) == wanted && nth-- == 0)
				return &log->row[i];
	return NULL;
}

const struct key_row *key_log_find(const struct key_log *log,
				   const uint8_t cky_i[IKE_COOKIE_LENGTH],
				   const uint8_t cky_r[IKE_COOKIE_LENGTH])
{
	return key_log_nth(log, cky_i, cky_r, 0);
}

/* ---- reading ------------------------------------------------------------------------------------------------------- */

static int digit_of(char character)
{
	if (character >= '0' && character <= '9')
		return character - '0';
	character = (char)tolower((unsigned char)character);
	return character >= 'a' && character <= 'f' ? character - 'a' + 10 : -1;
}

/* How many octets `text` is in hex; 0 where it is not hex or does not fit. */
static size_t read_hex(const char *text, uint8_t *out, size_t room)
{
	size_t length = strlen(text);

	if (length == 0 || length % 2 != 0 || length / 2 > room)
		return 0;
	for (size_t i = 0; i < length / 2; i++) {
		int high = digit_of(text[2 * i]), low = digit_of(text[2 * i + 1]);

		if (high < 0 || low < 0)
			return 0;
		out[i] = (uint8_t)(high << 4 | low);
	}
	return length / 2;
}

/* A word of Wireshark's tables: between quotation marks or not. */
static char *unquote(char *word)
{
	size_t length;

	word += strspn(word, BLANKS);
	length = strlen(word);
	while (length > 0 && strchr(BLANKS, word[length - 1]) != NULL)
		word[--length] = '\0';
	if (length >= 2 && word[0] == '"' && word[length - 1] == '"') {
		word[length - 1] = '\0';
		word++;
	}
	return word;
}

static bool read_wireshark(char *line, struct key_row *row, struct fault *fault)
{
	char *comma = strchr(line, ',');

	if (comma == NULL)
		return fault_say(fault, "neither \"COOKIE,KEY\" nor \"ikev1 CKY_I CKY_R "
					"CIPHER-HASH KEY SKEYID_A LAST_BLOCK\"");
	*comma = '\0';
	if (read_hex(unquote(line), row->cky_i, sizeof(row->cky_i)) != IKE_COOKIE_LENGTH)
		return fault_say(fault, "the initiator cookie is not %d digits of hex",
				 2 * IKE_COOKIE_LENGTH);
	row->keys.key_length = read_hex(unquote(comma + 1), row->keys.key, sizeof(row->keys.key));
	if (row->keys.key_length == 0)
		return fault_say(fault,
				 "the key is not an even number of digits of hex, %d at most",
				 2 * CIPHER_MAX_KEY);
	return true;
}

static bool read_suite(const char *text, struct ike_keys *keys, struct fault *fault)
{
	const char *dash = strchr(text, '-');
	char quoted[4 * 40 + 1];
	struct text shown;

	for (size_t c = 0; dash != NULL && c < CIPHERS; c++) {
		if (strlen(ciphers[c].name) != (size_t)(dash - text) ||
		    strncmp(text, ciphers[c].name, (size_t)(dash - text)) != 0)
			continue;
		for (size_t h = 0; h < HASHES; h++) {
			if (strcmp(dash + 1, hashes[h].name) != 0)
				continue;
			keys->cipher = ciphers[c].cipher;
			keys->hash = hashes[h].hash;
			keys->key_length = cipher_key_length(keys->cipher);
			keys->skeyid_length = hash_length(keys->hash);
			return true;
		}
	}
	text_to(&shown, quoted, sizeof(quoted));
	text_add_escaped(&shown, octets_of((const uint8_t *)text, strnlen(text, 40)));
	return fault_say(fault, "\"%s\" is no cipher and hash such as aes128-sha1", quoted);
}

static bool read_own(char *line, struct key_row *row, struct fault *fault)
{
	char *word[8], *rest = NULL;
	struct ike_keys *keys = &row->keys;
	size_t words = 0;

	for (char *at = strtok_r(line, BLANKS, &rest); at != NULL && words < 8;
	     at = strtok_r(NULL, BLANKS, &rest))
		word[words++] = at;
	if (words != 7)
		return fault_say(fault, "a row that begins with \"ikev1\" has six words behind it");
	row->whole = true;
	if (read_hex(word[1], row->cky_i, sizeof(row->cky_i)) != IKE_COOKIE_LENGTH ||
	    read_hex(word[2], row->cky_r, sizeof(row->cky_r)) != IKE_COOKIE_LENGTH)
		return fault_say(fault, "the cookies are not %d digits of hex each",
				 2 * IKE_COOKIE_LENGTH);
	if (!read_suite(word[3], keys, fault))
		return false;
	if (read_hex(word[4], keys->key, sizeof(keys->key)) != keys->key_length)
		return fault_say(fault, "the key of %s is %zu digits of hex", word[3],
				 2 * keys->key_length);
	if (read_hex(word[5], keys->skeyid_a, sizeof(keys->skeyid_a)) != keys->skeyid_length)
		return fault_say(fault, "SKEYID_A of %s is %zu digits of hex", word[3],
				 2 * keys->skeyid_length);
	keys->established = strcmp(word[6], "-") != 0;
	if (keys->established && read_hex(word[6], keys->last_block, sizeof(keys->last_block)) !=
				     cipher_block_length(keys->cipher))
		return fault_say(fault, "LAST_BLOCK of %s is %zu digits of hex, or \"-\"", word[3],
				 2 * cipher_block_length(keys->cipher));
	return true;
}

static bool read_line(struct key_log *log, char *line, struct fault *fault)
{
	struct key_row row = {.whole = false};
	bool good;

	line[strcspn(line, "#")] = '\0';
	line += strspn(line, BLANKS);
	if (line[0] == '\0')
		return true;
	good = strncmp(line, "ikev1", 5) == 0 && isspace((unsigned char)line[5])
		   ? read_own(line, &row, fault)
		   : read_wireshark(line, &row, fault);
	if (good && !key_log_add(log, &row))
		good = fault_say(fault, "no memory for the keys");
	secret_wipe(&row, sizeof(row));
	return good;
}

bool key_log_parse(struct key_log *log, const char *path, char *text, size_t length,
		   struct fault *fault)
{
	size_t number = 1;

	for (size_t at = 0; at < length; number++) {
		char *line = text + at, *end = memchr(line, '\n', length - at);
		size_t line_length = end == NULL ? length - at : (size_t)(end - line);
		struct fault why;

		if (memchr(line, '\0', line_length) != NULL || line_length > LINE_MOST)
			return fault_say(fault, "%s:%zu: not a line of a key log", path, number);
		line[line_length] = '\0'; /* there is one octet more than the file has */
		if (!read_line(log, line, &why))
			return fault_say(fault, "%s:%zu: %s", path, number, why.text);
		at += line_length + 1;
	}
	return true;
}

/* The whole file at once, in memory that is wiped: stdio's own buffers are not. */
static bool read_stream(struct key_log *log, const char *path, FILE *file, struct fault *fault)
{
	struct stat status;
	size_t length, room;
	char *text;
	bool good;

	if (fstat(fileno(file), &status) != 0)
		return fault_say(fault, "cannot read %s: %s", path, strerror(errno));
	/* a pipe does not say how much there will be */
	room = S_ISREG(status.st_mode) ? (size_t)status.st_size + 2 : FILE_MOST + 2;
	if (room > FILE_MOST + 2)
		return fault_say(fault, "%s: longer than any key log", path);
	text = secret_slab_new(room);
	if (text == NULL)
		return fault_say(fault, "no memory for the keys");
	setvbuf(file, NULL, _IONBF, 0);
	length = fread(text, 1, room - 1, file);
	good = ferror(file)         ? fault_say(fault, "cannot read %s: %s", path, strerror(errno))
	       : length > FILE_MOST ? fault_say(fault, "%s: longer than any key log", path)
				    : key_log_parse(log, path, text, length, fault);
	secret_slab_free(text, room);
	return good;
}

static bool read_file(struct key_log *log, const char *path, struct fault *fault)
{
	FILE *file = fopen(path, "re");
	bool good;

	if (file == NULL)
		return fault_say(fault, "cannot read %s: %s", path, strerror(errno));
	good = read_stream(log, path, file, fault);
	fclose(file);
	return good;
}

static bool read_directory(struct key_log *log, const char *path, struct fault *fault)
{
	static const char *const names[] = {KEY_LOG, CAPTURE_KEYS};
	size_t found = 0;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		char inside[4096];
		struct stat status;

		if ((size_t)snprintf(inside, sizeof(inside), "%s/%s", path, names[i]) >=
			sizeof(inside) ||
		    stat(inside, &status) != 0 || !S_ISREG(status.st_mode))
			continue;
		found++;
		if (!read_file(log, inside, fault))
			return false;
	}
	if (found == 0)
		return fault_say(fault, "%s: neither " KEY_LOG " nor " CAPTURE_KEYS " is in it",
				 path);
	return true;
}

bool key_log_read(struct key_log *log, const char *path, struct fault *fault)
{
	struct stat status;

	if (stat(path, &status) != 0)
		return fault_say(fault, "cannot read %s: %s", path, strerror(errno));
	return S_ISDIR(status.st_mode) ? read_directory(log, path, fault)
				       : read_file(log, path, fault);
}

/* ---- writing ------------------------------------------------------------------------------------------------------- */

static void add_hex(char **at, const uint8_t *octets, size_t length)
{
	static const char digits[] = "0123456789abcdef";

	*(*at)++ = ' ';
	for (size_t i = 0; i < length; i++) {
		*(*at)++ = digits[octets[i] >> 4];
		*(*at)++ = digits[octets[i] & 15];
	}
}

size_t key_log_line(const struct key_row *row, char *line, size_t length)
{
	const struct ike_keys *keys = &row->keys;
	const char *cipher = "", *hash = "";
	char *at = line;

	if (length < KEY_LOG_LINE)
		return 0;
	for (size_t i = 0; i < CIPHERS; i++)
		if (ciphers[i].cipher == keys->cipher)
			cipher = ciphers[i].name;
	for (size_t i = 0; i < HASHES; i++)
		if (hashes[i].hash == keys->hash)
			hash = hashes[i].name;
	at += snprintf(at, length, "ikev1");
	add_hex(&at, row->cky_i, IKE_COOKIE_LENGTH);
	add_hex(&at, row->cky_r, IKE_COOKIE_LENGTH);
	at += snprintf(at, 32, " %s-%s", cipher, hash);
	add_hex(&at, keys->key, keys->key_length);
	add_hex(&at, keys->skeyid_a, keys->skeyid_length);
	if (keys->established)
		add_hex(&at, keys->last_block, cipher_block_length(keys->cipher));
	else
		at += snprintf(at, 3, " -");
	*at++ = '\n';
	*at = '\0';
	return (size_t)(at - line);
}
