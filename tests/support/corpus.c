/* SPDX-License-Identifier: ISC */
#include "tests/support/corpus.h"

#include <string.h>

/* The values for an octet, and for two and four of them: bounds of lengths, counts and signs. */
static const uint8_t octets[] = {0x00, 0x01, 0x02, 0x04, 0x10, 0x20, 0x7f, 0x80, 0x81, 0xfe, 0xff};
static const uint16_t pairs[] = {0x0000, 0x0001, 0x0003, 0x0004, 0x0005, 0x0008,
				 0x7fff, 0x8000, 0x8001, 0xfffc, 0xfffe, 0xffff};
static const uint32_t quads[] = {0x00000000, 0x00010000, 0x7fffffff,
				 0x80000000, 0xfffffffc, 0xffffffff};
/* How often a payload is repeated, and how many octets are appended. */
static const uint16_t times[] = {1, 2, 16, 30, 31, 32, 33, 63, 64, 65, 100};
static const uint16_t more[] = {1, 2, 3, 4, 7, 8, 15, 16, 17, 64, 1024, 3000};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void put(struct corpus *corpus, size_t at, uint32_t value, size_t width)
{
	for (size_t i = 0; i < width; i++)
		corpus->data[at + i] = (uint8_t)(value >> 8 * (width - 1 - i));
}

static void set_length(struct corpus *corpus, size_t length)
{
	corpus->length = length;
	if (length >= IKE_HEADER_LENGTH)
		put(corpus, IKE_HEADER_LENGTH_AT, (uint32_t)length, 4);
}

/* ---- sorts of damage; false: there is none of that sort at that place ---------------------------------------------- */

static bool one_octet(struct corpus *corpus)
{
	corpus->data[corpus->at] = octets[corpus->how];
	return true;
}

/* One more, one less, and the top bit: what goes wrong by a hair. */
static bool one_octet_by_a_hair(struct corpus *corpus)
{
	static const uint8_t hairs[] = {1, 0xff, 0x80};

	corpus->data[corpus->at] = (uint8_t)(corpus->data[corpus->at] + hairs[corpus->how]);
	return true;
}

static bool two_octets(struct corpus *corpus)
{
	if (corpus->at + 2 > corpus->good_length)
		return false;
	put(corpus, corpus->at, pairs[corpus->how], 2);
	return true;
}

static bool four_octets(struct corpus *corpus)
{
	if (corpus->at % 2 != 0 || corpus->at + 4 > corpus->good_length)
		return false;
	put(corpus, corpus->at, quads[corpus->how], 4);
	return true;
}

/* Cut off there: with the header's length as it was, and as it then should be. */
static bool cut(struct corpus *corpus)
{
	if (corpus->how == 0)
		corpus->length = corpus->at;
	else
		set_length(corpus, corpus->at);
	return true;
}

/* Everything after the header again and again: every payload more often than it may come. */
static bool repeat(struct corpus *corpus)
{
	size_t rest = corpus->good_length - IKE_HEADER_LENGTH, at = corpus->good_length;

	if (corpus->at != 0)
		return false;
	for (unsigned i = 0; i < times[corpus->how] && at + rest <= sizeof(corpus->data); i++) {
		memcpy(corpus->data + at, corpus->good + IKE_HEADER_LENGTH, rest);
		at += rest;
	}
	set_length(corpus, at);
	return true;
}

/* The first payload so many times, each one saying that another follows. */
static bool chain_of_one(struct corpus *corpus)
{
	size_t length =
	    (size_t)corpus->good[IKE_HEADER_LENGTH + 2] << 8 | corpus->good[IKE_HEADER_LENGTH + 3];
	size_t at = IKE_HEADER_LENGTH;

	if (corpus->at != 0 || length == 0 || IKE_HEADER_LENGTH + length > corpus->good_length)
		return false;
	for (unsigned i = 0; i < times[corpus->how] && at + length <= sizeof(corpus->data); i++) {
		memcpy(corpus->data + at, corpus->good + IKE_HEADER_LENGTH, length);
		corpus->data[at] = corpus->good[IKE_HEADER_NEXT_PAYLOAD_AT];
		at += length;
	}
	set_length(corpus, at);
	return true;
}

/* Octets after the last payload, ones and zeros. */
static bool append(struct corpus *corpus)
{
	size_t octets_more = more[corpus->how];

	if (corpus->at > 1 || corpus->good_length + octets_more > sizeof(corpus->data))
		return false;
	memset(corpus->data + corpus->good_length, corpus->at == 0 ? 0 : 0xff, octets_more);
	set_length(corpus, corpus->good_length + octets_more);
	return true;
}

/* Octets in the midst of it: all the inner lengths are wrong behind them. */
static bool insert(struct corpus *corpus)
{
	size_t octets_more = more[corpus->how];

	if (corpus->at < IKE_HEADER_LENGTH ||
	    corpus->good_length + octets_more > sizeof(corpus->data))
		return false;
	memmove(corpus->data + corpus->at + octets_more, corpus->good + corpus->at,
		corpus->good_length - corpus->at);
	memset(corpus->data + corpus->at, 0x41, octets_more);
	set_length(corpus, corpus->good_length + octets_more);
	return true;
}

/* Every type that a first payload can say it has. */
static bool first_type(struct corpus *corpus)
{
	if (corpus->at != IKE_HEADER_NEXT_PAYLOAD_AT && corpus->at != IKE_HEADER_LENGTH)
		return false;
	corpus->data[corpus->at] = (uint8_t)corpus->how;
	return true;
}

static const struct {
	const char *name;
	bool (*damage)(struct corpus *corpus);
	size_t ways;
} sorts[] = {
    {"one octet", one_octet, COUNT(octets)},
    {"one octet by a hair", one_octet_by_a_hair, 3},
    {"two octets", two_octets, COUNT(pairs)},
    {"four octets", four_octets, COUNT(quads)},
    {"cut", cut, 2},
    {"payloads repeated", repeat, COUNT(times)},
    {"first payload in a chain", chain_of_one, COUNT(times)},
    {"octets after the end", append, COUNT(more)},
    {"octets in the midst", insert, COUNT(more)},
    {"payload type", first_type, 256},
};

void corpus_begin(struct corpus *corpus, struct octets good)
{
	memset(corpus, 0, sizeof(*corpus));
	memcpy(corpus->good, good.data, good.length);
	corpus->good_length = good.length;
}

/* Where the search goes on after this one. */
static void step(struct corpus *corpus)
{
	if (++corpus->how < sorts[corpus->sort].ways)
		return;
	corpus->how = 0;
	if (++corpus->at < corpus->good_length)
		return;
	corpus->at = 0;
	corpus->sort++;
}

bool corpus_next(struct corpus *corpus)
{
	if (corpus->cases > 0)
		step(corpus);
	for (; corpus->sort < COUNT(sorts); step(corpus)) {
		memcpy(corpus->data, corpus->good, corpus->good_length);
		corpus->length = corpus->good_length;
		if (!sorts[corpus->sort].damage(corpus))
			continue;
		if (corpus->length == corpus->good_length &&
		    memcmp(corpus->data, corpus->good, corpus->length) == 0)
			continue;
		corpus->cases++;
		return true;
	}
	return false;
}

const char *corpus_sort(const struct corpus *corpus)
{
	return sorts[corpus->sort].name;
}
