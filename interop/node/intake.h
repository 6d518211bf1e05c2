/* SPDX-License-Identifier: ISC */
/*
 * intake.h - from the sockets to the core, and to the capture: through the layer of impairments, where there is one.
 */
#ifndef INTEROP_INTAKE_H
#define INTEROP_INTAKE_H

#include "interop/impair/impair.h"
#include "interop/node/udp.h"

struct capture;
struct tunnels;
struct intake;

/* All of these outlive it; impair and capture may be NULL.  NULL: no memory. */
struct intake *intake_new(struct ike_core *core, struct impair *impair,
			  struct encapsulation *encapsulation, struct capture *capture);
/* Whoever has ESP that comes to the same ports.  NULL: nobody, and it is dropped. */
void intake_tunnels(struct intake *intake, struct tunnels *tunnels);
void intake_free(struct intake *intake); /* NULL is allowed */

/* One batch of what has come to that socket. */
void intake_receive(struct intake *intake, struct udp *udp, size_t socket);
/* What the layer has for the core by now, beside what came; false: nothing. */
bool intake_impaired(struct intake *intake);

#endif
