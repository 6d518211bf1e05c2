/* SPDX-License-Identifier: ISC */
/*
 * store_netlink.c - a request is answered before send() returns, so there is never anything to wait for; still no answer is
 * waited for longer than a moment, because the node has other things to do than to believe in that.
 */
#include "interop/store/store_netlink.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "crypto/secret.h"

#define PATIENCE_SECONDS 1
#define LIST_ROOM        32768 /* octets: what the kernel fills at most with one part of a list */

/* ---- messages ------------------------------------------------------------------------------------------------------ */

void *netlink_begin(struct netlink_message *message, uint16_t type, uint16_t flags, size_t length)
{
	memset(message, 0, sizeof(*message));
	assert(NLMSG_SPACE(length) <= sizeof(message->as.octets));
	message->as.header.nlmsg_type = type;
	message->as.header.nlmsg_flags = NLM_F_REQUEST | flags;
	message->as.header.nlmsg_len = NLMSG_SPACE((uint32_t)length);
	return NLMSG_DATA(&message->as.header);
}

void *netlink_add(struct netlink_message *message, uint16_t type, size_t length)
{
	uint32_t at = message->as.header.nlmsg_len;
	struct nlattr *attribute = (void *)(message->as.octets + at);
	size_t total = NLA_HDRLEN + length;

	assert(at + NLA_ALIGN(total) <= sizeof(message->as.octets));
	attribute->nla_type = type;
	attribute->nla_len = (uint16_t)total;
	message->as.header.nlmsg_len = at + NLA_ALIGN((uint32_t)total);
	return message->as.octets + at + NLA_HDRLEN;
}

void netlink_enclose(struct netlink_message *message, void *outer)
{
	uint8_t *octets = outer;
	struct nlattr *attribute = (void *)(octets - NLA_HDRLEN);

	attribute->nla_len =
	    (uint16_t)(message->as.octets + message->as.header.nlmsg_len - (octets - NLA_HDRLEN));
}

const void *netlink_payload(const struct nlmsghdr *header, size_t length)
{
	const uint8_t *octets = (const void *)header;

	return header->nlmsg_len >= NLMSG_HDRLEN + length ? octets + NLMSG_HDRLEN : NULL;
}

const void *netlink_find(const struct nlmsghdr *header, size_t payload, uint16_t type,
			 size_t length)
{
	size_t at = NLMSG_SPACE(payload);
	const uint8_t *octets = (const void *)header;

	while (at + NLA_HDRLEN <= header->nlmsg_len) {
		struct nlattr attribute;

		memcpy(&attribute, octets + at, sizeof(attribute));
		if (attribute.nla_len < NLA_HDRLEN || attribute.nla_len > header->nlmsg_len - at)
			return NULL;
		if ((attribute.nla_type & NLA_TYPE_MASK) == type &&
		    attribute.nla_len >= NLA_HDRLEN + length)
			return octets + at + NLA_HDRLEN;
		at += NLA_ALIGN((size_t)attribute.nla_len);
	}
	return NULL;
}

/* ---- the socket ---------------------------------------------------------------------------------------------------- */

/* Connected to the kernel, it takes nothing from any other process. */
bool netlink_open(struct netlink *netlink, int protocol, uint32_t groups, struct fault *fault)
{
	const struct sockaddr_nl kernel = {.nl_family = AF_NETLINK};
	const struct sockaddr_nl ours = {.nl_family = AF_NETLINK, .nl_groups = groups};
	const struct timeval patience = {.tv_sec = PATIENCE_SECONDS};
	const int on = 1;

	*netlink =
	    (struct netlink){.descriptor = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol)};
	if (netlink->descriptor < 0 && protocol != NETLINK_XFRM)
		return fault_say(fault, "the kernel's routes cannot be talked to: %s",
				 strerror(errno));
	if (netlink->descriptor < 0)
		return fault_say(fault,
				 "the kernel has no IPsec at all (%s): it needs CONFIG_XFRM_USER",
				 strerror(errno));
	/* what it answers does not repeat what was asked, keys and all, and says in words what was wrong with it */
	(void)setsockopt(netlink->descriptor, SOL_NETLINK, NETLINK_CAP_ACK, &on, sizeof(on));
	(void)setsockopt(netlink->descriptor, SOL_NETLINK, NETLINK_EXT_ACK, &on, sizeof(on));
	(void)setsockopt(netlink->descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	if (bind(netlink->descriptor, (const struct sockaddr *)&ours, sizeof(ours)) == 0 &&
	    connect(netlink->descriptor, (const struct sockaddr *)&kernel, sizeof(kernel)) == 0)
		return true;
	fault_say(fault, "the kernel's %s cannot be talked to: %s%s",
		  protocol == NETLINK_XFRM ? "IPsec" : "routes", strerror(errno),
		  errno == EPERM ? ": that needs CAP_NET_ADMIN" : "");
	netlink_close(netlink);
	return false;
}

