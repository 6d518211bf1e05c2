/* SPDX-License-Identifier: ISC */
#include "interop/conform/world_udp.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "ike/address.h"
#include "interop/node/clock.h"

#define CALL_ENDS_WITHIN (2 * IKE_SECOND) /* once it is asked to */
#define SLICE            (100 * IKE_MILLISECOND)

struct world_udp {
	struct world world; /* first: the words of world.h get a pointer to it */
	struct world_udp_settings settings;
	struct udp *udp;
	struct encapsulation encapsulation;
	struct udp_buffers *in; /* one datagram of it is used */
	ike_time owed;          /* when the bucket is full again */
	uint64_t strangers;
	pid_t caller; /* 0: none runs */
	volatile sig_atomic_t interrupted;
	uint8_t out[ENCAPSULATION_MARKER + IKE_DATAGRAM_MAX];
};

static struct world_udp *own_of(struct world *world)
{
	return (struct world_udp *)(void *)world;
}

static ike_time world_now(struct world *world)
{
	(void)world;
	return clock_now();
}

static void say(const struct world_udp *own, const char *line)
{
	if (own->settings.say != NULL)
		own->settings.say(own->settings.context, line);
}

/* ---- waiting ------------------------------------------------------------------------------------------------------- */

static bool look_for_trouble(struct world_udp *own)
{
	if (own->interrupted && own->world.trouble.text[0] == '\0')
		fault_say(&own->world.trouble, "interrupted");
	return own->world.trouble.text[0] != '\0';
}

static void bury_caller(struct world_udp *own)
{
	if (own->caller > 0 && waitpid(own->caller, NULL, WNOHANG) != 0)
		own->caller = 0;
}

/*
 * Until then at most, or until something can be read.  Never for long at once: a signal that comes just before the system call
 * would otherwise not be noticed.
 */
static void wait_until(struct world_udp *own, ike_time until)
{
	struct pollfd descriptors[UDP_SOCKETS_MAX];
	ike_time now = clock_now(), most = until > now ? until - now : 0;
	struct timespec span;
	size_t count = udp_sockets(own->udp);

	if (most > SLICE)
		most = SLICE;
	span.tv_sec = 0;
	span.tv_nsec = (long)most * 1000;
	for (size_t i = 0; i < count; i++)
		descriptors[i] =
		    (struct pollfd){.fd = udp_descriptor(own->udp, i), .events = POLLIN};
	(void)ppoll(descriptors, (nfds_t)count, &span, NULL);
	bury_caller(own);
}

/* Not woken by what comes in, which waits for its reader. */
static void sleep_until(struct world_udp *own, ike_time until)
{
	for (ike_time now = clock_now(); now < until && !own->interrupted; now = clock_now()) {
		ike_time span = until - now < SLICE ? until - now : SLICE;
		const struct timespec pause = {.tv_nsec = (long)span * 1000};

		(void)nanosleep(&pause, NULL);
	}
}

/* ---- out ----------------------------------------------------------------------------------------------------------- */

/* The bucket as the time at which it will be full: each datagram pushes that further away, and it may be a burst ahead. */
static void keep_pace(struct world_udp *own)
{
	ike_time now = clock_now(), each;

	if (own->settings.pace == 0)
		return;
	each = IKE_SECOND / own->settings.pace;
	if (own->owed < now)
		own->owed = now;
	if (own->owed > now + (WORLD_UDP_BURST - 1) * each)
		sleep_until(own, own->owed - (WORLD_UDP_BURST - 1) * each);
	own->owed += each;
}

static void world_send(struct world *world, const struct ike_datagram *datagram)
{
	struct world_udp *own = own_of(world);
	struct ike_datagram out = *datagram;
	size_t full;

	if (datagram->length > IKE_DATAGRAM_MAX)
		return;
	keep_pace(own);
	out.data = own->out + ENCAPSULATION_MARKER;
	out.room = IKE_DATAGRAM_MAX;
	out.plain = NULL;
	out.plain_length = 0;
	memcpy(out.data, datagram->data, datagram->length);
	encapsulation_put_on(&own->encapsulation, &out);
	for (int turn = 0; udp_send(own->udp, &out, 1, &full) == 0 && turn < 10; turn++)
		sleep_until(own, clock_now() + 10 * IKE_MILLISECOND);
}

/* ---- in ------------------------------------------------------------------------------------------------------------ */

static bool is_wanted(struct world_udp *own, struct ike_datagram *datagram)
{
	if (!ike_address_same_host(&datagram->remote, &own->settings.device)) {
		own->strangers++;
		return false;
	}
	return encapsulation_take_off(&own->encapsulation, datagram);
}

