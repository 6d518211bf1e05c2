/* SPDX-License-Identifier: ISC */
/*
 * store_xfrm.h - for tests: what is beneath the xfrm store, on sockets whose other end is no kernel.
 */
#ifndef INTEROP_STORE_STORE_XFRM_H
#define INTEROP_STORE_STORE_XFRM_H

struct xfrm;

/* A context for the operations of `store_xfrm` other than open(); takes the descriptors (-1: none).  NULL: no memory. */
struct xfrm *store_xfrm_on(int asks, int hears);

#endif
