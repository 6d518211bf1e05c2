/* SPDX-License-Identifier: ISC */
#include "interop/config/config_values.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ike/address.h"
#include "ike/identity.h"

#define SECRET_MOST    4096              /* octets, as text */
#define DURATION_MOST  (366.0 * 86400e6) /* microseconds */
#define SECRET_LEAST   16                /* octets: 128 bits if every one of them is random */
#define DISTINCT_LEAST 8 /* different octets in a secret that is not obviously repetitive */

/* The decimal number that `text` starts with; its end, or NULL where there is none. */
static const char *leading_number(const char *text, double *number)
{
	size_t length = strspn(text, "0123456789.");
	char *end;

	if (length == 0 || text[0] == '.')
		return NULL;
	*number = strtod(text, &end); /* the span above keeps out its inf, hex and exponents */
	return end == text + length ? end : NULL;
}

bool value_duration(const char *text, ike_time *duration, struct fault *fault)
{
	static const struct {
		const char *unit;
		double microseconds;
	} units[] = {{"ms", 1e3}, {"s", 1e6}, {"m", 60e6}, {"h", 3600e6}, {"d", 86400e6}};
	double number;
	const char *unit = leading_number(text, &number);

	if (unit == NULL)
		return fault_say(fault, "\"%s\" is not a duration: write 500ms, 10s, 5m, 8h or 1d",
				 text);
	if (*unit == '\0')
		return fault_say(fault, "\"%s\" has no unit: write %sms, %ss, %sm, %sh or %sd",
				 text, text, text, text, text, text);
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (strcmp(unit, units[i].unit) != 0)
			continue;
		number *= units[i].microseconds;
		if (number > DURATION_MOST)
			return fault_say(fault, "\"%s\" is longer than a year", text);
		*duration = (ike_time)(number + 0.5);
		return true;
	}
	return fault_say(fault, "\"%s\": the unit \"%s\" is none of ms, s, m, h, d", text, unit);
}

bool value_share(const char *text, uint32_t *per_mille, struct fault *fault)
{
	double number;
	const char *end = leading_number(text, &number);

	if (end == NULL || strcmp(end, "%") != 0)
		return fault_say(fault, "\"%s\" is not a percentage: write 20%% or 0.5%%", text);
	if (number * 10 + 0.5 >= 1000) /* rounded to the next tenth */
		return fault_say(
		    fault, "\"%s\": a share of 100 %% or more leaves nothing to be answered", text);
	*per_mille = (uint32_t)(number * 10 + 0.5);
	return true;
}

bool value_number(const char *text, uint32_t least, uint32_t most, uint32_t *number,
		  struct fault *fault)
{
	unsigned long long value;
	char *end;

	errno = 0;
	value = strtoull(text, &end, 10);
	if (!isdigit((unsigned char)text[0]) || *end != '\0')
		return fault_say(fault, "\"%s\" is not a number", text);
	if (errno != 0 || value < least || value > most)
		return fault_say(fault, "\"%s\" is not within %u to %u", text, least, most);
	*number = (uint32_t)value;
	return true;
}

bool value_address(const char *text, struct ike_address *address, struct fault *fault)
{
	if (ike_address_from_text(text, address))
		return true;
	return fault_say(fault,
			 "\"%s\" is not an address: write 192.0.2.1, 2001:db8::1, 192.0.2.1:500 "
			 "or [2001:db8::1]:500",
			 text);
}

/* Splits "host" or "host:port"; the name goes to `host`. */
static bool split_host(const char *text, char host[VALUE_HOST_MOST + 1], uint32_t *port,
		       struct fault *fault)
{
	const char *colon = strchr(text, ':');
	size_t length = colon != NULL ? (size_t)(colon - text) : strlen(text);

	if (length == 0 || length > VALUE_HOST_MOST ||
	    (colon != NULL && strchr(colon + 1, ':') != NULL))
		return fault_say(fault,
				 "\"%s\" is neither an address nor a name: write gw.example, "
				 "192.0.2.1, 192.0.2.1:500 or [2001:db8::1]:500",
				 text);
	*port = 0;
	if (colon != NULL && !value_number(colon + 1, 1, 65535, port, fault))
		return false;
	memcpy(host, text, length);
	host[length] = '\0';
	return true;
}

