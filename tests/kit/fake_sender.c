#include "kit/fake_sender.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/attr.h"

static struct fake_sender *fake_of(struct webhook_sender *sender)
{
	return container_of(sender, struct fake_sender, base);
}

void fake_sender_answer(struct held_request *request, int status)
{
	request->is_answered = true;
	request->result.http_status = status;
	request->result.took = milliseconds(7);
}

static enum err fake_start(struct webhook_sender *sender, const struct webhook_transfer *transfer)
{
	struct fake_sender *const s = fake_of(sender);
	struct held_request *const r = calloc(1, sizeof(*r));

	if (s->n == WEBHOOK_TRANSFERS_MAX) {
		free(r);
		return ERR_BUSY;
	}
	assert(r != NULL);
	r->owner = transfer->owner;
	(void)snprintf(r->url, sizeof(r->url), "%.*s", STR_ARG(transfer->url));
	(void)snprintf(r->id, sizeof(r->id), "%.*s", STR_ARG(transfer->id));
	(void)snprintf(r->signature, sizeof(r->signature), "%.*s", STR_ARG(transfer->signature));
	r->body = strndup(transfer->body.p, transfer->body.n);
	r->timestamp = transfer->timestamp;
	for (size_t i = 0; i < FAKE_SENDER_HOSTS; i++)
		if (s->answers[i].url && strcmp(s->answers[i].url, r->url) == 0 && s->answers[i].status != 0)
			fake_sender_answer(r, s->answers[i].status);
	s->held[s->n++] = r;
	s->started++;
	if (s->n > s->most)
		s->most = s->n;
	return OK;
}

static void request_free(struct held_request *r)
{
	free(r->body);
	free(r);
}

static size_t fake_poll(struct webhook_sender *sender, duration limit, struct arena *a,
	struct webhook_transfer_result *results, size_t max)
{
	struct fake_sender *const s = fake_of(sender);
	size_t n = 0, kept = 0;

	(void)limit;
	for (size_t i = 0; i < s->n; i++) {
		struct held_request *const r = s->held[i];

		if (!r->is_answered || n == max) {
			s->held[kept++] = r;
			continue;
		}
		results[n] = r->result;
		results[n].owner = r->owner;
		results[n].excerpt = arena_copy(a, str_of(r->excerpt));
		n++;
		request_free(r);
	}
	s->n = kept;
	return n;
}

static void fake_wake(struct webhook_sender *sender)
{
	(void)sender;
}

static size_t fake_in_flight(struct webhook_sender *sender)
{
	return fake_of(sender)->n;
}

static void fake_abort_all(struct webhook_sender *sender)
{
	struct fake_sender *const s = fake_of(sender);

	for (size_t i = 0; i < s->n; i++)
		request_free(s->held[i]);
	s->n = 0;
}

static void fake_close(struct webhook_sender *sender)
{
	fake_abort_all(sender);
}

static const struct webhook_sender_ops fake_sender_ops = { fake_start, fake_poll, fake_wake, fake_in_flight,
	fake_abort_all, fake_close };

void fake_sender_init(struct fake_sender *sender)
{
	*sender = (struct fake_sender){ .base.ops = &fake_sender_ops };
}

void fake_sender_finish(struct fake_sender *sender)
{
	fake_abort_all(&sender->base);
}

void fake_sender_answer_at_once(struct fake_sender *sender, const char *url, int status)
{
	size_t i = 0;

	while (sender->answers[i].url && strcmp(sender->answers[i].url, url) != 0)
		i++;
	assert(i < FAKE_SENDER_HOSTS);
	sender->answers[i].url = url;
	sender->answers[i].status = status;
}

struct held_request *fake_sender_find(struct fake_sender *sender, const char *url, size_t i)
{
	for (size_t at = 0; at < sender->n; at++)
		if (!sender->held[at]->is_answered && strcmp(sender->held[at]->url, url) == 0 && i-- == 0)
			return sender->held[at];
	return NULL;
}

size_t fake_sender_count(struct fake_sender *sender, const char *url)
{
	size_t n = 0;

	while (fake_sender_find(sender, url, n))
		n++;
	return n;
}
