/* SPDX-License-Identifier: ISC */
/*
 * test_store_xfrm.c - what the kernel is asked to do, and in which order, by a kernel that is none.  The real one is met
 * in test_store_kernel.c.
 */
#include "tests/support/unit.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "interop/store/store.h"
#include "interop/store/store_message.h"
#include "interop/store/store_xfrm.h"
#include "tests/support/fake_kernel.h"
#include "tests/support/pairs.h"

static struct fake_kernel kernel, events;
static struct store *store;
static struct fault fault;

static void *open_fake(const struct store_settings *settings, struct fault *why)
{
	(void)settings;
	(void)why;
	fake_kernel_open(&kernel);
	fake_kernel_open(&events);
	return store_xfrm_on(kernel.theirs, events.theirs);
}

static void begin(void)
{
	static struct store_operations fake;

	fake = store_xfrm;
	fake.open = open_fake;
	store = store_on(&fake, NULL, &fault);
	ck_assert_ptr_nonnull(store);
}

static void end(void)
{
	fake_kernel_acks(&kernel, 20);
	store_close(store);
	fake_kernel_close(&kernel);
	fake_kernel_close(&events);
}

static bool change(enum ike_ipsec_change_kind kind, const struct ike_ipsec_sa *sa)
{
	const struct ike_ipsec_change one = {.kind = kind, .sa = *sa};

	return store_apply(store, &one, &fault);
}

/*
 * What was asked, one word a message: "+in" and "+out" add SAs by their SPI (odd thousands come in), "-in", "-out", "?in"
 * delete and ask for them, "new0", "turn1", "del2" are policies in, out, forward.  A reqid is checked to be `reqid`.
 */
static void expect_asked(const char *words, uint32_t reqid)
{
	static const char *const names[] = {
	    [XFRM_MSG_NEWSA] = "+",        [XFRM_MSG_DELSA] = "-",
	    [XFRM_MSG_GETSA] = "?",        [XFRM_MSG_NEWPOLICY] = "new",
	    [XFRM_MSG_UPDPOLICY] = "turn", [XFRM_MSG_DELPOLICY] = "del",
	};
	struct netlink_message message;
	char got[256] = "";

	while (fake_kernel_asked(&kernel, &message)) {
		uint16_t type = message.as.header.nlmsg_type;
		const struct xfrm_usersa_info *info = NLMSG_DATA(&message.as.header);
		const struct xfrm_usersa_id *id = NLMSG_DATA(&message.as.header);
		const struct xfrm_userpolicy_info *policy = NLMSG_DATA(&message.as.header);
		const struct xfrm_userpolicy_id *policy_id = NLMSG_DATA(&message.as.header);
		size_t length = strlen(got);
		uint32_t spi = type == XFRM_MSG_NEWSA ? info->id.spi : id->spi;
		uint32_t dir = type == XFRM_MSG_DELPOLICY ? policy_id->dir : policy->dir;

		if (type == XFRM_MSG_NEWSA)
			ck_assert_uint_eq(info->reqid, reqid);
		if (type == XFRM_MSG_NEWSA || type == XFRM_MSG_DELSA || type == XFRM_MSG_GETSA)
			snprintf(got + length, sizeof(got) - length, " %s%s%x", names[type],
				 ntohl(spi) < 0x2000 ? "in" : "out", ntohl(spi) & 0xfff);
		else
			snprintf(got + length, sizeof(got) - length, " %s%u", names[type], dir);
	}
	ck_assert_str_eq(got[0] == ' ' ? got + 1 : got, words);
}

#define FIRST  (STORE_REQID_MARK | 1)
#define SECOND (STORE_REQID_MARK | 2)

/* ---- refusals ------------------------------------------------------------------------------------------------------ */

START_TEST(test_first_sa_refused)
{
	const struct ike_ipsec_sa sa = pair_of_sas(1);

	begin();
	fake_kernel_ack(&kernel, EPROTONOSUPPORT);
	ck_assert(!change(IKE_IPSEC_ADDED, &sa));
	ck_assert_ptr_nonnull(strstr(fault.text, "an SA to receive"));
	ck_assert_ptr_nonnull(strstr(fault.text, "modprobe esp4"));
	expect_asked("+in1", FIRST);
	end();
}
END_TEST

