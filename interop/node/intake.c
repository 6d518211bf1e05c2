/* SPDX-License-Identifier: ISC */
#include "interop/node/intake.h"

#include <stdlib.h>
#include <string.h>

#include "interop/node/capture.h"
#include "interop/node/clock.h"
#include "interop/node/tunnels.h"

struct intake {
	struct ike_core *core;
	struct impair *impair;
	struct encapsulation *encapsulation;
	struct capture *capture;
	struct tunnels *tunnels;
	struct udp_buffers in;
};

struct intake *intake_new(struct ike_core *core, struct impair *impair,
			  struct encapsulation *encapsulation, struct capture *capture)
{
	struct intake *intake = malloc(sizeof(*intake));

	if (intake == NULL)
		return NULL;
	intake->core = core;
	intake->impair = impair;
	intake->encapsulation = encapsulation;
	intake->capture = capture;
	intake->tunnels = NULL;
	return intake;
}

static void keep_sent(void *context, const struct ike_datagram *sent)
{
	const struct intake *intake = context;

	capture_datagram(intake->capture, clock_wall(clock_now()), &sent->local, &sent->remote,
			 octets_of(sent->data, sent->length), octets_of(NULL, 0));
}

void intake_tunnels(struct intake *intake, struct tunnels *tunnels)
{
	intake->tunnels = tunnels;
	if (intake->capture != NULL)
		tunnels_show(tunnels, keep_sent, intake);
}

void intake_free(struct intake *intake)
{
	free(intake);
}

/* The capture shows what came, so a twin must be of that, not of what the core was given in its place. */
static void set_twin(struct ike_datagram *came, struct octets twin)
{
	if (came->plain == NULL || twin.length == 0 || twin.length > came->room)
		return;
	memcpy(came->plain, twin.data, twin.length);
	came->plain_length = twin.length;
}

static bool give_impaired(struct intake *intake, struct ike_datagram *came)
{
	struct ike_datagram given;
	bool any = false;

	while (!impair_wants_exit(intake->impair) &&
	       impair_next_in(intake->impair, clock_now(), &given)) {
		any = true;
		(void)ike_input(intake->core, clock_now(), &given);
		if (came != NULL && came->plain_length == 0 && came->length == given.length &&
		    memcmp(came->data, given.data, came->length) == 0)
			set_twin(came, octets_of(given.plain, given.plain_length));
	}
	return any;
}

bool intake_impaired(struct intake *intake)
{
	return intake->impair != NULL && give_impaired(intake, NULL);
}

/* Refusals are counted and told by the core. */
static void give(struct intake *intake, struct ike_datagram *datagram)
{
	if (intake->impair == NULL) {
		(void)ike_input(intake->core, clock_now(), datagram);
		return;
	}
	datagram->plain_length = 0;
	impair_in(intake->impair, clock_now(), datagram);
	set_twin(datagram, impair_twin_in(intake->impair));
	(void)give_impaired(intake, datagram);
}

static void keep_evidence(struct intake *intake, const struct ike_datagram *datagram)
{
	if (intake->capture != NULL)
		capture_datagram(intake->capture, clock_wall(clock_now()), &datagram->remote,
				 &datagram->local, octets_of(datagram->data, datagram->length),
				 octets_of(datagram->plain, datagram->plain_length));
}

static bool is_for_tunnels(const struct intake *intake, const struct ike_datagram *datagram)
{
	return intake->tunnels != NULL && tunnels_move_packets(intake->tunnels) &&
	       encapsulation_is_esp(intake->encapsulation, datagram);
}

static void give_esp(struct intake *intake, struct ike_datagram *datagram)
{
	keep_evidence(intake, datagram); /* before it is decrypted where it lies */
	tunnels_datagram(intake->tunnels, datagram);
}

static void give_ike(struct intake *intake, struct ike_datagram *datagram)
{
	if (encapsulation_take_off(intake->encapsulation, datagram)) {
		give(intake, datagram);
		encapsulation_put_on(intake->encapsulation, datagram);
	}
	keep_evidence(intake, datagram);
}

/* What will be looked up is fetched from memory for all of them at once, if nothing else is among them. */
static void foresee(const struct intake *intake, const struct ike_datagram *datagrams, size_t count)
{
	struct ike_datagram ahead[UDP_BATCH];
	struct encapsulation uncounted = *intake->encapsulation;
	size_t of_ike = 0;

	for (size_t i = 0; i < count; i++) {
		if (is_for_tunnels(intake, &datagrams[i]))
			return;
		ahead[of_ike] = datagrams[i];
		of_ike += encapsulation_take_off(&uncounted, &ahead[of_ike]);
	}
	ike_foresee(intake->core, ahead, of_ike);
}

/*
 * In the order in which they came, for the last message of a Quick Mode has ESP at its heels: the pair must be in the store before that is
 * looked at.
 */
void intake_receive(struct intake *intake, struct udp *udp, size_t socket)
{
	struct udp_buffers *in = &intake->in;
	bool followed = true;
	size_t count;

	udp_buffers_reset(in, intake->capture != NULL);
	count = udp_receive(udp, socket, in->datagram, UDP_BATCH);
	foresee(intake, in->datagram, count);
	for (size_t i = 0; i < count; i++) {
		if (!is_for_tunnels(intake, &in->datagram[i])) {
			give_ike(intake, &in->datagram[i]);
			followed = false;
			continue;
		}
		if (!followed)
			(void)tunnels_pull(intake->tunnels, intake->core);
		followed = true;
		give_esp(intake, &in->datagram[i]);
	}
}
