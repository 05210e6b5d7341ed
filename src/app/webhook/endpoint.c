#include "app/webhook/endpoint.h"

#include <assert.h>
#include <string.h>

#include "app/core/audit.h"
#include "app/event/numbering.h"
#include "app/webhook/backlog.h"
#include "base/attr.h"
#include "net/endpoint_url.h"
#include "port/webhook_sender.h"

/* Rows of a tenant that are looked at: those that exist, and deleted ones whose deliveries are still being
 * removed. */
#define ROWS_MAX 64

struct endpoint_job {
	const struct world *world;
	const struct webhook_client *client;
	const struct webhook_change *change;
	const struct endpoint_id *id;
	duration overlap;
	struct webhook_result *out;
};

const char *webhook_url_fault_name(size_t i)
{
	const size_t fault = i + ENDPOINT_URL_NONE + 1;

	return fault < ENDPOINT_URL_FAULT_COUNT ? endpoint_url_fault_name((enum endpoint_url_fault)fault).p
						: NULL;
}

enum err webhook_endpoint_audit(const struct world *world, struct tx *tx, const struct webhook_client *client,
	const struct webhook_endpoint *endpoint, enum audit_action action, const char *detail)
{
	char shown[SHOWN_ID_SIZE];

	shown_id_write(ENDPOINT_ID_PREFIX, endpoint->id.text, shown);
	return audit_append(world, tx, client->actor,
		&(const struct audit_params){ action, shown, endpoint->tenant_id.text, detail });
}

enum err webhook_endpoint_load(struct tx *tx, const struct webhook_client *client,
	const struct endpoint_id *id, struct webhook_endpoint *out)
{
	*out = (struct webhook_endpoint){ .id = *id };
	TRY(store_load_webhook_endpoint(tx, out));
	if (out->state == WEBHOOK_DELETED)
		return ERR_NOT_FOUND;
	if (client->tenant_id.text[0] != '\0' && strcmp(client->tenant_id.text, out->tenant_id.text) != 0)
		return ERR_NOT_FOUND;
	return OK;
}

/* Loads the endpoint of the job. Returns OK also if it does not exist, with that verdict. */
static enum err load_or_refuse(struct tx *tx, struct endpoint_job *job, struct webhook_endpoint *endpoint)
{
	const enum err e = webhook_endpoint_load(tx, job->client, job->id, endpoint);

	job->out->refusal = (struct webhook_refusal){ .verdict = WEBHOOK_DONE };
	if (e == ERR_NOT_FOUND)
		job->out->refusal.verdict = WEBHOOK_NOT_FOUND;
	return e == ERR_NOT_FOUND ? OK : e;
}

static bool is_refused(const struct endpoint_job *job)
{
	return job->out->refusal.verdict != WEBHOOK_DONE;
}

static enum err view(const struct world *world, struct tx *tx, const struct webhook_endpoint *row,
	struct webhook_endpoint_view *out)
{
	out->row = *row;
	TRY(backlog_count(tx, &row->id, &out->pending));
	return webhook_endpoint_url(world, tx->arena, row, &out->url);
}

/* A literal address is judged at once. A name is judged at each attempt, with the addresses that it has then.
 */
static bool has_refused_address(const struct world *world, struct str text)
{
	struct endpoint_url url;

	return world->webhooks && endpoint_url_parse(text, &url) == ENDPOINT_URL_NONE && url.is_literal &&
	       !world->webhooks->may_reach(world->webhooks, &url.ip, url.port, url.is_plain);
}

static struct webhook_refusal check_url(const struct world *world, struct str url)
{
	static const struct ip_nets none = { .n = 0 };
	const struct rules *const rules = world->rules;
	const struct endpoint_url_rules url_rules = {
		.listed = rules->webhook_networks ? rules->webhook_networks : &none,
		.allow_plain = rules->webhook_plain,
	};
	enum endpoint_url_fault fault = endpoint_url_check(url, &url_rules);

	if (fault == ENDPOINT_URL_NONE && has_refused_address(world, url))
		fault = ENDPOINT_URL_ADDRESS;
	if (fault == ENDPOINT_URL_NONE)
		return (struct webhook_refusal){ .verdict = WEBHOOK_DONE };
	return (struct webhook_refusal){ .verdict = WEBHOOK_URL_REFUSED,
		.url_fault = { endpoint_url_fault_name(fault), endpoint_url_fault_explanation(fault) } };
}

