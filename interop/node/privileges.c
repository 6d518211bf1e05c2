/* SPDX-License-Identifier: ISC */
#include "interop/node/privileges.h"

#include <cap-ng.h>
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#define ADVICE "or set node { confine = no } to run with all of its privileges"

/* What is to be left in the sets of the process. */
static void select_kept(bool net_admin)
{
	capng_clear(CAPNG_SELECT_ALL);
	if (net_admin)
		(void)capng_update(CAPNG_ADD, CAPNG_EFFECTIVE | CAPNG_PERMITTED, CAP_NET_ADMIN);
}

/* libcap-ng says with a number of its own which of its steps failed; errno says why. */
static bool become(const struct passwd *user, bool net_admin, struct fault *fault)
{
	int failed;

	select_kept(net_admin);
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
static bool drop_capabilities(bool net_admin, struct fault *fault)
{
	bool bounds = capng_have_capability(CAPNG_EFFECTIVE, CAP_SETPCAP) != 0;
	int failed;

	select_kept(net_admin);
	if (bounds)
		(void)capng_apply(CAPNG_SELECT_BOUNDS);
	failed = capng_apply(CAPNG_SELECT_CAPS);
	if (failed != 0)
		return fault_say(fault, "cannot drop the capabilities (step %d: %s); " ADVICE,
				 failed, strerror(errno));
	(void)capng_apply(CAPNG_SELECT_AMBIENT); /* nothing can be in it that is not permitted */
	return true;
}

/* Whether the process has what it is to keep, and no more. */
static bool has_only(bool net_admin)
{
	static const capng_type_t sets[] = {CAPNG_EFFECTIVE, CAPNG_PERMITTED, CAPNG_INHERITABLE};

	if (capng_get_caps_process() != 0)
		return false;
	for (unsigned capability = 0; capability <= (unsigned)CAP_LAST_CAP; capability++)
		for (size_t i = 0; i < sizeof(sets) / sizeof(sets[0]); i++)
			if ((capng_have_capability(sets[i], capability) != 0) !=
			    (net_admin && capability == CAP_NET_ADMIN &&
			     sets[i] != CAPNG_INHERITABLE))
				return false;
	return true;
}

/* What the system says now counts, not what the calls above have returned. */
static bool are_gone(bool was_root, bool net_admin, struct fault *fault)
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
	if (!has_only(net_admin))
		return fault_say(
		    fault, net_admin ? "CAP_NET_ADMIN, which the kernel's IPsec SAs need, is "
				       "not what is left; " ADVICE
				     : "a capability is left that could not be dropped; " ADVICE);
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

bool privileges_drop(const char *user, bool keep_net_admin, char name[PRIVILEGES_USER],
		     struct fault *fault)
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
		if (!become(entry, keep_net_admin, fault))
			return false;
	} else if (!drop_capabilities(keep_net_admin, fault)) {
		return false;
	}
	name_of(getuid(), name);
	return are_gone(root, keep_net_admin, fault);
}
