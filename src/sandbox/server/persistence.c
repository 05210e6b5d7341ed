#include "sandbox/server/persistence.h"

#include <stdio.h>
#include <string.h>

#include "base/attr.h"
#include "crypto/digest.h"
#include "sandbox/state/session_codec.h"
#include "text/encode.h"
#include "text/json.h"

#define SESSION "session"
#define DESTINATION "destination"
#define TOKEN "token"
#define NUMBER "number"

/* One commit under way. */
struct pen {
	struct kv_store *kv;
	struct arena arena;
};

static void put(struct pen *pen, const char *kind, int64_t key, struct str bytes)
{
	pen->kv->ops->put(pen->kv, kind, key, bytes);
}

/* What was written with an arena that is used again for the next one. One that does not fit fails the commit.
 */
static enum err must_use write_session(struct pen *pen, struct sandbox_session *session)
{
	unsigned char digest[DIGEST_BYTES];
	struct str bytes;

	if (session->deleted) {
		pen->kv->ops->drop(pen->kv, SESSION, session->number);
		return OK;
	}
	TRY(session_encode(&pen->arena, session, &bytes));
	sha256(bytes, digest);
	if (memcmp(digest, session->saved_digest, sizeof(digest)) != 0)
		put(pen, SESSION, session->number, bytes);
	memcpy(session->saved_digest, digest, sizeof(digest));
	arena_reset(&pen->arena);
	return OK;
}

static enum err must_use write_sessions(struct pen *pen, const struct state *state)
{
	struct sandbox_session *session = NULL;

	while ((session = state_next_changed(state, session)))
		TRY(write_session(pen, session));
	return OK;
}

static enum err must_use write_destination(struct pen *pen, size_t i, const struct destination *destination)
{
	struct buf text;
	struct json_writer w;
	struct str bytes;

	buf_init(&text, &pen->arena);
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
	put(pen, DESTINATION, (int64_t)i, bytes);
	arena_reset(&pen->arena);
	return OK;
}

static enum err must_use write_destinations(struct pen *pen, const struct destinations *all)
{
	for (size_t i = 0; i < all->n; i++)
		TRY(write_destination(pen, i, &all->all[i]));
	for (size_t i = all->n; i < DESTINATIONS_MAX; i++)
		pen->kv->ops->drop(pen->kv, DESTINATION, (int64_t)i);
	return OK;
}

static enum err must_use write_token(struct pen *pen, const struct state *state, uint64_t i)
{
	char hex[2 * DIGEST_BYTES + 1];
	moment until;
	struct str bytes;

	hex_write(state_token_at(state, i, &until), DIGEST_BYTES, hex);
	bytes = arena_printf(&pen->arena, "{\"made\":%llu,\"digest\":\"%s\",\"until\":%lld}",
		(unsigned long long)i, hex, (long long)until.ms);
	if (!bytes.p)
		return ERR_INTERNAL;
	put(pen, TOKEN, (int64_t)(i % TOKENS_MAX), bytes);
	arena_reset(&pen->arena);
	return OK;
}

static enum err must_use write_tokens(struct pen *pen, const struct state *state, uint64_t from)
{
	const uint64_t made = state_tokens_issued(state);

	for (uint64_t i = made > TOKENS_MAX && from < made - TOKENS_MAX ? made - TOKENS_MAX : from; i < made;
		i++)
		TRY(write_token(pen, state, i));
	return OK;
}

static enum err must_use write_all(struct pen *pen, const struct persistence *persistence,
	struct state *state, struct event_queue *event_queue)
{
	const struct destinations *const destinations = state_destinations(state);

	TRY(write_sessions(pen, state));
	if (persistence->numbers != state_last_number(state)) {
		char number[24];

		(void)snprintf(number, sizeof(number), "%lld", (long long)state_last_number(state));
		put(pen, NUMBER, 0, str_of(number));
	}
	if (persistence->destinations != destinations->changes)
		TRY(write_destinations(pen, destinations));
	TRY(write_tokens(pen, state, persistence->tokens));
	event_queue_put_changes(event_queue);
	return OK;
}