/* What an endpoint receives, the client must be able to read itself: otherwise a key could send addresses to
 * a URL of its choice. */
static enum scope missing_scope(const struct webhook_client *client, bool address, bool session_url)
{
	if (address && !scope_set_has(client->scopes, SCOPE_USERS_ADDRESS))
		return SCOPE_USERS_ADDRESS;
	if (session_url && !scope_set_has(client->scopes, SCOPE_KYC_WRITE))
		return SCOPE_KYC_WRITE;
	return SCOPE_ANY;
}

/* Checks the values without the store. */
static struct webhook_refusal check_change(const struct endpoint_job *job, bool address, bool session_url)
{
	const struct webhook_change *const change = job->change;
	struct webhook_refusal refusal = { .verdict = WEBHOOK_DONE };
	event_type_set set;

	if (change->url.p)
		refusal = check_url(job->world, change->url);
	if (refusal.verdict == WEBHOOK_DONE && change->types.p &&
		(change->types.n >= WEBHOOK_TYPES_SIZE || !event_types_parse(change->types, &set)))
		refusal = (struct webhook_refusal){ .verdict = WEBHOOK_TYPES_UNKNOWN,
			.word = event_types_unknown(change->types) };
	if (refusal.verdict != WEBHOOK_DONE || !change->url.p)
		return refusal;
	refusal.scope = missing_scope(job->client, address, session_url);
	if (refusal.scope != SCOPE_ANY)
		refusal.verdict = WEBHOOK_SCOPE_MISSING;
	return refusal;
}

struct webhook_refusal webhook_endpoint_check(
	const struct world *world, const struct webhook_client *client, const struct webhook_change *change)
{
	const struct endpoint_job job = { .world = world, .client = client, .change = change };

	return check_change(&job, change->include_address, change->include_session_url);
}

static enum err apply_change(const struct endpoint_job *job, struct tx *tx, struct webhook_endpoint *endpoint)
{
	const struct webhook_change *const change = job->change;
	const bool enables = change->state == WEBHOOK_SWITCH_ON;

	if (change->url.p)
		TRY(webhook_endpoint_seal_url(job->world, tx->arena, endpoint, change->url));
	if ((change->types.p && !str_copy_to(change->types, endpoint->types, sizeof(endpoint->types))) ||
		(change->description.p && !str_copy_to(change->description, endpoint->description,
						  sizeof(endpoint->description))))
		return ERR_INPUT;
	if (change->state == WEBHOOK_SWITCH_OFF && webhook_endpoint_is_enabled(endpoint))
		endpoint->state = WEBHOOK_DISABLED;
	if (enables)
		endpoint->state = WEBHOOK_ENABLED;
	/* What an endpoint did before says nothing about another URL, and the days of failures begin anew. */
	if (enables || change->url.p) {
		endpoint->failing_since = (moment){ 0 };
		endpoint->paused_until = (moment){ 0 };
	}
	return OK;
}

/* Locks the tenant, so that parallel calls cannot exceed the limit, and counts its endpoints. */
static enum err count_endpoints(struct tx *tx, const struct tenant_id *tenant_id, size_t *out)
{
	const struct webhook_endpoint probe = { .tenant_id = *tenant_id };
	struct webhook_endpoint *const rows = arena_array(tx->arena, struct webhook_endpoint, ROWS_MAX);
	struct tenant tenant = { .id = *tenant_id };
	size_t n;

	if (!rows)
		return ERR_INTERNAL;
	TRY(store_load_tenant(tx, &tenant));
	/* A load alone does not lock the row of a tenant, because every request reads it. */
	TRY(store_save_tenant(tx, &tenant));
	TRY(store_find(tx, QUERY_WEBHOOK_ENDPOINTS_OF_TENANT, &probe, page_of(0, ROWS_MAX), rows, &n));
	*out = 0;
	for (size_t i = 0; i < n; i++)
		*out += rows[i].state == WEBHOOK_DELETED ? 0 : 1;
	/* So many deleted rows are left only for a moment. */
	return n == ROWS_MAX ? ERR_BUSY : OK;
}

