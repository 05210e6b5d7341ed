#include "mail/inbox_mailer.h"

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/lock.h"
#include "port/world.h"

enum text_kind {
	TEXT_TO,
	TEXT_SUBJECT,
	TEXT_PLAIN,
	TEXT_HTML,
	TEXT_MESSAGE_ID,
	TEXT_PICTURE,
	TEXT_CONTENT_ID,
	TEXT_COUNT
};

/* A stored e-mail. Its strings are stored one after another in one allocation. */
struct stored_message {
	char *bytes;
	size_t lengths[TEXT_COUNT];
	uint64_t number;
	moment sent;
};

struct inbox_mailer {
	struct mailer base;
	struct clock *clock;
	struct lock lock;
	/* Number of e-mails since the start; the newest one is at (accepted - 1) % INBOX_MESSAGES. */
	uint64_t accepted;
	struct stored_message messages[INBOX_MESSAGES];
};

static const struct mailer_ops inbox_mailer_ops;

static struct inbox_mailer *inbox_from_base(struct mailer *mailer)
{
	assert(mailer->ops == &inbox_mailer_ops);
	return container_of(mailer, struct inbox_mailer, base);
}

static bool stored_message_init(struct stored_message *stored, const struct mail_message *message)
{
	const struct str parts[TEXT_COUNT] = {
		[TEXT_TO] = message->to,
		[TEXT_SUBJECT] = message->subject,
		[TEXT_PLAIN] = message->text,
		[TEXT_HTML] = message->html,
		[TEXT_MESSAGE_ID] = message->message_id,
		[TEXT_PICTURE] = message->picture.bytes,
		[TEXT_CONTENT_ID] = message->picture.content_id,
	};
	size_t n = 1;

	for (size_t i = 0; i < TEXT_COUNT; i++)
		n += parts[i].n;
	stored->bytes = malloc(n);
	if (stored->bytes == NULL)
		return false;
	n = 0;
	for (size_t i = 0; i < TEXT_COUNT; i++) {
		if (parts[i].n > 0)
			memcpy(stored->bytes + n, parts[i].p, parts[i].n);
		stored->lengths[i] = parts[i].n;
		n += parts[i].n;
	}
	return true;
}

static enum delivery_result inbox_send(struct mailer *mailer, const struct mail_message *message,
	struct arena *a, struct mail_report *report)
{
	struct inbox_mailer *inbox = inbox_from_base(mailer);
	struct stored_message fresh = { .sent = inbox->clock->ops->now(inbox->clock) };
	struct stored_message *slot;

	(void)a;
	if (!stored_message_init(&fresh, message)) {
		*report = mail_report_of("memory");
		return DELIVERY_RELAY_DOWN;
	}
	lock_acquire(&inbox->lock);
	slot = &inbox->messages[inbox->accepted % INBOX_MESSAGES];
	fresh.number = ++inbox->accepted;
	free(slot->bytes);
	*slot = fresh;
	lock_release(&inbox->lock);
	*report = mail_report_of("accepted");
	return DELIVERY_ACCEPTED;
}

static bool inbox_probe(struct mailer *mailer, struct arena *a, struct mail_report *report)
{
	(void)mailer;
	(void)a;
	*report = mail_report_of("accepted");
	return true;
}

static void inbox_close(struct mailer *mailer)
{
	struct inbox_mailer *inbox;

	if (mailer == NULL)
		return;
	inbox = inbox_from_base(mailer);
	for (size_t i = 0; i < INBOX_MESSAGES; i++)
		free(inbox->messages[i].bytes);
	lock_finish(&inbox->lock);
	free(inbox);
}

static const struct mailer_ops inbox_mailer_ops = {
	.send = inbox_send,
	.probe = inbox_probe,
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

static struct str stored_text(const struct stored_message *stored, enum text_kind kind)
{
	size_t from = 0;

	for (size_t i = 0; i < kind; i++)
		from += stored->lengths[i];
	return (struct str){ stored->bytes + from, stored->lengths[kind] };
}

static enum err stored_message_copy(
	const struct stored_message *stored, struct arena *a, struct inbox_message *out)
{
	struct str parts[TEXT_COUNT];

	/* Lists leave out the pictures, which are large. */
	for (enum text_kind i = 0; i < TEXT_COUNT; i++) {
		parts[i] = i == TEXT_PICTURE ? STR("") : arena_copy(a, stored_text(stored, i));
		if (parts[i].p == NULL)
			return ERR_INPUT;
	}
	*out = (struct inbox_message){
		.id = arena_printf(a, "mail-%llu", (unsigned long long)stored->number),
		.to = parts[TEXT_TO],
		.subject = parts[TEXT_SUBJECT],
		.text = parts[TEXT_PLAIN],
		.html = parts[TEXT_HTML],
		.message_id = parts[TEXT_MESSAGE_ID],
		.content_id = parts[TEXT_CONTENT_ID],
		.sent = stored->sent,
	};
	return out->id.p != NULL ? OK : ERR_INPUT;
}

static bool query_matches(const struct stored_message *candidate, const struct inbox_query *query)
{
	return (query->to.n == 0 || str_eq(stored_text(candidate, TEXT_TO), query->to)) &&
	       (query->before == 0 || candidate->number < (uint64_t)query->before);
}

/* The caller holds the lock. */
static enum err inbox_collect(const struct inbox_mailer *inbox, const struct inbox_query *query,
	struct arena *a, const struct inbox_message **messages, size_t *n)
{
	const uint64_t stored = inbox->accepted < INBOX_MESSAGES ? inbox->accepted : INBOX_MESSAGES;
	struct inbox_message *out = arena_array(
		a, struct inbox_message, stored < query->max ? stored + 1 : query->max + 1);
	size_t found = 0;

	if (out == NULL)
		return ERR_INPUT;
	for (uint64_t age = 1; age <= stored && found < query->max; age++) {
		const struct stored_message *candidate =
			&inbox->messages[(inbox->accepted - age) % INBOX_MESSAGES];

		if (query_matches(candidate, query))
			TRY(stored_message_copy(candidate, a, &out[found++]));
	}
	*messages = out;
	*n = found;
	return OK;
}

enum err inbox_list(struct mailer *mailer, const struct inbox_query *query, struct arena *a,
	const struct inbox_message **messages, size_t *n)
{
	struct inbox_mailer *inbox = inbox_from_base(mailer);
	enum err e;

	lock_acquire(&inbox->lock);
	e = inbox_collect(inbox, query, a, messages, n);
	lock_release(&inbox->lock);
	return e;
}

/* The caller holds the lock. */
static enum err copy_picture(
	const struct inbox_mailer *inbox, int64_t number, struct arena *a, struct str *out)
{
	if (number < 1 || (uint64_t)number > inbox->accepted ||
		inbox->accepted - (uint64_t)number >= INBOX_MESSAGES)
		return ERR_NOT_FOUND;
	const struct stored_message *message = &inbox->messages[((uint64_t)number - 1) % INBOX_MESSAGES];
	const struct str picture = stored_text(message, TEXT_PICTURE);

	if (picture.n == 0)
		return ERR_NOT_FOUND;
	*out = arena_copy(a, picture);
	return out->p ? OK : ERR_INPUT;
}

enum err inbox_picture(struct mailer *mailer, int64_t number, struct arena *a, struct str *out)
{
	struct inbox_mailer *inbox = inbox_from_base(mailer);
	enum err e;

	lock_acquire(&inbox->lock);
	e = copy_picture(inbox, number, a, out);
	lock_release(&inbox->lock);
	return e;
}
