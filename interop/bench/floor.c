/* SPDX-License-Identifier: ISC */
#include "interop/bench/floor.h"

#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "crypto/backend.h"
#include "ike/address.h"
#include "interop/bench/process.h"
#include "interop/node/udp.h"
#include "interop/node/udp_address.h"

#define ROOM   256
#define BUFFER (16 << 20)

struct echo {
	pid_t pid;
	struct ike_address address;
};

/* ---- the child ----------------------------------------------------------------------------------------------------- */

static void run_echo(int descriptor)
{
	static struct mmsghdr message[UDP_BATCH];
	static struct iovec data[UDP_BATCH];
	static struct sockaddr_storage name[UDP_BATCH];
	static uint8_t room[UDP_BATCH][ROOM];
	int count;

	do {
		for (size_t i = 0; i < UDP_BATCH; i++) {
			data[i] = (struct iovec){room[i], ROOM};
			message[i].msg_hdr = (struct msghdr){.msg_name = &name[i],
							     .msg_namelen = sizeof(name[i]),
							     .msg_iov = &data[i],
							     .msg_iovlen = 1};
		}
		count = recvmmsg(descriptor, message, UDP_BATCH, MSG_WAITFORONE, NULL);
		for (int i = 0; i < count; i++)
			data[i].iov_len = message[i].msg_len;
		if (count < 0 && errno == EINTR) /* it was stopped meanwhile */
			count = 0;
	} while (count == 0 || sendmmsg(descriptor, message, (unsigned)count, 0) == count);
}

static int open_socket(struct ike_address *address)
{
	const int size = BUFFER;
	struct sockaddr_storage name;
	socklen_t length = sizeof(name);
	int descriptor = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (descriptor < 0 || !ike_address_from_text("127.0.0.1", address))
		return -1;
	if (setsockopt(descriptor, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)) != 0)
		(void)setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	address->port = 0;
	if (bind(descriptor, (struct sockaddr *)&name, udp_to_sockaddr(address, &name)) != 0 ||
	    getsockname(descriptor, (struct sockaddr *)&name, &length) != 0) {
		close(descriptor);
		return -1;
	}
	*address = udp_of_sockaddr(&name);
	return descriptor;
}

/* ---- the parent ---------------------------------------------------------------------------------------------------- */

struct echo *echo_start(struct fault *fault)
{
	struct echo *echo = calloc(1, sizeof(*echo));
	int descriptor;

	if (echo == NULL) {
		fault_say(fault, "no memory for another process");
		return NULL;
	}
	descriptor = open_socket(&echo->address);
	(void)process_processors();
	echo->pid = descriptor < 0 ? -1 : fork();
	if (echo->pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		process_keep_open(&descriptor, 1);
		if (process_pin(PROCESS_NODE))
			run_echo(descriptor);
		_exit(1);
	}
	if (descriptor >= 0)
		close(descriptor);
	if (echo->pid > 0)
		return echo;
	fault_say(fault, "no process to echo datagrams: %s", strerror(errno));
	echo_stop(echo);
	return NULL;
}

void echo_stop(struct echo *echo)
{
	if (echo == NULL)
		return;
	/* one that has ended by itself has no process ID any more once it was waited for */
	if (echo->pid > 0 && waitpid(echo->pid, NULL, WNOHANG) == 0) {
		kill(echo->pid, SIGKILL);
		(void)waitpid(echo->pid, NULL, 0);
	}
	free(echo);
}

pid_t echo_pid(const struct echo *echo)
{
	return echo->pid;
}

struct ike_address echo_address(const struct echo *echo)
{
	return echo->address;
}

/* ---- the cryptography ---------------------------------------------------------------------------------------------- */

static double spent(void)
{
	struct timespec time;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

double floor_crypto(const struct fleet *fleet, uint32_t members, uint32_t exchanges)
{
	struct fleet_keys *keys = calloc(members, sizeof(*keys));
	uint8_t message[FLEET_MESSAGE] = {0};
	double begun;
	bool good;

	if (keys == NULL)
		return -1;
	for (uint32_t i = 0; i < members; i++)
		fleet_keys(fleet, i, &keys[i]);
	good = process_pin(PROCESS_NODE);
	begun = spent();
	for (uint32_t i = 0; good && i < exchanges; i++)
		fleet_bare_exchange(fleet, &keys[i % members], i, message);
	begun = spent() - begun;
	good = process_pin(PROCESS_LOAD) && good;
	free(keys);
	return good ? begun / exchanges : -1;
}

double floor_dh(enum dh_group group, uint32_t count)
{
	struct crypto *crypto = crypto_new();
	struct random_source random;
	struct dh_key *other;
	uint8_t secret[DH_MAX_LENGTH];
	double begun;
	bool good;

	random_system(&random);
	other = crypto == NULL ? NULL : dh_generate(crypto, group, &random);
	good = other != NULL;
	begun = spent();
	for (uint32_t i = 0; good && i < count; i++) {
		struct dh_key *own = dh_generate(crypto, group, &random);

		good = own != NULL && dh_secret(crypto, own, dh_public(other), secret);
		dh_free(own);
	}
	begun = spent() - begun;
	dh_free(other);
	crypto_free(crypto);
	return good ? begun / count : -1;
}