static enum err create_in_tx(struct tx *tx, void *arg)
{
	struct endpoint_job *const job = arg;
	struct webhook_endpoint endpoint = { .tenant_id = job->client->tenant_id,
		.state = WEBHOOK_ENABLED,
		.include_address = job->change->include_address,
		.include_session_url = job->change->include_session_url,
		.created_at = world_now(job->world) };
	size_t n;

	job->out->refusal = check_change(job, endpoint.include_address, endpoint.include_session_url);
	if (is_refused(job))
		return OK;
	TRY(count_endpoints(tx, &endpoint.tenant_id, &n));
	if (n >= WEBHOOK_ENDPOINTS_MAX) {
		job->out->refusal.verdict = WEBHOOK_LIMIT_REACHED;
		return OK;
	}
	TRY(world_id(job->world, endpoint.id.text));
	TRY(apply_change(job, tx, &endpoint));
	TRY(webhook_endpoint_new_secret(job->world, tx->arena, &endpoint, job->out->secret));
	TRY(store_add_webhook_endpoint(tx, &endpoint));
	TRY(webhook_endpoint_audit(
		job->world, tx, job->client, &endpoint, AUDIT_WEBHOOK_ENDPOINT_CREATED, ""));
	return view(job->world, tx, &endpoint, &job->out->endpoint);
}

enum err webhook_endpoint_create(const struct world *world, struct arena *a,
	const struct webhook_client *client, const struct webhook_change *change, struct webhook_result *out)
{
	struct endpoint_job job = { .world = world, .client = client, .change = change, .out = out };

	assert(client->tenant_id.text[0] != '\0' && change->url.p && change->types.p);
	/* An endpoint gets no event that was committed before it existed. */
	TRY(event_number_all(world));
	return store_transact(world->store, TX_WRITE, a, create_in_tx, &job);
}

static enum err get_in_tx(struct tx *tx, void *arg)
{
	struct endpoint_job *const job = arg;
	struct webhook_endpoint endpoint;

	TRY(load_or_refuse(tx, job, &endpoint));
	return is_refused(job) ? OK : view(job->world, tx, &endpoint, &job->out->endpoint);
}

enum err webhook_endpoint_get(const struct world *world, struct arena *a, const struct webhook_client *client,
	const struct endpoint_id *id, struct webhook_result *out)
{
	struct endpoint_job job = { .world = world, .client = client, .id = id, .out = out };

	return store_transact(world->store, TX_READ, a, get_in_tx, &job);
}

/* The word in the audit log that tells what was changed. */
static const char *change_detail(const struct webhook_change *change)
{
	static const char *const words[] = { [WEBHOOK_SWITCH_NOTHING] = "",
		[WEBHOOK_SWITCH_OFF] = "disabled",
		[WEBHOOK_SWITCH_ON] = "enabled" };

	return change->state == WEBHOOK_SWITCH_NOTHING && change->url.p ? "url" : words[change->state];
}

static enum err update_in_tx(struct tx *tx, void *arg)
{
	struct endpoint_job *const job = arg;
	struct webhook_endpoint endpoint;

	TRY(load_or_refuse(tx, job, &endpoint));
	if (is_refused(job))
		return OK;
	job->out->refusal = check_change(job, endpoint.include_address, endpoint.include_session_url);
	if (is_refused(job))
		return OK;
	TRY(apply_change(job, tx, &endpoint));
	TRY(store_save_webhook_endpoint(tx, &endpoint));
	TRY(webhook_endpoint_audit(job->world, tx, job->client, &endpoint, AUDIT_WEBHOOK_ENDPOINT_CHANGED,
		change_detail(job->change)));
	return view(job->world, tx, &endpoint, &job->out->endpoint);
}

enum err webhook_endpoint_update(const struct world *world, struct arena *a,
	const struct webhook_client *client, const struct endpoint_id *id,
	const struct webhook_change *change, struct webhook_result *out)
{
	struct endpoint_job job = {
		.world = world, .client = client, .id = id, .change = change, .out = out
	};

	/* Nor one that was committed before the endpoint was enabled, or received its type. */
	if (change->state == WEBHOOK_SWITCH_ON || change->types.p)
		TRY(event_number_all(world));
	TRY(store_transact(world->store, TX_WRITE, a, update_in_tx, &job));
	if (is_refused(&job) || change->state != WEBHOOK_SWITCH_OFF)
		return OK;
	/* The endpoint is disabled already; the clean-up does what fails here. */
	if (backlog_clear(world, a, id) != OK)
		return OK;
	return webhook_endpoint_get(world, a, client, id, out);
}

