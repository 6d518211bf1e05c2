/* SPDX-License-Identifier: ISC */
#include "tests/support/unit.h"

#include <errno.h>
#include <linux/rtnetlink.h>
#include <linux/xfrm.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "tests/support/fake_kernel.h"

static struct fake_kernel kernel;
static struct netlink netlink;
static struct netlink_message message, answer;

static void begin(void)
{
	const struct timeval moment = {.tv_usec = 1000};

	fake_kernel_open(&kernel);
	netlink = (struct netlink){.descriptor = kernel.theirs};
	ck_assert_int_eq(
	    setsockopt(kernel.theirs, SOL_SOCKET, SO_RCVTIMEO, &moment, sizeof(moment)), 0);
	(void)netlink_begin(&message, XFRM_MSG_DELSA, 0, 24);
}

static void end(void)
{
	netlink_close(&netlink);
	netlink_close(&netlink); /* once more: nothing */
	fake_kernel_close(&kernel);
}

/* ---- messages ------------------------------------------------------------------------------------------------------ */

START_TEST(test_built)
{
	uint8_t *octets = netlink_begin(&message, 0x1234, NLM_F_EXCL, 5);

	memset(octets, 0xaa, 5);
	memset(netlink_add(&message, 7, 3), 0xbb, 3);
	memset(netlink_add(&message, 8, 4), 0xcc, 4);
	unit_assert_hex(octets_of(message.as.octets, message.as.header.nlmsg_len),
			"28000000 3412 0102 00000000 00000000 aaaaaaaaaa000000"
			"0700 0700 bbbbbb00 0800 0800 cccccccc");
}
END_TEST

START_TEST(test_found)
{
	uint8_t value;

	(void)netlink_begin(&message, 1, 0, 6);
	*(uint8_t *)netlink_add(&message, 7, 1) = 1;
	*(uint8_t *)netlink_add(&message, 8, 5) = 2;
	ck_assert_ptr_null(netlink_find(&message.as.header, 6, 9, 0));
	ck_assert_ptr_null(netlink_find(&message.as.header, 6, 8, 6)); /* too short */
	memcpy(&value, netlink_find(&message.as.header, 6, 8, 5), 1);
	ck_assert_uint_eq(value, 2);
	ck_assert_ptr_nonnull(netlink_payload(&message.as.header, 6));
	message.as.header.nlmsg_len = NLMSG_HDRLEN + 5;
	ck_assert_ptr_null(netlink_payload(&message.as.header, 6));
	ck_assert_ptr_null(netlink_find(&message.as.header, 6, 7, 0));
}
END_TEST

START_TEST(test_attributes_in_attributes)
{
	uint8_t *outer, *inner;

	(void)netlink_begin(&message, 1, 0, 4);
	outer = netlink_add(&message, 7, 0);
	inner = netlink_add(&message, 8, 0);
	*(uint8_t *)netlink_add(&message, 9, 1) = 0xee;
	netlink_enclose(&message, inner);
	netlink_enclose(&message, outer);
	*(uint8_t *)netlink_add(&message, 10, 1) = 0xdd;
	unit_assert_hex(octets_of(outer - NLA_HDRLEN, 24),
			"1000 0700 0c00 0800 0500 0900 ee000000 0500 0a00 dd000000");
}
END_TEST

START_TEST(test_attributes_that_lie)
{
	struct nlattr *attribute;

	(void)netlink_begin(&message, 1, 0, 4);
	attribute = (void *)((uint8_t *)netlink_add(&message, 7, 1) - NLA_HDRLEN);
	attribute->nla_len = 3; /* would never end */
	ck_assert_ptr_null(netlink_find(&message.as.header, 4, 8, 0));
	attribute->nla_len = 9; /* beyond the message */
	ck_assert_ptr_null(netlink_find(&message.as.header, 4, 7, 0));
}
END_TEST

/* ---- questions ----------------------------------------------------------------------------------------------------- */

