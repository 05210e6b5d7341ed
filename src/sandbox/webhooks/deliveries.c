#include "sandbox/webhooks/deliveries.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/lock.h"
#include "base/log.h"

struct deliveries {
	struct lock lock;
	uint64_t n; /* number of entries added so far, including overwritten ones */
	struct delivery_entry {
		struct delivery delivery;
		char *texts;	    /* all texts of the delivery, in one allocation */
	} entries[DELIVERIES_KEPT]; /* a ring buffer */
};

enum err deliveries_open(struct deliveries **out)
{
	struct deliveries *const deliveries = calloc(1, sizeof(*deliveries));

	if (!deliveries)
		return ERR_INTERNAL;
	lock_init(&deliveries->lock);
	*out = deliveries;
	return OK;
}

void deliveries_close(struct deliveries *deliveries)
{
	if (!deliveries)
		return;
	for (size_t i = 0; i < DELIVERIES_KEPT; i++)
		free(deliveries->entries[i].texts);
	lock_finish(&deliveries->lock);
	free(deliveries);
}

/* Copies `text` to `*at` and advances `*at` past the copy. */
static struct str delivery_copy_text(char **at, struct str text)
{
	const struct str copy = { *at, text.n };

	if (text.n)
		memcpy(*at, text.p, text.n);
	*at += text.n;
	return copy;
}

void deliveries_add(struct deliveries *deliveries, const struct delivery *delivery)
{
	char *const texts = malloc(
		delivery->destination.n + delivery->session.n + delivery->url.n + delivery->body.n + 1);
	struct delivery_entry entry = { *delivery, texts };
	char *at = texts;

	if (!texts) {
		log_event(LOG_ERROR, "sandbox_delivery_log_failed", LOG_WORD("reason", "no_memory"));
		return;
	}
	entry.delivery.destination = delivery_copy_text(&at, delivery->destination);
	entry.delivery.session = delivery_copy_text(&at, delivery->session);
	entry.delivery.url = delivery_copy_text(&at, delivery->url);
	entry.delivery.body = delivery_copy_text(&at, delivery->body);
	lock_acquire(&deliveries->lock);

	struct delivery_entry *const slot = &deliveries->entries[deliveries->n % DELIVERIES_KEPT];

	/* The ids are not random. They contain the number of the attempt. */
	(void)snprintf(entry.delivery.id, sizeof(entry.delivery.id), "00000000-0000-4000-9000-%012llx",
		(unsigned long long)++deliveries->n & 0xFFFFFFFFFFFFU);
	free(slot->texts);
	*slot = entry;
	lock_release(&deliveries->lock);
}

int64_t deliveries_each(struct deliveries *deliveries, struct str destination,
	void (*found)(void *arg, const struct delivery *delivery), void *arg)
{
	int64_t n = 0;

	lock_acquire(&deliveries->lock);

	const uint64_t kept = deliveries->n < DELIVERIES_KEPT ? deliveries->n : DELIVERIES_KEPT;

	for (uint64_t i = 1; i <= kept; i++) {
		const struct delivery *const delivery =
			&deliveries->entries[(deliveries->n - i) % DELIVERIES_KEPT].delivery;

		if (!str_eq(delivery->destination, destination))
			continue;
		n++;
		found(arg, delivery);
	}
	lock_release(&deliveries->lock);
	return n;
}