START_TEST(test_second_sa_refused)
{
	const struct ike_ipsec_sa sa = pair_of_sas(1);

	begin();
	fake_kernel_ack(&kernel, 0);
	fake_kernel_ack(&kernel, ENOSYS);
	fake_kernel_ack(&kernel, 0);
	ck_assert(!change(IKE_IPSEC_ADDED, &sa));
	ck_assert_ptr_nonnull(strstr(fault.text, "an SA to send"));
	ck_assert_ptr_nonnull(strstr(fault.text, "lacks one of the algorithms"));
	expect_asked("+in1 +out1 -in1", FIRST);
	end();
}
END_TEST

/* Another program's policy is never taken over. */
START_TEST(test_policy_refused)
{
	const struct ike_ipsec_sa sa = pair_of_sas(1);

	begin();
	fake_kernel_acks(&kernel, 3);
	fake_kernel_ack(&kernel, EEXIST);
	fake_kernel_acks(&kernel, 3);
	ck_assert(!change(IKE_IPSEC_ADDED, &sa));
	ck_assert_ptr_nonnull(strstr(fault.text, "another program has one like it"));
	expect_asked("+in1 +out1 new1 new0 del1 -in1 -out1", FIRST);
	end();
}
END_TEST

START_TEST(test_turn_refused)
{
	const struct ike_ipsec_sa one = pair_of_sas(1), two = pair_of_sas(2);

	begin();
	fake_kernel_acks(&kernel, 5);
	ck_assert(change(IKE_IPSEC_ADDED, &one));
	expect_asked("+in1 +out1 new1 new0 new2", FIRST);
	fake_kernel_acks(&kernel, 3);
	fake_kernel_ack(&kernel, ENOMEM);
	fake_kernel_acks(&kernel, 5);
	ck_assert(!change(IKE_IPSEC_ADDED, &two));
	/* back to the first one */
	expect_asked("+in2 +out2 turn1 turn0 turn1 turn0 turn2 -in2 -out2", FIRST);
	end();
}
END_TEST

START_TEST(test_strange_algorithm)
{
	struct ike_ipsec_sa sa = pair_of_sas(1);

	begin();
	sa.proposal.encryption = IKE_ESP_TRANSFORM_NULL;
	ck_assert(!change(IKE_IPSEC_ADDED, &sa));
	ck_assert_ptr_nonnull(strstr(fault.text, "algorithms"));
	expect_asked("", FIRST);
	end();
}
END_TEST

/* ---- lives --------------------------------------------------------------------------------------------------------- */

START_TEST(test_a_life)
{
	const struct ike_ipsec_sa sa = pair_of_sas(1);

	begin();
	fake_kernel_acks(&kernel, 10);
	ck_assert_msg(change(IKE_IPSEC_ADDED, &sa), "%s", fault.text);
	expect_asked("+in1 +out1 new1 new0 new2", FIRST);
	ck_assert(change(IKE_IPSEC_REMOVED, &sa));
	expect_asked("del1 del0 del2 -in1 -out1", FIRST);
	end();
}
END_TEST

START_TEST(test_transport_mode_forwards_nothing)
{
	struct ike_ipsec_sa sa = pair_of_sas(1);

	begin();
	sa.transport = true;
	fake_kernel_acks(&kernel, 8);
	ck_assert(change(IKE_IPSEC_ADDED, &sa));
	expect_asked("+in1 +out1 new1 new0", FIRST);
	ck_assert(change(IKE_IPSEC_REMOVED, &sa));
	expect_asked("del1 del0 -in1 -out1", FIRST);
	end();
}
END_TEST

/* The policies turn to the new pair; the old one sends no more, still receives, and goes without them. */
START_TEST(test_renewal)
{
	struct ike_ipsec_sa one = pair_of_sas(1), two = pair_of_sas(2);

	begin();
	fake_kernel_acks(&kernel, 12);
	ck_assert(change(IKE_IPSEC_ADDED, &one));
	expect_asked("+in1 +out1 new1 new0 new2", FIRST);
	ck_assert(change(IKE_IPSEC_ADDED, &two));
	expect_asked("+in2 +out2 turn1 turn0 turn2", FIRST);
	one.superseded = true;
	ck_assert(change(IKE_IPSEC_CHANGED, &one));
	expect_asked("-out1", FIRST);
	ck_assert(change(IKE_IPSEC_REMOVED, &one));
	expect_asked("-in1", FIRST);
	end();
}
END_TEST

