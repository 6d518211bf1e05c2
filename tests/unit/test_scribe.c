/* SPDX-License-Identifier: ISC */
#include "tests/support/unit.h"

#include <errno.h>
#include <linux/landlock.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "interop/node/clock.h"
#include "interop/node/scribe.h"
#include "tests/support/scratch.h"

#define PATIENCE 10000 /* milliseconds */

static struct fault fault;

static struct scribe *make(const char *path)
{
	struct scribe *scribe = scribe_new(&fault);

	ck_assert_msg(scribe != NULL, "%s", fault.text);
	ck_assert_msg(scribe_take(scribe, path, &fault), "%s", fault.text);
	return scribe;
}

static bool tell(struct scribe *scribe, const char *text)
{
	return scribe_write(scribe, text, strlen(text));
}

/* Waits for the next answer. */
static int answer(struct scribe *scribe)
{
	struct pollfd pollfd = {.fd = scribe_descriptor(scribe), .events = POLLIN};
	int error = -1;

	ck_assert_int_eq(poll(&pollfd, 1, PATIENCE), 1);
	ck_assert(scribe_answer(scribe, &error));
	return error;
}

static void expect_refused(const char *path, int error)
{
	struct scribe *scribe = scribe_new(&fault);

	ck_assert(!scribe_take(scribe, path, &fault));
	ck_assert_msg(strstr(fault.text, path) != NULL, "%s", fault.text);
	ck_assert_msg(strstr(fault.text, strerror(error)) != NULL, "%s", fault.text);
	ck_assert_int_eq(scribe_free(scribe), 0);
}

START_TEST(test_where_it_cannot_write)
{
	char path[600];

	expect_refused(scratch_path("nowhere/peers"), ENOENT);
	snprintf(path, sizeof(path), "%s/peers", scratch_file("file", 0600, ""));
	expect_refused(path, ENOTDIR);
	expect_refused(scratch_path(""), EISDIR);
	expect_refused(scratch_path(".."), EISDIR);
	snprintf(path, sizeof(path), "%s/%0252d", scratch_directory(), 0);
	expect_refused(path, ENAMETOOLONG);
	ck_assert_int_eq(mkdir(scratch_path("read-only"), 0500), 0);
	expect_refused(scratch_path("read-only/peers"), EACCES); /* not even as root */
}
END_TEST

START_TEST(test_limits)
{
	const char *path = scratch_path("peers");
	char *text = malloc(SCRIBE_ROOM + 1);
	struct scribe *scribe = make(path);
	struct stat status;

	ck_assert_ptr_nonnull(text);
	memset(text, 'x', SCRIBE_ROOM + 1);
	ck_assert(!scribe_write(scribe, text, SCRIBE_ROOM + 1));
	ck_assert_int_eq(errno, EMSGSIZE);
	ck_assert(!scribe_write(scribe, text, 0));
	ck_assert(scribe_write(scribe, text, SCRIBE_ROOM));
	ck_assert_int_eq(answer(scribe), 0);
	ck_assert_int_eq(scribe_free(scribe), 0);
	ck_assert_int_eq(stat(path, &status), 0);
	ck_assert_uint_eq((uint64_t)status.st_size, SCRIBE_ROOM);
	free(text);
}
END_TEST

START_TEST(test_written)
{
	const char *path = scratch_file("peers", 0644, "old");
	struct scribe *scribe = make(path);
	struct stat status;
	int error;

	ck_assert_str_eq(scratch_read(path), "old"); /* until it is told something */
	ck_assert(!scribe_answer(scribe, &error));
	ck_assert(tell(scribe, "new"));
	ck_assert_int_eq(answer(scribe), 0);
	ck_assert(!scribe_answer(scribe, &error));
	ck_assert_str_eq(scratch_read(path), "new");
	ck_assert_int_eq(stat(path, &status), 0);
	ck_assert_uint_eq(status.st_mode & 07777, 0600);
	ck_assert_int_ne(access(scratch_path("peers.new"), F_OK), 0);
	ck_assert(tell(scribe, "newer"));
	ck_assert_int_eq(scribe_free(scribe), 0);
	ck_assert_str_eq(scratch_read(path), "newer");
	ck_assert_int_eq(scribe_free(NULL), 0);
}
END_TEST

/* Whoever may make links in the folder gets nothing else written; what a killed one has left is in nobody's way. */
START_TEST(test_links)
{
	const char *victim = scratch_file("victim", 0600, "theirs");
	const char *path = scratch_path("peers");
	struct scribe *scribe;

	ck_assert_int_eq(symlink(victim, path), 0);
	scribe = make(path);
	ck_assert_int_eq(symlink(victim, scratch_path("peers.new")), 0);
	ck_assert(tell(scribe, "ours"));
	ck_assert_int_eq(scribe_free(scribe), 0);
	ck_assert_str_eq(scratch_read(victim), "theirs");
	ck_assert_str_eq(scratch_read(path), "ours");
	scratch_file("peers.new", 0600, "half a fi");
	scribe = make(path);
	ck_assert(tell(scribe, "again"));
	ck_assert_int_eq(scribe_free(scribe), 0);
	ck_assert_str_eq(scratch_read(path), "again");
}
END_TEST

/* A folder has the file's name: Landlock, where there is any, is asked before the file system is whether that one may be removed. */
static bool is_about_the_folder(int error)
{
	bool landlock =
	    syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION) > 0;

	return error == (landlock ? EACCES : EISDIR);
}

