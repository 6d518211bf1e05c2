/* SPDX-License-Identifier: ISC */
/*
 * node.h - a running node: one core, its sockets, its clock, its event log and its capture, in one event loop.
 */
#ifndef INTEROP_NODE_H
#define INTEROP_NODE_H

#include "interop/events/event_log.h"
#include "interop/node/udp.h"

struct broom;
struct capture;
struct confinement;
struct event_base;
struct node;
struct tunnels;

struct node_settings {
	struct config *config; /* outlives the node; gateways given by name may move */
	struct event_log log;  /* config, epoch and file are filled by node_new() */
	ike_time epoch;        /* when the program started */
	const char *capture;   /* directory, or NULL */
	struct udp *udp;       /* open already, and the node's from now on; NULL: it opens them */
	const bool
	    *impairments; /* what it does wrong on purpose: IMPAIRMENTS flags (impair.h), or NULL */
	bool messages;    /* an event for every message */
	struct broom *broom; /* removes the control socket in the end; NULL: the node itself */
	bool control;        /* open the configuration's control socket */
	bool
	    confine; /* once all is open, unless the configuration says otherwise: the whole process */
	/* Every event as it is pulled, before it is logged; may be NULL.  Must not call ike_*() other than through node_*(). */
	void (*on_event)(void *context, const struct ike_event *event);
	void *context;
};

/* Opens everything, confines the process if it is to, tells `started` and the plans.  NULL: see fault. */
struct node *node_new(const struct node_settings *settings, struct fault *fault) IKE_MUST_USE;
void node_free(struct node *node); /* NULL is allowed; nothing is sent */

/* Contacts the peers that are to be contacted at the start. */
void node_start(struct node *node);
/* Runs until node_stop() or a signal to end; returns the exit status. */
int node_run(struct node *node);
/* Once the caller has returned: closes every SA politely, sends what waits, and makes node_run() return `status`. */
void node_stop(struct node *node, int status);
/* False: there is nothing to do it to. */
bool node_command(struct node *node, const struct ike_command *command);

struct event_base *node_base(struct node *node);
struct event_log *node_log(struct node *node);
const struct ike_core *node_core(const struct node *node);
const struct node_settings *node_get_settings(const struct node *node);
const struct confinement *node_confinement(const struct node *node); /* NULL: it is not to be */
const struct capture *node_capture(const struct node *node);         /* NULL: none was asked for */
const struct encapsulation *node_encapsulation(const struct node *node);
const struct udp *node_udp(const struct node *node);
const struct tunnels *node_tunnels(const struct node *node);

#endif
