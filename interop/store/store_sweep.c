/* SPDX-License-Identifier: ISC */
#include "interop/store/store_sweep.h"

#include <stdlib.h>

#include "interop/store/store_message.h"

struct sweep {
	struct netlink_message *message; /* what deletes, grown one by one; NULL: no memory */
	size_t count;
};

static struct netlink_message *one_more(struct sweep *sweep)
{
	struct netlink_message *grown =
	    realloc(sweep->message, (sweep->count + 1) * sizeof(*grown));

	if (grown == NULL)
		return NULL;
	sweep->message = grown;
	return &grown[sweep->count++];
}

static bool is_ours(uint32_t reqid)
{
	return (reqid & STORE_REQID_MASK) == STORE_REQID_MARK;
}

static void sweep_sa(void *context, const struct nlmsghdr *header)
{
	const struct xfrm_usersa_info *info = netlink_payload(header, sizeof(*info));
	struct netlink_message *message;

	if (info == NULL || !is_ours(info->reqid) || info->id.proto != IPPROTO_ESP)
		return;
	message = one_more(context);
	if (message != NULL)
		store_message_delete_listed_sa(message, info);
}

static void sweep_policy(void *context, const struct nlmsghdr *header)
{
	const struct xfrm_userpolicy_info *info = netlink_payload(header, sizeof(*info));
	const struct xfrm_user_tmpl *template;
	struct netlink_message *message;

	template = netlink_find(header, sizeof(*info), XFRMA_TMPL, sizeof(*template));
	if (info == NULL || template == NULL || !is_ours(template->reqid))
		return;
	message = one_more(context);
	if (message != NULL)
		store_message_delete_listed_policy(message, info);
}

static void sweep_list(struct netlink *netlink, uint16_t type, size_t payload, netlink_each *each)
{
	struct sweep sweep = {.count = 0};
	struct netlink_message message;

	(void)netlink_begin(&message, type, 0, payload);
	(void)netlink_list(netlink, &message, each, &sweep);
	for (size_t i = 0; i < sweep.count; i++)
		(void)netlink_do(netlink, &sweep.message[i]);
	free(sweep.message);
}

void store_sweep(struct netlink *netlink)
{
	sweep_list(netlink, XFRM_MSG_GETPOLICY, sizeof(struct xfrm_userpolicy_id), sweep_policy);
	sweep_list(netlink, XFRM_MSG_GETSA, sizeof(struct xfrm_usersa_id), sweep_sa);
}
