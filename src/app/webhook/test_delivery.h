/* Sends a sample event to a webhook endpoint at once, and waits for the answer (spec/events.md 2). The sample
 * is not in the feed; an entry of the audit log has its type. The endpoint's state does not change. Only one
 * test of an endpoint runs at a time, on all instances together. */
#pragma once

#include <stdbool.h>

#include "app/webhook/endpoint.h"
#include "base/moment.h"

enum test_delivery_verdict {
	TEST_DELIVERY_DONE,
	TEST_DELIVERY_NO_ENDPOINT,
	TEST_DELIVERY_TYPE_UNKNOWN,
	TEST_DELIVERY_IN_PROGRESS, /* another test of the endpoint is running */
};

struct test_delivery_result {
	enum test_delivery_verdict verdict;
	bool delivered;
	int http_status;   /* 0: no answer */
	const char *error; /* a word; empty: the status says it */
	duration took;
	struct str excerpt; /* in the arena */
};

/* `type` is the name of a type; empty: kyc.approved. Waits at most WEBHOOK_LIMIT and a second. */
enum err test_delivery_send(const struct world *world, struct arena *a, const struct webhook_client *client,
	const struct endpoint_id *id, struct str type, struct test_delivery_result *out) must_use;
