/* SPDX-License-Identifier: ISC */
/*
 * trial_scene.h - a trial against the device of conform_world.h, on a network where the test decides what is lost and what the
 * device says beside what it really does.
 */
#ifndef TESTS_SUPPORT_TRIAL_SCENE_H
#define TESTS_SUPPORT_TRIAL_SCENE_H

#include "interop/conform/trial_private.h"
#include "tests/support/conform_world.h"

#define TRIAL_SCENE_INJECTED 8

struct trial_scene {
	struct world world; /* first: what the trial has for its world */
	struct conform_world *own;
	struct trial_settings *settings;
	struct trial *trial;
	bool deaf, dumb;    /* nothing reaches the device; nothing of the device reaches us */
	bool flood;         /* the device says the first injected datagram for ever */
	bool nobody_calls;  /* call_us() is refused */
	size_t sent, heard; /* datagrams to and from the device, also those that are lost */
	size_t injected;
	struct {
		uint8_t data[IKE_DATAGRAM_MAX];
		size_t length;
	} injection[TRIAL_SCENE_INJECTED];
};

/* Settings and device may be changed until trial_scene_begin(). */
struct trial_scene *trial_scene_new(void);
void trial_scene_begin(struct trial_scene *scene);
void trial_scene_free(struct trial_scene *scene);

/* The device says so, at the next look at the network. */
void trial_scene_inject(struct trial_scene *scene, struct octets datagram);
/* A message under the SA in the device's name, as message_of_sa() begins it. */
struct message *trial_scene_message(struct trial_scene *scene, struct trial_sa *sa,
				    uint32_t message_id);
void trial_scene_say(struct trial_scene *scene, const struct message *message);

/* Fails the test unless the trial is decided so, and `observed` is part of what it has observed. */
void trial_scene_assert(const struct trial_scene *scene, enum conform_verdict verdict,
			const char *observed);

#endif