/* A new pair that fails early: the policies turn back. */
START_TEST(test_the_newer_goes_first)
{
	const struct ike_ipsec_sa one = pair_of_sas(1), two = pair_of_sas(2);

	begin();
	fake_kernel_acks(&kernel, 15);
	ck_assert(change(IKE_IPSEC_ADDED, &one));
	ck_assert(change(IKE_IPSEC_ADDED, &two));
	expect_asked("+in1 +out1 new1 new0 new2 +in2 +out2 turn1 turn0 turn2", FIRST);
	ck_assert(change(IKE_IPSEC_REMOVED, &two));
	expect_asked("turn1 turn0 turn2 -in2 -out2", FIRST);
	end();
}
END_TEST

START_TEST(test_other_selectors_have_their_own_reqid)
{
	struct ike_ipsec_sa one = pair_of_sas(1), two = pair_of_sas(2);

	begin();
	fake_kernel_acks(&kernel, 10);
	ck_assert(change(IKE_IPSEC_ADDED, &one));
	expect_asked("+in1 +out1 new1 new0 new2", FIRST);
	set_selector(&two.inside_remote, "10.3.0.0/16", 0, 0);
	ck_assert(change(IKE_IPSEC_ADDED, &two));
	expect_asked("+in2 +out2 new1 new0 new2", SECOND);
	end();
}
END_TEST

static void answer_state(uint32_t seen)
{
	struct netlink_message message;
	struct xfrm_usersa_info *info = netlink_begin(&message, XFRM_MSG_NEWSA, 0, sizeof(*info));
	struct xfrm_replay_state *replay;

	info->curlft.bytes = 1000 + seen;
	replay = netlink_add(&message, XFRMA_REPLAY_VAL, sizeof(*replay));
	replay->oseq = seen;
	fake_kernel_answer(&kernel, &message, true);
}

/* The numbers go on, or the peer would take what follows for replays. */
START_TEST(test_moved)
{
	struct ike_ipsec_sa sa = pair_of_sas(1);
	struct netlink_message message;
	const struct xfrm_replay_state *replay;

	begin();
	fake_kernel_acks(&kernel, 5);
	ck_assert(change(IKE_IPSEC_ADDED, &sa));
	expect_asked("+in1 +out1 new1 new0 new2", FIRST);
	answer_state(7);
	answer_state(8);
	fake_kernel_acks(&kernel, 7);
	sa.encapsulated = true;
	sa.remote = address_of("203.0.113.9:4500");
	sa.local.port = 4500;
	ck_assert_msg(change(IKE_IPSEC_CHANGED, &sa), "%s", fault.text);
	for (int i = 0; i < 5; i++)
		ck_assert(fake_kernel_asked(&kernel, &message));
	replay = netlink_find(&message.as.header, sizeof(struct xfrm_usersa_info), XFRMA_REPLAY_VAL,
			      sizeof(*replay));
	ck_assert_ptr_nonnull(replay);
	ck_assert_uint_eq(replay->oseq, 7);
	expect_asked("+out1 turn1 turn0 turn2", FIRST);
	end();
}
END_TEST

START_TEST(test_moved_in_vain)
{
	struct ike_ipsec_sa sa = pair_of_sas(1);

	begin();
	fake_kernel_acks(&kernel, 5);
	ck_assert(change(IKE_IPSEC_ADDED, &sa));
	expect_asked("+in1 +out1 new1 new0 new2", FIRST);
	fake_kernel_ack(&kernel, ESRCH);
	fake_kernel_ack(&kernel, ESRCH);
	fake_kernel_acks(&kernel, 2);
	fake_kernel_ack(&kernel, EINVAL);
	fake_kernel_acks(&kernel, 3);
	sa.remote = address_of("203.0.113.9");
	ck_assert(!change(IKE_IPSEC_CHANGED, &sa));
	expect_asked("?in1 ?out1 -in1 -out1 +in1 del1 del0 del2", FIRST);
	ck_assert_uint_eq(store_table_count(store_pairs(store)), 0);
	end();
}
END_TEST

