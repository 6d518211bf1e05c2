/* SPDX-License-Identifier: ISC */
#include "interop/node/scribe_process.h"

#include <cap-ng.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/landlock.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "interop/node/clock.h"
#include "interop/node/scribe.h"
#include "interop/node/system_calls.h"

#define NAME_MOST 251 /* octets: NAME_MAX, and ".new" behind it */
#define PATH_MOST 4096

/* Of the process; there is one of each. */
static int folder;
static char name[NAME_MOST + 1], beside[NAME_MOST + sizeof(".new")];
static char text[SCRIBE_ROOM + 1]; /* one more, so that what is too long is seen */

/* ---- what it keeps ------------------------------------------------------------------------------------------------- */

/*
 * Best effort: Linux before 5.13, or one that was built without it, does not have it.  What a kernel has no name for cannot be handled, so
 * this names what the first version has.
 */
static void shut_into_folder(void)
{
	const struct landlock_ruleset_attr handled = {
	    .handled_access_fs = LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_WRITE_FILE |
				 LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR |
				 LANDLOCK_ACCESS_FS_REMOVE_DIR | LANDLOCK_ACCESS_FS_REMOVE_FILE |
				 LANDLOCK_ACCESS_FS_MAKE_CHAR | LANDLOCK_ACCESS_FS_MAKE_DIR |
				 LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_MAKE_SOCK |
				 LANDLOCK_ACCESS_FS_MAKE_FIFO | LANDLOCK_ACCESS_FS_MAKE_BLOCK |
				 LANDLOCK_ACCESS_FS_MAKE_SYM};
	const struct landlock_path_beneath_attr allowed = {
	    .allowed_access = LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_MAKE_REG |
			      LANDLOCK_ACCESS_FS_REMOVE_FILE,
	    .parent_fd = folder};
	int rules = (int)syscall(SYS_landlock_create_ruleset, &handled, sizeof(handled), 0);

	if (rules < 0)
		return;
	if (syscall(SYS_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH, &allowed, 0) == 0)
		(void)syscall(SYS_landlock_restrict_self, rules, 0);
	close(rules);
}

/* Root's process becomes whoever the folder belongs to, who can write there without any capability. */
static void become_owner(void)
{
	struct stat owner;

	if (geteuid() != 0 || fstat(folder, &owner) != 0)
		return;
	if (fchdir(folder) == 0)
		(void)!chroot(".");
	(void)setgroups(0, NULL);
	(void)!setresgid(owner.st_gid, owner.st_gid, owner.st_gid);
	(void)!setresuid(owner.st_uid, owner.st_uid, owner.st_uid);
}

static void keep_little(void)
{
	const struct rlimit size = {SCRIBE_ROOM, SCRIBE_ROOM};
	struct fault fault;

	(void)prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	(void)setrlimit(RLIMIT_FSIZE, &size);
	capng_clear(CAPNG_SELECT_ALL); /* before there is no /proc to ask what there is */
	become_owner();
	(void)capng_apply(CAPNG_SELECT_CAPS);
	shut_into_folder();
	if (system_calls_unrestrictable() == NULL)
		(void)system_calls_restrict_to(
		    "recvfrom sendto poll ppoll restart_syscall clock_gettime openat write fsync "
		    "close renameat renameat2 unlinkat exit exit_group",
		    &fault);
}

/* ---- what it does -------------------------------------------------------------------------------------------------- */

/* A new file that nobody else can have opened; -1: see errno. */
static int make_beside(void)
{
	(void)unlinkat(folder, beside, 0); /* of one that was killed while it wrote */
	return openat(folder, beside, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
}

static bool write_all(int file, const char *octets, size_t length)
{
	while (length > 0) {
		ssize_t written = write(file, octets, length);

		if (written < 0)
			return false;
		octets += written;
		length -= (size_t)written;
	}
	return true;
}

/*
 * On the disk before it has its name, and the name before anybody is told.  0 or an errno; then the old contents are still
 * there, but for the last step, after which they may be.
 */
static int put(size_t length)
{
	int file = make_beside(), error = 0;

	if (file < 0)
		return errno;
	if (!write_all(file, text, length) || fsync(file) != 0)
		error = errno;
	if (close(file) != 0 && error == 0)
		error = errno;
	if (error == 0 && renameat(folder, beside, folder, name) != 0)
		error = errno;
	if (error != 0)
		(void)unlinkat(folder, beside, 0);
	else if (fsync(folder) != 0)
		error = errno;
	return error;
}

/* Where to write, and whether that can be done.  0 or an errno. */
static int take(void)
{
	char *slash = strrchr(text, '/');
	const char *last = slash != NULL ? slash + 1 : text;
	const char *in = slash == NULL ? "." : slash == text ? "/" : text;
	size_t length = strlen(last);
	int file;

	if (last[0] == '\0' || strcmp(last, ".") == 0 || strcmp(last, "..") == 0)
		return EISDIR;
	if (length > NAME_MOST)
		return ENAMETOOLONG;
	snprintf(name, sizeof(name), "%.*s", (int)length, last);
	snprintf(beside, sizeof(beside), "%.*s.new", (int)length, last);
	if (slash != NULL && slash != text)
		*slash = '\0';
	folder = open(in, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (folder < 0)
		return errno;
	keep_little();
	file = make_beside();
	if (file < 0)
		return errno;
	close(file);
	(void)unlinkat(folder, beside, 0);
	return 0;
}

/* The length of the next message in `text`; 0: the node has closed its end. */
static size_t hear(void)
{
	ssize_t length = recv(STDIN_FILENO, text, sizeof(text), 0);

	return length > 0 ? (size_t)length : 0;
}

/* The node may not be listening for answers, and this must not wait until it does. */
static void answer(int error)
{
	(void)send(STDIN_FILENO, &error, sizeof(error), MSG_DONTWAIT | MSG_NOSIGNAL);
}

/* Until it is time to write; newer contents take the place of `*length` octets.  True: the node has closed its end. */
static bool wait_for_newer(ike_time until, size_t *length)
{
	struct pollfd node = {.fd = STDIN_FILENO, .events = POLLIN};

	for (ike_time now = clock_now(); now < until; now = clock_now()) {
		size_t newer;

		if (poll(&node, 1, (int)((until - now) / 1000) + 1) <= 0)
			continue;
		newer = hear();
		if (newer == 0)
			return true;
		*length = newer;
	}
	return false;
}

void scribe_process(void)
{
	ike_time next = 0;
	size_t length = hear();
	bool last = false;
	int error;

	if (length == 0)
		return;
	text[length < PATH_MOST ? length : PATH_MOST] = '\0';
	error = take();
	answer(error);
	while (error == 0 && !last && (length = hear()) > 0) {
		last = wait_for_newer(next, &length);
		answer(length <= SCRIBE_ROOM ? put(length) : EMSGSIZE);
		next = clock_now() + (ike_time)SCRIBE_EVERY * 1000;
	}
}
