#include "sandbox/state/state.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/attr.h"

#define BUCKETS 4096 /* a power of two */

struct access_token {
	unsigned char digest[32];
	moment until;
};

struct slot {
	struct sandbox_session session;
	struct slot *older, *newer, *next_by_id, *next_by_token;
	struct slot *next_changed;
	bool changed;
	char *texts; /* all texts of the session, in one allocation */
};

/* Offsets of a session's texts in struct sandbox_session. */
static const size_t text_offsets[] = {
	offsetof(struct sandbox_session, vendor_data),
	offsetof(struct sandbox_session, callback),
	offsetof(struct sandbox_session, language),
	offsetof(struct sandbox_session, metadata),
	offsetof(struct sandbox_session, contact_details),
	offsetof(struct sandbox_session, expected_details),
	offsetof(struct sandbox_session, corrections),
};

struct state {
	size_t n, max;
	int64_t last_number;
	struct slot *oldest, *newest;
	struct slot *by_id[BUCKETS], *by_token[BUCKETS];
	bool tracks_changes;
	struct slot *changed;
	struct access_token tokens[TOKENS_MAX];
	uint64_t tokens_issued;
	struct destinations destinations;
};

static struct slot *slot_of(struct sandbox_session *session)
{
	return container_of(session, struct slot, session);
}

/* 32-bit FNV-1a is sufficient: ids and tokens are random, so clients cannot provoke collisions. */
static size_t bucket_of(struct str key)
{
	uint32_t hash = 2166136261U;

	for (size_t i = 0; i < key.n; i++)
		hash = (hash ^ (unsigned char)key.p[i]) * 16777619U;
	return hash & (BUCKETS - 1);
}

enum err state_open(size_t sessions_max, struct state **out)
{
	struct state *const state = calloc(1, sizeof(*state));

	if (!state)
		return ERR_INTERNAL;
	assert(sessions_max > 0);
	state->max = sessions_max;
	*out = state;
	return OK;
}

bool sandbox_session_is_open(const struct sandbox_session *session)
{
	return session->status == DIDIT_NOT_STARTED || session->status == DIDIT_IN_PROGRESS ||
	       session->status == DIDIT_RESUBMITTED || session->status == DIDIT_AWAITING_USER;
}

struct sandbox_session *state_by_id(struct state *state, struct str id)
{
	for (struct slot *slot = state->by_id[bucket_of(id)]; slot; slot = slot->next_by_id) {
		if (!str_eq(id, str_of(slot->session.id)))
			continue;
		state_mark_changed(state, &slot->session);
		return &slot->session;
	}
	return NULL;
}

struct sandbox_session *state_by_token(struct state *state, struct str token)
{
	for (struct slot *slot = state->by_token[bucket_of(token)]; slot; slot = slot->next_by_token) {
		if (!str_eq(token, str_of(slot->session.token)))
			continue;
		state_mark_changed(state, &slot->session);
		return &slot->session;
	}
	return NULL;
}

struct sandbox_session *state_next(const struct state *state, struct sandbox_session *after_this)
{
	struct slot *const slot = after_this ? slot_of(after_this)->newer : state->oldest;

	return slot ? &slot->session : NULL;
}

struct sandbox_session *state_previous(const struct state *state, struct sandbox_session *before_this)
{
	struct slot *const slot = before_this ? slot_of(before_this)->older : state->newest;

	return slot ? &slot->session : NULL;
}

size_t state_count(const struct state *state)
{
	return state->n;
}

static void unlink_slot(struct state *state, struct slot *slot)
{
	struct slot **at = &state->by_id[bucket_of(str_of(slot->session.id))];

	while (*at != slot)
		at = &(*at)->next_by_id;
	*at = slot->next_by_id;

	at = &state->by_token[bucket_of(str_of(slot->session.token))];
	while (*at != slot)
		at = &(*at)->next_by_token;
	*at = slot->next_by_token;

	*(slot->older ? &slot->older->newer : &state->oldest) = slot->newer;
	*(slot->newer ? &slot->newer->older : &state->newest) = slot->older;
	state->n--;
}

static void free_slot(struct slot *slot)
{
	struct sandbox_session *const session = &slot->session;

	while (session->reviews) {
		struct sandbox_review *const review = session->reviews;

		session->reviews = review->next;
		free(review);
	}
	free(slot->texts);
	free(slot);
}

/* With change tracking, the slot is freed only when the deletion has been stored (state_changes_saved). */
void state_remove(struct state *state, struct sandbox_session *session)
{
	struct slot *const slot = slot_of(session);

	unlink_slot(state, slot);
	if (!state->tracks_changes) {
		free_slot(slot);
		return;
	}
	state_mark_changed(state, session);
	session->deleted = true;
}

/* If the limit is reached, evicts the oldest finished session, or the oldest one if none is finished. */
static void evict_session_if_full(struct state *state)
{
	struct slot *victim = state->oldest;

	if (state->n < state->max)
		return;
	while (victim && sandbox_session_is_open(&victim->session))
		victim = victim->newer;
	state_remove(state, victim ? &victim->session : &state->oldest->session);
}

/* Copies `text` to `*at` and advances `*at` past the copy. Returns a text with p == NULL unchanged. */
static struct str state_copy_text(char **at, struct str text)
{
	const struct str copy = { *at, text.n };

	if (!text.p)
		return text;
	if (text.n)
		memcpy(*at, text.p, text.n);
	*at += text.n;
	return copy;
}

static struct str *session_text_at(struct sandbox_session *session, size_t i)
{
	return (struct str *)(void *)((char *)session + text_offsets[i]);
}

