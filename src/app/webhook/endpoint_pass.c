#include "app/webhook/endpoint_pass.h"

#include <string.h>

/* Endpoints that one step looks at. */
#define STEP_MAX 64

void endpoint_pass_begin(struct endpoint_pass *pass)
{
	pass->is_running = true;
	pass->has_wrapped = false;
	pass->start = pass->at;
	pass->oldest = (moment){ 0 };
}

struct step_job {
	const struct pass_conf *conf;
	const struct endpoint_pass *before;
	struct endpoint_pass pass;
	struct pass_step *out;
	size_t room;
};

/* Moves the pass to the next endpoint that has open deliveries. Ends the pass if there is no other one. */
static enum err move_on(struct tx *tx, struct endpoint_pass *pass)
{
	const struct arena_mark mark = arena_mark(tx->arena);
	size_t n = 0;

	while (pass->is_running && n == 0) {
		const struct effect probe = { .endpoint_id = pass->at };
		struct effect row;

		TRY(store_find(tx, QUERY_OPEN_DELIVERIES_AFTER, &probe, page_of(0, 1), &row, &n));
		if (n > 0) {
			pass->at = row.endpoint_id;
		} else {
			pass->is_running = !pass->has_wrapped;
			pass->has_wrapped = true;
			pass->at = (struct endpoint_id){ "" };
		}
	}
	arena_rewind(tx->arena, mark);
	if (pass->has_wrapped && strcmp(pass->at.text, pass->start.text) > 0)
		pass->is_running = false;
	return OK;
}

static enum err look_at(struct tx *tx, struct step_job *job)
{
	struct lease_candidate candidate = { .id = job->pass.at };
	moment oldest;
	size_t n;

	candidate.in_flight = job->conf->in_flight(job->conf->arg, &candidate.id);
	TRY(delivery_lease_count(job->conf->world, tx, &candidate, job->room, &n, &oldest));
	if (!moment_is_unset(oldest) &&
		(moment_is_unset(job->pass.oldest) || moment_is_before(oldest, job->pass.oldest)))
		job->pass.oldest = oldest;
	if (n == 0)
		return OK;
	job->room -= n;
	job->out->candidates[job->out->n++] = candidate;
	return OK;
}

static enum err step_in_tx(struct tx *tx, void *arg)
{
	struct step_job *const job = arg;

	job->pass = *job->before;
	job->room = job->conf->room;
	job->out->n = 0;
	for (size_t i = 0; i < STEP_MAX && job->out->n < LEASE_ENDPOINTS_MAX && job->room > 0; i++) {
		TRY(move_on(tx, &job->pass));
		if (!job->pass.is_running)
			break;
		TRY(look_at(tx, job));
	}
	return OK;
}

enum err endpoint_pass_step(
	struct endpoint_pass *pass, const struct pass_conf *conf, struct arena *a, struct pass_step *out)
{
	struct step_job job = { .conf = conf, .before = pass, .out = out };

	out->n = 0;
	TRY(store_transact(conf->world->store, TX_READ, a, step_in_tx, &job));
	*pass = job.pass;
	return OK;
}
