#include "sandbox/webhooks/deliveries.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/lock.h"
#include "base/log.h"

struct deliveries {
	struct lock lock;
	uint64_t n; /* ever noted */
	struct kept {
		struct delivery delivery;
		char *texts;
	} ring[DELIVERIES_KEPT];
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
		free(deliveries->ring[i].texts);
	lock_finish(&deliveries->lock);
	free(deliveries);
}

static struct str keep_text(char **at, struct str text)
{
	const struct str kept = { *at, text.n };

	if (text.n)
		memcpy(*at, text.p, text.n);
	*at += text.n;
	return kept;
}

void deliveries_add(struct deliveries *deliveries, const struct delivery *delivery)
{
	char *const texts = malloc(
		delivery->destination.n + delivery->session.n + delivery->url.n + delivery->body.n + 1);
	struct kept kept = { *delivery, texts };
	char *at = texts;

	if (!texts) {
		log_event(LOG_ERROR, "sandbox_delivery_log_failed", LOG_WORD("reason", "no_memory"));
		return;
	}
	kept.delivery.destination = keep_text(&at, delivery->destination);
	kept.delivery.session = keep_text(&at, delivery->session);
	kept.delivery.url = keep_text(&at, delivery->url);
	kept.delivery.body = keep_text(&at, delivery->body);
	lock_acquire(&deliveries->lock);

	struct kept *const place = &deliveries->ring[deliveries->n % DELIVERIES_KEPT];

	/* made up as all is here, and in the order of the attempts */
	(void)snprintf(kept.delivery.id, sizeof(kept.delivery.id), "00000000-0000-4000-9000-%012llx",
		(unsigned long long)++deliveries->n & 0xFFFFFFFFFFFFU);
	free(place->texts);
	*place = kept;
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
			&deliveries->ring[(deliveries->n - i) % DELIVERIES_KEPT].delivery;

		if (!str_eq(delivery->destination, destination))
			continue;
		n++;
		found(arg, delivery);
	}
	lock_release(&deliveries->lock);
	return n;
}
