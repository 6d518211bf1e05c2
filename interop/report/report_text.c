/* SPDX-License-Identifier: ISC */
#include "interop/report/report_text.h"

#include <string.h>
#include <time.h>

#define REPLACEMENT 0xfffdu

/* The next character, of one to four octets; what is no UTF-8 is one octet and the replacement. */
static uint32_t take(const char **text)
{
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	const unsigned char *at = (const unsigned char *)*text;
	size_t length = at[0] < 0x80             ? 1
			: (at[0] & 0xe0) == 0xc0 ? 2
			: (at[0] & 0xf0) == 0xe0 ? 3
			: (at[0] & 0xf8) == 0xf0 ? 4
						 : 0;
	uint32_t value = length == 1 ? at[0] : at[0] & (0x7fu >> length);

	for (size_t i = 1; i < length; i++) {
		if ((at[i] & 0xc0) != 0x80)
			length = 0; /* the terminating octet ends it, too */
		else
			value = value << 6 | (at[i] & 0x3fu);
	}
	*text += length == 0 ? 1 : length;
	if (length == 0 || value < least[length] || value > 0x10ffff || (value & ~0x7ffu) == 0xd800)
		return REPLACEMENT;
	return value;
}

static void put_character(FILE *out, uint32_t value)
{
	if (value < 0x80) {
		fputc((int)value, out);
		return;
	}
	if (value < 0x800) {
		fputc((int)(0xc0 | value >> 6), out);
	} else {
		if (value < 0x10000) {
			fputc((int)(0xe0 | value >> 12), out);
		} else {
			fputc((int)(0xf0 | value >> 18), out);
			fputc((int)(0x80 | (value >> 12 & 0x3f)), out);
		}
		fputc((int)(0x80 | (value >> 6 & 0x3f)), out);
	}
	fputc((int)(0x80 | (value & 0x3f)), out);
}

static bool is_control(uint32_t value)
{
	return value < 0x20 || (value >= 0x7f && value < 0xa0);
}

/* Characters that are not seen but change what is: marks, embeddings and isolates of direction, separators of lines. */
static bool is_treacherous(uint32_t value)
{
	return value == 0x061c || (value >= 0x200b && value <= 0x200f) ||
	       (value >= 0x2028 && value <= 0x202e) || (value >= 0x2066 && value <= 0x2069) ||
	       value == 0xfeff;
}

static bool is_no_character(uint32_t value)
{
	return (value & 0xfffe) == 0xfffe;
}

void report_put_xml(FILE *out, const char *text)
{
	while (*text != '\0') {
		uint32_t value = take(&text);

		/* line ends by their number, because those of an attribute would become blanks */
		if (value < 0x80 && strchr("&<>\"\t\n\r", (int)value) != NULL)
			fprintf(out, "&#%u;", (unsigned)value);
		else
			put_character(out, is_control(value) || is_no_character(value) ? REPLACEMENT
										       : value);
	}
}

void report_put_yaml(FILE *out, const char *text)
{
	fputc('"', out);
	while (*text != '\0') {
		uint32_t value = take(&text);

		if (value == '"' || value == '\\')
			fprintf(out, "\\%c", (int)value);
		else if (value == '\n')
			fputs("\\n", out);
		else if (value > 0xffff && is_no_character(value))
			fprintf(out, "\\U%08x", (unsigned)value);
		else if (is_control(value) || is_treacherous(value) || is_no_character(value))
			fprintf(out, "\\u%04x", (unsigned)value);
		else
			put_character(out, value);
	}
	fputc('"', out);
}

static void put_line(FILE *out, const char *text, const char *escaped)
{
	while (*text != '\0') {
		uint32_t value = take(&text);

		if (value < 0x80 && strchr(escaped, (int)value) != NULL)
			fputc('\\', out);
		if (value == '\n' || value == '\t')
			fputc(' ', out);
		else
			put_character(out, is_control(value) || is_treacherous(value) ? REPLACEMENT
										      : value);
	}
}

void report_put_plain(FILE *out, const char *text)
{
	put_line(out, text, "");
}

void report_put_tap(FILE *out, const char *text)
{
	put_line(out, text, "#\\");
}

size_t report_columns(const char *text)
{
	size_t columns = 0;

	while (*text != '\0') {
		take(&text);
		columns++;
	}
	return columns;
}

/* So many digits, and what must stand behind them ('\0': anything). */
static bool take_number(const char **text, size_t digits, char then, int *number)
{
	*number = 0;
	for (size_t i = 0; i < digits; i++, (*text)++) {
		if (**text < '0' || **text > '9')
			return false;
		*number = *number * 10 + (**text - '0');
	}
	if (then == '\0')
		return true;
	return *(*text)++ == then;
}

static bool take_fraction(const char **text, int64_t *microseconds)
{
	int64_t worth = 100000;

	if (**text != '.')
		return true;
	(*text)++;
	if (**text < '0' || **text > '9')
		return false;
	for (; **text >= '0' && **text <= '9'; (*text)++, worth /= 10)
		*microseconds += (**text - '0') * worth;
	return true;
}

/* "Z", or how far the clock was ahead of it. */
static bool take_zone(const char *text, int64_t *seconds)
{
	int hours, minutes, sign = *text == '-' ? -1 : 1;

	*seconds = 0;
	if (strcmp(text, "Z") == 0 || strcmp(text, "z") == 0)
		return true;
	if (*text != '+' && *text != '-')
		return false;
	text++;
	if (!take_number(&text, 2, ':', &hours) || !take_number(&text, 2, '\0', &minutes))
		return false;
	*seconds = sign * (hours * 3600 + minutes * 60);
	return *text == '\0' && hours < 24 && minutes < 60;
}

bool report_time(const char *text, int64_t *microseconds)
{
	struct tm tm = {0}, same;
	int64_t fraction = 0, ahead;
	time_t seconds;
	bool leap;

	if (!take_number(&text, 4, '-', &tm.tm_year) || !take_number(&text, 2, '-', &tm.tm_mon) ||
	    !take_number(&text, 2, '\0', &tm.tm_mday) || (*text != 'T' && *text != 't'))
		return false;
	text++;
	if (!take_number(&text, 2, ':', &tm.tm_hour) || !take_number(&text, 2, ':', &tm.tm_min) ||
	    !take_number(&text, 2, '\0', &tm.tm_sec) || !take_fraction(&text, &fraction) ||
	    !take_zone(text, &ahead))
		return false;
	tm.tm_year -= 1900;
	tm.tm_mon -= 1;
	leap = tm.tm_sec == 60;
	tm.tm_sec -= leap;
	same = tm;
	seconds = timegm(&same);
	seconds += leap;
	/* timegm() makes March of a 30th of February */
	if (tm.tm_sec > 59 || same.tm_mday != tm.tm_mday || same.tm_mon != tm.tm_mon ||
	    same.tm_hour != tm.tm_hour || same.tm_min != tm.tm_min)
		return false;
	*microseconds = ((int64_t)seconds - ahead) * 1000000 + fraction;
	return true;
}