/* One that is there already. */
static bool read_one(struct world_udp *own, struct ike_datagram *datagram)
{
	for (size_t i = 0; i < udp_sockets(own->udp); i++) {
		struct ike_datagram *in = &own->in->datagram[0];

		udp_buffers_reset(own->in, false);
		if (udp_receive(own->udp, i, in, 1) == 0 || !is_wanted(own, in))
			continue;
		datagram->length = in->length < datagram->room ? in->length : datagram->room;
		memcpy(datagram->data, in->data, datagram->length);
		datagram->remote = in->remote;
		datagram->local = in->local;
		return true;
	}
	return false;
}

static bool world_receive(struct world *world, ike_time until, struct ike_datagram *datagram)
{
	struct world_udp *own = own_of(world);

	for (;;) {
		if (look_for_trouble(own))
			return false;
		if (read_one(own, datagram))
			return true;
		if (clock_now() >= until)
			return false;
		wait_until(own, until);
	}
}

/* ---- to be called -------------------------------------------------------------------------------------------------- */

static void end_caller(struct world_udp *own)
{
	ike_time until = clock_now() + CALL_ENDS_WITHIN;

	bury_caller(own);
	if (own->caller == 0)
		return;
	(void)kill(-own->caller, SIGTERM);
	while (own->caller > 0 && clock_now() < until) {
		const struct timespec pause = {.tv_nsec = 10000000};

		(void)nanosleep(&pause, NULL);
		bury_caller(own);
	}
	if (own->caller == 0)
		return;
	(void)kill(-own->caller, SIGKILL);
	(void)waitpid(own->caller, NULL, 0);
	own->caller = 0;
}

/* A group of its own: what it starts can be ended with it, and the user's Ctrl-C is for the tester. */
static void become_caller(const char *command)
{
	sigset_t none;

	(void)setpgid(0, 0);
	sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGINT, SIG_DFL);
	signal(SIGTERM, SIG_DFL);
	signal(SIGPIPE, SIG_DFL);
	signal(SIGXFSZ, SIG_DFL);
	/* what it prints must not stand in a report on the standard output */
	if (dup2(STDERR_FILENO, STDOUT_FILENO) >= 0)
		(void)execl("/bin/sh", "sh", "-c", command, (char *)NULL);
	_exit(127);
}

static bool world_call_us(struct world *world)
{
	struct world_udp *own = own_of(world);

	if (own->settings.call == NULL)
		return false;
	if (strcmp(own->settings.call, "wait") == 0) {
		say(own, "make the device call us now");
		return true;
	}
	end_caller(own);
	own->caller = fork();
	if (own->caller == 0)
		become_caller(own->settings.call);
	if (own->caller < 0) {
		own->caller = 0;
		fault_say(&own->world.trouble, "cannot run the command of --call: %s",
			  strerror(errno));
		return false;
	}
	(void)setpgid(own->caller, own->caller); /* whichever of the two is first */
	return true;
}

/* ---- its life ------------------------------------------------------------------------------------------------------ */

static bool open_world(struct world_udp *own, struct fault *fault)
{
	const struct world_udp_settings *settings = &own->settings;
	struct ike_address device = settings->device;
	char text[IKE_ADDRESS_TEXT];

	own->udp = udp_new(settings->listen, settings->listens, fault);
	if (own->udp == NULL)
		return false;
	own->in = malloc(sizeof(*own->in));
	if (own->in == NULL)
		return fault_say(fault, "no memory for sockets");
	own->encapsulation.port = settings->nat_t_port;
	own->world.tester = udp_source(own->udp, &device, udp_address(own->udp, 0).port);
	if (own->world.tester.family != IKE_FAMILY_NONE)
		return true;
	ike_address_text(&device, text, sizeof(text));
	return fault_say(fault, "there is no way to %s: see \"ip route get\"", text);
}

struct world_udp *world_udp_new(const struct world_udp_settings *settings, struct fault *fault)
{
	struct world_udp *own = calloc(1, sizeof(*own));

	if (own == NULL) {
		fault_say(fault, "no memory for sockets");
		return NULL;
	}
	own->settings = *settings;
	own->world.now = world_now;
	own->world.send = world_send;
	own->world.receive = world_receive;
	own->world.call_us = world_call_us;
	own->world.device = settings->device;
	if (own->world.device.port == 0)
		own->world.device.port = IKE_PORT;
	if (open_world(own, fault))
		return own;
	world_udp_free(own);
	return NULL;
}

void world_udp_free(struct world_udp *own)
{
	if (own == NULL)
		return;
	end_caller(own);
	udp_free(own->udp);
	free(own->in);
	free(own);
}

struct world *world_udp_world(struct world_udp *own)
{
	return &own->world;
}

void world_udp_interrupt(struct world_udp *own)
{
	own->interrupted = 1;
}

uint64_t world_udp_strangers(const struct world_udp *own)
{
	return own->strangers;
}
