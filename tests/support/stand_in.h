/* SPDX-License-Identifier: ISC */
/*
 * stand_in.h - a `serve` of our own in the place of another implementation, for what measures those.
 */
#ifndef TESTS_SUPPORT_STAND_IN_H
#define TESTS_SUPPORT_STAND_IN_H

#include <stdint.h>
#include <sys/types.h>

#define STAND_IN_SECRET "0x6f70656e20736573616d6520313233343536373839"

/* Listens at 127.0.0.1 and some port, takes anybody who has the secret, and asks nothing; command_end() ends it. */
pid_t stand_in_start(uint16_t *port);

#endif
