/* SPDX-License-Identifier: ISC */
/*
 * store_userspace.c - this program's own ESP beneath a store (../esp/): for kernels that have none.
 */
#include "interop/node/clock.h"
#include "interop/store/store.h"

static void *open_device(const struct store_settings *settings, struct fault *fault)
{
	return esp_device_new(&settings->device, fault);
}

static bool apply(void *context, const struct store_table *table, const struct store_pair *before,
		  struct store_pair *after, struct fault *fault)
{
	struct esp_device *device = context;

	(void)table;
	if (after == NULL)
		esp_device_remove(device, &before->sa);
	else if (before == NULL)
		return esp_device_add(device, &after->sa, fault);
	else
		esp_device_change(device, &after->sa);
	return true;
}

static uint64_t wall_seconds(ike_time at)
{
	return at == IKE_NEVER ? 0 : (uint64_t)clock_wall(at).tv_sec;
}

static bool usage(void *context, const struct store_pair *pair, struct store_usage *usage)
{
	struct esp_usage used;

	if (!esp_plane_usage(esp_device_plane(context), pair->sa.number, &used))
		return false;
	*usage = (struct store_usage){.octets_in = used.octets_in,
				      .octets_out = used.octets_out,
				      .packets_in = used.packets_in,
				      .packets_out = used.packets_out,
				      .used_in = wall_seconds(used.used_in),
				      .used_out = wall_seconds(used.used_out)};
	return true;
}

static bool expired(void *context, const struct store_table *table, struct store_expiry *expiry)
{
	uint32_t number;

	while (esp_device_expired(context, &number, &expiry->hard)) {
		expiry->pair = store_table_find(table, number);
		if (expiry->pair != NULL)
			return true;
	}
	return false;
}

static struct esp_device *device(void *context)
{
	return context;
}

static void close_device(void *context, const struct store_table *table)
{
	(void)table;
	esp_device_free(context);
}

const struct store_operations store_userspace = {
    .name = "userspace",
    .meaning = "this program moves the packets of IPsec SAs itself",
    .open = open_device,
    .apply = apply,
    .usage = usage,
    .expired = expired,
    .device = device,
    .needs_net_admin = true,
    .close = close_device,
};
