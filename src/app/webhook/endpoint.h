/* Management of webhook endpoints (spec/events.md 2): create, change, delete, rotate the secret, list. Used
 * by the API and by operators. Each change is written to the audit log. All functions open their own
 * transactions; a failure (enum err) means that nothing was changed. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "app/webhook/endpoint_seal.h"
#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "domain/audit.h"
#include "domain/scope.h"
#include "domain/webhook_endpoint.h"
#include "port/store.h"
#include "port/world.h"

/* Who acts. */
struct webhook_client {
	/* Only endpoints of this tenant exist for the client; an operator who names an endpoint by its id
	 * leaves it empty. */
	struct tenant_id tenant_id;
	scope_set scopes;
	const struct actor *actor;
};

enum webhook_verdict {
	WEBHOOK_DONE,
	WEBHOOK_NOT_FOUND, /* also an endpoint of another tenant */
	WEBHOOK_LIMIT_REACHED,
	WEBHOOK_URL_REFUSED,   /* see webhook_refusal.url_fault */
	WEBHOOK_TYPES_UNKNOWN, /* a word that names no type */
	WEBHOOK_SCOPE_MISSING, /* see webhook_refusal.scope */
	WEBHOOK_IS_DISABLED,
	WEBHOOK_EVENT_NOT_FOUND,
};

/* What is wrong with a URL: the causes of net/endpoint_url.h. */
struct webhook_url_fault {
	struct str name, explanation;
};
/* Returns the i-th cause, or NULL after the last one. */
const char *webhook_url_fault_name(size_t i);

struct webhook_refusal {
	enum webhook_verdict verdict; /* WEBHOOK_DONE: it was not refused */
	struct webhook_url_fault url_fault;
	enum scope scope; /* what the client would need */
	struct str word;  /* of the types: the first that names none; a slice of the client's text */
};

enum webhook_switch { WEBHOOK_SWITCH_NOTHING, WEBHOOK_SWITCH_OFF, WEBHOOK_SWITCH_ON };

/* The values of an endpoint to be set. A text with p == NULL stays unchanged. */
struct webhook_change {
	struct str url;
	struct str types;			   /* words separated by commas */
	struct str description;			   /* at most WEBHOOK_DESCRIPTION_SIZE - 1 bytes */
	bool include_address, include_session_url; /* only when the endpoint is created */
	enum webhook_switch state;
};

/* An endpoint in clear text. */
struct webhook_endpoint_view {
	struct webhook_endpoint row;
	struct str url;
	int64_t pending; /* open deliveries; at most BACKLOG_COUNT_MAX (app/webhook/backlog.h) */
};

struct webhook_result {
	struct webhook_refusal refusal;
	struct webhook_endpoint_view endpoint;
	/* The secret that was created; the caller wipes it. */
	char secret[WEBHOOK_SECRET_SIZE];
};

/* Checks the values of a new endpoint without the store: a URL, types, and what the client may have included.
 */
struct webhook_refusal webhook_endpoint_check(
	const struct world *world, const struct webhook_client *client, const struct webhook_change *change);
enum err webhook_endpoint_create(const struct world *world, struct arena *a,
	const struct webhook_client *client, const struct webhook_change *change,
	struct webhook_result *out) must_use;
enum err webhook_endpoint_get(const struct world *world, struct arena *a, const struct webhook_client *client,
	const struct endpoint_id *id, struct webhook_result *out) must_use;
enum err webhook_endpoint_update(const struct world *world, struct arena *a,
	const struct webhook_client *client, const struct endpoint_id *id,
	const struct webhook_change *change, struct webhook_result *out) must_use;
/* Deletes an endpoint. Its deliveries are dropped. */
enum err webhook_endpoint_delete(const struct world *world, struct arena *a,
	const struct webhook_client *client, const struct endpoint_id *id,
	struct webhook_result *out) must_use;
/* Creates a new secret; the present one signs too for `overlap` (0 to WEBHOOK_OVERLAP_MAX_SECONDS). An older
 * one that still signs does so no longer. */
enum err webhook_endpoint_rotate_secret(const struct world *world, struct arena *a,
	const struct webhook_client *client, const struct endpoint_id *id, duration overlap,
	struct webhook_result *out) must_use;
/* Loads the endpoints of the client's tenant, oldest first; there are at most WEBHOOK_ENDPOINTS_MAX. */
enum err webhook_endpoint_list(const struct world *world, struct arena *a,
	const struct webhook_client *client, struct webhook_endpoint_view out[WEBHOOK_ENDPOINTS_MAX],
	size_t *n) must_use;

/* Loads an endpoint, and in a write transaction locks it. ERR_NOT_FOUND: it does not exist for the client. */
enum err webhook_endpoint_load(struct tx *tx, const struct webhook_client *client,
	const struct endpoint_id *id, struct webhook_endpoint *out) must_use;
/* Writes an entry of the audit log about an endpoint. */
enum err webhook_endpoint_audit(const struct world *world, struct tx *tx, const struct webhook_client *client,
	const struct webhook_endpoint *endpoint, enum audit_action action, const char *detail) must_use;
