#include "app/another.h"

/* Sessions of a person that are looked at in one go. */
#define LOOK_BACK 32

/* A page at a time, until the tries are used up or all sessions were seen. */
static enum err count_tries(struct tx *tx, const struct session *since, int64_t limit,
	struct session rows[LOOK_BACK], struct another *out)
{
	size_t seen = 0, n = LOOK_BACK;

	while (n == LOOK_BACK && out->facts.tries < limit) {
		TRY(store_find(tx, QUERY_SESSIONS_OF_USER_SINCE, since, page_of(seen, LOOK_BACK), rows, &n));
		for (size_t i = 0; i < n && out->facts.tries < limit; i++) {
			if (!session_is_try(&rows[i]))
				continue;
			out->facts.tries++;
			if (moment_is_unset(out->oldest_try) ||
				moment_is_before(rows[i].created, out->oldest_try))
				out->oldest_try = rows[i].created;
		}
		seen += n;
	}
	return OK;
}

/* The sessions of one user since they were last allowed, as the rule of tries wants them counted. */
static enum err gather_of(const struct world *world, struct tx *tx, const struct user *user,
	struct session rows[LOOK_BACK], struct another *out)
{
	const struct tries_rule *const rule = &world->rules->tries;
	const moment period = moment_sub(world_now(world), rule->period);
	struct session probe = { .user = user->id, .blocklisted = true, .created = user->allowed };
	size_t n;

	TRY(store_find(tx, QUERY_BLOCKLISTED_OF_USER, &probe, page_of(0, 1), rows, &n));
	out->facts.blocklisted |= n > 0;
	if (moment_is_before(probe.created, period))
		probe.created = period;
	return count_tries(tx, &probe, rule->tries, rows, out);
}

static enum err gather(const struct world *world, struct tx *tx, const struct party *party,
	const struct standing *standing, struct another *out)
{
	struct session *const rows = arena_array(tx->arena, struct session, LOOK_BACK);
	struct create_facts *const facts = &out->facts;

	if (!rows)
		return ERR_INPUT;
	facts->current = standing->has_note	 ? &standing->note
			 : standing->has_session ? &standing->session
						 : NULL;
	facts->pending_is_own = standing->has_note &&
				str_eq(str_of(standing->note.instance.text), str_of(world->instance.text));
	for (size_t i = 0; i < party->n; i++)
		TRY(gather_of(world, tx, &party->users[i], rows, out));
	return OK;
}

/* An approval stands above a note, unless that is dead and holds a unit of quota. */
static enum create_verdict check(
	const struct world *world, const struct standing *standing, struct create_facts *facts, moment now)
{
	const struct tries_rule *const rule = &world->rules->tries;
	const enum create_verdict verdict = create_check(facts, rule, now);

	if (verdict != CREATE_WAIT || !standing_is_approved(standing))
		return verdict;
	facts->current = &standing->session;
	return create_check(facts, rule, now);
}

enum err another_judge(const struct world *world, struct tx *tx, const struct party *party,
	const struct standing *standing, struct another *out)
{
	struct another another = { .facts = { 0 } };
	moment now = { 0 };

	TRY(gather(world, tx, party, standing, &another));
	if (standing->has_note)
		TRY(store_clock(tx, &now));
	another.verdict = check(world, standing, &another.facts, now);
	*out = another;
	return OK;
}
