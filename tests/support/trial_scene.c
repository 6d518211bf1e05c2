/* SPDX-License-Identifier: ISC */
#include "tests/support/trial_scene.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

static struct trial_scene *scene_of(struct world *world)
{
	return (struct trial_scene *)(void *)world;
}

static struct world *inner_of(const struct trial_scene *scene)
{
	return conform_world_world(scene->own);
}

static ike_time scene_now(struct world *world)
{
	struct world *inner = inner_of(scene_of(world));

	return inner->now(inner);
}

static void scene_send(struct world *world, const struct ike_datagram *datagram)
{
	struct trial_scene *scene = scene_of(world);
	struct world *inner = inner_of(scene);

	scene->sent++;
	if (!scene->deaf)
		inner->send(inner, datagram);
}

static bool take_injected(struct trial_scene *scene, struct ike_datagram *datagram)
{
	if (scene->injected == 0)
		return false;
	datagram->length = scene->injection[0].length;
	memcpy(datagram->data, scene->injection[0].data, datagram->length);
	datagram->remote = scene->world.device;
	datagram->local = scene->world.tester;
	if (scene->flood) {
		static uint8_t lost[IKE_DATAGRAM_MAX];
		struct world *inner = inner_of(scene);
		struct ike_datagram other = {.data = lost, .room = sizeof(lost)};

		(void)inner->receive(inner, inner->now(inner) + IKE_MILLISECOND, &other);
		return true; /* one a millisecond, and nothing else gets through */
	}
	scene->injected--;
	memmove(&scene->injection[0], &scene->injection[1],
		scene->injected * sizeof(scene->injection[0]));
	return true;
}

static bool scene_receive(struct world *world, ike_time until, struct ike_datagram *datagram)
{
	struct trial_scene *scene = scene_of(world);
	struct world *inner = inner_of(scene);

	if (take_injected(scene, datagram))
		return true;
	while (inner->receive(inner, until, datagram)) {
		scene->heard++;
		if (!scene->dumb)
			return true;
	}
	return false;
}

static bool scene_call_us(struct world *world)
{
	struct trial_scene *scene = scene_of(world);
	struct world *inner = inner_of(scene);

	return !scene->nobody_calls && inner->call_us(inner);
}

struct trial_scene *trial_scene_new(void)
{
	struct trial_scene *scene = calloc(1, sizeof(*scene));

	ck_assert_ptr_nonnull(scene);
	scene->own = conform_world_new(7);
	scene->settings = conform_world_settings(scene->own);
	scene->world = (struct world){
	    .tester = inner_of(scene)->tester,
	    .device = inner_of(scene)->device,
	    .now = scene_now,
	    .send = scene_send,
	    .receive = scene_receive,
	    .call_us = scene_call_us,
	};
	return scene;
}

void trial_scene_begin(struct trial_scene *scene)
{
	static const struct conform_case of = {.id = "test/1/scene"};

	scene->trial = trial_new(&of, &scene->world, scene->settings);
	ck_assert_ptr_nonnull(scene->trial);
}

void trial_scene_free(struct trial_scene *scene)
{
	trial_free(scene->trial);
	conform_world_free(scene->own);
	free(scene);
}

void trial_scene_inject(struct trial_scene *scene, struct octets datagram)
{
	ck_assert_uint_lt(scene->injected, TRIAL_SCENE_INJECTED);
	ck_assert_uint_le(datagram.length, IKE_DATAGRAM_MAX);
	memcpy(scene->injection[scene->injected].data, datagram.data, datagram.length);
	scene->injection[scene->injected++].length = datagram.length;
}

struct message *trial_scene_message(struct trial_scene *scene, struct trial_sa *sa,
				    uint32_t message_id)
{
	static struct message message;

	(void)scene;
	message_of_sa(&message, &sa->keys, sa->cky_i, sa->cky_r, message_id);
	return &message;
}

void trial_scene_say(struct trial_scene *scene, const struct message *message)
{
	uint8_t data[IKE_DATAGRAM_MAX], plain[IKE_DATAGRAM_MAX];
	size_t plain_length;
	size_t length = message_seal(message, scene->trial->crypto, &scene->trial->random, data,
				     plain, sizeof(data), &plain_length);

	ck_assert_uint_gt(length, 0);
	trial_scene_inject(scene, octets_of(data, length));
}

void trial_scene_assert(const struct trial_scene *scene, enum conform_verdict verdict,
			const char *observed)
{
	ck_assert(trial_is_decided(scene->trial));
	ck_assert_msg(scene->trial->verdict == verdict, "%s: %s",
		      conform_verdict_name(scene->trial->verdict), scene->trial->observed);
	ck_assert_msg(strstr(scene->trial->observed, observed) != NULL, "%s",
		      scene->trial->observed);
}
