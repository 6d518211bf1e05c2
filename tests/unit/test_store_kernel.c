/* SPDX-License-Identifier: ISC */
/*
 * test_store_kernel.c - the xfrm store and the real kernel, in a network of the test's own; only as root.
 */
#include "tests/support/unit.h"

#include <errno.h>
#include <linux/udp.h>
#include <netinet/in.h>
#include <sched.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "interop/store/store.h"
#include "interop/store/store_message.h"
#include "tests/support/pairs.h"

static struct store *store;
static struct fault fault;

/* Where a kernel without ESP is to be taken for one that has it. */
static bool esp_is_pretended;

ssize_t recv(int descriptor, void *buffer, size_t length, int flags)
{
	ssize_t got = syscall(SYS_recvfrom, descriptor, buffer, length, flags, NULL, NULL);
	struct nlmsgerr *error = NLMSG_DATA(buffer);

	if (esp_is_pretended && got >= (ssize_t)NLMSG_SPACE(sizeof(*error)) &&
	    ((struct nlmsghdr *)buffer)->nlmsg_type == NLMSG_ERROR &&
	    (error->error == -EPROTONOSUPPORT || error->error == -ESRCH))
		error->error = 0;
	return got;
}

static bool change(enum ike_ipsec_change_kind kind, const struct ike_ipsec_sa *sa)
{
	const struct ike_ipsec_change one = {.kind = kind, .sa = *sa};

	return store_apply(store, &one, &fault);
}

static bool has_own_network(void)
{
	return geteuid() == 0 && unshare(CLONE_NEWNET) == 0;
}

static void count_policy(void *context, const struct nlmsghdr *header)
{
	size_t *count = context;

	*count += header->nlmsg_type == XFRM_MSG_NEWPOLICY;
}

static size_t policies_in_kernel(void)
{
	struct netlink netlink;
	struct netlink_message message;
	size_t count = 0;

	ck_assert_msg(netlink_open(&netlink, NETLINK_XFRM, 0, &fault), "%s", fault.text);
	(void)netlink_begin(&message, XFRM_MSG_GETPOLICY, 0, sizeof(struct xfrm_userpolicy_id));
	ck_assert_int_eq(netlink_list(&netlink, &message, count_policy, &count), 0);
	netlink_close(&netlink);
	return count;
}

/* Exactly two outcomes: it has ESP, or it says EPROTONOSUPPORT and we say what to do. */
START_TEST(test_real_kernel)
{
	const struct ike_ipsec_sa sa = pair_of_sas(1);
	struct fault notice;

	if (!has_own_network())
		return;
	store = store_open(STORE_XFRM, NULL, &notice, &fault);
	if (store == NULL) {
		ck_assert_ptr_nonnull(strstr(fault.text, strerror(EPROTONOSUPPORT)));
		ck_assert_ptr_nonnull(strstr(fault.text, "modprobe esp4"));
		return;
	}
	ck_assert_msg(change(IKE_IPSEC_ADDED, &sa), "%s", fault.text);
	ck_assert_uint_eq(policies_in_kernel(), 3);
	store_close(store);
	ck_assert_uint_eq(policies_in_kernel(), 0);
}
END_TEST

/* Policies go to the real kernel in any case; SAs too, or it is taken for granted that they do. */
START_TEST(test_real_policies)
{
	struct ike_ipsec_sa one = pair_of_sas(1), two = pair_of_sas(2);
	struct fault notice;

	if (!has_own_network())
		return;
	esp_is_pretended = true;
	store = store_open(STORE_XFRM, NULL, &notice, &fault);
	ck_assert_msg(store != NULL, "%s", fault.text);
	ck_assert_ptr_null(store_open(STORE_XFRM, NULL, &notice, &fault)); /* it is the only one */
	ck_assert_ptr_nonnull(strstr(fault.text, "another ruthere"));
	ck_assert_msg(change(IKE_IPSEC_ADDED, &one), "%s", fault.text);
	ck_assert_uint_eq(policies_in_kernel(), 3);
	ck_assert_msg(change(IKE_IPSEC_ADDED, &two), "%s", fault.text);
	ck_assert_uint_eq(policies_in_kernel(), 3);
	two.remote = address_of("203.0.113.9");
	ck_assert_msg(change(IKE_IPSEC_CHANGED, &two), "%s", fault.text);
	ck_assert(change(IKE_IPSEC_REMOVED, &two));
	ck_assert_uint_eq(policies_in_kernel(), 3);
	ck_assert(change(IKE_IPSEC_REMOVED, &one));
	ck_assert_uint_eq(policies_in_kernel(), 0);
	one.local = address_of("2001:db8::1");
	one.remote = address_of("2001:db8::2");
	one.transport = true;
	ck_assert_msg(change(IKE_IPSEC_ADDED, &one), "%s", fault.text);
	ck_assert_uint_eq(policies_in_kernel(), 2);
	store_close(store);
	ck_assert_uint_eq(policies_in_kernel(), 0);
}
END_TEST

