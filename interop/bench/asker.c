/* SPDX-License-Identifier: ISC */
#include "interop/bench/asker.h"

#include <errno.h>
#include <netinet/in.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "interop/node/udp_address.h"

#define ROOM     256 /* octets of what is received */
#define SECOND   1000000000ll
#define PATIENCE SECOND              /* after the last question */
#define GLANCE   (5 * SECOND / 1000) /* between two looks then */

struct question {
	uint32_t member, number;
	int64_t at; /* CLOCK_REALTIME, as the stamps are */
	uint16_t length;
	struct fleet_keys keys;
	uint8_t message[FLEET_MESSAGE];
};

struct asker {
	int descriptor;
	uint16_t port;
	uint32_t sas, next;  /* whom to ask next */
	uint32_t message_id; /* fresh under every SA */
	uint32_t *number;    /* the next of each member */
	struct fleet *fleet;
	struct question *question;
	uint32_t *open; /* questions without an answer, in no order */
	uint32_t opens;
};

/* ---- beginning and end --------------------------------------------------------------------------------------------- */

static bool open_socket(struct asker *asker)
{
	const struct sockaddr_in any = {.sin_family = AF_INET};
	const int on = 1;
	struct sockaddr_storage name;
	socklen_t length = sizeof(name);

	asker->descriptor = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (asker->descriptor < 0 ||
	    setsockopt(asker->descriptor, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof(on)) != 0 ||
	    bind(asker->descriptor, (const struct sockaddr *)&any, sizeof(any)) != 0 ||
	    getsockname(asker->descriptor, (struct sockaddr *)&name, &length) != 0)
		return false;
	asker->port = udp_of_sockaddr(&name).port;
	return true;
}

struct asker *asker_new(uint32_t seed, uint32_t sas, struct fault *fault)
{
	struct asker *asker = calloc(1, sizeof(*asker));

	if (asker == NULL) {
		fault_say(fault, "no memory");
		return NULL;
	}
	asker->descriptor = -1;
	asker->sas = sas;
	asker->fleet = fleet_new(seed);
	asker->number = calloc(sas, sizeof(*asker->number));
	if (asker->fleet == NULL || asker->number == NULL)
		fault_say(fault, "no memory to ask %u members", sas);
	else if (!open_socket(asker))
		fault_say(fault, "no socket to ask from: %s", strerror(errno));
	else
		return asker;
	asker_free(asker);
	return NULL;
}

static void forget_questions(struct asker *asker)
{
	free(asker->question);
	free(asker->open);
	asker->question = NULL;
	asker->open = NULL;
	asker->opens = 0;
}

void asker_free(struct asker *asker)
{
	if (asker == NULL)
		return;
	if (asker->descriptor >= 0)
		close(asker->descriptor);
	forget_questions(asker);
	fleet_free(asker->fleet);
	free(asker->number);
	free(asker);
}

uint16_t asker_port(const struct asker *asker)
{
	return asker->port;
}

/* ---- questions ----------------------------------------------------------------------------------------------------- */

static int64_t nanoseconds(const struct timespec *time)
{
	return time->tv_sec * SECOND + time->tv_nsec;
}

static int64_t now(clockid_t clock)
{
	struct timespec time;

	(void)clock_gettime(clock, &time);
	return nanoseconds(&time);
}

static bool make_questions(struct asker *asker, uint32_t count, struct fault *fault)
{
	asker->question = calloc(count, sizeof(*asker->question));
	asker->open = calloc(count, sizeof(*asker->open));
	if (asker->question == NULL || asker->open == NULL)
		return fault_say(fault, "no memory for %u questions", count);
	for (uint32_t i = 0; i < count; i++) {
		struct question *question = &asker->question[i];

		question->member = asker->next++ % asker->sas;
		question->number = ++asker->number[question->member];
		fleet_keys(asker->fleet, question->member, &question->keys);
		question->length = (uint16_t)fleet_write(
		    asker->fleet, &question->keys, IKE_NOTIFY_R_U_THERE, ++asker->message_id,
		    question->number, question->message, sizeof(question->message));
	}
	return true;
}

static bool send_question(struct asker *asker, uint32_t index, const struct ike_address *gateway,
			  struct fault *fault)
{
	struct question *question = &asker->question[index];
	const struct ike_address from = fleet_address(question->member, 0);
	_Alignas(struct cmsghdr) uint8_t control[CMSG_SPACE(sizeof(struct in6_pktinfo))];
	struct sockaddr_storage to;
	struct iovec data = {question->message, question->length};
	struct msghdr header = {.msg_name = &to,
				.msg_namelen = udp_to_sockaddr(gateway, &to),
				.msg_iov = &data,
				.msg_iovlen = 1,
				.msg_control = control,
				.msg_controllen = udp_to_control(&from, control)};

