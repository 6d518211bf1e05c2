/* SPDX-License-Identifier: ISC */
#include "interop/bench/members.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ike/identity.h"
#include "interop/bench/process.h"
#include "interop/node/clock.h"

#define LIFETIME 604800u /* seconds: none is renewed meanwhile */
#define SECRET   "the fleet's secret"

bool members_init(struct members *members, uint32_t count, uint32_t detect, uint32_t seed,
		  struct fault *fault)
{
	*members = (struct members){.count = count, .detect = detect};
	if (!secret_init())
		return fault_say(fault, "libsodium did not start");
	members->keys = fleet_new(seed);
	members->secret = secret_new(octets_of(SECRET, sizeof(SECRET) - 1));
	return (members->keys != NULL && members->secret != NULL &&
		ike_proposal_parse(FLEET_PROPOSAL, &members->proposal)) ||
	       fault_say(fault, "no memory");
}

void members_free(struct members *members)
{
	members_kill(members);
	fleet_free(members->keys);
	secret_free(members->secret);
}

/* ---- settings ------------------------------------------------------------------------------------------------------ */

bool members_plan(const struct members *members, enum keepalive_mode mode,
		  struct keepalive_peer_settings *keepalive, struct fault *fault)
{
	struct keepalive_settings settings;

	keepalive_settings_default(&settings);
	settings.mode = mode;
	settings.detect = members->detect * IKE_SECOND;
	recovery_settings_default(&keepalive->recovery);
	return keepalive_plan(&settings, &keepalive->plan, fault->text, sizeof(fault->text)) ==
	       KEEPALIVE_PLAN_OK;
}

void members_settings(const struct members *members, struct ike_settings *ike)
{
	memset(ike, 0, sizeof(*ike));
	ike_limits_default(&ike->limits);
	ike->limits.sas = members->count + MEMBERS_HALF_OPEN;
	ike->limits.handshakes = MEMBERS_HALF_OPEN;
	ike->limits.handshakes_per_source = MEMBERS_HALF_OPEN; /* the gateway is one source */
	ike->extension = keepalive_extension();
	ike->allow_import = true;
}

void members_peer(const struct members *members, const struct keepalive_peer_settings *keepalive,
		  struct ike_peer_settings *peer)
{
	*peer = (struct ike_peer_settings){
	    .name = "member",
	    .secret = members->secret,
	    .proposal = {members->proposal},
	    .proposals = 1,
	    .lifetime = LIFETIME,
	    .obey_initial_contact = true,
	    .extension_settings = keepalive,
	};
}

bool members_put_in(const struct members *members, struct ike_core *core, uint32_t index,
		    bool of_gateway, struct fault *fault)
{
	struct ike_address member = fleet_address(index, members->address.port);
	struct fleet_keys keys;
	struct ike_import import;
	const struct ike_command command = {
	    .kind = IKE_COMMAND_IMPORT, .peer = of_gateway ? index : 0, .import = &import};

	fleet_keys(members->keys, index, &keys);
	import = (struct ike_import){
	    .initiator = of_gateway,
	    .supported = true,
	    .local = of_gateway ? members->gateway : member,
	    .remote = of_gateway ? member : members->gateway,
	    .proposal = members->proposal,
	    .keys = keys.keys,
	    .lifetime = LIFETIME,
	};
	memcpy(import.cky_i, keys.cky_i, IKE_COOKIE_LENGTH);
	memcpy(import.cky_r, keys.cky_r, IKE_COOKIE_LENGTH);
	ike_identity_of_address(&import.remote, &import.remote_identity);
	return ike_command(core, clock_now(), &command) ||
	       fault_say(fault, "SA %u of %u could not be put in: memory?", index, members->count);
}

/* ---- their process ------------------------------------------------------------------------------------------------- */

struct ready {
	bool good;
	struct ike_address address;
	struct fault fault;
};

/* In the child; only answers. */
static bool open_members(const struct members *members, bool known, struct engine_loop **loop,
			 struct ready *ready)
{
	static struct keepalive_peer_settings keepalive;
	static struct ike_peer_settings peer;
	static struct ike_settings ike;
	const struct ike_address listen = {.family = IKE_FAMILY_IPV4,
					   .port = members->address.port};
	struct members own = *members;

	if (!members_plan(members, KEEPALIVE_OFF, &keepalive, &ready->fault))
		return false;
	members_peer(members, &keepalive, &peer);
	members_settings(members, &ike);
	ike.peer = &peer;
	ike.peers = 1;
	*loop = engine_loop_new(&ike, &listen, NULL, NULL, &ready->fault);
	if (*loop == NULL)
		return false;
	own.address = ready->address = engine_loop_address(*loop);
	for (uint32_t i = 0; known && i < own.count; i++)
		if (!members_put_in(&own, engine_loop_core(*loop), i, false, &ready->fault))
			return false;
	return true;
}

static int be_members(const struct members *members, bool known, int line)
{
	struct engine_loop *loop = NULL;
	struct ready ready;

	memset(&ready, 0, sizeof(ready));
	process_keep_open(&line, 1);
	ready.good = process_pin(PROCESS_LOAD)
			 ? open_members(members, known, &loop, &ready)
			 : fault_say(&ready.fault, "the members cannot be pinned to a processor");
	if (write(line, &ready, sizeof(ready)) != (ssize_t)sizeof(ready) || !ready.good)
		return 1;
	for (;;)
		engine_loop_run(loop, clock_now() + IKE_SECOND);
}

bool members_start(struct members *members, bool known, struct fault *fault)
{
	struct ready ready = {.good = false};
	int line[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, line) != 0)
		return fault_say(fault, "no other process: %s", strerror(errno));
	members->pid = fork();
	if (members->pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		close(line[0]);
		_exit(be_members(members, known, line[1]));
	}
	close(line[1]);
	if (members->pid < 0)
		fault_say(fault, "no other process: %s", strerror(errno));
	else if (recv(line[0], &ready, sizeof(ready), MSG_WAITALL) != (ssize_t)sizeof(ready))
		fault_say(fault, "the members have ended");
	else if (!ready.good)
		*fault = ready.fault;
	close(line[0]);
	members->address = ready.address;
	return ready.good;
}

void members_kill(struct members *members)
{
	if (members->pid <= 0)
		return;
	kill(members->pid, SIGKILL);
	(void)waitpid(members->pid, NULL, 0);
	members->pid = 0;
}