/* Why nobody could be met there; NULL: somebody could. */
static const char *no_gateway(const struct ike_address *address)
{
	static const uint8_t zeros[16] = {0};
	const uint8_t *octets = address->octets;

	if (memcmp(octets, zeros, address->family == IKE_FAMILY_IPV4 ? 4 : 16) == 0)
		return "stands for no address";
	if (address->family == IKE_FAMILY_IPV4)
		return octets[0] >= 224 ? "is a group's, or everybody's" : NULL;
	if (octets[0] == 0xff)
		return "is a group's";
	if (octets[0] == 0xfe && (octets[1] & 0xc0) == 0x80)
		return "means somebody else on every link (RFC 4291 section 2.5.6)";
	if (memcmp(octets, zeros, 10) == 0 && octets[10] == 0xff && octets[11] == 0xff)
		return "is an IPv4 address in disguise";
	return NULL;
}

static bool is_gateway(const struct ike_address *address, const char *text, struct fault *fault)
{
	const char *why = no_gateway(address);

	return why == NULL || fault_say(fault,
					"\"%s\" %s: a gateway is one host's own address, such as "
					"192.0.2.1 or 2001:db8::1",
					text, why);
}

bool value_gateway(const char *text, struct ike_address *address, struct fault *fault)
{
	const struct addrinfo wanted = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_DGRAM};
	struct ike_address result = {.family = IKE_FAMILY_NONE};
	struct addrinfo *found;
	char host[VALUE_HOST_MOST + 1];
	uint32_t port = 0;
	int failed;

	if (ike_address_from_text(text, &result)) {
		if (!is_gateway(&result, text, fault))
			return false;
		*address = result;
		return true;
	}
	if (!split_host(text, host, &port, fault))
		return false;
	failed = getaddrinfo(host, NULL, &wanted, &found);
	if (failed != 0)
		return fault_say(fault, "cannot find the address of \"%s\": %s", host,
				 failed == EAI_SYSTEM ? strerror(errno) : gai_strerror(failed));
	if (found->ai_family == AF_INET6) {
		const struct sockaddr_in6 *in6 = (const void *)found->ai_addr;

		memcpy(result.octets, &in6->sin6_addr, 16);
		result.family = IKE_FAMILY_IPV6;
	} else {
		const struct sockaddr_in *in = (const void *)found->ai_addr;

		memcpy(result.octets, &in->sin_addr, 4);
		result.family = IKE_FAMILY_IPV4;
	}
	freeaddrinfo(found);
	if (!is_gateway(&result, text, fault))
		return false;
	result.port = (uint16_t)port;
	*address = result;
	return true;
}

bool value_host(const char *text, char host[VALUE_HOST_MOST + 1], uint16_t *port)
{
	struct ike_address address;
	uint32_t number = 0;
	struct fault fault;

	if (ike_address_from_text(text, &address) || !split_host(text, host, &number, &fault))
		return false;
	*port = (uint16_t)number;
	return true;
}

bool value_prefix(const char *text, struct ike_prefix *prefix, struct fault *fault)
{
	const char *slash = strchr(text, '/');
	struct ike_prefix result = {.bits = 0};
	char address[IKE_ADDRESS_TEXT];
	uint32_t most, bits;

	if (strcmp(text, "any") == 0) {
		*prefix = result;
		return true;
	}
	snprintf(address, sizeof(address), "%.*s",
		 slash != NULL ? (int)(slash - text) : (int)strlen(text), text);
	if (!ike_address_from_text(address, &result.address) || result.address.port != 0)
		return fault_say(fault,
				 "\"%s\" is not a prefix: write any, 192.0.2.0/24 or 2001:db8::/32",
				 text);
	most = ike_family_bits(result.address.family);
	bits = most;
	if (slash != NULL && !value_number(slash + 1, 0, most, &bits, fault))
		return false;
	result.bits = (uint8_t)bits;
	*prefix = result;
	return true;
}

bool value_identity(const char *text, struct ike_identity *identity, struct fault *fault)
{
	if (ike_identity_from_text(text, identity))
		return true;
	return fault_say(fault,
			 "\"%s\" is not an identity: write fqdn:gw.example, user-fqdn:joe@example, "
			 "ipv4:192.0.2.1, ipv6:2001:db8::1, key-id:lab, key-id:0x6c6162 or "
			 "\"der-dn:CN=gw, O=lab\"",
			 text);
}