void netlink_close(struct netlink *netlink)
{
	if (netlink->descriptor >= 0)
		close(netlink->descriptor);
	netlink->descriptor = -1;
}

static int ask(struct netlink *netlink, struct netlink_message *message)
{
	struct nlmsghdr *header = &message->as.header;

	netlink->said[0] = '\0';
	header->nlmsg_seq = ++netlink->sequence;
	return send(netlink->descriptor, header, header->nlmsg_len, 0) == (ssize_t)header->nlmsg_len
		   ? 0
		   : errno;
}

/* The kernel's own words follow its number (NETLINK_EXT_ACK). */
static int refusal(struct netlink *netlink, const struct nlmsghdr *header)
{
	const struct nlmsgerr *error = netlink_payload(header, sizeof(*error));
	const char *words;

	if (error == NULL)
		return EBADMSG;
	if ((header->nlmsg_flags & NLM_F_ACK_TLVS) != 0) {
		words = netlink_find(header, sizeof(*error), NLMSGERR_ATTR_MSG, 2);
		if (words != NULL)
			snprintf(netlink->said, sizeof(netlink->said), "%.*s",
				 (int)((const char *)header + header->nlmsg_len - words), words);
	}
	return error->error < 0 ? -error->error : error->error;
}

/* Whether there is a whole message at `header`, of the `length` octets that are left. */
static bool is_whole(const struct nlmsghdr *header, size_t length)
{
	return length >= sizeof(*header) && header->nlmsg_len >= sizeof(*header) &&
	       header->nlmsg_len <= length;
}

/* Answers of an earlier question, which was given up too soon, are passed over. */
static int receive(struct netlink *netlink, struct netlink_message *answer)
{
	for (;;) {
		ssize_t length =
		    recv(netlink->descriptor, answer->as.octets, sizeof(answer->as.octets), 0);

		if (length < 0 && errno == EINTR)
			continue;
		if (length < 0)
			return errno == EAGAIN ? ETIMEDOUT : errno;
		if (!is_whole(&answer->as.header, (size_t)length))
			return EBADMSG;
		if (answer->as.header.nlmsg_seq == netlink->sequence)
			return 0;
	}
}

int netlink_get(struct netlink *netlink, struct netlink_message *message,
		struct netlink_message *answer)
{
	int failed = ask(netlink, message);

	if (failed == 0)
		failed = receive(netlink, answer);
	if (failed == 0 && answer->as.header.nlmsg_type == NLMSG_ERROR)
		failed = refusal(netlink, &answer->as.header);
	return failed;
}

int netlink_do(struct netlink *netlink, struct netlink_message *message)
{
	struct netlink_message answer;
	int failed;

	message->as.header.nlmsg_flags |= NLM_F_ACK;
	failed = netlink_get(netlink, message, &answer);
	if (failed == 0 && answer.as.header.nlmsg_type != NLMSG_ERROR)
		failed = EBADMSG;
	secret_wipe(&answer, sizeof(answer)); /* an old kernel repeats what it refuses */
	return failed;
}

/* True: the list is at its end, or broken; see `failed`. */
static bool take_part(struct netlink *netlink, const uint8_t *octets, size_t length,
		      netlink_each *each, void *context, int *failed)
{
	while (length > 0) {
		const struct nlmsghdr *header = (const void *)octets;
		size_t step;

		if (!is_whole(header, length)) {
			*failed = EBADMSG;
			return true;
		}
		if (header->nlmsg_seq == netlink->sequence) {
			if (header->nlmsg_type == NLMSG_DONE)
				return true;
			if (header->nlmsg_type == NLMSG_ERROR) {
				*failed = refusal(netlink, header);
				return true;
			}
			each(context, header);
		}
		step = NLMSG_ALIGN((size_t)header->nlmsg_len);
		if (step > length)
			break;
		octets += step;
		length -= step;
	}
	return false;
}

int netlink_list(struct netlink *netlink, struct netlink_message *message, netlink_each *each,
		 void *context)
{
	_Alignas(struct nlmsghdr) uint8_t part[LIST_ROOM];
	int failed;
	bool done = false;

	message->as.header.nlmsg_flags |= NLM_F_DUMP;
	failed = ask(netlink, message);
	while (failed == 0 && !done) {
		ssize_t length = recv(netlink->descriptor, part, sizeof(part), 0);

		if (length < 0 && errno == EINTR)
			continue;
		if (length < 0)
			failed = errno == EAGAIN ? ETIMEDOUT : errno;
		else
			done = take_part(netlink, part, (size_t)length, each, context, &failed);
	}
	secret_wipe(part, sizeof(part)); /* a list of SAs has their keys */
	return failed;
}

bool netlink_hear(struct netlink *netlink, struct netlink_message *message)
{
	ssize_t length =
	    recv(netlink->descriptor, message->as.octets, sizeof(message->as.octets), MSG_DONTWAIT);

	return length > 0 && is_whole(&message->as.header, (size_t)length);
}
