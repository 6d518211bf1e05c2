/* SPDX-License-Identifier: ISC */
/*
 * lookup.h - gateways that were given by name are looked up again when they do not answer, without making anybody wait: the
 * address behind a name may have changed since the program started.
 */
#ifndef INTEROP_LOOKUP_H
#define INTEROP_LOOKUP_H

#include "interop/config/config.h"

#define LOOKUPS_MOST 32 /* at a time; more are not begun */

struct event_base;
struct lookup;

/* Called from the event loop, once for every lookup that found an address. */
typedef void lookup_found(void *context, uint32_t peer, uint32_t gateway,
			  const struct ike_address *address);

struct lookup *lookup_new(struct event_base *base, lookup_found *found,
			  void *context); /* NULL: no memory */
void lookup_free(struct lookup *lookup);  /* NULL is allowed; what is under way is forgotten */

bool lookup_has_names(const struct config *config); /* of gateways */
/*
 * Where there are names, what is asked about them carries ROUTE_MARK (route.h): a tunnel that leads to the name servers as well must not
 * swallow the question where it ends.  Before the first of them, and before confine(), after which nobody may mark anything.
 * False: see fault.
 */
bool lookup_mark(struct lookup *lookup, const struct config *config, struct fault *fault);

/*
 * Begins to look up `text`, as it stands in a configuration.  False: nothing was begun, because it is an address, or as many
 * are under way as may be, or there is nobody to ask.
 */
bool lookup_begin(struct lookup *lookup, const char *text, uint32_t peer, uint32_t gateway);

/* Looks up the gateway again that an event says has failed, or is called next. */
void lookup_after(struct lookup *lookup, const struct ike_event *event,
		  const struct config *config);

#endif
