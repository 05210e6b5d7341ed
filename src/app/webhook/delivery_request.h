/* The request that delivers an event to a webhook endpoint (spec/events.md 2): the event as JSON, signed with
 * the endpoint's secrets. */
#pragma once

#include "base/err.h"
#include "base/str.h"
#include "crypto/webhook_signature.h"
#include "domain/effect.h"
#include "domain/event.h"
#include "domain/webhook_endpoint.h"
#include "port/store.h"
#include "port/webhook_sender.h"
#include "port/world.h"

#define WEBHOOK_HOST_SIZE 256

struct delivery_request {
	struct str url, body; /* in the transaction's arena */
	char id[SHOWN_ID_SIZE];
	char signature[WEBHOOK_SIGNATURE_SIZE];
	int64_t timestamp;
	char host[WEBHOOK_HOST_SIZE]; /* of the URL; the only part of it that may be logged */
};

/* Builds the request of a stored delivery. ERR_NOT_FOUND: the event or the endpoint is gone, or the event's
 * person was erased. ERR_INPUT: stored values cannot be read. */
enum err delivery_request_load(const struct world *world, struct tx *tx, const struct effect *delivery,
	struct delivery_request *out) must_use;
/* Signs `body` as the event `id` at the present time of this machine, and opens the endpoint's URL. */
enum err delivery_request_sign(const struct world *world, struct arena *a,
	const struct webhook_endpoint *endpoint, const char id[ID_SIZE], struct str body,
	struct delivery_request *out) must_use;
/* Returns what the sender needs. It refers to `request`. */
struct webhook_transfer delivery_transfer(const struct delivery_request *request, void *owner);