bool value_proposal(const char *text, struct ike_proposal *proposal, struct fault *fault)
{
	if (ike_proposal_parse(text, proposal))
		return true;
	return fault_say(fault,
			 "\"%s\" is not a proposal: write cipher-hash-group, for example "
			 "aes256-sha256-modp2048, aes128-sha1-modp2048 or 3des-md5-modp1024",
			 text);
}

bool value_ipsec_proposal(const char *text, struct ike_ipsec_proposal *proposal,
			  struct fault *fault)
{
	if (ike_ipsec_proposal_parse(text, proposal))
		return true;
	return fault_say(fault,
			 "\"%s\" is not a proposal for a tunnel: write cipher-hash, or "
			 "cipher-hash-group for perfect forward secrecy, for example aes128-sha1, "
			 "aes256-sha256-modp2048 or 3des-md5",
			 text);
}

/* "udp/1701", "icmp", "47". */
static bool read_protocol(const char *text, struct ike_selector *selector, struct fault *fault)
{
	static const struct {
		const char *name;
		uint8_t number;
	} names[] = {{"icmp", IPPROTO_ICMP}, {"tcp", IPPROTO_TCP},       {"udp", IPPROTO_UDP},
		     {"gre", IPPROTO_GRE},   {"icmpv6", IPPROTO_ICMPV6}, {"sctp", IPPROTO_SCTP}};
	size_t length = strcspn(text, "/");
	char protocol[8];
	uint32_t number = 0, port = 0;

	snprintf(protocol, sizeof(protocol), "%.*s", (int)length, text);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (length < sizeof(protocol) && strcmp(protocol, names[i].name) == 0)
			number = names[i].number;
	if (number == 0 && !value_number(protocol, 1, 255, &number, fault))
		return fault_say(
		    fault,
		    "\"%s\" is not a protocol: write tcp, udp, icmp, icmpv6, gre, sctp "
		    "or a number, and a port as in udp/1701",
		    text);
	if (text[length] == '/') {
		if (number != IPPROTO_TCP && number != IPPROTO_UDP && number != IPPROTO_SCTP)
			return fault_say(fault, "\"%s\": only tcp, udp and sctp have ports", text);
		if (!value_number(text + length + 1, 1, 65535, &port, fault))
			return false;
	}
	selector->protocol = (uint8_t)number;
	selector->port = (uint16_t)port;
	return true;
}

/* The address with what lies beyond the prefix zero. */
static struct ike_prefix masked(const struct ike_prefix *prefix)
{
	struct ike_prefix result = *prefix;

	for (size_t bit = prefix->bits; bit < 8 * sizeof(result.address.octets); bit++)
		result.address.octets[bit / 8] &= (uint8_t) ~(0x80 >> bit % 8);
	return result;
}

static bool read_range(const char *text, struct ike_prefix *prefix, struct fault *fault)
{
	struct ike_prefix right;
	char address[IKE_ADDRESS_TEXT];

	if (strcmp(text, "own") == 0) {
		*prefix = (struct ike_prefix){.bits = 0};
		return true;
	}
	if (!value_prefix(text, prefix, fault) || prefix->address.family == IKE_FAMILY_NONE)
		return fault_say(fault,
				 "\"%s\" is not one end of a tunnel: write own, 10.1.0.0/16, "
				 "2001:db8::/32, 0.0.0.0/0 for everywhere, or 10.1.0.7/32 udp/1701",
				 text);
	right = masked(prefix);
	if (ike_address_equal(&right.address, &prefix->address))
		return true;
	ike_address_text(&right.address, address, sizeof(address));
	return fault_say(fault, "\"%s\": the address has bits beyond the prefix: write %s/%u", text,
			 address, prefix->bits);
}

bool value_selector(const char *text, struct ike_selector *selector, struct fault *fault)
{
	size_t length = strcspn(text, " ");
	const char *rest = text + length + strspn(text + length, " ");
	struct ike_selector result = {.protocol = 0};
	char range[IKE_ADDRESS_TEXT];

	if (length >= sizeof(range))
		return fault_say(fault, "\"%.64s...\" is too long for one end of a tunnel", text);
	memcpy(range, text, length);
	range[length] = '\0';
	if (!read_range(range, &result.prefix, fault) ||
	    (*rest != '\0' && !read_protocol(rest, &result, fault)))
		return false;
	*selector = result;
	return true;
}

