/* SPDX-License-Identifier: ISC */
/*
 * store_sweep.h - takes away what an earlier run has left in the kernel, whose end nobody saw.
 */
#ifndef INTEROP_STORE_STORE_SWEEP_H
#define INTEROP_STORE_STORE_SWEEP_H

#include "interop/store/store_netlink.h"

/* Policies first, so that nothing is sent by the SAs meanwhile.  Only what has a reqid of ours (store_message.h). */
void store_sweep(struct netlink *netlink);

#endif
