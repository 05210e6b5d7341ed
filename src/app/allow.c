#include "app/allow.h"

#include "app/another.h"
#include "app/party.h"
#include "app/trail.h"

static const struct actor the_operator = { .kind = ACTOR_OPERATOR };

struct allow_job {
	const struct world *world;
	const struct whom *whom;
	struct allowances *out;
};

/* Later than every session there is, whatever the clocks of the machines that made them said. */
static enum err find_moment(const struct world *world, struct tx *tx, const struct user_id *user, moment *out)
{
	const struct session probe = { .user = *user };
	struct session newest;
	size_t n;

	*out = world_now(world);
	TRY(store_find(tx, QUERY_SESSIONS_OF_USER, &probe, page_of(0, 1), &newest, &n));
	if (n > 0 && !moment_is_before(newest.created, *out))
		*out = moment_add(newest.created, milliseconds(1));
	return OK;
}

static enum err allow_user(const struct world *world, struct tx *tx, struct user *user)
{
	TRY(find_moment(world, tx, &user->id, &user->allowed));
	return store_save_user(tx, user);
}

static enum err allow_one(
	const struct world *world, struct tx *tx, struct person *person, struct allowance *out)
{
	const struct party *const party = &person->party;
	struct standing standing;
	struct another another;

	TRY(standing_load(tx, party, &standing));
	TRY(another_judge(world, tx, party, &standing, &another));
	*out = (struct allowance){ .was_needed = another.facts.tries > 0 || another.facts.blocklisted,
		.tries = another.facts.tries,
		.blocklisted = another.facts.blocklisted };
	if (!out->was_needed)
		return OK;
	for (size_t i = 0; i < party->n; i++)
		TRY(allow_user(world, tx, &party->users[i]));
	const struct audit_params deed = { AUDIT_USER_ALLOWED, party_head(party)->id.text, "",
		another.facts.blocklisted ? "blocklisted" : "declined" };
	return trail_note(world, tx, &the_operator, &deed);
}

static enum err allow(struct tx *tx, void *arg)
{
	const struct allow_job *const job = arg;
	struct people *const people = &job->out->people;

	TRY(people_find(job->world, tx, job->whom, people));
	for (size_t i = 0; i < people->n; i++)
		TRY(allow_one(job->world, tx, &people->list[i], &job->out->list[i]));
	return OK;
}

enum err app_allow(
	const struct world *world, struct arena *a, const struct whom *whom, struct allowances *out)
{
	struct allow_job job = { world, whom, out };

	return store_transact(world->store, TX_WRITE, a, allow, &job);
}