START_TEST(test_done)
{
	begin();
	fake_kernel_acks(&kernel, 2);
	ck_assert_int_eq(netlink_do(&netlink, &message), 0);
	ck_assert_int_eq(netlink_do(&netlink, &message), 0);
	ck_assert(fake_kernel_asked(&kernel, &answer));
	ck_assert_uint_eq(answer.as.header.nlmsg_seq, 1);
	ck_assert_uint_eq(answer.as.header.nlmsg_flags, NLM_F_REQUEST | NLM_F_ACK);
	ck_assert(fake_kernel_asked(&kernel, &answer));
	ck_assert_uint_eq(answer.as.header.nlmsg_seq, 2);
	end();
}
END_TEST

START_TEST(test_refused)
{
	begin();
	fake_kernel_ack(&kernel, EPROTONOSUPPORT);
	ck_assert_int_eq(netlink_do(&netlink, &message), EPROTONOSUPPORT);
	ck_assert_str_eq(netlink.said, "");
	end();
}
END_TEST

START_TEST(test_refused_in_words)
{
	static const char words[] = "Requested mode not found";
	struct nlmsgerr *error;

	begin();
	error = netlink_begin(&answer, NLMSG_ERROR, NLM_F_CAPPED | NLM_F_ACK_TLVS, sizeof(*error));
	error->error = -EINVAL;
	memcpy(netlink_add(&answer, NLMSGERR_ATTR_MSG, sizeof(words)), words, sizeof(words));
	fake_kernel_answer(&kernel, &answer, true);
	ck_assert_int_eq(netlink_do(&netlink, &message), EINVAL);
	ck_assert_str_eq(netlink.said, words);
	fake_kernel_ack(&kernel, 0);
	ck_assert_int_eq(netlink_do(&netlink, &message), 0);
	ck_assert_str_eq(netlink.said, "");
	end();
}
END_TEST

START_TEST(test_no_answer)
{
	begin();
	ck_assert_int_eq(netlink_do(&netlink, &message), ETIMEDOUT);
	/* the late answer to the first question is not the second one's */
	fake_kernel_ack(&kernel, EEXIST);
	fake_kernel_ack(&kernel, 0);
	ck_assert_int_eq(netlink_do(&netlink, &message), 0);
	end();
}
END_TEST

START_TEST(test_broken_answers)
{
	struct nlmsghdr broken = {.nlmsg_len = 400, .nlmsg_seq = 1};

	begin();
	fake_kernel_send(&kernel, &broken, 7);
	ck_assert_int_eq(netlink_do(&netlink, &message), EBADMSG);
	fake_kernel_send(&kernel, &broken, sizeof(broken)); /* says that it is longer than it is */
	ck_assert_int_eq(netlink_do(&netlink, &message), EBADMSG);
	broken.nlmsg_len = 3;
	fake_kernel_send(&kernel, &broken, sizeof(broken));
	ck_assert_int_eq(netlink_do(&netlink, &message), EBADMSG);
	(void)netlink_begin(&answer, NLMSG_ERROR, 0, 2);
	kernel.answered = netlink.sequence;
	fake_kernel_answer(&kernel, &answer, true);
	ck_assert_int_eq(netlink_do(&netlink, &message), EBADMSG);
	(void)netlink_begin(&answer, XFRM_MSG_NEWSA, 0, 24); /* something, but no acknowledgement */
	fake_kernel_answer(&kernel, &answer, true);
	ck_assert_int_eq(netlink_do(&netlink, &message), EBADMSG);
	close(kernel.ours);
	ck_assert_int_ne(netlink_do(&netlink, &message), 0);
	netlink_close(&netlink);
}
END_TEST

START_TEST(test_got)
{
	begin();
	(void)netlink_begin(&message, XFRM_MSG_NEWSA, 0, 224);
	fake_kernel_answer(&kernel, &message, true);
	(void)netlink_begin(&message, XFRM_MSG_GETSA, 0, 24);
	ck_assert_int_eq(netlink_get(&netlink, &message, &answer), 0);
	ck_assert_uint_eq(answer.as.header.nlmsg_type, XFRM_MSG_NEWSA);
	fake_kernel_ack(&kernel, ESRCH);
	ck_assert_int_eq(netlink_get(&netlink, &message, &answer), ESRCH);
	end();
}
END_TEST

/* ---- lists --------------------------------------------------------------------------------------------------------- */

