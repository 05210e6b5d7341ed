#include "sandbox/server/persistence.h"

#include <stdio.h>
#include <string.h>

#include "base/attr.h"
#include "crypto/digest.h"
#include "sandbox/state/session_codec.h"
#include "text/encode.h"
#include "text/json.h"

/* The names of the kinds of rows in the kv store. */
#define SESSION "session"
#define DESTINATION "destination"
#define TOKEN "token"
#define NUMBER "number"
#define WORKFLOW "workflow"

/* One save in progress. */
struct save_ctx {
	struct kv_store *kv;
	struct arena arena;    /* memory for encoding one row at a time */
	uint64_t queue_commit; /* of event_queue_put_changes; 0: not reached */
};

static void save_put(struct save_ctx *ctx, const char *kind, int64_t key, struct str bytes)
{
	ctx->kv->ops->put(ctx->kv, kind, key, bytes);
}

/* Writes the session if it differs from its stored copy, and deletes the copy if the session was deleted.
 * Returns an error if the session's JSON does not fit into the arena. */
static enum err must_use save_session(struct save_ctx *ctx, struct sandbox_session *session)
{
	unsigned char digest[DIGEST_BYTES];
	struct str bytes;

	if (session->deleted) {
		ctx->kv->ops->drop(ctx->kv, SESSION, session->number);
		return OK;
	}
	TRY(session_encode(&ctx->arena, session, &bytes));
	sha256(bytes, digest);
	if (memcmp(digest, session->saved_digest, sizeof(digest)) != 0)
		save_put(ctx, SESSION, session->number, bytes);
	memcpy(session->saved_digest, digest, sizeof(digest));
	arena_reset(&ctx->arena);
	return OK;
}

static enum err must_use save_sessions(struct save_ctx *ctx, const struct state *state)
{
	struct sandbox_session *session = NULL;

	while ((session = state_next_changed(state, session)))
		TRY(save_session(ctx, session));
	return OK;
}

static enum err must_use save_destination(
	struct save_ctx *ctx, size_t i, const struct destination *destination)
{
	struct buf text;
	struct json_writer w;
	struct str bytes;

	buf_init(&text, &ctx->arena);
	json_writer_init(&w, &text);
	json_begin_object(&w);
	json_field_text(&w, "id", str_of(destination->id));
	json_field_text(&w, "url", destination->url);
	json_field_text(&w, "secret", destination->secret);
	json_field_text(&w, "label", destination->label);
	json_field_int(&w, "version", destination->version);
	json_field_bool(&w, "enabled", destination->enabled);
	json_field_bool(&w, "own", destination->own);
	json_field_int(&w, "events", destination->events);
	json_field_int(&w, "created", destination->created.ms);
	json_field_int(&w, "updated", destination->updated.ms);
	json_end_object(&w);
	TRY(buf_done(&text, &bytes));
	save_put(ctx, DESTINATION, (int64_t)i, bytes);
	arena_reset(&ctx->arena);
	return OK;
}

static enum err must_use save_destinations(struct save_ctx *ctx, const struct destinations *all)
{
	for (size_t i = 0; i < all->n; i++)
		TRY(save_destination(ctx, i, &all->all[i]));
	for (size_t i = all->n; i < DESTINATIONS_MAX; i++)
		ctx->kv->ops->drop(ctx->kv, DESTINATION, (int64_t)i);
	return OK;
}

static enum err must_use save_workflow(struct save_ctx *ctx, size_t i, const struct workflow *workflow)
{
	struct buf text;
	struct json_writer w;
	struct str bytes;

	buf_init(&text, &ctx->arena);
	json_writer_init(&w, &text);
	json_begin_object(&w);
	json_field_text(&w, "id", str_of(workflow->id));
	json_field_text(&w, "label", str_of(workflow->label));
	json_field_int(&w, "parts", workflow->parts);
	json_field_bool(&w, "default", workflow->is_default);
	json_field_int(&w, "created", workflow->created.ms);
	json_field_int(&w, "updated", workflow->updated.ms);
	json_end_object(&w);
	TRY(buf_done(&text, &bytes));
	save_put(ctx, WORKFLOW, (int64_t)i, bytes);
	arena_reset(&ctx->arena);
	return OK;
}

