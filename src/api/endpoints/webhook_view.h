/* What the routes of webhook endpoints share: the client, the id in the path, the JSON of an endpoint, and
 * the answers to what was refused. */
#pragma once

#include <stdbool.h>

#include "api/core/route.h"
#include "app/webhook/endpoint.h"
#include "app/webhook/test_delivery.h"
#include "text/input_cause.h"

#define WEBHOOK_ENDPOINT_EXAMPLE "we_01kb7m2a5v8wq3x4y5z6a7b8c9"
#define WEBHOOK_ENDPOINT_PARAM                                                                               \
	{                                                                                                    \
		IN_PATH, "endpoint_id", true, WEBHOOK_ENDPOINT_EXAMPLE, NULL,                                \
			"The `id` of the webhook endpoint."                                                  \
	}

struct webhook_client webhook_client_of(const struct call *call);
/* Reads the id in the path. If it is no id, returns false and sets `reply` to a 404. */
bool read_endpoint_id(struct call *call, struct endpoint_id *out, struct reply *reply);
/* Responds to a call that was refused. */
struct reply respond_webhook_refusal(struct call *call, const struct webhook_refusal *refusal);

/* A call about the endpoint that the path names. The secret of the result must be wiped. */
struct endpoint_call {
	struct webhook_client client;
	struct endpoint_id id;
	struct webhook_result result;
};
/* Reads the client and the id in the path. If it is no id, returns false and sets `reply` to a 404. */
bool read_endpoint_call(struct call *call, struct endpoint_call *out, struct reply *reply);
/* Returns whether the use case did what the client wanted. Otherwise sets `reply`. */
bool is_endpoint_call_done(
	struct call *call, enum err e, const struct webhook_refusal *refusal, struct reply *reply);
/* Responds 400 to a value that is well formed, but none of those that are permitted. */
struct reply respond_webhook_value(struct call *call, const char *message, enum input_cause cause);
/* Writes the members of an endpoint into the object that `w` has open. */
void write_webhook_endpoint(struct json_writer *w, const struct webhook_endpoint_view *view);
/* Writes the members of what became of a sample event. */
void write_test_delivery(struct json_writer *w, const struct test_delivery_result *result);
/* Writes a time, or null if it is not set. */
void write_moment_or_null(struct json_writer *w, const char *name, moment t);

extern const struct json_schema webhook_endpoint_schema;
/* The same, with the secret. */
extern const struct json_schema webhook_endpoint_created_schema;
