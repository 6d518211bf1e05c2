/* SPDX-License-Identifier: ISC */
#include "interop/bench/prober.h"

#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "interop/node/udp_address.h"

#define BATCH    32
#define RECEIVED 64         /* datagrams a system call */
#define ROOM     256        /* octets of one that is received */
#define BUFFER   (16 << 20) /* octets that the system may hold for us, where it lets us */
#define COOKIES  16

#define ANSWER_TAKES 4   /* microseconds, at the very least */
#define MOMENT       200 /* microseconds */

#define QUIET   5   /* ms without anything that may still come of what was asked before, and */
#define DRAINED 1.0 /* s at most that are waited for it */

struct prober {
	int descriptor;
	uint16_t port;
	uint32_t overflow; /* what the socket had dropped when that was last told */

	struct mmsghdr out[BATCH];
	struct iovec out_data[BATCH];
	struct sockaddr_storage to;
	socklen_t to_length;
	_Alignas(struct cmsghdr) uint8_t out_control[BATCH][CMSG_SPACE(sizeof(struct in6_pktinfo))];

	struct mmsghdr in[RECEIVED];
	struct iovec in_data[RECEIVED];
	uint8_t data[RECEIVED][ROOM];
	_Alignas(struct cmsghdr) uint8_t in_control[RECEIVED][CMSG_SPACE(sizeof(uint32_t))];
};

static bool set_up(struct prober *prober, const struct ike_address *local)
{
	const int on = 1, size = BUFFER;
	struct sockaddr_storage name;
	socklen_t length = udp_to_sockaddr(local, &name);
	int descriptor = socket(name.ss_family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	prober->descriptor = descriptor;
	if (descriptor < 0)
		return false;
	/* as root whatever is asked for, else what net.core.rmem_max lets through */
	if (setsockopt(descriptor, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)) != 0)
		(void)setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	if (setsockopt(descriptor, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof(size)) != 0)
		(void)setsockopt(descriptor, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
	if (setsockopt(descriptor, SOL_SOCKET, SO_RXQ_OVFL, &on, sizeof(on)) != 0 ||
	    bind(descriptor, (struct sockaddr *)&name, length) != 0)
		return false;
	length = sizeof(name);
	if (getsockname(descriptor, (struct sockaddr *)&name, &length) != 0)
		return false;
	prober->port = udp_of_sockaddr(&name).port;
	return true;
}

struct prober *prober_new(const struct ike_address *local, struct fault *fault)
{
	struct prober *prober = calloc(1, sizeof(*prober));

	if (prober == NULL) {
		fault_say(fault, "no memory");
		return NULL;
	}
	if (set_up(prober, local))
		return prober;
	fault_say(fault, "no socket to ask from: %s", strerror(errno));
	prober_free(prober);
	return NULL;
}

void prober_free(struct prober *prober)
{
	if (prober == NULL)
		return;
	if (prober->descriptor >= 0)
		close(prober->descriptor);
	free(prober);
}

uint16_t prober_port(const struct prober *prober)
{
	return prober->port;
}

int prober_descriptor(const struct prober *prober)
{
	return prober->descriptor;
}

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

/* ---- out ----------------------------------------------------------------------------------------------------------- */

/* Returns how many the socket took. */
static int send_some(struct prober *prober, struct probe *probes, size_t count)
{
	int sent;

	if (count > BATCH)
		count = BATCH;
	for (size_t i = 0; i < count; i++) {
		struct msghdr *header = &prober->out[i].msg_hdr;

		prober->out_data[i] = (struct iovec){probes[i].message, probes[i].length};
		*header = (struct msghdr){.msg_name = &prober->to,
					  .msg_namelen = prober->to_length,
					  .msg_iov = &prober->out_data[i],
					  .msg_iovlen = 1};
		if (probes[i].from.family == IKE_FAMILY_NONE)
			continue;
		header->msg_control = prober->out_control[i];
		header->msg_controllen = udp_to_control(&probes[i].from, prober->out_control[i]);
	}
	sent = sendmmsg(prober->descriptor, prober->out, (unsigned)count, MSG_DONTWAIT);
	return sent < 0 ? 0 : sent;
}

/* ---- in ------------------------------------------------------------------------------------------------------------ */

/* The system counts what it has dropped from the socket's beginning on, and says so with the next datagram. */
static void note_overflow(struct prober *prober, struct msghdr *header,
			  struct prober_result *result)
{
	for (struct cmsghdr *c = CMSG_FIRSTHDR(header); c != NULL; c = CMSG_NXTHDR(header, c)) {
		uint32_t total;

		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SO_RXQ_OVFL)
			continue;
		memcpy(&total, CMSG_DATA(c), sizeof(total));
		result->dropped += total - prober->overflow;
		prober->overflow = total;
	}
}

static int receive_some(struct prober *prober)
{
	int count;

	for (size_t i = 0; i < RECEIVED; i++) {
		prober->in_data[i] = (struct iovec){prober->data[i], ROOM};
		prober->in[i].msg_hdr =
		    (struct msghdr){.msg_iov = &prober->in_data[i],
				    .msg_iovlen = 1,
				    .msg_control = prober->in_control[i],
				    .msg_controllen = sizeof(prober->in_control[i])};
	}
	count = recvmmsg(prober->descriptor, prober->in, RECEIVED, MSG_DONTWAIT, NULL);
	return count < 0 ? 0 : count;
}

static void take(struct prober *prober, const struct prober_settings *settings, int count,
		 struct prober_result *result)
{
	for (int i = 0; i < count; i++) {
		size_t length = prober->in[i].msg_len;

		note_overflow(prober, &prober->in[i].msg_hdr, result);
		if (length < COOKIES) {
			result->strange++;
			continue;
		}
		result->answered++;
		if (settings->keep != NULL && result->answered % settings->sample == 0)
			settings->keep(settings->context, prober->data[i], length);
	}
}

