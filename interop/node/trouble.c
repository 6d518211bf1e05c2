/* SPDX-License-Identifier: ISC */
#include "interop/node/trouble.h"

#include <stdarg.h>
#include <stdio.h>

#include "interop/node/clock.h"

static void tell(const struct trouble *trouble, struct event_log *log, const char *event,
		 const char *text)
{
	json_t *line = event_json_own(event, trouble->told, log->epoch);

	if (line != NULL) {
		json_object_set_new(line, "what", json_string(trouble->what));
		json_object_set_new(line, "count", json_integer((json_int_t)trouble->count));
		json_object_set_new(line, "text", json_string(text));
	}
	if (log->out == NULL) /* a verb that tells its story itself would keep silent about this */
		fprintf(stderr, "ruthere: %s\n", text);
	event_log_line(log, line);
}

void trouble_met(struct trouble *trouble, struct event_log *log, const char *format, ...)
{
	ike_time now = clock_now();
	char text[512];
	va_list arguments;

	trouble->count++;
	if (trouble->told != 0 && now < trouble->told + TROUBLE_EVERY)
		return;
	trouble->told = now;
	trouble->known = true;
	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	tell(trouble, log, "trouble", text);
}

void trouble_over(struct trouble *trouble, struct event_log *log)
{
	char text[128];

	if (trouble->count == 0)
		return;
	snprintf(text, sizeof(text), "%s works again", trouble->what);
	if (trouble->known) {
		trouble->told = clock_now();
		tell(trouble, log, "relief", text);
	}
	trouble->known = false;
	trouble->count = 0;
}
