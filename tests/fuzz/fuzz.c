/* SPDX-License-Identifier: ISC */
#include "tests/fuzz/fuzz.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *fuzz_running;

void fuzz_broken(const char *file, int line, const char *property)
{
	if (fuzz_running != NULL)
		fprintf(stderr, "%s: ", fuzz_running);
	fprintf(stderr, "%s:%d: does not hold: %s\n", file, line, property);
	abort();
}

uint8_t fuzz_u8(struct fuzz_input *input)
{
	if (input->left == 0)
		return 0;
	input->left--;
	return *input->at++;
}

uint16_t fuzz_u16(struct fuzz_input *input)
{
	unsigned high = fuzz_u8(input);

	return (uint16_t)(high << 8 | fuzz_u8(input));
}

struct octets fuzz_octets(struct fuzz_input *input, size_t most)
{
	struct octets octets =
	    octets_of(input->left > 0 ? input->at : NULL, most < input->left ? most : input->left);

	if (octets.length > 0)
		input->at += octets.length;
	input->left -= octets.length;
	return octets;
}

bool fuzz_inside(struct octets part, struct octets whole)
{
	return part.length == 0 || (part.data >= whole.data && part.length <= whole.length &&
				    (size_t)(part.data - whole.data) <= whole.length - part.length);
}

bool fuzz_same(const void *a, const void *b, size_t length)
{
	return memcmp(a, b, length) == 0;
}

bool fuzz_good_text(const char *text, size_t length, size_t room)
{
	if (room == 0)
		return length == 0;
	if (length >= room || strlen(text) != length)
		return false;
	for (; *text != '\0'; text++)
		if (*text != '\n' && (*text < ' ' || *text >= 0x7f))
			return false;
	return true;
}

uint64_t fuzz_digest(uint64_t digest, const void *octets, size_t length)
{
	const uint8_t *at = octets;

	for (size_t i = 0; i < length; i++)
		digest = (digest ^ at[i]) * 0x100000001b3u;
	return digest;
}
