/* SPDX-License-Identifier: ISC */
/*
 * esp_account.h - what pairs have moved, what they may still move, and what of that is yet to be told.
 */
#ifndef INTEROP_ESP_ESP_ACCOUNT_H
#define INTEROP_ESP_ESP_ACCOUNT_H

#include "interop/esp/esp_table.h"

enum esp_way { ESP_IN, ESP_OUT };

/* Pairs of which something is to be told, the longest waiting first. */
struct esp_list {
	struct esp_pair *first, *last;
};

/* All zeros is a new one. */
struct esp_account {
	struct esp_list used, expired;
};

/* What a pair may move: `hard` octets or packets, and when it says that there should be a new one.  0: no limit. */
struct esp_limit esp_limit_of(uint64_t hard, uint32_t early);
/* Drawn for each pair: esp_pair.early. */
#define ESP_EARLY_MOST 500 /* of ten thousand */

/*
 * Whether a packet of that many octets may go that way.  If not the pair is spent: nothing goes either way any more, and it is
 * told.  Nothing is counted.
 */
bool esp_account_may_move(struct esp_account *account, struct esp_pair *pair, enum esp_way way,
			  size_t octets) IKE_MUST_USE;
/* It has gone. */
void esp_account_moved(struct esp_account *account, struct esp_pair *pair, enum esp_way way,
		       size_t octets, ike_time now);
/* It is to be told that the pair was used that way. */
void esp_account_use(struct esp_account *account, struct esp_pair *pair, enum esp_way way);
/* The pair should be replaced; it is over, which is told after the former.  Each is told once. */
void esp_account_soft(struct esp_account *account, struct esp_pair *pair);
void esp_account_hard(struct esp_account *account, struct esp_pair *pair);
/* Nothing is told of it any more. */
void esp_account_forget(struct esp_account *account, struct esp_pair *pair);

/* The next that is to be told; false: none. */
bool esp_account_next_use(struct esp_account *account, struct esp_use *use);
bool esp_account_next_expiry(struct esp_account *account, struct esp_expiry *expiry);

#endif
