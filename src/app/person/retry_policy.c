#include "app/person/retry_policy.h"

/* Number of sessions that are loaded with one query. */
#define SESSIONS_PER_QUERY 32

/* Counts tries, one page of sessions at a time, until `limit` is reached or all sessions were counted. */
static enum err count_tries(struct tx *tx, const struct session *since, int64_t limit,
	struct session rows[SESSIONS_PER_QUERY], struct retry_check *out)
{
	size_t seen = 0, n = SESSIONS_PER_QUERY;

	while (n == SESSIONS_PER_QUERY && out->facts.tries < limit) {
		TRY(store_find(tx, QUERY_SESSIONS_OF_USER_SINCE, since, page_of(seen, SESSIONS_PER_QUERY),
			rows, &n));
		for (size_t i = 0; i < n && out->facts.tries < limit; i++) {
			if (!session_is_try(&rows[i]))
				continue;
			out->facts.tries++;
			if (moment_is_unset(out->oldest_try) ||
				moment_is_before(rows[i].created_at, out->oldest_try))
				out->oldest_try = rows[i].created_at;
		}
		seen += n;
	}
	return OK;
}

/* Adds the facts about one user: blocklist warnings and tries, since an operator last reset the user's tries.
 * Tries count only within the rule's period. */
static enum err gather_user_facts(const struct world *world, struct tx *tx, const struct user *user,
	struct session rows[SESSIONS_PER_QUERY], struct retry_check *out)
{
	const struct tries_rule *const rule = &world->rules->tries;
	const moment period_start = moment_sub(world_now(world), rule->period);
	struct session probe = {
		.user_id = user->id, .blocklisted = true, .created_at = user->tries_reset_at
	};
	size_t n;

	TRY(store_find(tx, QUERY_BLOCKLISTED_OF_USER, &probe, page_of(0, 1), rows, &n));
	out->facts.blocklisted |= n > 0;
	if (moment_is_before(probe.created_at, period_start))
		probe.created_at = period_start;
	return count_tries(tx, &probe, rule->tries, rows, out);
}

static enum err gather_facts(const struct world *world, struct tx *tx, const struct linked_users *linked,
	const struct kyc_status *kyc_status, struct retry_check *out)
{
	struct session *const rows = arena_array(tx->arena, struct session, SESSIONS_PER_QUERY);
	struct create_facts *const facts = &out->facts;

	if (!rows)
		return ERR_INPUT;
	facts->current = kyc_status->has_pending_session ? &kyc_status->pending_session
			 : kyc_status->has_session	 ? &kyc_status->session
							 : NULL;
	facts->pending_is_own = kyc_status->has_pending_session &&
				str_eq(str_of(kyc_status->pending_session.instance_id.text),
					str_of(world->instance.text));
	for (size_t i = 0; i < linked->n; i++)
		TRY(gather_user_facts(world, tx, &linked->users[i], rows, out));
	return OK;
}

/* Evaluates the rule. An approved person gets the answer "approved" even while another session is pending. An
 * abandoned pending session is reported before that, so that its unit of quota is released. */
static enum create_verdict evaluate_rule(const struct world *world, const struct kyc_status *kyc_status,
	struct create_facts *facts, moment now)
{
	const struct tries_rule *const rule = &world->rules->tries;
	const enum create_verdict verdict = create_check(facts, rule, now);

	if (verdict != CREATE_WAIT || !kyc_status_is_approved(kyc_status))
		return verdict;
	facts->current = &kyc_status->session;
	return create_check(facts, rule, now);
}

enum err retry_policy_check(const struct world *world, struct tx *tx, const struct linked_users *linked,
	const struct kyc_status *kyc_status, struct retry_check *out)
{
	struct retry_check check = { .facts = { 0 } };
	moment now = { 0 };

	TRY(gather_facts(world, tx, linked, kyc_status, &check));
	if (kyc_status->has_pending_session)
		TRY(store_clock(tx, &now));
	check.verdict = evaluate_rule(world, kyc_status, &check.facts, now);
	/* A session exactly as old as the period still counts, so the next try is possible a millisecond
	 * later. */
	if (check.facts.tries > 0)
		check.next_try_at = moment_add(
			moment_add(check.oldest_try, world->rules->tries.period), milliseconds(1));
	*out = check;
	return OK;
}
