/* Webhook endpoints and their deliveries in the console. Each function sets `verdict`, and its results only
 * if that is CONSOLE_PERMITTED. ERR_NOT_FOUND: there is no such endpoint or event. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "app/event/event_list.h"
#include "app/operator/access.h"
#include "app/webhook/delivery_list.h"
#include "app/webhook/endpoint.h"
#include "app/webhook/resend.h"
#include "app/webhook/test_delivery.h"
#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "port/world.h"

/* Number of endpoints that the list shows, oldest first. */
#define CONSOLE_ENDPOINTS_MAX 200
/* The limit of the arena of one call. */
#define CONSOLE_WEBHOOKS_ARENA ((size_t)4 * 1024 * 1024)

struct console_endpoint {
	struct webhook_endpoint row;
	struct str url;
	char tenant_name[TENANT_NAME_SIZE];
};

/* Lists the endpoints of the caller's tenants. */
enum err console_endpoint_list(const struct world *world, struct arena *a,
	const struct console_caller *caller, struct console_endpoint **rows, size_t *n,
	enum console_verdict *verdict) must_use;

/* What a page names: an endpoint, and what of it. */
struct console_endpoint_ref {
	struct endpoint_id id;
	struct delivery_filter filter; /* for reading */
	struct event_id event_id;      /* for an event */
	enum webhook_switch state;     /* for enabling and disabling */
};

struct console_endpoint_view {
	struct console_endpoint endpoint;
	int64_t pending; /* as in struct webhook_endpoint_view */
	struct delivery_list deliveries;
};

/* Reads an endpoint and a page of its deliveries. */
enum err console_endpoint_read(const struct world *world, struct arena *a,
	const struct console_caller *caller, const struct console_endpoint_ref *ref,
	struct console_endpoint_view *out, enum console_verdict *verdict) must_use;
/* Reads an event of the endpoint's tenant: its payload. */
enum err console_delivery_read(const struct world *world, struct arena *a,
	const struct console_caller *caller, const struct console_endpoint_ref *ref, struct event_line *out,
	enum console_verdict *verdict) must_use;

/* All endpoints exist for this client: console_permit() decides about the tenant. */
static inline struct webhook_client console_webhook_client(const struct console_caller *caller)
{
	return (struct webhook_client){ .scopes = SCOPES_ALL, .actor = &caller->actor };
}
/* What a caller wants to do with an endpoint. */
struct endpoint_permit {
	const struct endpoint_id *id;
	enum console_action action;
};
/* Loads an endpoint without its deliveries, and decides whether the caller may take the action on it. */
enum err console_endpoint_permit(const struct world *world, struct arena *a,
	const struct console_caller *caller, const struct endpoint_permit *permit,
	struct console_endpoint_view *out, enum console_verdict *verdict) must_use;

/* Queues an event for the endpoint again. */
enum err console_endpoint_resend(const struct world *world, struct arena *a,
	const struct console_caller *caller, const struct console_endpoint_ref *ref,
	struct resend_result *out, enum console_verdict *verdict) must_use;
/* Sends a sample event at once and waits for the answer. */
enum err console_endpoint_test(const struct world *world, struct arena *a,
	const struct console_caller *caller, const struct console_endpoint_ref *ref,
	struct test_delivery_result *out, enum console_verdict *verdict) must_use;
/* Enables or disables the endpoint. */
enum err console_endpoint_switch(const struct world *world, struct arena *a,
	const struct console_caller *caller, const struct console_endpoint_ref *ref,
	struct webhook_result *out, enum console_verdict *verdict) must_use;
