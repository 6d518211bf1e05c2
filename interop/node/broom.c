/* SPDX-License-Identifier: ISC */
#include "interop/node/broom.h"

#include <cap-ng.h>
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "interop/node/attendant.h"
#include "interop/node/system_calls.h"

#define PATH_MOST 256 /* octets, terminated: more than a socket's path can have */

struct broom {
	int descriptor;
};

/* What is told, in one piece: both ends are the same program. */
struct order {
	dev_t device;
	ino_t inode;
	char path[PATH_MOST];
};

/* ---- the process --------------------------------------------------------------------------------------------------- */

/* False: the node ended before it had something to remove. */
static bool hear(struct order *order)
{
	uint8_t *at = (uint8_t *)order;
	size_t left = sizeof(*order);

	while (left > 0) {
		ssize_t more = read(STDIN_FILENO, at, left);

		if (more <= 0)
			return false;
		at += more;
		left -= (size_t)more;
	}
	return true;
}

/* Of root's rights the one to remove files in other users' folders; of anybody else's none. */
static void keep_little(void)
{
	struct fault fault;

	(void)prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	capng_clear(CAPNG_SELECT_ALL);
	if (geteuid() == 0)
		(void)capng_updatev(CAPNG_ADD, CAPNG_EFFECTIVE | CAPNG_PERMITTED, CAP_DAC_OVERRIDE,
				    CAP_FOWNER, -1);
	(void)capng_apply(CAPNG_SELECT_BOTH);
	if (system_calls_unrestrictable() == NULL)
		(void)system_calls_restrict_to(
		    "read lstat newfstatat fstatat64 unlink unlinkat exit exit_group", &fault);
}

static void wait_and_sweep(void)
{
	struct order order;
	struct stat now;
	char rest;

	if (!hear(&order))
		return;
	while (read(STDIN_FILENO, &rest, 1) == 1)
		;
	if (lstat(order.path, &now) == 0 && now.st_dev == order.device && now.st_ino == order.inode)
		(void)unlink(order.path);
}

static void serve(void)
{
	keep_little();
	wait_and_sweep();
}

/* ---- the node's side ----------------------------------------------------------------------------------------------- */

struct broom *broom_new(struct fault *fault)
{
	struct broom *broom = malloc(sizeof(*broom));

	if (broom == NULL) {
		fault_say(fault, "no memory");
		return NULL;
	}
	broom->descriptor = attendant_start("ruthere-broom", SOCK_STREAM, serve,
					    "removes the control socket", fault);
	if (broom->descriptor >= 0)
		return broom;
	free(broom);
	return NULL;
}

bool broom_take(struct broom *broom, const char *path)
{
	struct order order;
	struct stat now;

	memset(&order, 0, sizeof(order));
	if (strlen(path) >= sizeof(order.path) || lstat(path, &now) != 0)
		return false;
	order.device = now.st_dev;
	order.inode = now.st_ino;
	memcpy(order.path, path, strlen(path));
	return send(broom->descriptor, &order, sizeof(order), MSG_NOSIGNAL) ==
	       (ssize_t)sizeof(order);
}

void broom_forget(struct broom *broom)
{
	if (broom == NULL)
		return;
	close(broom->descriptor);
	free(broom);
}

void broom_free(struct broom *broom)
{
	char nothing;

	if (broom == NULL)
		return;
	(void)shutdown(broom->descriptor, SHUT_WR);
	while (read(broom->descriptor, &nothing, 1) < 0 && errno == EINTR)
		;
	close(broom->descriptor);
	free(broom);
}