enum err state_set_texts(struct sandbox_session *session, const struct sandbox_session *wanted)
{
	struct slot *const slot = slot_of(session);
	struct sandbox_session draft = *wanted;
	size_t n = 1;

	for (size_t i = 0; i < array_len(text_offsets); i++)
		n += session_text_at(&draft, i)->n;

	char *const texts = malloc(n);
	char *at = texts;

	if (!texts)
		return ERR_INTERNAL;
	for (size_t i = 0; i < array_len(text_offsets); i++)
		*session_text_at(session, i) = state_copy_text(&at, *session_text_at(&draft, i));
	free(slot->texts);
	slot->texts = texts;
	return OK;
}

static void link_slot(struct state *state, struct slot *slot)
{
	struct slot **const id = &state->by_id[bucket_of(str_of(slot->session.id))];
	struct slot **const token = &state->by_token[bucket_of(str_of(slot->session.token))];

	slot->next_by_id = *id;
	*id = slot;
	slot->next_by_token = *token;
	*token = slot;

	slot->older = state->newest;
	*(state->newest ? &state->newest->newer : &state->oldest) = slot;
	state->newest = slot;
	state->n++;
}

static enum err must_use state_add_numbered(struct state *state, const struct sandbox_session *draft,
	int64_t number, struct sandbox_session **out)
{
	if (state_by_id(state, str_of(draft->id)) || state_by_token(state, str_of(draft->token)))
		return ERR_CONFLICT;

	struct slot *const slot = calloc(1, sizeof(*slot));

	if (!slot)
		return ERR_INTERNAL;
	slot->session = *draft;
	if (state_set_texts(&slot->session, draft) != OK) {
		free(slot);
		return ERR_INTERNAL;
	}
	evict_session_if_full(state);
	slot->session.number = number;
	slot->session.reviews = NULL;
	slot->session.n_reviews = 0;
	state_raise_last_number(state, number);
	link_slot(state, slot);
	state_mark_changed(state, &slot->session);
	*out = &slot->session;
	return OK;
}

enum err state_add(struct state *state, const struct sandbox_session *draft, struct sandbox_session **out)
{
	return state_add_numbered(state, draft, state->last_number + 1, out);
}

enum err state_restore(struct state *state, const struct sandbox_session *draft, struct sandbox_session **out)
{
	return state_add_numbered(state, draft, draft->number, out);
}

int64_t state_last_number(const struct state *state)
{
	return state->last_number;
}

void state_raise_last_number(struct state *state, int64_t number)
{
	if (number > state->last_number)
		state->last_number = number;
}

void state_track_changes(struct state *state)
{
	state->tracks_changes = true;
}

void state_mark_changed(struct state *state, struct sandbox_session *session)
{
	struct slot *const slot = slot_of(session);

	if (!state->tracks_changes || slot->changed)
		return;
	slot->changed = true;
	slot->next_changed = state->changed;
	state->changed = slot;
}

struct sandbox_session *state_next_changed(const struct state *state, struct sandbox_session *after_this)
{
	struct slot *const slot = after_this ? slot_of(after_this)->next_changed : state->changed;

	return slot ? &slot->session : NULL;
}

void state_changes_saved(struct state *state)
{
	while (state->changed) {
		struct slot *const slot = state->changed;

		state->changed = slot->next_changed;
		slot->changed = false;
		if (slot->session.deleted)
			free_slot(slot);
	}
}

enum err state_review(
	struct sandbox_session *session, enum didit_status status, struct str comment, moment at)
{
	struct sandbox_review *const review = calloc(1, sizeof(*review) + comment.n);
	struct sandbox_review **end = &session->reviews;

	if (!review)
		return ERR_INTERNAL;

	char *text = (char *)(review + 1);

	review->status = status;
	review->at = at;
	review->comment = state_copy_text(&text, comment);
	if (session->n_reviews == REVIEWS_MAX) {
		struct sandbox_review *const oldest = session->reviews;

		session->reviews = oldest->next;
		free(oldest);
		session->n_reviews--;
	}
	while (*end)
		end = &(*end)->next;
	*end = review;
	session->n_reviews++;
	return OK;
}

void state_token_restore(struct state *state, uint64_t i, const unsigned char digest[32], moment until)
{
	struct access_token *const token = &state->tokens[i % TOKENS_MAX];

	memcpy(token->digest, digest, sizeof(token->digest));
	token->until = until;
	if (i >= state->tokens_issued)
		state->tokens_issued = i + 1;
}

void state_token_add(struct state *state, const unsigned char digest[32], moment until)
{
	state_token_restore(state, state->tokens_issued, digest, until);
}

const unsigned char *state_token_at(const struct state *state, uint64_t i, moment *until)
{
	*until = state->tokens[i % TOKENS_MAX].until;
	return state->tokens[i % TOKENS_MAX].digest;
}

uint64_t state_tokens_issued(const struct state *state)
{
	return state->tokens_issued;
}

bool state_token_holds(const struct state *state, const unsigned char digest[32], moment now)
{
	for (size_t i = 0; i < TOKENS_MAX; i++)
		if (memcmp(state->tokens[i].digest, digest, sizeof(state->tokens[i].digest)) == 0)
			return moment_is_before(now, state->tokens[i].until);
	return false;
}

struct destinations *state_destinations(struct state *state)
{
	return &state->destinations;
}

void state_close(struct state *state)
{
	if (!state)
		return;
	state_changes_saved(state);
	for (struct slot *slot = state->oldest, *next; slot; slot = next) {
		next = slot->newer;
		free_slot(slot);
	}
	destinations_finish(&state->destinations);
	free(state);
}
