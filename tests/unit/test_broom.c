/* SPDX-License-Identifier: ISC */
#include "tests/support/unit.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "interop/node/broom.h"
#include "tests/support/scratch.h"

static struct fault fault;

static struct broom *make(void)
{
	struct broom *broom = broom_new(&fault);

	ck_assert_msg(broom != NULL, "%s", fault.text);
	return broom;
}

static bool is_there(const char *path)
{
	return access(path, F_OK) == 0;
}

START_TEST(test_nothing_to_remove)
{
	broom_free(NULL);
	broom_free(make()); /* told nothing */
}
END_TEST

/* A file that has taken the place of ours is somebody else's. */
START_TEST(test_another_file_stays)
{
	const char *path = scratch_file("s", 0600, "ours");
	struct broom *broom = make();

	ck_assert(broom_take(broom, path));
	ck_assert_int_eq(rename(scratch_file("t", 0600, "theirs"), path), 0);
	broom_free(broom);
	ck_assert(is_there(path));
}
END_TEST

/* It ends in order, and by itself. */
START_TEST(test_end)
{
	int status;

	broom_free(make());
	ck_assert_int_gt(waitpid(-1, &status, 0), 0);
	ck_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}
END_TEST

START_TEST(test_removed)
{
	const char *path = scratch_file("s", 0600, "ours");
	struct broom *broom = make();

	ck_assert(broom_take(broom, path));
	ck_assert(is_there(path));
	broom_free(broom);
	ck_assert(!is_there(path)); /* when it returns, not some time later */
}
END_TEST

/* What a node that is killed cannot do itself; nor does a signal to all of a terminal's processes stop the broom. */
START_TEST(test_removed_after_a_kill)
{
	const char *path = scratch_file("s", 0600, "ours");
	struct pollfd removal = {.fd = inotify_init1(IN_CLOEXEC), .events = POLLIN};
	pid_t node;
	int status;

	ck_assert_int_ge(inotify_add_watch(removal.fd, path, IN_DELETE_SELF), 0);
	node = fork();
	if (node == 0) {
		struct broom *broom;

		setpgid(0, 0);
		broom = broom_new(&fault);
		if (broom == NULL || !broom_take(broom, path))
			_exit(1);
		(void)signal(SIGINT, SIG_IGN);
		(void)kill(0, SIGINT);
		raise(SIGKILL);
	}
	ck_assert_int_eq(waitpid(node, &status, 0), node);
	ck_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	ck_assert_int_eq(poll(&removal, 1, 5000), 1);
	ck_assert(!is_there(path));
	(void)close(removal.fd);
}
END_TEST

/* A child of the node that goes on does not keep the broom from sweeping. */
START_TEST(test_forgotten_in_a_child)
{
	const char *path = scratch_file("s", 0600, "");
	struct broom *broom = broom_new(&fault);
	int ends[2];
	pid_t child;
	char nothing;

	ck_assert(broom_take(broom, path));
	ck_assert_int_eq(pipe(ends), 0);
	child = fork();
	if (child == 0) {
		broom_forget(broom);
		broom_forget(NULL);
		close(ends[1]);
		(void)!read(ends[0], &nothing, 1);
		_exit(0);
	}
	broom_free(broom); /* waits until it has swept */
	ck_assert(!is_there(path));
	close(ends[1]);
	ck_assert_int_eq(waitpid(child, NULL, 0), child);
	close(ends[0]);
}
END_TEST

UNIT_MAIN("broom", test_forgotten_in_a_child, test_nothing_to_remove, test_another_file_stays,
	  test_end, test_removed, test_removed_after_a_kill)
