/* SPDX-License-Identifier: ISC */
#include "interop/node/confine.h"

#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "interop/node/lookup.h"
#include "interop/node/system_calls.h"

/* Keys of SAs are in memory that is kept out of them anyway (crypto/secret.h); this is for all the rest. */
static bool forbid_core_dumps(struct fault *fault)
{
	const struct rlimit none = {0, 0};

	if (setrlimit(RLIMIT_CORE, &none) == 0 && prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0)
		return true;
	return fault_say(
	    fault, "cannot forbid core dumps: %s; set node { confine = no } to run unconfined",
	    strerror(errno));
}

/* Memory of SAs that are still to come is locked as well, which only root may have without limit.  Best effort. */
static void lift_memory_lock(void)
{
	const struct rlimit all = {RLIM_INFINITY, RLIM_INFINITY};

	(void)setrlimit(RLIMIT_MEMLOCK, &all);
}

/* What libraries open when they are first used, and need not then. */
static void open_once(void)
{
	tzset();             /* the time zone's file */
	json_object_seed(0); /* the seed of jansson's tables, from /dev/urandom */
}

/* The processes that a parent may end. */
struct children_of {
	const pid_t *workers;
	size_t count;
};

/* `files`: names may have to be looked up; `parent`: NULL for whoever has no workers. */
static bool give_up(const struct config *config, bool net_admin, bool files,
		    const struct children_of *parent, struct confinement *confinement,
		    struct fault *fault)
{
	unsigned needs =
	    (files ? SYSTEM_CALLS_FILES : 0) | (parent != NULL ? SYSTEM_CALLS_WORKERS : 0);
	const char *user = config->user != NULL ? config->user : CONFIG_USER;
	const struct passwd *entry;

	*confinement = (struct confinement){.in_force = config->confine};
	if (!config->confine) {
		entry = getpwuid(geteuid());
		snprintf(confinement->user, sizeof(confinement->user), "%s",
			 entry != NULL ? entry->pw_name : "?");
		return true;
	}
	open_once();
	lift_memory_lock();
	/* after the change of user, which sets it anew */
	if (!privileges_drop(user, net_admin, confinement->user, fault) ||
	    !forbid_core_dumps(fault))
		return false;
	confinement->net_admin = net_admin;
	confinement->files = files;
	confinement->unrestricted = system_calls_unrestrictable();
	if (confinement->unrestricted != NULL)
		return true;
	confinement->calls = system_calls_allowed(needs);
	return parent != NULL ? system_calls_restrict_parent(parent->workers, parent->count, fault)
			      : system_calls_restrict(needs, fault);
}

bool confine(const struct config *config, bool net_admin, struct confinement *confinement,
	     struct fault *fault)
{
	return give_up(config, net_admin, lookup_has_names(config), NULL, confinement, fault);
}

bool confine_parent(const struct config *config, const pid_t *workers, size_t count,
		    struct fault *fault)
{
	const struct children_of parent = {workers, count};
	struct confinement confinement;

	return give_up(config, false, false, &parent, &confinement, fault);
}

void confinement_add(const struct confinement *confinement, json_t *line)
{
	const char *capabilities =
	    confinement->net_admin ? "no capability but CAP_NET_ADMIN" : "no capabilities";
	char text[256];

	if (!confinement->in_force)
		snprintf(text, sizeof(text),
			 "NOT confined, as the configuration says (confine = no): user %s",
			 confinement->user);
	else if (confinement->unrestricted != NULL)
		snprintf(text, sizeof(text),
			 "confined: user %s, %s, no core dumps; all system calls, "
			 "because %s",
			 confinement->user, capabilities, confinement->unrestricted);
	else
		snprintf(text, sizeof(text),
			 "confined: user %s, %s, no core dumps, %u system calls%s",
			 confinement->user, capabilities, confinement->calls,
			 confinement->files ? ", files only to read" : ", no files");
	json_object_set_new(line, "confined", json_boolean(confinement->in_force));
	json_object_set_new(line, "user", json_string(confinement->user));
	json_object_set_new(line, "capabilities",
			    !confinement->in_force   ? json_null()
			    : confinement->net_admin ? json_pack("[s]", "net_admin")
						     : json_array());
	json_object_set_new(line, "core_dumps", json_boolean(!confinement->in_force));
	json_object_set_new(
	    line, "calls", confinement->calls > 0 ? json_integer(confinement->calls) : json_null());
	json_object_set_new(line, "text", json_string(text));
}