/* ---- a run --------------------------------------------------------------------------------------------------------- */

/* Waits for something to read, or for room as well where there is something to send.  False: in vain. */
static bool wait_for(const struct prober *prober, bool room, uint32_t patience)
{
	struct pollfd ready = {prober->descriptor, (short)(POLLIN | (room ? POLLOUT : 0)), 0};

	return poll(&ready, 1, (int)patience) > 0;
}

void prober_drain(struct prober *prober)
{
	double since = now();

	while (receive_some(prober) > 0 || wait_for(prober, false, QUIET))
		if (now() - since > DRAINED)
			break; /* somebody speaks without end */
}

/* Like this because a signal alone is on its way for a while. */
static bool stop(pid_t pid, struct fault *fault)
{
	siginfo_t what = {.si_pid = 0};

	/* one that has ended is left to whoever has started it, so that its process ID is nobody else's until then */
	if (kill(pid, SIGSTOP) == 0 &&
	    waitid(P_PID, (id_t)pid, &what, WSTOPPED | WEXITED | WNOWAIT) == 0 &&
	    what.si_code == CLD_STOPPED && waitid(P_PID, (id_t)pid, &what, WSTOPPED | WNOHANG) == 0)
		return true;
	return fault_say(fault, "whom is measured has gone");
}

static void sleep_for(uint64_t microseconds)
{
	const struct timespec pause = {(time_t)(microseconds / 1000000),
				       (long)(microseconds % 1000000 * 1000)};

	(void)nanosleep(&pause, NULL);
}

/* Puts so many into the socket of somebody who is stopped.  False: see fault. */
static bool put_burst(struct prober *prober, const struct prober_settings *settings,
		      struct probe *probes, size_t count, struct prober_result *result,
		      struct fault *fault)
{
	for (size_t done = 0; done < count;) {
		int sent = send_some(prober, probes + done, count - done);

		done += (size_t)sent;
		if (sent == 0 && !wait_for(prober, true, settings->patience))
			return fault_say(fault, "nothing can be sent: %s", strerror(errno));
	}
	result->sent += count;
	return true;
}

/*
 * Asleep most of the time: at first for about as long as all the answers take, then for a moment each.  Who has waited in vain gives up
 * what is open by now; it may come later, and is not lost then.
 */
static void collect(struct prober *prober, const struct prober_settings *settings, size_t count,
		    uint64_t *given_up, struct prober_result *result)
{
	uint64_t all =
	    result->sent - *given_up; /* all of these bursts, less what is open since then */
	double since = now();

	sleep_for(count * ANSWER_TAKES);
	while (result->answered < all) {
		int received = receive_some(prober);

		take(prober, settings, received, result);
		if (received > 0) {
			since = now();
			continue;
		}
		if (now() - since > settings->patience / 1e3) {
			*given_up = result->sent - result->answered;
			return;
		}
		sleep_for(MOMENT);
	}
}

/* What was given up and what was asked last may still be on its way. */
static void settle(struct prober *prober, const struct prober_settings *settings,
		   struct prober_result *result)
{
	while (result->answered < result->sent && wait_for(prober, false, settings->patience))
		take(prober, settings, receive_some(prober), result);
}

static bool run_bursts(struct prober *prober, const struct prober_settings *settings,
		       struct probe *probes, size_t count, struct prober_result *result,
		       struct fault *fault)
{
	uint64_t given_up = 0;

	for (size_t done = 0; done < count;) {
		size_t some = count - done < settings->window ? count - done : settings->window;
		bool good;

		if (!stop(settings->hold, fault))
			return false;
		good = put_burst(prober, settings, probes + done, some, result, fault);
		(void)kill(settings->hold, SIGCONT);
		if (!good)
			return false;
		collect(prober, settings, some, &given_up, result);
		done += some;
	}
	settle(prober, settings, result);
	return true;
}

static bool run_window(struct prober *prober, const struct prober_settings *settings,
		       struct probe *probes, size_t count, struct prober_result *result,
		       struct fault *fault)
{
	uint64_t given_up = 0;

	while (result->sent < count) {
		uint64_t unanswered = result->sent - result->answered, open;
		size_t some, left = count - result->sent;
		int sent = 0, received;

		if (result->answered > result->sent)
			return fault_say(fault, "more answers than questions");
		if (given_up > unanswered)
			given_up = unanswered;
		open = unanswered - given_up;
		some = settings->window - open;
		if (some > left)
			some = left;
		if (some > 0)
			sent = send_some(prober, probes + result->sent, some);
		result->sent += (uint64_t)sent;
		open += (uint64_t)sent;
		received = receive_some(prober);
		take(prober, settings, received, result);
		if (received > 0 || sent > 0 || wait_for(prober, some > 0, settings->patience))
			continue;
		if (open == 0)
			return fault_say(fault, "nothing can be sent: %s", strerror(errno));
		given_up = result->sent - result->answered;
	}
	settle(prober, settings, result);
	return true;
}

bool prober_run(struct prober *prober, const struct prober_settings *settings, struct probe *probes,
		size_t count, struct prober_result *result, struct fault *fault)
{
	double begun = now();
	bool good;

	*result = (struct prober_result){0};
	prober->to_length = udp_to_sockaddr(&settings->to, &prober->to);
	good = (settings->hold != 0 ? run_bursts : run_window)(prober, settings, probes, count,
							       result, fault);
	if (result->sent > result->answered)
		result->lost = result->sent - result->answered;
	result->seconds = now() - begun;
	return good;
}