/* In transport mode the selectors move too: the new policies are there before the old ones go. */
START_TEST(test_moved_in_transport_mode)
{
	struct ike_ipsec_sa sa = pair_of_sas(1);

	begin();
	sa.transport = true;
	fake_kernel_acks(&kernel, 4);
	ck_assert(change(IKE_IPSEC_ADDED, &sa));
	expect_asked("+in1 +out1 new1 new0", FIRST);
	answer_state(7);
	answer_state(8);
	fake_kernel_acks(&kernel, 8);
	sa.remote = address_of("203.0.113.9");
	ck_assert(change(IKE_IPSEC_CHANGED, &sa));
	expect_asked("?in1 ?out1 -in1 -out1 +in1 +out1 new1 new0 del1 del0", SECOND);
	end();
}
END_TEST

START_TEST(test_the_end_takes_all_away)
{
	const struct ike_ipsec_sa sa = pair_of_sas(1);

	begin();
	fake_kernel_acks(&kernel, 10);
	ck_assert(change(IKE_IPSEC_ADDED, &sa));
	expect_asked("+in1 +out1 new1 new0 new2", FIRST);
	store_close(store);
	expect_asked("del1 del0 del2 -in1 -out1", FIRST);
	fake_kernel_close(&kernel);
	fake_kernel_close(&events);
}
END_TEST

START_TEST(test_usage)
{
	const struct ike_ipsec_sa sa = pair_of_sas(1);
	const struct store_pair *pair;
	struct store_usage usage;

	begin();
	fake_kernel_acks(&kernel, 5);
	ck_assert(change(IKE_IPSEC_ADDED, &sa));
	pair = store_table_find(store_pairs(store), 1);
	answer_state(3);
	answer_state(4);
	ck_assert(store_usage(store, pair, &usage));
	ck_assert_uint_eq(usage.octets_in, 1003);
	ck_assert_uint_eq(usage.octets_out, 1004);
	fake_kernel_ack(&kernel, ESRCH);
	ck_assert(!store_usage(store, pair, &usage));
	end();
}
END_TEST

/* ---- expiry -------------------------------------------------------------------------------------------------------- */

static void expire(uint32_t reqid, uint32_t spi, uint8_t hard)
{
	struct netlink_message message;
	struct xfrm_user_expire *said = netlink_begin(&message, XFRM_MSG_EXPIRE, 0, sizeof(*said));

	said->state.reqid = reqid;
	said->state.id.spi = htonl(spi);
	said->hard = hard;
	fake_kernel_answer(&events, &message, true);
}

START_TEST(test_expiry)
{
	const struct ike_ipsec_sa sa = pair_of_sas(1);
	struct netlink_message message;
	struct store_expiry expiry;

	begin();
	fake_kernel_acks(&kernel, 5);
	ck_assert(change(IKE_IPSEC_ADDED, &sa));
	expire(7, 0x1001, 1);                    /* another program's */
	expire(STORE_REQID_MARK | 9, 0x1001, 1); /* nobody's any more */
	expire(FIRST, 0x1002, 1);
	(void)netlink_begin(&message, XFRM_MSG_POLEXPIRE, 0, 300);
	fake_kernel_answer(&events, &message, true);
	(void)netlink_begin(&message, XFRM_MSG_EXPIRE, 0, 8);
	fake_kernel_answer(&events, &message, true);
	ck_assert(!store_expired(store, &expiry));
	expire(FIRST, 0x2001, 0);
	expire(FIRST, 0x1001, 1);
	ck_assert_int_eq(store_descriptor(store), events.theirs);
	ck_assert(store_expired(store, &expiry));
	ck_assert_uint_eq(expiry.pair->sa.number, 1);
	ck_assert(!expiry.hard);
	ck_assert(store_expired(store, &expiry));
	ck_assert(expiry.hard);
	ck_assert(!store_expired(store, &expiry));
	end();
}
END_TEST

UNIT_MAIN("store_xfrm", test_first_sa_refused, test_second_sa_refused, test_policy_refused,
	  test_turn_refused, test_strange_algorithm, test_a_life,
	  test_transport_mode_forwards_nothing, test_renewal, test_the_newer_goes_first,
	  test_other_selectors_have_their_own_reqid, test_moved, test_moved_in_vain,
	  test_moved_in_transport_mode, test_the_end_takes_all_away, test_usage, test_expiry)