/* What a crash has left is gone after the next start; another program's is not. */
START_TEST(test_real_sweep)
{
	const struct store_settings settings = {.device = {.name = "ruthere0", .pairs = 4}};
	struct store_pair pair = {.sa = pair_of_sas(1), .reqid = STORE_REQID_MARK | 99};
	struct netlink_message message;
	struct netlink netlink;
	struct fault notice;

	if (!has_own_network())
		return;
	store_selectors(&pair.sa, &pair.inside_local, &pair.inside_remote);
	ck_assert_msg(netlink_open(&netlink, NETLINK_XFRM, 0, &fault), "%s", fault.text);
	store_message_add_policy(&message, XFRM_MSG_NEWPOLICY, &pair, XFRM_POLICY_OUT);
	ck_assert_int_eq(netlink_do(&netlink, &message), 0);
	ck_assert_int_eq(netlink_do(&netlink, &message), EEXIST);
	pair.reqid = 99;
	store_message_add_policy(&message, XFRM_MSG_NEWPOLICY, &pair, XFRM_POLICY_IN);
	ck_assert_int_eq(netlink_do(&netlink, &message), 0);
	netlink_close(&netlink);
	ck_assert_uint_eq(policies_in_kernel(), 2);
	store_close(store_open(STORE_AUTO, &settings, &notice, &fault));
	ck_assert_uint_eq(policies_in_kernel(), 1);
}
END_TEST

START_TEST(test_real_sockets)
{
	struct fault notice;
	int ipv4, ipv6, encapsulation = 0;
	socklen_t length = sizeof(encapsulation);

	if (!has_own_network())
		return;
	esp_is_pretended = true;
	store = store_open(STORE_XFRM, NULL, &notice, &fault);
	ck_assert_msg(store != NULL, "%s", fault.text);
	ipv4 = socket(AF_INET, SOCK_DGRAM, 0);
	ipv6 = socket(AF_INET6, SOCK_DGRAM, 0);
	ck_assert_msg(store_socket(store, ipv4, IKE_FAMILY_IPV4, true, &fault), "%s", fault.text);
	ck_assert_int_eq(getsockopt(ipv4, IPPROTO_UDP, UDP_ENCAP, &encapsulation, &length), 0);
	ck_assert_int_eq(encapsulation, UDP_ENCAP_ESPINUDP);
	ck_assert_msg(store_socket(store, ipv6, IKE_FAMILY_IPV6, false, &fault), "%s", fault.text);
	ck_assert(!store_socket(store, -1, IKE_FAMILY_IPV4, false, &fault));
	ck_assert_ptr_nonnull(strstr(fault.text, "IKE's own packets"));
	close(ipv4);
	close(ipv6);
	store_close(store);
}
END_TEST

/* Without the capability: what it is that is missing. */
START_TEST(test_not_allowed)
{
	struct fault notice;

	if (!has_own_network() || setresuid(65534, 65534, 65534) != 0)
		return;
	ck_assert_ptr_null(store_open(STORE_XFRM, NULL, &notice, &fault));
	ck_assert_msg(strstr(fault.text, "CAP_NET_ADMIN") != NULL, "%s", fault.text);
}
END_TEST

UNIT_MAIN("store_kernel", test_real_kernel, test_real_policies, test_real_sweep, test_real_sockets,
	  test_not_allowed)
