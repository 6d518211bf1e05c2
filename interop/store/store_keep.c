/* SPDX-License-Identifier: ISC */
/*
 * store_keep.c - nobody beneath: the store's table is all there is.  For instruments and tests, and where the kernel has no ESP.
 */
#include "interop/store/store.h"

static int nobody; /* open() must give something */

static void *open_nothing(const struct store_settings *settings, struct fault *fault)
{
	(void)settings;
	(void)fault;
	return &nobody;
}

static bool apply(void *context, const struct store_table *table, const struct store_pair *before,
		  struct store_pair *after, struct fault *fault)
{
	(void)context;
	(void)table;
	(void)before;
	(void)after;
	(void)fault;
	return true;
}

static void close_nothing(void *context, const struct store_table *table)
{
	(void)context;
	(void)table;
}

const struct store_operations store_keep = {
    .name = "keep",
    .meaning = "IPsec SAs are kept, and move no packet",
    .open = open_nothing,
    .apply = apply,
    .close = close_nothing,
};