static enum err must_use save_workflows(struct save_ctx *ctx, const struct workflows *all)
{
	for (size_t i = 0; i < all->n; i++)
		TRY(save_workflow(ctx, i, &all->all[i]));
	for (size_t i = all->n; i < WORKFLOWS_MAX; i++)
		ctx->kv->ops->drop(ctx->kv, WORKFLOW, (int64_t)i);
	return OK;
}

static enum err must_use save_token(struct save_ctx *ctx, const struct state *state, uint64_t i)
{
	char hex[2 * DIGEST_BYTES + 1];
	moment until;
	struct str bytes;

	hex_write(state_token_at(state, i, &until), DIGEST_BYTES, hex);
	bytes = arena_printf(&ctx->arena, "{\"made\":%llu,\"digest\":\"%s\",\"until\":%lld}",
		(unsigned long long)i, hex, (long long)until.ms);
	if (!bytes.p)
		return ERR_INTERNAL;
	save_put(ctx, TOKEN, (int64_t)(i % TOKENS_MAX), bytes);
	arena_reset(&ctx->arena);
	return OK;
}

static enum err must_use save_tokens(struct save_ctx *ctx, const struct state *state, uint64_t from)
{
	const uint64_t issued = state_tokens_issued(state);

	for (uint64_t i = issued > TOKENS_MAX && from < issued - TOKENS_MAX ? issued - TOKENS_MAX : from;
		i < issued; i++)
		TRY(save_token(ctx, state, i));
	return OK;
}

static enum err must_use save_changes(struct save_ctx *ctx, const struct persistence *persistence,
	struct state *state, struct event_queue *event_queue)
{
	const struct destinations *const destinations = state_destinations(state);

	TRY(save_sessions(ctx, state));
	if (persistence->last_number != state_last_number(state)) {
		char number[24];

		(void)snprintf(number, sizeof(number), "%lld", (long long)state_last_number(state));
		save_put(ctx, NUMBER, 0, str_of(number));
	}
	if (persistence->destination_changes != destinations->changes)
		TRY(save_destinations(ctx, destinations));
	if (persistence->workflow_changes != persistence->workflows->changes)
		TRY(save_workflows(ctx, persistence->workflows));
	TRY(save_tokens(ctx, state, persistence->tokens_issued));
	ctx->queue_commit = event_queue_put_changes(event_queue);
	return OK;
}

/* Records that the store contains the current state. */
static void mark_saved(struct persistence *persistence, struct state *state)
{
	persistence->last_number = state_last_number(state);
	persistence->tokens_issued = state_tokens_issued(state);
	persistence->destination_changes = state_destinations(state)->changes;
	persistence->workflow_changes = persistence->workflows->changes;
}

/* Called after a failed save: forgets the digests of the changed sessions, because their bytes may not have
 * been committed. */
static void forget_saved_digests(const struct state *state)
{
	struct sandbox_session *session = NULL;

	while ((session = state_next_changed(state, session)))
		memset(session->saved_digest, 0, sizeof(session->saved_digest));
}

enum err persistence_save(
	struct persistence *persistence, struct state *state, struct event_queue *event_queue)
{
	struct save_ctx ctx = { .kv = persistence->kv };
	enum err written, committed;

	if (!ctx.kv)
		return OK;
	arena_init(&ctx.arena, SESSION_JSON_MAX);
	ctx.kv->ops->begin(ctx.kv);
	written = save_changes(&ctx, persistence, state, event_queue);
	committed = ctx.kv->ops->commit(ctx.kv);
	arena_finish(&ctx.arena);
	if (ctx.queue_commit > 0)
		event_queue_commit_done(event_queue, ctx.queue_commit, committed == OK);
	if (written != OK || committed != OK) {
		forget_saved_digests(state);
		return committed != OK ? committed : written;
	}
	state_changes_saved(state);
	mark_saved(persistence, state);
	return OK;
}

static enum err load_session(void *arg, int64_t key, struct str bytes)
{
	return session_decode(arg, key, bytes);
}

