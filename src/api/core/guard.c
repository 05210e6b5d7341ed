#include "api/core/guard.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/core/access.h"
#include "app/core/rate.h"
#include "base/lock.h"
#include "crypto/api_key.h"
#include "crypto/digest.h"
#include "domain/limit.h"
#include "domain/rate.h"
#include "port/store.h"

/* A revoked key and a changed quota hold within one second (interface.md 1). */
#define FRESH milliseconds(900)
/* A minute's limit that is used up is asked for again so soon, whatever it said: others may give back. */
#define SHUT milliseconds(500)
/* Of who waits while somebody draws for the same key. */
#define DRAW_LIMIT seconds(2)
/* Keys held in memory: sets of WAYS places; the one longest not asked for makes room. */
#define SETS 512
#define WAYS 8

struct place {
	bool taken;
	struct key_id id; /* empty: calls without a key */
	struct access access;
	int64_t loaded, asked; /* ticks */
	struct window minute, second;
	/* Where several instances count together, in place of `minute`: */
	int64_t drawn, drawn_at;   /* calls that may still be made, for a minute … */
	int64_t drawn_for;	   /* … while this is its limit */
	int64_t shut_until, frees; /* nothing was left: when to ask again, and when there will be some */
	bool drawing;
};

struct guard {
	const struct world *world;
	struct lock lock;
	struct cond drawn;
	struct place places[SETS][WAYS];
};

enum err guard_open(const struct world *world, struct guard **out)
{
	/* calloc: what is never touched costs no memory. */
	struct guard *const guard = calloc(1, sizeof(*guard));

	if (!guard)
		return ERR_INTERNAL;
	guard->world = world;
	lock_init(&guard->lock);
	cond_init(&guard->drawn);
	*out = guard;
	return OK;
}

void guard_close(struct guard *guard)
{
	if (!guard)
		return;
	cond_finish(&guard->drawn);
	lock_finish(&guard->lock);
	free(guard);
}

static struct place *set_of(struct guard *guard, const struct key_id *id)
{
	uint32_t hash = 2166136261u; /* FNV-1a: ids are random, nobody chooses them */

	for (size_t i = 0; i < sizeof(id->text) && id->text[i]; i++)
		hash = (hash ^ (unsigned char)id->text[i]) * 16777619u;
	return guard->places[hash % SETS];
}

static struct place *find(struct guard *guard, const struct key_id *id)
{
	struct place *const set = set_of(guard, id);

	for (size_t i = 0; i < WAYS; i++)
		if (set[i].taken && strcmp(set[i].id.text, id->text) == 0)
			return &set[i];
	return NULL;
}

static struct place *make_room(struct guard *guard, const struct key_id *id)
{
	struct place *const set = set_of(guard, id);
	struct place *oldest = &set[0];

	for (size_t i = 0; i < WAYS; i++) {
		if (!set[i].taken)
			return &set[i];
		if (set[i].asked < oldest->asked)
			oldest = &set[i];
	}
	memset(oldest, 0, sizeof(*oldest));
	return oldest;
}

/* From memory when it is fresh enough. */
static bool recall(struct guard *guard, const struct key_id *id, struct access *out)
{
	const int64_t now = world_ticks(guard->world);

	lock_acquire(&guard->lock);
	const struct place *const place = find(guard, id);
	const bool fresh = place && now - place->loaded < FRESH.ms;
	if (fresh)
		*out = place->access;
	lock_release(&guard->lock);
	return fresh;
}

/* `asked`: before the store was asked, so that a slow answer is not taken for a fresh one. */
static void remember(struct guard *guard, const struct key_id *id, const struct access *access, int64_t asked)
{
	lock_acquire(&guard->lock);
	struct place *place = find(guard, id);
	if (!place) {
		place = make_room(guard, id);
		place->taken = true;
		place->id = *id;
	}
	place->access = *access;
	place->loaded = asked;
	place->asked = asked;
	lock_release(&guard->lock);
}

static enum err look_up(struct guard *guard, const struct key_id *id, struct arena *a, struct access *out)
{
	const int64_t asked = world_ticks(guard->world);

	if (recall(guard, id, out))
		return OK;
	if (id->text[0])
		TRY(access_by_key_id(guard->world, a, id, out));
	else
		TRY(access_without_key(guard->world, a, out));
	remember(guard, id, out, asked);
	return OK;
}

static duration longer(duration a, duration b)
{
	return duration_is_shorter(a, b) ? b : a;
}

/* Takes one from both windows or from none; the longer wait counts. */
static bool take_both(struct place *place, const struct guarded *limits, int64_t now, duration *wait)
{
	struct window second = place->second, minute = place->minute;
	duration of_second = { 0 }, of_minute = { 0 };
	const bool in_second = window_take(&second, limits->per_second, seconds(1), now, &of_second);
	const bool in_minute = window_take(&minute, limits->per_minute, minutes(1), now, &of_minute);

	if (!in_second || !in_minute) {
		*wait = longer(of_second, of_minute);
		return false;
	}
	place->second = second;
	place->minute = minute;
	return true;
}

enum provider_event_result { TAKEN, TOO_MANY, NONE_DRAWN };