	question->at = now(CLOCK_REALTIME);
	if (sendmsg(asker->descriptor, &header, 0) != question->length)
		return fault_say(fault, "nothing can be sent: %s", strerror(errno));
	asker->open[asker->opens++] = index;
	return true;
}

/* ---- answers ------------------------------------------------------------------------------------------------------- */

/* When the system had it; 0: it does not say. */
static int64_t stamp_of(struct msghdr *header)
{
	struct timespec time = {0, 0};

	for (struct cmsghdr *c = CMSG_FIRSTHDR(header); c != NULL; c = CMSG_NXTHDR(header, c))
		if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_TIMESTAMPNS)
			memcpy(&time, CMSG_DATA(c), sizeof(time));
	return nanoseconds(&time);
}

/* Whether it answers that question: HASH(1) and number are right. */
static bool answers(const struct asker *asker, const struct question *question,
		    struct octets datagram)
{
	uint32_t number;

	return datagram.length >= IKE_COOKIE_LENGTH &&
	       memcmp(question->keys.cky_i, datagram.data, IKE_COOKIE_LENGTH) == 0 &&
	       fleet_read(asker->fleet, &question->keys, IKE_NOTIFY_R_U_THERE_ACK, datagram,
			  &number) &&
	       number == question->number;
}

static void take(struct asker *asker, struct octets datagram, int64_t stamp,
		 struct asker_result *result)
{
	for (uint32_t i = 0; i < asker->opens; i++) {
		const struct question *question = &asker->question[asker->open[i]];

		if (stamp < question->at || !answers(asker, question, datagram))
			continue;
		lateness_add(&result->time, (uint64_t)(stamp - question->at) / 1000);
		result->answered++;
		asker->open[i] = asker->open[--asker->opens];
		return;
	}
	result->strange++;
}

static void receive_all(struct asker *asker, struct asker_result *result)
{
	_Alignas(struct cmsghdr) uint8_t control[CMSG_SPACE(sizeof(struct timespec))];
	uint8_t data[ROOM];

	for (;;) {
		struct iovec room = {data, sizeof(data)};
		struct msghdr header = {.msg_iov = &room,
					.msg_iovlen = 1,
					.msg_control = control,
					.msg_controllen = sizeof(control)};
		ssize_t got = recvmsg(asker->descriptor, &header, 0);

		if (got < 0)
			return;
		take(asker, octets_of(data, (size_t)got), stamp_of(&header), result);
	}
}

/* ---- a run --------------------------------------------------------------------------------------------------------- */

static void sleep_until(int64_t at)
{
	const struct timespec time = {at / SECOND, at % SECOND};

	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &time, NULL) == EINTR)
		;
}

/* Answers are picked up when the next question is due: their stamps wait, and the node need not wake anybody. */
static bool run(struct asker *asker, const struct ike_address *gateway, uint32_t count,
		uint32_t a_second, struct asker_result *result, struct fault *fault)
{
	int64_t begun = now(CLOCK_MONOTONIC), ended;

	for (uint32_t i = 0; i < count; i++) {
		sleep_until(begun + i * SECOND / a_second);
		receive_all(asker, result);
		if (!send_question(asker, i, gateway, fault))
			return false;
		result->sent++;
	}
	ended = now(CLOCK_MONOTONIC);
	for (int64_t at = ended; asker->opens > 0 && at < ended + PATIENCE; at += GLANCE) {
		sleep_until(at);
		receive_all(asker, result);
	}
	result->missing = asker->opens;
	for (uint32_t i = 0; i < asker->opens; i++)
		lateness_add(&result->time, PATIENCE / 1000);
	return true;
}

/* How it is scheduled, so that it can be as before. */
struct schedule {
	int policy;
	struct sched_param priority; /* 0 but for who has been given a real-time one */
};

static bool come_first(struct schedule *before)
{
	struct sched_param next;

	before->policy = sched_getscheduler(0);
	if (before->policy < 0 || sched_getparam(0, &before->priority) != 0)
		return false;
	next = before->priority;
	next.sched_priority++;
	return sched_setscheduler(0, SCHED_FIFO, &next) == 0;
}

bool asker_ask(struct asker *asker, const struct ike_address *gateway, uint32_t count,
	       uint32_t a_second, struct asker_result *result, struct fault *fault)
{
	struct schedule before;
	bool good;

	memset(result, 0, sizeof(*result));
	good = make_questions(asker, count, fault);
	receive_all(asker, result); /* what came too late for the run before */
	result->strange = 0;
	result->first = come_first(&before);
	good = good && run(asker, gateway, count, a_second, result, fault);
	if (result->first)
		(void)sched_setscheduler(0, before.policy, &before.priority);
	forget_questions(asker);
	return good;
}
