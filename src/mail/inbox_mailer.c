#include "mail/inbox_mailer.h"

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/lock.h"
#include "port/world.h"

enum part { PART_TO, MAIL_SUBJECT, MAIL_TEXT, MAIL_HTML, PART_MESSAGE_ID, PARTS };

/* All texts of a letter in one piece of memory. */
struct kept {
	char *bytes;
	size_t lengths[PARTS];
	uint64_t number;
	moment sent;
};

struct inbox_mailer {
	struct mailer base;
	struct clock *clock;
	struct lock lock;
	uint64_t letters; /* taken so far; the newest is at (letters - 1) % INBOX_MESSAGES */
	struct kept ring[INBOX_MESSAGES];
};

static const struct mailer_ops inbox_mailer_ops;

static struct inbox_mailer *mine(struct mailer *mailer)
{
	assert(mailer->ops == &inbox_mailer_ops);
	return container_of(mailer, struct inbox_mailer, base);
}

static bool keep(struct kept *kept, const struct mail_message *message)
{
	const struct str parts[PARTS] = {
		[PART_TO] = message->to,
		[MAIL_SUBJECT] = message->subject,
		[MAIL_TEXT] = message->text,
		[MAIL_HTML] = message->html,
		[PART_MESSAGE_ID] = message->message_id,
	};
	size_t n = 1;

	for (size_t i = 0; i < PARTS; i++)
		n += parts[i].n;
	kept->bytes = malloc(n);
	if (kept->bytes == NULL)
		return false;
	n = 0;
	for (size_t i = 0; i < PARTS; i++) {
		if (parts[i].n > 0)
			memcpy(kept->bytes + n, parts[i].p, parts[i].n);
		kept->lengths[i] = parts[i].n;
		n += parts[i].n;
	}
	return true;
}

static enum delivery_result inbox_send(
	struct mailer *mailer, const struct mail_message *message, struct arena *a, const char **why)
{
	struct inbox_mailer *inbox = mine(mailer);
	struct kept fresh = { .sent = inbox->clock->ops->now(inbox->clock) };
	struct kept *place;

	(void)a;
	if (!keep(&fresh, message)) {
		*why = "memory";
		return DELIVERY_RELAY_DOWN;
	}
	lock_acquire(&inbox->lock);
	place = &inbox->ring[inbox->letters % INBOX_MESSAGES];
	fresh.number = ++inbox->letters;
	free(place->bytes);
	*place = fresh;
	lock_release(&inbox->lock);
	*why = "accepted";
	return DELIVERY_ACCEPTED;
}

static bool inbox_ask(struct mailer *mailer, struct arena *a, const char **why)
{
	(void)mailer;
	(void)a;
	*why = "accepted";
	return true;
}

static void inbox_close(struct mailer *mailer)
{
	struct inbox_mailer *inbox;

	if (mailer == NULL)
		return;
	inbox = mine(mailer);
	for (size_t i = 0; i < INBOX_MESSAGES; i++)
		free(inbox->ring[i].bytes);
	lock_finish(&inbox->lock);
	free(inbox);
}

static const struct mailer_ops inbox_mailer_ops = {
	.send = inbox_send,
	.probe = inbox_ask,
	.close = inbox_close,
};

enum err inbox_mailer_open(struct clock *clock, struct mailer **out)
{
	struct inbox_mailer *inbox = calloc(1, sizeof(*inbox));

	if (inbox == NULL)
		return ERR_INTERNAL;
	inbox->base.ops = &inbox_mailer_ops;
	inbox->clock = clock;
	lock_init(&inbox->lock);
	*out = &inbox->base;
	return OK;
}

static struct str part_of(const struct kept *kept, enum part part)
{
	size_t from = 0;

	for (size_t i = 0; i < part; i++)
		from += kept->lengths[i];
	return (struct str){ kept->bytes + from, kept->lengths[part] };
}

static enum err copy(const struct kept *kept, struct arena *a, struct inbox_message *out)
{
	struct str parts[PARTS];

	for (enum part i = 0; i < PARTS; i++) {
		parts[i] = arena_copy(a, part_of(kept, i));
		if (parts[i].p == NULL)
			return ERR_INPUT;
	}
	*out = (struct inbox_message){
		.id = arena_printf(a, "letter-%llu", (unsigned long long)kept->number),
		.to = parts[PART_TO],
		.subject = parts[MAIL_SUBJECT],
		.text = parts[MAIL_TEXT],
		.html = parts[MAIL_HTML],
		.message_id = parts[PART_MESSAGE_ID],
		.sent = kept->sent,
	};
	return out->id.p != NULL ? OK : ERR_INPUT;
}

static bool is_wished(const struct kept *letter, const struct inbox_query *query)
{
	return (query->to.n == 0 || str_eq(part_of(letter, PART_TO), query->to)) &&
	       (query->before == 0 || letter->number < (uint64_t)query->before);
}

/* With the lock held. */
static enum err collect(const struct inbox_mailer *inbox, const struct inbox_query *query, struct arena *a,
	const struct inbox_message **messages, size_t *n)
{
	const uint64_t kept = inbox->letters < INBOX_MESSAGES ? inbox->letters : INBOX_MESSAGES;
	struct inbox_message *out = arena_array(
		a, struct inbox_message, kept < query->max ? kept + 1 : query->max + 1);
	size_t found = 0;

	if (out == NULL)
		return ERR_INPUT;
	for (uint64_t age = 1; age <= kept && found < query->max; age++) {
		const struct kept *letter = &inbox->ring[(inbox->letters - age) % INBOX_MESSAGES];

		if (is_wished(letter, query))
			TRY(copy(letter, a, &out[found++]));
	}
	*messages = out;
	*n = found;
	return OK;
}

enum err inbox_list(struct mailer *mailer, const struct inbox_query *query, struct arena *a,
	const struct inbox_message **messages, size_t *n)
{
	struct inbox_mailer *inbox = mine(mailer);
	enum err e;

	lock_acquire(&inbox->lock);
	e = collect(inbox, query, a, messages, n);
	lock_release(&inbox->lock);
	return e;
}
