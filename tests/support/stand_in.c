/* SPDX-License-Identifier: ISC */
#include "tests/support/stand_in.h"

#include <stdio.h>

#include "interop/verb.h"
#include "tests/support/command.h"
#include "tests/support/scratch.h"

pid_t stand_in_start(uint16_t *port)
{
	char config[1024], line[512], control[256];
	pid_t pid;

	*port = command_free_port();
	snprintf(control, sizeof(control), "%s", scratch_path("control"));
	snprintf(config, sizeof(config),
		 "node { listen = { \"127.0.0.1:%u\" } identity = \"fqdn:gw.example\" confine = no "
		 "control = \"%s\" limits { handshakes-per-source = 1000 } }\n"
		 "peer \"any\" { from = \"any\" secret = \"" STAND_IN_SECRET "\" proposals = { "
		 "\"aes256-sha256-modp2048\", \"aes128-sha1-modp2048\", \"aes128-sha256-x25519\" } "
		 "keepalive { mode = \"off\" } }\n",
		 *port, control);
	snprintf(line, sizeof(line), "serve -c %s", scratch_file("serve.conf", 0600, config));
	pid = command_start(verb_serve, line);
	command_wait_for(control);
	return pid;
}
