/* SPDX-License-Identifier: ISC */
#include "interop/privileges.h"

#include <cap-ng.h>
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#define ADVICE "or set node { confine = no } to run with all of its privileges"

/* libcap-ng says with a number of its own which of its steps failed; errno says why. */
static bool become(const struct passwd *user, struct fault *fault)
{
	int failed;

	capng_clear(CAPNG_SELECT_ALL);
	failed = capng_change_id((int)user->pw_uid, (int)user->pw_gid,
				 CAPNG_DROP_SUPP_GRP | CAPNG_CLEAR_BOUNDING | CAPNG_CLEAR_AMBIENT);
	if (failed == 0)
		return true;
	return fault_say(fault,
			 "cannot become user \"%s\" (step %d: %s): that needs CAP_SETUID, "
			 "CAP_SETGID and CAP_SETPCAP; grant them, " ADVICE,
			 user->pw_name, failed, strerror(errno));
}

/* The bounding set can only be changed with CAP_SETPCAP; without it, it is what PR_SET_NO_NEW_PRIVS makes harmless. */
static bool drop_capabilities(struct fault *fault)
{
	bool bounds = capng_have_capability(CAPNG_EFFECTIVE, CAP_SETPCAP) != 0;
	int failed;

	capng_clear(CAPNG_SELECT_ALL);
	if (bounds)
		(void)capng_apply(CAPNG_SELECT_BOUNDS);
	failed = capng_apply(CAPNG_SELECT_CAPS);
	if (failed != 0)
		return fault_say(fault, "cannot drop the capabilities (step %d: %s); " ADVICE,
				 failed, strerror(errno));
	(void)capng_apply(CAPNG_SELECT_AMBIENT); /* nothing can be in it that is not permitted */
	return true;
}

/* What the system says now counts, not what the calls above have returned. */
static bool are_gone(bool was_root, struct fault *fault)
{
	uid_t real, effective, saved;
	gid_t real_group, effective_group, saved_group;

	if (getresuid(&real, &effective, &saved) != 0 ||
	    getresgid(&real_group, &effective_group, &saved_group) != 0)
		return fault_say(fault, "cannot tell who this process is: %s", strerror(errno));
	if (real != effective || effective != saved || real_group != effective_group ||
	    effective_group != saved_group)
		return fault_say(fault, "the process still has two users or two groups; " ADVICE);
	if (was_root && getgroups(0, NULL) != 0)
		return fault_say(fault, "root's groups are still there; " ADVICE);
	if (setuid(0) == 0 || seteuid(0) == 0 || (real_group != 0 && setgid(0) == 0))
		return fault_say(fault, "the process can still become root; " ADVICE);
	if (capng_get_caps_process() != 0 ||
	    capng_have_capabilities(CAPNG_SELECT_CAPS) != CAPNG_NONE)
		return fault_say(fault, "a capability is left that could not be dropped; " ADVICE);
	if (was_root && capng_have_capabilities(CAPNG_SELECT_BOUNDS) != CAPNG_NONE)
		return fault_say(fault,
				 "a capability is left in the bounding set, so that a program "
				 "could have it again; " ADVICE);
	if (prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1)
		return fault_say(fault,
				 "a set-user-ID program could still give root back; " ADVICE);
	return true;
}

static void name_of(uid_t uid, char name[PRIVILEGES_USER])
{
	const struct passwd *entry = getpwuid(uid);

	if (entry != NULL)
		snprintf(name, PRIVILEGES_USER, "%s", entry->pw_name);
	else
		snprintf(name, PRIVILEGES_USER, "%u", (unsigned)uid);
}

bool privileges_drop(const char *user, char name[PRIVILEGES_USER], struct fault *fault)
{
	bool root = geteuid() == 0;
	const struct passwd *entry;

	if (capng_get_caps_process() != 0)
		return fault_say(fault, "this system does not tell its capabilities; " ADVICE);
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		return fault_say(fault, "cannot set PR_SET_NO_NEW_PRIVS: %s; " ADVICE,
				 strerror(errno));
	if (root) {
		entry = getpwnam(user);
		if (entry == NULL)
			return fault_say(fault,
					 "there is no user \"%s\" to become: set node { user } to "
					 "one that there is, " ADVICE,
					 user);
		if (entry->pw_uid == 0)
			return fault_say(fault,
					 "user \"%s\" is root: set node { user } to one that is "
					 "not, " ADVICE,
					 user);
		if (!become(entry, fault))
			return false;
	} else if (!drop_capabilities(fault)) {
		return false;
	}
	name_of(getuid(), name);
	return are_gone(root, fault);
}
