/* SPDX-License-Identifier: ISC */
/*
 * trial.c - a trial's life: what was seen, and how it was decided.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "interop/conform/trial_private.h"

struct trial *trial_new(const struct conform_case *of, struct world *world,
			const struct trial_settings *settings)
{
	struct trial *trial = calloc(1, sizeof(*trial));

	if (trial == NULL)
		return NULL;
	trial->of = of;
	trial->world = world;
	trial->settings = settings;
	trial->random = settings->random;
	trial->crypto = crypto_new();
	trial->began = world->now(world);
	trial->deciding = SIZE_MAX;
	if (trial->crypto == NULL) {
		free(trial);
		return NULL;
	}
	return trial;
}

void trial_free(struct trial *trial)
{
	if (trial == NULL)
		return;
	for (size_t i = 0; i < trial->holders; i++) {
		ike_core_free(trial->holder[i]->sa.core);
		secret_wipe(&trial->holder[i]->sa.keys, sizeof(trial->holder[i]->sa.keys));
		free(trial->holder[i]);
	}
	for (size_t i = 0; i < trial->records; i++)
		free(trial->record[i]);
	crypto_free(trial->crypto);
	free(trial);
}

/* ---- what was seen ------------------------------------------------------------------------------------------------- */

struct holder *trial_holder_of(const struct trial *trial, const struct ike_header *header)
{
	for (size_t i = trial->holders; i > 0; i--) { /* of equal ones the newest */
		struct trial_sa *sa = &trial->holder[i - 1]->sa;

		if (ike_cookie_is_zero(sa->cky_i))
			continue; /* it waits for a call, and knows of nothing yet */
		if (memcmp(sa->cky_i, header->cky_i, IKE_COOKIE_LENGTH) == 0 &&
		    (ike_cookie_is_zero(sa->cky_r) || ike_cookie_is_zero(header->cky_r) ||
		     memcmp(sa->cky_r, header->cky_r, IKE_COOKIE_LENGTH) == 0))
			return trial->holder[i - 1];
	}
	return NULL;
}

struct record *trial_note(struct trial *trial, enum trial_from from,
			  const struct ike_datagram *datagram, struct trial_sa *sa)
{
	struct record *record;

	if (trial->records == TRIAL_SEEN || trial->octets + datagram->length > TRIAL_OCTETS) {
		trial_decide(
		    trial, CONFORM_INCONCLUSIVE, NULL,
		    "more than %d datagrams, or %d octets: the device floods us, or the script",
		    TRIAL_SEEN, TRIAL_OCTETS);
		return NULL;
	}
	record = malloc(sizeof(*record) + datagram->length);
	if (record == NULL) {
		trial_decide(trial, CONFORM_INCONCLUSIVE, NULL, "no memory");
		return NULL;
	}
	memcpy(record->wire, datagram->data, datagram->length);
	record->taken = false;
	record->seen = (struct seen){
	    .at = trial->world->now(trial->world),
	    .from = from,
	    .source = from == TRIAL_TESTER ? datagram->local : datagram->remote,
	    .destination = from == TRIAL_TESTER ? datagram->remote : datagram->local,
	    .sa = sa,
	    .wire = record->wire,
	    .length = datagram->length,
	    .opened = &record->opened,
	};
	record->opened.message.header =
	    (struct ike_header){.version = 0}; /* what is too short fills none of it */
	message_open(trial->crypto, sa != NULL ? &sa->keys : NULL,
		     octets_of(record->wire, record->seen.length), &record->opened);
	trial->record[trial->records++] = record;
	trial->octets += datagram->length;
	return record;
}

/* Phase 1's own encrypted messages are read by the core: they hang in a chain of IVs that only it has. */
void trial_note_twin(struct trial *trial, struct record *record, struct octets twin)
{
	if (record->opened.readable || twin.length == 0)
		return;
	message_open(trial->crypto, NULL, twin, &record->opened);
	record->opened.encrypted = true;
	record->opened.message.header.flags |= IKE_FLAG_ENCRYPTION;
	record->opened.plain_length = record->opened.readable ? twin.length : 0;
}