/* What goes wrong later is told each time, and tried again the next time. */
START_TEST(test_failure_is_told)
{
	const char *path = scratch_path("peers");
	struct scribe *scribe = make(path);

	ck_assert_int_eq(mkdir(path, 0700), 0);
	ck_assert(tell(scribe, "one"));
	ck_assert(is_about_the_folder(answer(scribe)));
	ck_assert_int_ne(access(scratch_path("peers.new"), F_OK), 0);
	ck_assert(tell(scribe, "two"));
	ck_assert(is_about_the_folder(scribe_free(scribe)));
	scribe = make(path);
	ck_assert_int_eq(rmdir(path), 0);
	ck_assert(tell(scribe, "three"));
	ck_assert_int_eq(scribe_free(scribe), 0);
	ck_assert_str_eq(scratch_read(path), "three");
}
END_TEST

/* How often something has got the name; the events are those since the watch was made. */
static size_t renames(int watch)
{
	char events[4096] __attribute__((aligned(__alignof__(struct inotify_event))));
	ssize_t length = read(watch, events, sizeof(events));
	size_t count = 0;

	for (ssize_t at = 0; at < length;) {
		const struct inotify_event *event = (const void *)(events + at);

		count += (event->mask & IN_MOVED_TO) != 0;
		at += (ssize_t)(sizeof(*event) + event->len);
	}
	return count;
}

static int watch_folder(void)
{
	int watch = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);

	ck_assert_int_ge(inotify_add_watch(watch, scratch_directory(), IN_MOVED_TO), 0);
	return watch;
}

/* The first at once; of what comes within a second after it only the newest, and not before that is over. */
START_TEST(test_at_most_once_a_second)
{
	const char *path = scratch_path("peers");
	struct scribe *scribe = make(path);
	int watch = watch_folder();
	ike_time told = clock_now();
	size_t written;

	ck_assert(tell(scribe, "one"));
	ck_assert_int_eq(answer(scribe), 0);
	ck_assert_str_eq(scratch_read(path), "one");
	for (int i = 0; i < 100; i++) {
		char text[32];

		snprintf(text, sizeof(text), "number %d", i);
		ck_assert(tell(scribe, text));
	}
	ck_assert_str_eq(scratch_read(path), "one");
	while (strcmp(scratch_read(path), "number 99") != 0)
		ck_assert_int_eq(answer(scribe), 0);
	ck_assert_uint_ge(clock_now() - told, (ike_time)SCRIBE_EVERY * 1000);
	ck_assert_int_eq(scribe_free(scribe), 0);
	written = renames(watch); /* the last may have had to wait for an answer */
	ck_assert_uint_le(written, 3);
	ck_assert_uint_le(written, 1 + (clock_now() - told) / 1000 / SCRIBE_EVERY);
	close(watch);
}
END_TEST

/* More than the socket takes: nobody waits, and the newest is there in the end. */
START_TEST(test_more_than_it_can_take)
{
	const char *path = scratch_path("peers");
	struct scribe *scribe = make(path);
	char *text = malloc(SCRIBE_ROOM);

	ck_assert_ptr_nonnull(text);
	for (int i = 0; i < 64; i++) {
		memset(text, 'a' + i % 26, SCRIBE_ROOM);
		ck_assert(scribe_write(scribe, text, SCRIBE_ROOM));
	}
	ck_assert(tell(scribe, "the newest"));
	ck_assert_int_eq(scribe_free(scribe), 0);
	ck_assert_str_eq(scratch_read(path), "the newest");
	free(text);
}
END_TEST

/* A node that is killed has still told it. */
START_TEST(test_written_after_a_kill)
{
	const char *path = scratch_path("peers");
	int watch = watch_folder(), status;
	struct pollfd renamed = {.fd = watch, .events = POLLIN};
	pid_t node = fork();

	if (node == 0) {
		struct scribe *scribe;

		setpgid(0, 0);
		scribe = scribe_new(&fault);
		if (scribe == NULL || !scribe_take(scribe, path, &fault) ||
		    !tell(scribe, "its last words"))
			_exit(1);
		(void)signal(SIGINT, SIG_IGN);
		(void)kill(0, SIGINT);
		raise(SIGKILL);
	}
	ck_assert_int_eq(waitpid(node, &status, 0), node);
	ck_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	ck_assert_int_eq(poll(&renamed, 1, PATIENCE), 1);
	ck_assert_str_eq(scratch_read(path), "its last words");
	close(watch);
}
END_TEST

/* A child of the node that goes on does not keep the scribe from ending. */
START_TEST(test_forgotten_in_a_child)
{
	struct scribe *scribe = make(scratch_path("peers"));
	int ends[2];
	pid_t child;
	char nothing;

	ck_assert_int_eq(pipe(ends), 0);
	child = fork();
	if (child == 0) {
		scribe_forget(scribe);
		scribe_forget(NULL);
		close(ends[1]);
		(void)!read(ends[0], &nothing, 1);
		_exit(0);
	}
	ck_assert(tell(scribe, "x"));
	ck_assert_int_eq(scribe_free(scribe), 0); /* waits until it has ended */
	close(ends[1]);
	ck_assert_int_eq(waitpid(child, NULL, 0), child);
	close(ends[0]);
}
END_TEST

UNIT_MAIN("scribe", test_where_it_cannot_write, test_limits, test_written, test_links,
	  test_failure_is_told, test_at_most_once_a_second, test_more_than_it_can_take,
	  test_written_after_a_kill, test_forgotten_in_a_child)