/* One of those that were drawn, and of the second, or none. */
static enum provider_event_result take_drawn(
	struct place *place, const struct guarded *limits, int64_t now, duration *wait)
{
	if (!window_has_room(&place->second, limits->per_second, seconds(1), now, wait))
		return TOO_MANY;
	if (place->drawn_for != limits->per_minute)
		place->drawn = place->shut_until = 0;
	if (place->drawn > 0 && now - place->drawn_at < minutes(1).ms) {
		place->drawn--;
		window_count(&place->second);
		return TAKEN;
	}
	if (now >= place->shut_until)
		return NONE_DRAWN;
	*wait = milliseconds(place->frees - now);
	return TOO_MANY;
}

/* Under the lock, which is given away meanwhile. The place may have made room for another one then. */
static enum err draw(struct guard *guard, const struct key_id *id, struct arena *a, int64_t limit)
{
	const int64_t now = world_ticks(guard->world);
	char name[RATE_NAME_SIZE];
	struct rate_draw draw = { .name = name, .limit = limit };

	(void)snprintf(name, sizeof(name), "key %s", id->text);
	lock_release(&guard->lock);
	const enum err e = rate_reserve(guard->world, a, &draw);
	lock_acquire(&guard->lock);
	struct place *const place = find(guard, id);
	if (place) {
		place->drawing = false;
		place->drawn = draw.drawn;
		place->drawn_at = now;
		place->drawn_for = limit;
		place->frees = now + draw.wait.ms;
		place->shut_until = now + (duration_is_shorter(draw.wait, SHUT) ? draw.wait.ms : SHUT.ms);
	}
	cond_broadcast(&guard->drawn);
	return e;
}

/* Under the lock. One draws, the others of that key wait for it. */
static enum err take_shared(struct guard *guard, const struct key_id *id, struct arena *a,
	struct guarded *out, enum provider_event_result *result)
{
	const int64_t until = world_ticks(guard->world) + DRAW_LIMIT.ms;

	for (;;) {
		const int64_t now = world_ticks(guard->world);
		struct place *const place = find(guard, id);

		*result = place ? take_drawn(place, out, now, &out->wait) : TAKEN;
		if (*result != NONE_DRAWN)
			return OK;
		if (now >= until)
			return ERR_BUSY;
		if (place->drawing) {
			(void)cond_wait_for(&guard->drawn, &guard->lock, milliseconds(until - now));
			continue;
		}
		place->drawing = true;
		TRY(draw(guard, id, a, out->per_minute));
	}
}

static enum err take_rate(struct guard *guard, const struct key_id *id, struct arena *a, struct guarded *out,
	enum provider_event_result *result)
{
	const int64_t now = world_ticks(guard->world);
	enum err e = OK;

	*result = TAKEN;
	lock_acquire(&guard->lock);
	struct place *const place = find(guard, id);
	if (place) { /* it may have made room since: then it starts anew */
		place->asked = now;
		if (guard->world->store->shared)
			e = take_shared(guard, id, a, out, result);
		else if (!take_both(place, out, now, &out->wait))
			*result = TOO_MANY;
	}
	lock_release(&guard->lock);
	return e;
}

static enum guard_verdict identify(struct guard *guard, const struct request *request, struct arena *a,
	struct key_id *id, struct access *access)
{
	const struct str text = request_header(request, STR("x-api-key"));
	struct digest typed;

	*id = (struct key_id){ { 0 } };
	if (!text.p && !guard->world->rules->keys_optional)
		return GUARD_UNAUTHORIZED;
	/* A wrong checksum never reaches the store. */
	if (text.p && (request_header_count(request, STR("x-api-key")) != 1 || !api_key_read(text, id->text)))
		return GUARD_UNAUTHORIZED;
	const enum err e = look_up(guard, id, a, access);
	if (e != OK)
		return e == ERR_NOT_FOUND ? GUARD_UNAUTHORIZED : GUARD_UNAVAILABLE;
	if (!text.p)
		return GUARD_PASSED;
	access_digest(guard->world, text, &typed);
	const bool same = equal_constant_time(typed.bytes, access->key.digest.bytes, sizeof(typed.bytes));
	return same && key_check(&access->key, world_now(guard->world)) == KEY_GOOD ? GUARD_PASSED
										    : GUARD_UNAUTHORIZED;
}

void guard_check(struct guard *guard, const struct request *request, struct arena *a, struct guarded *out)
{
	const struct rules *const rules = guard->world->rules;
	struct access access = { 0 };
	enum provider_event_result result;
	struct key_id id;

	out->verdict = identify(guard, request, a, &id, &access);
	if (out->verdict != GUARD_PASSED)
		return;
	out->per_minute = access.key.rate_per_minute ? access.key.rate_per_minute : rules->rate_per_minute;
	out->per_second = access.key.rate_per_second ? access.key.rate_per_second : rules->rate_per_second;
	if (take_rate(guard, &id, a, out, &result) != OK)
		out->verdict = GUARD_UNAVAILABLE;
	else if (result == TOO_MANY)
		out->verdict = GUARD_LIMITED;
	if (out->verdict != GUARD_PASSED)
		return;
	out->caller.tenant = access.tenant;
	out->caller.actor = (struct actor){ .kind = ACTOR_KEY };
	memcpy(out->caller.actor.id, id.text, sizeof(id.text));
}