static void note(struct persistence *persistence, struct state *state)
{
	persistence->numbers = state_last_number(state);
	persistence->tokens = state_tokens_issued(state);
	persistence->destinations = state_destinations(state)->changes;
}

/* Digests tell of bytes that were not committed. */
static void forget_written(const struct state *state)
{
	struct sandbox_session *session = NULL;

	while ((session = state_next_changed(state, session)))
		memset(session->saved_digest, 0, sizeof(session->saved_digest));
}

enum err persistence_save(
	struct persistence *persistence, struct state *state, struct event_queue *event_queue)
{
	struct pen pen = { .kv = persistence->kv };
	enum err written, kept;

	if (!pen.kv)
		return OK;
	arena_init(&pen.arena, SESSION_JSON_MAX);
	pen.kv->ops->begin(pen.kv);
	written = write_all(&pen, persistence, state, event_queue);
	kept = pen.kv->ops->commit(pen.kv);
	arena_finish(&pen.arena);
	event_queue_commit_done(event_queue, kept == OK);
	if (written != OK || kept != OK) {
		forget_written(state);
		return kept != OK ? kept : written;
	}
	state_changes_saved(state);
	note(persistence, state);
	return OK;
}

static enum err take_session(void *arg, int64_t key, struct str bytes)
{
	return session_decode(arg, key, bytes);
}

static enum err take_destination(void *arg, int64_t key, struct str bytes)
{
	const struct json_value *kept cleanup_with(json_cleanup) = NULL;
	struct destination draft = { 0 }, *made;
	int64_t version = 0, events = 0;

	(void)key;
	TRY(json_parse(bytes, true, &kept));
	draft.url = json_text(json_get(kept, "url"));
	draft.secret = json_text(json_get(kept, "secret"));
	draft.label = json_text(json_get(kept, "label"));
	draft.enabled = json_bool(json_get(kept, "enabled"));
	draft.own = json_bool(json_get(kept, "own"));
	if (!draft.url.n || !draft.secret.n ||
		!str_copy_to(json_text(json_get(kept, "id")), draft.id, sizeof(draft.id)) ||
		!json_int(json_get(kept, "version"), &version) || version < 0 ||
		version >= SANDBOX_VERSIONS || !json_int(json_get(kept, "events"), &events) || events < 0 ||
		events > EVENT_KINDS_ALL || !json_int(json_get(kept, "created"), &draft.created.ms) ||
		!json_int(json_get(kept, "updated"), &draft.updated.ms))
		return ERR_INPUT;
	draft.version = (enum sandbox_version)version;
	draft.events = (unsigned)events;
	return destinations_add(state_destinations(arg), &draft, &made);
}

static enum err take_token(void *arg, int64_t key, struct str bytes)
{
	const struct json_value *kept cleanup_with(json_cleanup) = NULL;
	unsigned char digest[DIGEST_BYTES];
	int64_t made = 0;
	moment until = { 0 };

	(void)key;
	TRY(json_parse(bytes, true, &kept));
	if (!json_int(json_get(kept, "made"), &made) || made < 0 ||
		!json_int(json_get(kept, "until"), &until.ms) ||
		!hex_read(json_text(json_get(kept, "digest")), digest, sizeof(digest)))
		return ERR_INPUT;
	state_token_restore(arg, (uint64_t)made, digest, until);
	return OK;
}

static enum err take_number(void *arg, int64_t key, struct str bytes)
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
		kv_visit *take;
	} kinds[] = {
		{ SESSION, take_session },
		{ DESTINATION, take_destination },
		{ TOKEN, take_token },
		{ NUMBER, take_number },
	};
	struct kv_store *const kv = persistence->kv;

	if (!kv)
		return OK;
	state_track_changes(state);
	for (size_t i = 0; i < array_len(kinds); i++)
		TRY(kv->ops->each(kv, kinds[i].kind, kinds[i].take, state));
	TRY(event_queue_load(event_queue));
	note(persistence, state);
	return OK;
}
