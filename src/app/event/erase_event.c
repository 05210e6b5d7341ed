#include "app/event/erase_event.h"

#include "app/event/person_event.h"

#define BATCH 32 /* rows per query */

enum err user_erased_event(
	const struct world *world, struct tx *tx, const struct user *user, struct enrolment *enrolment)
{
	struct event_draft draft;

	if (enrolment->merged)
		return OK;
	TRY(event_draft_begin(world, tx, user, enrolment, EVENT_USER_ERASED, &draft));
	return event_draft_add(world, tx, NULL, &draft);
}

static enum err empty_events(struct tx *tx, const struct user_id *user)
{
	struct event *const rows = arena_array(tx->arena, struct event, BATCH);
	const struct event probe = { .user_id = *user };
	size_t seen = 0, n = BATCH;

	if (!rows)
		return ERR_INTERNAL;
	while (n == BATCH) {
		TRY(store_find(tx, QUERY_EVENTS_OF_USER, &probe, page_of(seen, BATCH), rows, &n));
		for (size_t i = 0; i < n; i++) {
			rows[i].erased = true;
			rows[i].detail[0] = '\0';
			rows[i].sealed_data = STR("");
			TRY(store_save_event(tx, &rows[i]));
		}
		seen += n;
	}
	return OK;
}

/* Drops open deliveries. An endpoint may have answered with what it knows of the person, so the excerpts of
 * earlier answers are removed too. */
static enum err drop_deliveries(const struct world *world, struct tx *tx, const struct user_id *user)
{
	struct effect *const rows = arena_array(tx->arena, struct effect, BATCH);
	const struct effect probe = { .user_id = *user, .kind = EFFECT_WEBHOOK };
	size_t seen = 0, n = BATCH;

	if (!rows)
		return ERR_INTERNAL;
	while (n == BATCH) {
		TRY(store_find(tx, QUERY_EFFECTS_OF_USER_SINCE, &probe, page_of(seen, BATCH), rows, &n));
		for (size_t i = 0; i < n; i++) {
			if (rows[i].done && rows[i].sealed_excerpt.n == 0)
				continue;
			if (!rows[i].done)
				effect_finish(&rows[i], EFFECT_DROPPED, world_now(world));
			rows[i].sealed_excerpt = STR("");
			TRY(store_save_effect(tx, &rows[i]));
		}
		seen += n;
	}
	return OK;
}

enum err erase_events_of_user(const struct world *world, struct tx *tx, const struct user_id *user)
{
	TRY(empty_events(tx, user));
	return drop_deliveries(world, tx, user);
}
