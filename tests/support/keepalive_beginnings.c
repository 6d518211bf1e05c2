/* SPDX-License-Identifier: ISC */
#include "tests/support/keepalive_beginnings.h"

#include "tests/support/keepalive_world.h"

/* R1 */
static void without_vendor_id(struct world *w)
{
	struct keepalive_input input = {.kind = KEEPALIVE_SA_UP, .now = w->now, .supported = false};

	world_step(w, KEEPALIVE_SA_DOWN, 0);
	keepalive_step(&w->peer, &w->plan, &input, &w->actions);
}

struct situation beginnings_make(enum beginning beginning, const struct keepalive_plan *plan)
{
	struct world w;

	world_begin(&w, *plan);
	switch (beginning) {
	case WITHOUT_SA:
		world_step(&w, KEEPALIVE_SA_DOWN, 0);
		break;
	case WITHOUT_VENDOR_ID:
		without_vendor_id(&w);
		break;
	case SUPERSEDED:
		world_step(&w, KEEPALIVE_SA_SUPERSEDED, 0);
		break;
	case IN_A_ROUND:
		world_run(&w, w.now + plan->worry + plan->retry + plan->retry / 2);
		break;
	case NEARLY_DEAD: /* also where nothing would have been asked */
		world_run(&w, w.now + plan->worry);
		world_step(&w, KEEPALIVE_ASK_NOW, 0);
		world_run(&w, w.now + (plan->detect - plan->worry - plan->last_wait));
		break;
	case MANY_OPEN:
		for (int i = 0; i < 70; i++)
			world_step(&w, KEEPALIVE_ASK_NOW, 0);
		break;
	case MANY_REPEATS:
		for (int i = 0; i < 5; i++) {
			world_step(&w, KEEPALIVE_R_U_THERE, 1);
			w.now += 2 * IKE_SECOND;
		}
		world_step(&w, KEEPALIVE_HEARD, 0);
		break;
	case FEW_NUMBERS_LEFT:
		w.peer.sent.next = 0xfffefffe;
		break;
	case UP:
	case BEGINNINGS:
		break;
	}
	return (struct situation){.peer = w.peer, .now = w.now};
}
