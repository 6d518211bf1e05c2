/* SPDX-License-Identifier: ISC */
#include "interop/config/config_text.h"

#include <assert.h>
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "crypto/secret.h"

#ifndef TEXT_MOST           /* the fuzzer, which reads a thousand files a second, sets less */
#define TEXT_MOST (1 << 24) /* octets: a configuration for every peer of a large site */
#endif

#define DEPTH_MOST 8

/* Where we are in the text, and what is open. */
struct scan {
	char *at;
	unsigned line;
	unsigned opened[DEPTH_MOST]; /* the lines of the open braces */
	size_t depth;
};

/* Blanks to the end of the comment, which is before the line end, or after the closing star and slash. */
static void blank_comment(struct scan *scan, bool to_line_end)
{
	bool closed = false;

	while (*scan->at != '\0' && !closed && !(to_line_end && *scan->at == '\n')) {
		closed = !to_line_end && scan->at[0] == '*' && scan->at[1] == '/';
		if (closed)
			*scan->at++ = ' ';
		if (*scan->at == '\n')
			scan->line++;
		else
			*scan->at = ' ';
		scan->at++;
	}
}

/*
 * libconfuse puts variables of the environment in their place, and takes all up to the brace for the name, quotation marks and ends
 * of lines too: what is configured shall stand in the file.
 */
static bool is_variable(const struct scan *scan)
{
	return scan->at[0] == '$' && scan->at[1] == '{';
}

static bool refuse_variable(const struct scan *scan, const char *path, struct fault *fault)
{
	return fault_say(fault,
			 "%s:%u: ${ would be a variable of the environment: write the value itself "
			 "(and a $ that is meant, in double quotation marks, as \\$)",
			 path, scan->line);
}

/* To the octet after the closing mark. */
static bool skip_quoted(struct scan *scan, const char *path, struct fault *fault)
{
	unsigned line = scan->line;
	char mark = *scan->at++;

	while (*scan->at != mark) {
		if (mark == '"' && is_variable(scan))
			return refuse_variable(scan, path, fault);
		if (*scan->at == '\\' && scan->at[1] != '\0') /* in either kind */
			scan->at++;
		if (*scan->at == '\0')
			return fault_say(fault, "%s:%u: this quotation mark is never closed", path,
					 line);
		scan->line += *scan->at == '\n';
		scan->at++;
	}
	scan->at++;
	return true;
}

static bool step(struct scan *scan, const char *path, bool token_starts, struct fault *fault)
{
	char c = *scan->at;
	unsigned line = scan->line;

	if (c == '#' || (token_starts && c == '/' && scan->at[1] == '/')) {
		blank_comment(scan, true);
		return true;
	}
	if (token_starts && c == '/' && scan->at[1] == '*') {
		memset(scan->at, ' ', 2);
		scan->at += 2;
		blank_comment(scan, false);
		return true;
	}
	if (c == '"' || c == '\'')
		return skip_quoted(scan, path, fault);
	if (is_variable(scan))
		return refuse_variable(scan, path, fault);
	if (c == '{' && scan->depth == DEPTH_MOST)
		return fault_say(fault, "%s:%u: braces nested deeper than any section", path, line);
	if (c == '{')
		scan->opened[scan->depth++] = line;
	if (c == '}' && scan->depth == 0)
		return fault_say(fault, "%s:%u: a closing brace without an opening one", path,
				 line);
	if (c == '}')
		scan->depth--;
	scan->line += c == '\n';
	scan->at++;
	return true;
}

bool config_text_prepare(const char *path, char *text, struct fault *fault)
{
	struct scan scan = {.at = text, .line = 1};

	while (*scan.at != '\0') {
		bool starts = scan.at == text || isspace((unsigned char)scan.at[-1]) ||
			      strchr("{}()=+,*\"'", scan.at[-1]) != NULL;

		if (!step(&scan, path, starts, fault))
			return false;
	}
	if (scan.depth > 0)
		return fault_say(fault,
				 "%s:%u: the section or list that opens here is never closed", path,
				 scan.opened[scan.depth - 1]);
	return true;
}

/* Terminated, in memory for secrets; the system gives a page of it at the first touch.  Not through a stream: that keeps a copy. */
static char *read_all(int file, const char *path, struct fault *fault)
{
	char *text = secret_slab_new(TEXT_MOST + 1);
	size_t length = 0;
	ssize_t more = 1;

	if (text == NULL) {
		fault_say(fault, "no memory to read %s", path);
		return NULL;
	}
	while (more > 0 && length <= TEXT_MOST) {
		more = read(file, text + length, TEXT_MOST + 1 - length);
		length += more > 0 ? (size_t)more : 0;
	}
	if (more >= 0 && length <= TEXT_MOST && memchr(text, '\0', length) == NULL)
		return text;
	fault_say(fault, "cannot read %s: %s", path,
		  more < 0             ? strerror(errno)
		  : length > TEXT_MOST ? "it is too large for a configuration"
				       : "it is not text");
	config_text_free(text);
	return NULL;
}

char *config_text_read(const char *path, bool *others_may_read, struct fault *fault)
{
	int file = open(path, O_RDONLY | O_CLOEXEC);
	struct stat status;
	char *text;

	if (file < 0) {
		fault_say(fault, "cannot read the configuration %s: %s", path, strerror(errno));
		return NULL;
	}
	*others_may_read = fstat(file, &status) == 0 && (status.st_mode & (S_IRGRP | S_IROTH)) != 0;
	text = read_all(file, path, fault);
	close(file);
	if (text != NULL && !config_text_prepare(path, text, fault)) {
		config_text_free(text);
		return NULL;
	}
	return text;
}

/* What was never touched is not touched now: to wipe all of it would make all of it. */
void config_text_free(char *text)
{
	int unmapped;

	if (text == NULL)
		return;
	unmapped = munmap(text, TEXT_MOST + 1);
	assert(unmapped == 0);
}
