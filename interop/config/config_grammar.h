/* SPDX-License-Identifier: ISC */
/*
 * config_grammar.h - what may stand in the configuration file: libconfuse's grammar, with our check for every value.
 *
 * A value is checked where it is read, so that a complaint carries its line.
 */
#ifndef INTEROP_CONFIG_GRAMMAR_H
#define INTEROP_CONFIG_GRAMMAR_H

#include <confuse.h>

/*
 * Ready for cfg_parse_buf(); the caller frees it with cfg_free().  `complain` hears of every fault, `finish_tunnel` and
 * `finish_peer` are called where such a section closes.  NULL: no memory.
 */
cfg_t *config_grammar_new(cfg_errfunc_t complain, cfg_validate_callback_t finish_tunnel,
			  cfg_validate_callback_t finish_peer);

#endif
