/* SPDX-License-Identifier: ISC */
/*
 * privileges.h - what a process may do beyond its user's own files, given up for good.
 */
#ifndef INTEROP_PRIVILEGES_H
#define INTEROP_PRIVILEGES_H

#include "interop/fault.h"

#define PRIVILEGES_USER 64 /* octets of a user's name, terminated */

/*
 * As root: becomes `user`, with that user's group and no other.  As anybody: drops every capability from every set, and
 * sees to it that no program and no set-user-ID bit can bring one back (PR_SET_NO_NEW_PRIVS).  Afterwards it has been tried
 * whether root can be had again.  False: see fault; the process may be half way, and should end.
 *
 * `keep_net_admin`: CAP_NET_ADMIN stays, effective and permitted, because the kernel asks for it at every message about IPsec
 * SAs and not only when the socket is opened.  It cannot be passed on.
 *
 * `name` is filled with the user that the process runs as.
 */
bool privileges_drop(const char *user, bool keep_net_admin, char name[PRIVILEGES_USER],
		     struct fault *fault);

#endif