static int hex_digit(char c)
{
	if (isdigit((unsigned char)c))
		return c - '0';
	c = (char)tolower((unsigned char)c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Each has pages of its own with guards around them, so the mappings run out long before the memory. */
static void say_no_memory(struct fault *fault)
{
	fault_say(fault,
		  "no memory for a secret; a process may have some 16,000 of them unless the "
		  "system's vm.max_map_count is raised");
}

static struct secret *secret_of_hex(const char *text, size_t length, struct fault *fault)
{
	uint8_t octets[SECRET_MOST / 2];
	struct secret *secret = NULL;
	bool good = length > 0 && length % 2 == 0;

	for (size_t i = 0; good && i < length; i += 2) {
		int high = hex_digit(text[i]), low = hex_digit(text[i + 1]);

		good = high >= 0 && low >= 0;
		if (good)
			octets[i / 2] = (uint8_t)(high * 16 + low);
	}
	if (good)
		secret = secret_new(octets_of(octets, length / 2));
	secret_wipe(octets, sizeof(octets));
	if (!good)
		fault_say(fault,
			  "a secret that starts with 0x must go on with pairs of hex digits");
	else if (secret == NULL)
		say_no_memory(fault);
	return secret;
}

static struct secret *secret_of_text(const char *text, size_t length, struct fault *fault)
{
	struct secret *secret;

	if (length > SECRET_MOST) {
		fault_say(fault, "a secret of more than %d octets", SECRET_MOST);
		return NULL;
	}
	if (length >= 2 && text[0] == '0' && (text[1] == 'x' || text[1] == 'X'))
		return secret_of_hex(text + 2, length - 2, fault);
	if (length == 0) {
		fault_say(fault, "the secret is empty");
		return NULL;
	}
	secret = secret_new(octets_of(text, length));
	if (secret == NULL)
		say_no_memory(fault);
	return secret;
}

/* Opens it only if it is a file that nobody but its owner may read; -1 otherwise. */
static int open_private(const char *path, struct fault *fault)
{
	struct stat status;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	bool good = false;

	if (fd < 0) {
		fault_say(fault, "cannot read the secret file %s: %s", path, strerror(errno));
		return -1;
	}
	if (fstat(fd, &status) != 0 || !S_ISREG(status.st_mode))
		fault_say(fault, "the secret file %s is not a regular file", path);
	else if ((status.st_mode & (S_IRWXG | S_IRWXO)) != 0)
		fault_say(fault,
			  "the secret file %s may be read or written by others: chmod 600 %s", path,
			  path);
	else
		good = true;
	if (!good) {
		close(fd);
		return -1;
	}
	return fd;
}

struct secret *value_secret_file(const char *path, struct fault *fault)
{
	char text[SECRET_MOST + 2];
	struct secret *secret = NULL;
	int fd = open_private(path, fault);
	ssize_t length;

	if (fd < 0)
		return NULL;
	length = read(fd, text, sizeof(text));
	if (length < 0) {
		fault_say(fault, "cannot read the secret file %s: %s", path, strerror(errno));
	} else {
		if (length > 0 && text[length - 1] == '\n')
			length--;
		if (length > 0 && text[length - 1] == '\r')
			length--;
		secret = secret_of_text(text, (size_t)length, fault);
	}
	secret_wipe(text, sizeof(text));
	close(fd);
	return secret;
}

struct secret *value_secret(const char *text, const char *folder, struct fault *fault)
{
	static const char prefix[] = "file:";
	const char *path = text + sizeof(prefix) - 1;
	char *whole = NULL;
	struct secret *secret;

	if (strncmp(text, prefix, sizeof(prefix) - 1) != 0)
		return secret_of_text(text, strlen(text), fault);
	if (path[0] == '/' || folder == NULL)
		return value_secret_file(path, fault);
	if (asprintf(&whole, "%s/%s", folder, path) < 0) {
		fault_say(fault, "no memory for a file name");
		return NULL;
	}
	secret = value_secret_file(whole, fault);
	free(whole);
	return secret;
}

/* R136 */
bool value_secret_is_weak(const struct secret *secret)
{
	struct octets octets = secret_bytes(secret);
	bool seen[256] = {false};
	size_t distinct = 0;

	for (size_t i = 0; i < octets.length; i++) {
		distinct += !seen[octets.data[i]];
		seen[octets.data[i]] = true;
	}
	secret_wipe(seen, sizeof(seen));
	return octets.length < SECRET_LEAST || distinct < DISTINCT_LEAST;
}
