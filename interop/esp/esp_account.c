/* SPDX-License-Identifier: ISC */
#include "interop/esp/esp_account.h"

/* ---- lists ---------------------------------------------------------------------------------------------------------- */

static struct esp_link *link_in(const struct esp_account *account, const struct esp_list *list,
				struct esp_pair *pair)
{
	return list == &account->used ? &pair->used : &pair->expired;
}

static void list_add(const struct esp_account *account, struct esp_list *list,
		     struct esp_pair *pair)
{
	struct esp_link *link = link_in(account, list, pair);

	if (link->linked)
		return;
	*link = (struct esp_link){.before = list->last, .linked = true};
	if (list->last != NULL)
		link_in(account, list, list->last)->after = pair;
	else
		list->first = pair;
	list->last = pair;
}

static void list_take(const struct esp_account *account, struct esp_list *list,
		      struct esp_pair *pair)
{
	struct esp_link *link = link_in(account, list, pair);

	if (!link->linked)
		return;
	if (link->before != NULL)
		link_in(account, list, link->before)->after = link->after;
	else
		list->first = link->after;
	if (link->after != NULL)
		link_in(account, list, link->after)->before = link->before;
	else
		list->last = link->before;
	*link = (struct esp_link){0};
}

/* ---- what is to be told ---------------------------------------------------------------------------------------------- */

void esp_account_use(struct esp_account *account, struct esp_pair *pair, enum esp_way way)
{
	if (way == ESP_IN)
		pair->used_in = true;
	else
		pair->used_out = true;
	pair->out_last = way == ESP_OUT;
	list_add(account, &account->used, pair);
}

void esp_account_soft(struct esp_account *account, struct esp_pair *pair)
{
	if (pair->told_soft)
		return;
	pair->told_soft = pair->soft_due = true;
	list_add(account, &account->expired, pair);
}

void esp_account_hard(struct esp_account *account, struct esp_pair *pair)
{
	if (pair->told_hard)
		return;
	esp_account_soft(account, pair);
	pair->told_hard = pair->hard_due = true;
	list_add(account, &account->expired, pair);
}

void esp_account_forget(struct esp_account *account, struct esp_pair *pair)
{
	list_take(account, &account->used, pair);
	list_take(account, &account->expired, pair);
}

bool esp_account_next_use(struct esp_account *account, struct esp_use *use)
{
	struct esp_pair *pair = account->used.first;

	if (pair == NULL)
		return false;
	*use = (struct esp_use){pair->number, pair->used_in, pair->used_out, pair->out_last,
				pair->elsewhere};
	pair->elsewhere.family = IKE_FAMILY_NONE;
	pair->used_in = pair->used_out = false;
	list_take(account, &account->used, pair);
	return true;
}

bool esp_account_next_expiry(struct esp_account *account, struct esp_expiry *expiry)
{
	struct esp_pair *pair = account->expired.first;

	if (pair == NULL)
		return false;
	*expiry = (struct esp_expiry){pair->number, !pair->soft_due};
	if (pair->soft_due)
		pair->soft_due = false;
	else
		pair->hard_due = false;
	if (!pair->soft_due && !pair->hard_due)
		list_take(account, &account->expired, pair);
	return true;
}

/* ---- lifetimes ------------------------------------------------------------------------------------------------------- */

/* At 90 % of it, or up to ESP_EARLY_MOST of ten thousand before.  A limit of a few packets is no less exact for that. */
struct esp_limit esp_limit_of(uint64_t hard, uint32_t early)
{
	if (hard == 0)
		return (struct esp_limit){UINT64_MAX, UINT64_MAX};
	/* divided first: what somebody writes down may be near the largest number there is */
	return (struct esp_limit){hard - hard / 10 - hard / 10000 * early, hard};
}

bool esp_account_may_move(struct esp_account *account, struct esp_pair *pair, enum esp_way way,
			  size_t octets)
{
	const uint64_t packets_so_far =
	    way == ESP_IN ? pair->usage.packets_in : pair->usage.packets_out;
	const uint64_t octets_so_far =
	    way == ESP_IN ? pair->usage.octets_in : pair->usage.octets_out;

	if (!pair->spent && packets_so_far < pair->packets.hard && octets <= pair->octets.hard &&
	    octets_so_far <= pair->octets.hard - octets)
		return true;
	pair->spent = true;
	esp_account_hard(account, pair);
	return false;
}

void esp_account_moved(struct esp_account *account, struct esp_pair *pair, enum esp_way way,
		       size_t octets, ike_time now)
{
	uint64_t *packets_so_far =
	    way == ESP_IN ? &pair->usage.packets_in : &pair->usage.packets_out;
	uint64_t *octets_so_far = way == ESP_IN ? &pair->usage.octets_in : &pair->usage.octets_out;

	*packets_so_far += 1;
	*octets_so_far += octets;
	if (way == ESP_IN)
		pair->usage.used_in = now;
	else
		pair->usage.used_out = now;
	if (*packets_so_far >= pair->packets.soft || *octets_so_far >= pair->octets.soft)
		esp_account_soft(account, pair);
}
