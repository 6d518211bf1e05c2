/* SPDX-License-Identifier: ISC */
#include "interop/vectors/vector_make.h"

#include <string.h>

#include "interop/vectors/vector_play.h"
#include "tests/support/made.h"
#include "tests/support/unit.h"

static void assert_fault(const struct vector_set *set, const char *part)
{
	const char *fault = made_fault(set);

	ck_assert_ptr_nonnull(fault);
	ck_assert_msg(strstr(fault, part) != NULL, "%s", fault);
}

static void play_nothing(struct vector_world *world)
{
	(void)world;
}

static bool lose_last(struct vector_world *world, struct vector_datagram *datagram)
{
	return datagram != &world->datagram[5];
}

static void play_with_a_loss(struct vector_world *world)
{
	world->alter = lose_last;
	vector_play_session(world);
}

static bool spoil_third(struct vector_world *world, struct vector_datagram *datagram)
{
	if (datagram == &world->datagram[2])
		datagram->data[IKE_HEADER_LENGTH + 1] = 1;
	return true;
}

static void play_spoilt(struct vector_world *world)
{
	world->alter = spoil_third;
	vector_play_session(world);
}

/* The same, and said to be so. */
static bool defect_third(struct vector_world *world, struct vector_datagram *datagram)
{
	if (datagram == &world->datagram[2])
		world->defect = 2;
	return spoil_third(world, datagram);
}

static void play_defect(struct vector_world *world)
{
	world->alter = defect_third;
	if (!vector_world_start(world, VECTOR_B) || !vector_world_start(world, VECTOR_A))
		return;
	(void)ike_command(world->end[VECTOR_A].core, world->now,
			  &(struct ike_command){.kind = IKE_COMMAND_START});
	vector_world_run(world, 1200 * IKE_MILLISECOND);
}

START_TEST(test_phase_1_must_succeed)
{
	struct vector_set set = made_sample("sample");

	set.play = play_nothing;
	assert_fault(&set, "Phase 1 has failed");
	set.play = vector_play_session;
	set.options = VECTOR_OTHER_SECRET;
	assert_fault(&set, "in place of ACCEPTED");
}
END_TEST

START_TEST(test_all_must_be_accepted)
{
	struct vector_set set = made_sample("sample");

	set.play = play_spoilt;
	assert_fault(&set, "datagram 3: RESERVED_NOT_ZERO in place of ACCEPTED");
}
END_TEST

START_TEST(test_a_retransmission_is_told)
{
	struct vector_set set = made_sample("sample");

	set.play = play_with_a_loss;
	assert_fault(&set, "DUPLICATE in place of ACCEPTED");
}
END_TEST

START_TEST(test_a_promise_of_zeros)
{
	struct vector_set set = made_sample("sample");

	set.zeros = VECTOR_G_XY;
	set.zero_octets = 4;
	assert_fault(&set, "no zeros");
	set.zeros = VECTOR_PUBLIC_R;
	assert_fault(&set, "no zeros");
	set.zero_octets = 0;
	ck_assert_ptr_null(made_fault(&set));
}
END_TEST

START_TEST(test_a_defect_and_its_verdict)
{
	struct vector_set set = made_sample("sample");
	const char *fault;

	set.defect =
	    (struct vector_defect){.what = "x", .verdict = IKE_RESERVED_NOT_ZERO, .notify = 16};
	assert_fault(&set, "nothing has the defect");
	set.play = play_defect;
	fault = made_fault(&set);
	ck_assert_msg(fault == NULL, "%s", fault);
	set.defect.verdict = IKE_BAD_HASH;
	assert_fault(&set, "RESERVED_NOT_ZERO in place of BAD_HASH");
	set.defect.verdict = IKE_RESERVED_NOT_ZERO;
	set.defect.notify = 0;
	assert_fault(&set, "answered with 16 in place of 0");
}
END_TEST

/* Each set there is, and that a verdict or a mistake does not keep the others from being made. */
START_TEST(test_every_set)
{
	for (size_t i = (size_t)_i; i < vector_sets(); i += 4) {
		struct vector_made made;

		made_set(&made, vector_set(i)->name, VECTOR_NO_MISTAKE);
		ck_assert_int_eq(made.world->defect < VECTOR_DATAGRAMS,
				 vector_set(i)->defect.what != NULL);
		ck_assert(vector_has_zeros(made.trace));
		vector_made_free(&made);
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("vector_make");
	TCase *tests = tcase_create("all");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_set_timeout(tests, 60);
	tcase_add_test(tests, test_phase_1_must_succeed);
	tcase_add_test(tests, test_all_must_be_accepted);
	tcase_add_test(tests, test_a_retransmission_is_told);
	tcase_add_test(tests, test_a_promise_of_zeros);
	tcase_add_test(tests, test_a_defect_and_its_verdict);
	tcase_add_loop_test(tests, test_every_set, 0, 4);
	suite_add_tcase(suite, tests);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}
