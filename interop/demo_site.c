/* SPDX-License-Identifier: ISC */
#include "interop/demo_site.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "crypto/random.h"
#include "crypto/secret.h"

#define FIRST_PORT    15500
#define LAST_PORT     15599
#define PATH_MOST     4096
#define SECRET_LENGTH 24 /* octets */

#define DEMO_A "127.0.0.1"

/* A is the node that watches.  Everything is quick, so that the whole is a matter of seconds. */
static const char config_a[] =
    "# The node that watches two gateways.\n"
    "node {\n"
    "  identity = \"fqdn:a.demo.example\"\n"
    "  listen = {\"" DEMO_A "\"}\n"
    "  port = %u\n"
    "  control = \"\"\n"
    "}\n"
    "peer \"gateway\" {\n"
    "  gateways = {\"" DEMO_B1 ":%u\", \"" DEMO_B2 ":%u\"}\n"
    "  secret = \"file:demo.psk\"\n"
    "  keepalive { mode = periodic  detect = 3s  loss = 1%%  false-deaths = 1.0 }\n"
    "  recovery {\n"
    "    attempts = 2  attempt-timeout = 1500ms\n"
    "    backoff-first = 200ms  backoff-most = 1s\n"
    "    hold-down = 3s\n"
    "  }\n"
    "}\n";

static const char config_b[] = "# A gateway that waits and answers.\n"
			       "node {\n"
			       "  identity = \"fqdn:%s.demo.example\"\n"
			       "  listen = {\"%s\"}\n"
			       "  port = %u\n"
			       "  control = \"\"\n"
			       "}\n"
			       "peer \"watcher\" {\n"
			       "  from = \"" DEMO_A "\"\n"
			       "  identity = \"fqdn:a.demo.example\"\n"
			       "  secret = \"file:demo.psk\"\n"
			       "  keepalive { mode = off }\n"
			       "}\n";

static bool write_file(const char *directory, const char *name, mode_t mode, struct fault *fault,
		       const char *format, ...) __attribute__((format(printf, 5, 6)));

static bool write_file(const char *directory, const char *name, mode_t mode, struct fault *fault,
		       const char *format, ...)
{
	char path[PATH_MOST];
	va_list arguments;
	int descriptor;
	bool good;

	snprintf(path, sizeof(path), "%s/%s", directory, name);
	descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, mode);
	if (descriptor < 0)
		return fault_say(fault, "cannot write %s: %s", path, strerror(errno));
	va_start(arguments, format);
	good = fchmod(descriptor, mode) == 0 && vdprintf(descriptor, format, arguments) > 0;
	va_end(arguments);
	if (close(descriptor) != 0 || !good)
		return fault_say(fault, "cannot write %s: %s", path, strerror(errno));
	return true;
}

static bool write_secret(const char *directory, struct fault *fault)
{
	struct random_source random;
	uint8_t octets[SECRET_LENGTH];
	char hex[2 * SECRET_LENGTH + 1];
	bool good;

	random_system(&random);
	random_octets(&random, octets, sizeof(octets));
	for (size_t i = 0; i < sizeof(octets); i++)
		snprintf(hex + 2 * i, 3, "%02x", octets[i]);
	good = write_file(directory, "demo.psk", 0600, fault, "0x%s\n", hex);
	secret_wipe(octets, sizeof(octets));
	secret_wipe(hex, sizeof(hex));
	return good;
}

static bool is_free(const char *address, uint16_t port)
{
	struct sockaddr_in name = {.sin_family = AF_INET, .sin_port = htons(port)};
	int descriptor = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	bool bound = descriptor >= 0 && inet_pton(AF_INET, address, &name.sin_addr) == 1 &&
		     bind(descriptor, (struct sockaddr *)&name, sizeof(name)) == 0;

	if (descriptor >= 0)
		close(descriptor);
	return bound;
}

static bool find_port(uint16_t *port, struct fault *fault)
{
	for (uint16_t candidate = FIRST_PORT; candidate <= LAST_PORT; candidate++) {
		if (is_free(DEMO_A, candidate) && is_free(DEMO_B1, candidate) &&
		    is_free(DEMO_B2, candidate)) {
			*port = candidate;
			return true;
		}
	}
	return fault_say(
	    fault, "no UDP port from %d to %d is free on " DEMO_A ", " DEMO_B1 " and " DEMO_B2,
	    FIRST_PORT, LAST_PORT);
}

bool demo_site_make(const char *directory, uint16_t *port, struct fault *fault)
{
	if (mkdir(directory, 0777) != 0 && errno != EEXIST)
		return fault_say(fault, "cannot make the directory %s: %s", directory,
				 strerror(errno));
	return find_port(port, fault) && write_secret(directory, fault) &&
	       write_file(directory, "a.conf", 0644, fault, config_a, *port, *port, *port) &&
	       write_file(directory, "b1.conf", 0644, fault, config_b, "b1", DEMO_B1, *port) &&
	       write_file(directory, "b2.conf", 0644, fault, config_b, "b2", DEMO_B2, *port);
}
