/* SPDX-License-Identifier: ISC */
#include "interop/workers/front.h"

#include <stdlib.h>
#include <string.h>

#include "ike/cookie.h"
#include "interop/status/control.h"
#include "interop/workers/link.h"
#include "interop/workers/merge.h"

/* One answer of each but `not`; NULL where all answered, else what the user is told. */
static json_t *ask_all_but(const struct front *front, uint32_t not, const json_t *request,
			   int64_t until, json_t **answers)
{
	bool asked[IKE_WORKERS_MAX] = {false};

	for (uint32_t i = 0; i < front->workers; i++)
		asked[i] = i != not &&front->put(front->context, i, request, until);
	for (uint32_t i = 0; i < front->workers; i++) {
		if (asked[i])
			answers[i] = front->get(front->context, i, until);
		if (i != not &&answers[i] == NULL)
			return control_error("worker %u does not answer", i);
	}
	return NULL;
}

static json_t *ask_all(const struct front *front, const json_t *request, int64_t until,
		       json_t **answers)
{
	return ask_all_but(front, UINT32_MAX, request, until, answers);
}

/* NULL: all can do it. */
static json_t *first_refusal(const struct front *front, json_t *const *answers)
{
	for (uint32_t i = 0; i < front->workers; i++)
		if (!json_is_true(json_object_get(answers[i], "ok")))
			return json_incref(answers[i]);
	return NULL;
}

static void forget(json_t **answers)
{
	for (uint32_t i = 0; i < IKE_WORKERS_MAX; i++)
		json_decref(answers[i]);
}

static json_t *status(const struct front *front, const json_t *request, int64_t until)
{
	json_t *answers[IKE_WORKERS_MAX] = {NULL};
	json_t *told = ask_all(front, request, until, answers);

	if (told == NULL)
		told = first_refusal(front, answers);
	if (told == NULL) {
		told = merge_status(answers, front->workers);
		json_object_set_new(told, "pid", json_integer(front->pid));
		if (front->capture != NULL)
			json_object_set_new(json_object_get(told, "capture"), "directory",
					    json_string(front->capture));
	}
	forget(answers);
	return told;
}

static json_t *done_anywhere(const struct front *front, const json_t *request, int64_t until)
{
	json_t *answers[IKE_WORKERS_MAX] = {NULL};
	json_t *told = ask_all(front, request, until, answers);

	if (told == NULL)
		told = merge_done(answers, front->workers);
	forget(answers);
	return told;
}

static json_t *renamed(const json_t *request, const char *verb)
{
	json_t *other = json_deep_copy(request);

	json_object_set_new(other, "verb", json_string(verb));
	return other;
}

/* Who is to call: whoever looks after the peer already, else the one that it was dealt to. */
static uint32_t choose(json_t *const *answers, uint32_t workers)
{
	for (uint32_t i = 0; i < workers; i++)
		if (json_is_true(json_object_get(answers[i], "looks-after")))
			return i;
	return (uint32_t)json_integer_value(json_object_get(answers[0], "dealt-to")) % workers;
}

/* First the others: should one of them not hear, nobody has called yet. */
static json_t *connect_at(const struct front *front, uint32_t worker, const json_t *request,
			  int64_t until)
{
	json_t *answers[IKE_WORKERS_MAX] = {NULL}, *yield = renamed(request, "yield");
	json_t *told = ask_all_but(front, worker, yield, until, answers), *answer = NULL;

	forget(answers);
	json_decref(yield);
	if (told != NULL)
		return told;
	if (front->put(front->context, worker, request, until))
		answer = front->get(front->context, worker, until);
	if (answer == NULL)
		return control_error("worker %u does not answer", worker);
	if (json_is_true(json_object_get(answer, "ok")))
		json_object_set_new(answer, "worker", json_integer(worker));
	return answer;
}

static json_t *connect_somewhere(const struct front *front, const json_t *request, int64_t until)
{
	json_t *answers[IKE_WORKERS_MAX] = {NULL}, *question = renamed(request, "whose");
	json_t *told = ask_all(front, question, until, answers);

	if (told == NULL)
		told = first_refusal(front, answers);
	if (told == NULL)
		told = connect_at(front, choose(answers, front->workers), request, until);
	forget(answers);
	json_decref(question);
	return told;
}

json_t *front_answer(void *context, const json_t *request)
{
	const struct front *front = context;
	const int64_t until = link_until(LINK_PATIENCE); /* for all that is asked of all */
	const char *verb = json_string_value(json_object_get(request, "verb"));

	if (verb != NULL && strcmp(verb, "status") == 0)
		return status(front, request, until);
	if (verb != NULL && strcmp(verb, "close") == 0)
		return done_anywhere(front, request, until);
	if (verb != NULL && strcmp(verb, "connect") == 0)
		return connect_somewhere(front, request, until);
	return control_error("\"verb\" is none of status, connect, close");
}