static enum err delete_in_tx(struct tx *tx, void *arg)
{
	struct endpoint_job *const job = arg;
	struct webhook_endpoint endpoint;

	TRY(load_or_refuse(tx, job, &endpoint));
	if (is_refused(job))
		return OK;
	endpoint.state = WEBHOOK_DELETED;
	endpoint.sealed_url = STR("");
	endpoint.sealed_secret = STR("");
	endpoint.sealed_old_secret = STR("");
	endpoint.description[0] = '\0';
	TRY(store_save_webhook_endpoint(tx, &endpoint));
	return webhook_endpoint_audit(
		job->world, tx, job->client, &endpoint, AUDIT_WEBHOOK_ENDPOINT_DELETED, "");
}

enum err webhook_endpoint_delete(const struct world *world, struct arena *a,
	const struct webhook_client *client, const struct endpoint_id *id, struct webhook_result *out)
{
	struct endpoint_job job = { .world = world, .client = client, .id = id, .out = out };

	TRY(store_transact(world->store, TX_WRITE, a, delete_in_tx, &job));
	/* The endpoint is gone for its owner; the clean-up does what fails here. */
	if (!is_refused(&job))
		(void)!backlog_clear(world, a, id);
	return OK;
}

static enum err rotate_in_tx(struct tx *tx, void *arg)
{
	struct endpoint_job *const job = arg;
	struct webhook_endpoint endpoint;

	TRY(load_or_refuse(tx, job, &endpoint));
	if (is_refused(job))
		return OK;
	TRY(webhook_endpoint_retire_secret(job->world, tx->arena, &endpoint, job->overlap));
	TRY(webhook_endpoint_new_secret(job->world, tx->arena, &endpoint, job->out->secret));
	TRY(store_save_webhook_endpoint(tx, &endpoint));
	TRY(webhook_endpoint_audit(job->world, tx, job->client, &endpoint, AUDIT_WEBHOOK_SECRET_ROTATED, ""));
	return view(job->world, tx, &endpoint, &job->out->endpoint);
}

enum err webhook_endpoint_rotate_secret(const struct world *world, struct arena *a,
	const struct webhook_client *client, const struct endpoint_id *id, duration overlap,
	struct webhook_result *out)
{
	struct endpoint_job job = {
		.world = world, .client = client, .id = id, .overlap = overlap, .out = out
	};

	assert(overlap.ms >= 0 && overlap.ms <= seconds(WEBHOOK_OVERLAP_MAX_SECONDS).ms);
	return store_transact(world->store, TX_WRITE, a, rotate_in_tx, &job);
}

struct list_job {
	const struct world *world;
	const struct webhook_client *client;
	struct webhook_endpoint_view *out;
	size_t n;
};

static enum err list_in_tx(struct tx *tx, void *arg)
{
	struct list_job *const job = arg;
	const struct webhook_endpoint probe = { .tenant_id = job->client->tenant_id };
	struct webhook_endpoint *const rows = arena_array(tx->arena, struct webhook_endpoint, ROWS_MAX);
	size_t found;

	if (!rows)
		return ERR_INTERNAL;
	TRY(store_find(tx, QUERY_WEBHOOK_ENDPOINTS_OF_TENANT, &probe, page_of(0, ROWS_MAX), rows, &found));
	job->n = 0;
	for (size_t i = 0; i < found && job->n < WEBHOOK_ENDPOINTS_MAX; i++) {
		if (rows[i].state == WEBHOOK_DELETED)
			continue;
		TRY(view(job->world, tx, &rows[i], &job->out[job->n]));
		job->n++;
	}
	return OK;
}

enum err webhook_endpoint_list(const struct world *world, struct arena *a,
	const struct webhook_client *client, struct webhook_endpoint_view out[WEBHOOK_ENDPOINTS_MAX],
	size_t *n)
{
	struct list_job job = { .world = world, .client = client, .out = out };

	TRY(store_transact(world->store, TX_READ, a, list_in_tx, &job));
	*n = job.n;
	return OK;
}