static enum err load_destination(void *arg, int64_t key, struct str bytes)
{
	const struct json_value *stored cleanup_with(json_cleanup) = NULL;
	struct destination draft = { 0 }, *added;
	int64_t version = 0, events = 0;

	(void)key;
	TRY(json_parse(bytes, true, &stored));
	draft.url = json_text(json_get(stored, "url"));
	draft.secret = json_text(json_get(stored, "secret"));
	draft.label = json_text(json_get(stored, "label"));
	draft.enabled = json_bool(json_get(stored, "enabled"));
	draft.own = json_bool(json_get(stored, "own"));
	if (!draft.url.n || !draft.secret.n ||
		!str_copy_to(json_text(json_get(stored, "id")), draft.id, sizeof(draft.id)) ||
		!json_int(json_get(stored, "version"), &version) || version < 0 ||
		version >= SANDBOX_VERSIONS || !json_int(json_get(stored, "events"), &events) || events < 0 ||
		events > EVENT_KINDS_ALL || !json_int(json_get(stored, "created"), &draft.created.ms) ||
		!json_int(json_get(stored, "updated"), &draft.updated.ms))
		return ERR_INPUT;
	draft.version = (enum sandbox_version)version;
	draft.events = (unsigned)events;
	return destinations_add(state_destinations(arg), &draft, &added);
}

static enum err load_workflow(void *arg, int64_t key, struct str bytes)
{
	const struct json_value *stored cleanup_with(json_cleanup) = NULL;
	struct workflow draft = { 0 };
	int64_t parts = 0;

	(void)key;
	TRY(json_parse(bytes, true, &stored));
	draft.is_default = json_bool(json_get(stored, "default"));
	if (!str_copy_to(json_text(json_get(stored, "id")), draft.id, sizeof(draft.id)) ||
		!str_copy_to(json_text(json_get(stored, "label")), draft.label, sizeof(draft.label)) ||
		!json_int(json_get(stored, "parts"), &parts) || parts < 0 ||
		((uint64_t)parts | PARTS_ALL) != PARTS_ALL ||
		!json_int(json_get(stored, "created"), &draft.created.ms) ||
		!json_int(json_get(stored, "updated"), &draft.updated.ms))
		return ERR_INPUT;
	draft.parts = (unsigned)parts;
	return workflows_add(arg, &draft);
}

static enum err load_token(void *arg, int64_t key, struct str bytes)
{
	const struct json_value *stored cleanup_with(json_cleanup) = NULL;
	unsigned char digest[DIGEST_BYTES];
	int64_t serial = 0;
	moment until = { 0 };

	(void)key;
	TRY(json_parse(bytes, true, &stored));
	if (!json_int(json_get(stored, "made"), &serial) || serial < 0 ||
		!json_int(json_get(stored, "until"), &until.ms) ||
		!hex_read(json_text(json_get(stored, "digest")), digest, sizeof(digest)))
		return ERR_INPUT;
	state_token_restore(arg, (uint64_t)serial, digest, until);
	return OK;
}

static enum err load_last_number(void *arg, int64_t key, struct str bytes)
{
	int64_t number = 0;

	(void)key;
	if (!str_number(bytes, INT64_MAX, &number))
		return ERR_INPUT;
	state_raise_last_number(arg, number);
	return OK;
}

enum err persistence_load(
	struct persistence *persistence, struct state *state, struct event_queue *event_queue)
{
	static const struct {
		const char *kind;
		kv_visit *load;
	} kinds[] = {
		{ SESSION, load_session },
		{ DESTINATION, load_destination },
		{ TOKEN, load_token },
		{ NUMBER, load_last_number },
	};
	struct kv_store *const kv = persistence->kv;

	if (!kv)
		return OK;
	state_track_changes(state);
	for (size_t i = 0; i < array_len(kinds); i++)
		TRY(kv->ops->each(kv, kinds[i].kind, kinds[i].load, state));
	TRY(kv->ops->each(kv, WORKFLOW, load_workflow, persistence->workflows));
	TRY(event_queue_load(event_queue));
	mark_saved(persistence, state);
	return OK;
}
