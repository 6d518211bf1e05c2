/* SPDX-License-Identifier: ISC */
#include "tests/support/unit.h"

#include <string.h>

#include "interop/store/store_message.h"
#include "interop/store/store_sweep.h"
#include "tests/support/fake_kernel.h"

static struct fake_kernel kernel;
static struct netlink_message message;

static void list_policy(uint32_t reqid, uint32_t index, bool with_template)
{
	struct xfrm_userpolicy_info *info =
	    netlink_begin(&message, XFRM_MSG_NEWPOLICY, NLM_F_MULTI, sizeof(*info));

	info->index = index;
	if (with_template) {
		struct xfrm_user_tmpl *template =
		    netlink_add(&message, XFRMA_TMPL, sizeof(*template));

		template->reqid = reqid;
	}
	fake_kernel_answer(&kernel, &message, false);
}

static void list_sa(uint32_t reqid, uint32_t spi, uint8_t protocol)
{
	struct xfrm_usersa_info *info =
	    netlink_begin(&message, XFRM_MSG_NEWSA, NLM_F_MULTI, sizeof(*info));

	info->reqid = reqid;
	info->id.spi = spi;
	info->id.proto = protocol;
	fake_kernel_answer(&kernel, &message, false);
}

static void list_end(void)
{
	(void)netlink_begin(&message, NLMSG_DONE, NLM_F_MULTI, 4);
	fake_kernel_answer(&kernel, &message, true);
}

static void sweep(void)
{
	struct netlink netlink = {.descriptor = kernel.theirs};

	store_sweep(&netlink);
	netlink_close(&netlink);
}

START_TEST(test_nothing_there)
{
	fake_kernel_open(&kernel);
	list_end();
	list_end();
	sweep();
	ck_assert_uint_eq(fake_kernel_asked_type(&kernel), XFRM_MSG_GETPOLICY);
	ck_assert_uint_eq(fake_kernel_asked_type(&kernel), XFRM_MSG_GETSA);
	ck_assert_uint_eq(fake_kernel_asked_type(&kernel), 0);
	fake_kernel_close(&kernel);
}
END_TEST

/* Those of other programs stay: other reqids, none, no template at all. */
START_TEST(test_only_ours)
{
	const struct xfrm_userpolicy_id *policy;
	const struct xfrm_usersa_id *sa;

	fake_kernel_open(&kernel);
	list_policy(0, 1, true);
	list_policy(STORE_REQID_MARK | 5, 2, true);
	list_policy(0, 3, false);
	list_policy(STORE_REQID_MARK + STORE_REQID_MARK, 4, true);
	list_end();
	fake_kernel_acks(&kernel, 1);
	list_sa(1, 10, IPPROTO_ESP);
	list_sa(STORE_REQID_MARK | 1, 11, IPPROTO_AH);
	list_sa(STORE_REQID_MARK | 0xfffff, 12, IPPROTO_ESP);
	list_end();
	fake_kernel_acks(&kernel, 1);
	sweep();
	ck_assert_uint_eq(fake_kernel_asked_type(&kernel), XFRM_MSG_GETPOLICY);
	ck_assert(fake_kernel_asked(&kernel, &message));
	ck_assert_uint_eq(message.as.header.nlmsg_type, XFRM_MSG_DELPOLICY);
	policy = netlink_payload(&message.as.header, sizeof(*policy));
	ck_assert_uint_eq(policy->index, 2);
	ck_assert_uint_eq(fake_kernel_asked_type(&kernel), XFRM_MSG_GETSA);
	ck_assert(fake_kernel_asked(&kernel, &message));
	ck_assert_uint_eq(message.as.header.nlmsg_type, XFRM_MSG_DELSA);
	sa = netlink_payload(&message.as.header, sizeof(*sa));
	ck_assert_uint_eq(sa->spi, 12);
	ck_assert_uint_eq(fake_kernel_asked_type(&kernel), 0);
	fake_kernel_close(&kernel);
}
END_TEST

START_TEST(test_cut_short)
{
	fake_kernel_open(&kernel);
	(void)netlink_begin(&message, XFRM_MSG_NEWPOLICY, NLM_F_MULTI, 8);
	fake_kernel_answer(&kernel, &message, false);
	list_end();
	(void)netlink_begin(&message, XFRM_MSG_NEWSA, NLM_F_MULTI, 8);
	fake_kernel_answer(&kernel, &message, false);
	list_end();
	sweep();
	ck_assert_uint_eq(fake_kernel_asked_type(&kernel), XFRM_MSG_GETPOLICY);
	ck_assert_uint_eq(fake_kernel_asked_type(&kernel), XFRM_MSG_GETSA);
	ck_assert_uint_eq(fake_kernel_asked_type(&kernel), 0);
	fake_kernel_close(&kernel);
}
END_TEST

UNIT_MAIN("store_sweep", test_nothing_there, test_only_ours, test_cut_short)