void trial_reopen(struct trial *trial, struct trial_sa *sa)
{
	for (size_t i = 0; i < trial->records; i++) {
		struct record *record = trial->record[i];

		if (record->seen.sa == sa && !record->opened.readable)
			message_open(trial->crypto, &sa->keys,
				     octets_of(record->wire, record->seen.length), &record->opened);
	}
}

const struct seen *trial_seen(const struct trial *trial, size_t index)
{
	return index < trial->records ? &trial->record[index]->seen : NULL;
}

size_t trial_mark(const struct trial *trial)
{
	return trial->records;
}

static bool number_of(const struct seen *seen, uint16_t type, uint32_t *number)
{
	struct ike_notify notify;
	struct wire_reader reader;

	if (!opened_notify(seen->opened, type, &notify) || notify.data.length < 4)
		return false;
	wire_read_from(&reader, notify.data);
	*number = wire_read_u32(&reader);
	return true;
}

uint32_t seen_number(const struct seen *seen)
{
	uint32_t number = 0;

	if (!number_of(seen, IKE_NOTIFY_R_U_THERE, &number))
		(void)number_of(seen, IKE_NOTIFY_R_U_THERE_ACK, &number);
	return number;
}

bool seen_is(const struct seen *seen, const struct want *want)
{
	const struct opened *opened = seen->opened;
	struct ike_notify notify;
	uint32_t number;

	if (want->sa != NULL && seen->sa != want->sa)
		return false;
	if (want->exchange != 0 && opened->message.header.exchange != want->exchange)
		return false;
	if (want->notify != 0 && !opened_notify(opened, want->notify, &notify))
		return false;
	if (want->payload != 0 &&
	    (!opened->readable || ike_payload_find(&opened->message, want->payload) == NULL))
		return false;
	if (want->has_number && (!number_of(seen, want->notify, &number) || number != want->number))
		return false;
	if (want->protected_only && !(opened->encrypted && opened->hash == MESSAGE_HASH_HOLDS))
		return false;
	return want->like == NULL || want->like(seen, want->context);
}

size_t trial_count(const struct trial *trial, const struct want *want, size_t since,
		   const struct seen **first)
{
	size_t count = 0;

	for (size_t i = since; i < trial->records; i++) {
		const struct seen *seen = &trial->record[i]->seen;

		if (seen->from != TRIAL_DEVICE || !seen_is(seen, want))
			continue;
		if (count++ == 0 && first != NULL)
			*first = seen;
	}
	return count;
}

const struct trial_sa *trial_sa_at(const struct trial *trial, size_t index)
{
	return index < trial->holders ? &trial->holder[index]->sa : NULL;
}

/* ---- deciding ------------------------------------------------------------------------------------------------------ */

static size_t index_of(const struct trial *trial, const struct seen *seen)
{
	for (size_t i = 0; i < trial->records; i++)
		if (&trial->record[i]->seen == seen)
			return i;
	return SIZE_MAX;
}

__attribute__((format(printf, 5, 0))) static void decide(struct trial *trial,
							 enum conform_verdict verdict,
							 const struct seen *seen, const char *value,
							 const char *format, va_list arguments)
{
	if (trial->decided)
		return;
	trial->decided = true;
	trial->verdict = verdict;
	trial->deciding = seen != NULL ? index_of(trial, seen) : SIZE_MAX;
	snprintf(trial->value, sizeof(trial->value), "%s", value);
	vsnprintf(trial->observed, sizeof(trial->observed), format, arguments);
}

void trial_decide(struct trial *trial, enum conform_verdict verdict, const struct seen *seen,
		  const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	decide(trial, verdict, seen, "", format, arguments);
	va_end(arguments);
}

void trial_value(struct trial *trial, const struct seen *seen, const char *value,
		 const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	decide(trial, CONFORM_INFO_VALUE, seen, value, format, arguments);
	va_end(arguments);
}

bool trial_is_decided(const struct trial *trial)
{
	return trial->decided;
}

ike_time trial_now(const struct trial *trial)
{
	return trial->world->now(trial->world);
}

const struct trial_settings *trial_get_settings(const struct trial *trial)
{
	return trial->settings;
}

uint32_t trial_random(struct trial *trial)
{
	return random_u32(&trial->random);
}