static void count_types(void *context, const struct nlmsghdr *header)
{
	unsigned *count = context;

	ck_assert_uint_eq(header->nlmsg_type, XFRM_MSG_NEWSA);
	(*count)++;
}

START_TEST(test_list)
{
	uint8_t two[64] = {0};
	struct nlmsghdr *header = (void *)two;
	unsigned count = 0;

	begin();
	*header = (struct nlmsghdr){.nlmsg_len = 30, .nlmsg_type = XFRM_MSG_NEWSA, .nlmsg_seq = 1};
	memcpy(two + 32, header, sizeof(*header)); /* after two octets of padding */
	fake_kernel_send(&kernel, two, 62);
	header->nlmsg_seq = 77; /* not of this list */
	fake_kernel_send(&kernel, two, 30);
	(void)netlink_begin(&answer, NLMSG_DONE, NLM_F_MULTI, 4);
	fake_kernel_answer(&kernel, &answer, true);
	ck_assert_int_eq(netlink_list(&netlink, &message, count_types, &count), 0);
	ck_assert_uint_eq(count, 2);
	ck_assert(fake_kernel_asked(&kernel, &answer));
	ck_assert_uint_eq(answer.as.header.nlmsg_flags & NLM_F_DUMP, NLM_F_DUMP);
	end();
}
END_TEST

START_TEST(test_lists_that_fail)
{
	struct nlmsghdr broken = {.nlmsg_len = 400, .nlmsg_seq = 2};
	unsigned count = 0;

	begin();
	fake_kernel_ack(&kernel, EPERM);
	ck_assert_int_eq(netlink_list(&netlink, &message, count_types, &count), EPERM);
	fake_kernel_send(&kernel, &broken, sizeof(broken));
	ck_assert_int_eq(netlink_list(&netlink, &message, count_types, &count), EBADMSG);
	ck_assert_int_eq(netlink_list(&netlink, &message, count_types, &count), ETIMEDOUT);
	ck_assert_uint_eq(count, 0);
	end();
}
END_TEST

START_TEST(test_heard)
{
	begin();
	ck_assert(!netlink_hear(&netlink, &answer));
	(void)netlink_begin(&message, XFRM_MSG_EXPIRE, 0, 232);
	fake_kernel_answer(&kernel, &message, true);
	ck_assert(netlink_hear(&netlink, &answer));
	ck_assert_uint_eq(answer.as.header.nlmsg_type, XFRM_MSG_EXPIRE);
	fake_kernel_send(&kernel, "short", 5);
	ck_assert(!netlink_hear(&netlink, &answer));
	end();
}
END_TEST

/* ---- the real kernel ----------------------------------------------------------------------------------------------- */

START_TEST(test_no_such_part)
{
	struct fault fault;

	ck_assert(!netlink_open(&netlink, MAX_LINKS - 1, 0, &fault));
	ck_assert_ptr_nonnull(strstr(fault.text, strerror(EPROTONOSUPPORT)));
	ck_assert_int_eq(netlink.descriptor, -1);
}
END_TEST

static void look_for_loopback(void *context, const struct nlmsghdr *header)
{
	const char *name = netlink_find(header, sizeof(struct ifinfomsg), IFLA_IFNAME, 3);

	*(bool *)context |= name != NULL && strcmp(name, "lo") == 0;
}

/* Who only asks needs no privilege. */
START_TEST(test_routes)
{
	struct fault fault;
	bool found = false;

	ck_assert_msg(netlink_open(&netlink, NETLINK_ROUTE, 0, &fault), "%s", fault.text);
	(void)netlink_begin(&message, RTM_GETLINK, 0, sizeof(struct ifinfomsg));
	ck_assert_int_eq(netlink_list(&netlink, &message, look_for_loopback, &found), 0);
	ck_assert(found);
	netlink_close(&netlink);
}
END_TEST

UNIT_MAIN("store_netlink", test_no_such_part, test_routes, test_attributes_in_attributes,
	  test_built, test_found, test_attributes_that_lie, test_done, test_refused,
	  test_refused_in_words, test_no_answer, test_broken_answers, test_got, test_list,
	  test_lists_that_fail, test_heard)
