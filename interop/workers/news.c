/* SPDX-License-Identifier: ISC */
#include "interop/workers/news.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define BUFFER_WANTED                                                                              \
	(4                                                                                         \
	 << 20) /* octets: thousands of records where it may be as much, hundreds for an ordinary user */

/* Both ends are the same program, so its own layout will do; what is in it is checked by whoever uses it. */
struct head {
	uint32_t from;
	uint32_t peer, gateway;
	struct ike_address remote;
	uint8_t cky_i[IKE_COOKIE_LENGTH], cky_r[IKE_COOKIE_LENGTH];
	bool nat_there, initial_contact;
	uint8_t local_type, remote_type;
	uint16_t local_length, remote_length;
	ike_time created_at, established_at;
};

struct record {
	struct head head;
	uint8_t rest[2 * IKE_IDENTITY_MAX];
};

/* ---- ends ---------------------------------------------------------------------------------------------------------- */

static void close_end(int *descriptor)
{
	if (*descriptor >= 0)
		close(*descriptor);
	*descriptor = -1;
}

void news_close(struct news *news)
{
	for (size_t i = 0; i < IKE_WORKERS_MAX; i++) {
		close_end(&news->in[i]);
		close_end(&news->out[i]);
	}
}

/* Records, in order: several processes write to one end, and none may be torn. */
static bool open_ends(int *in, int *out)
{
	const int size = BUFFER_WANTED;
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends) != 0)
		return false;
	*in = ends[0];
	*out = ends[1];
	/* root may have as much as it wants, others what the system allows */
	if (setsockopt(*out, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof(size)) != 0)
		(void)setsockopt(*out, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
	return true;
}

bool news_open(struct news *news, uint32_t workers, struct fault *fault)
{
	*news = (struct news){.worker = {.count = 0}};
	for (size_t i = 0; i < IKE_WORKERS_MAX; i++)
		news->in[i] = news->out[i] = -1;
	for (uint32_t i = 0; i < workers; i++) {
		if (open_ends(&news->in[i], &news->out[i]))
			continue;
		fault_say(fault, "cannot open the sockets between the workers: %s",
			  strerror(errno));
		news_close(news);
		return false;
	}
	return true;
}

void news_take(struct news *news, struct ike_worker worker)
{
	news->worker = worker;
	for (uint32_t i = 0; i < IKE_WORKERS_MAX; i++)
		if (i != worker.index)
			close_end(&news->in[i]);
	/* what it writes to itself stays: so its reading never ends while the others do */
}

int news_descriptor(const struct news *news)
{
	return news->in[news->worker.index];
}

/* ---- records ------------------------------------------------------------------------------------------------------- */

/* In one piece, which send() takes: a confined worker has no sendmsg(). */
static size_t write_contact(const struct ike_contact *contact, uint32_t from, struct record *record)
{
	const struct ike_identity *local = &contact->local_identity,
				  *remote = &contact->remote_identity;
	struct head *head = &record->head;

	memset(head, 0, sizeof(*head)); /* the gaps, too */
	head->from = from;
	head->peer = contact->peer;
	head->gateway = contact->gateway;
	head->remote = contact->remote;
	memcpy(head->cky_i, contact->cky_i, sizeof(head->cky_i));
	memcpy(head->cky_r, contact->cky_r, sizeof(head->cky_r));
	head->nat_there = contact->nat_there;
	head->initial_contact = contact->initial_contact;
	head->local_type = local->type;
	head->remote_type = remote->type;
	head->local_length = local->length;
	head->remote_length = remote->length;
	head->created_at = contact->created_at;
	head->established_at = contact->established_at;
	memcpy(record->rest, local->data, local->length);
	memcpy(record->rest + local->length, remote->data, remote->length);
	return sizeof(*head) + local->length + remote->length;
}

void news_tell(struct news *news, uint32_t to, const struct ike_contact *contact)
{
	struct record record;
	size_t length;

	if (to >= news->worker.count || to == news->worker.index)
		return;
	length = write_contact(contact, news->worker.index, &record);
	if (send(news->out[to], &record, length, MSG_DONTWAIT | MSG_NOSIGNAL) > 0)
		news->told++;
	else
		news->lost++;
}

void news_tell_all(struct news *news, const struct ike_contact *contact)
{
	for (uint32_t i = 0; i < news->worker.count; i++)
		news_tell(news, i, contact);
}

static ike_time earlier(ike_time a, ike_time b)
{
	return a < b ? a : b;
}

static bool read_contact(const struct head *head, const uint8_t *rest, size_t length, ike_time now,
			 struct ike_contact *contact)
{
	struct ike_identity *local = &contact->local_identity, *remote = &contact->remote_identity;

	if (head->local_length > IKE_IDENTITY_MAX || head->remote_length > IKE_IDENTITY_MAX ||
	    (size_t)head->local_length + head->remote_length != length)
		return false;
	*contact = (struct ike_contact){
	    .peer = head->peer,
	    .gateway = head->gateway,
	    .remote = head->remote,
	    .nat_there = head->nat_there,
	    .initial_contact = head->initial_contact,
	    .created_at = earlier(head->created_at, earlier(head->established_at, now)),
	    .established_at = earlier(head->established_at, now),
	};
	memcpy(contact->cky_i, head->cky_i, sizeof(contact->cky_i));
	memcpy(contact->cky_r, head->cky_r, sizeof(contact->cky_r));
	local->type = head->local_type;
	local->length = head->local_length;
	memcpy(local->data, rest, local->length);
	remote->type = head->remote_type;
	remote->length = head->remote_length;
	memcpy(remote->data, rest + local->length, remote->length);
	return true;
}

bool news_hear(struct news *news, ike_time now, uint32_t *from, struct ike_contact *contact)
{
	struct record record;
	ssize_t length;

	/* one that is not as it must be is skipped: it was not written by this program */
	do {
		length = recv(news_descriptor(news), &record, sizeof(record), MSG_DONTWAIT);
		/* an end, or a record of nothing, which nobody writes: either comes again and again, or may */
		news->ended = news->ended || length == 0;
		if (length <= 0 || news->ended)
			return false;
	} while ((size_t)length < sizeof(record.head) || record.head.from >= news->worker.count ||
		 !read_contact(&record.head, record.rest, (size_t)length - sizeof(record.head), now,
			       contact));
	*from = record.head.from;
	news->heard++;
	return true;
}
