/* SPDX-License-Identifier: ISC */
#ifndef INTEROP_VERSION_H
#define INTEROP_VERSION_H

#define RUTHERE_VERSION "0.1.0"

#endif
