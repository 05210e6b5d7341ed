#include "app/verification/result.h"

#include "app/core/sealed_names.h"
#include "app/verification/link_row.h"
#include "app/verification/token.h"
#include "base/buf.h"
#include "domain/event.h"
#include "text/query.h"

struct make_job {
	const struct world *world;
	const struct verification_visit *visit;
	struct verification_result row;
	struct verification_link_id link_id;
	struct str return_url; /* empty: no result was made */
};

/* Makes room for one more token of the link. Tokens that have expired are removed first, because they are the
 * oldest. */
static enum err remove_oldest_results(struct tx *tx, const struct verification_link *link)
{
	const struct verification_result probe = { .link_id = link->id };
	struct verification_result rows[VERIFICATION_RESULTS_MAX];
	size_t n;

	TRY(store_find(tx, QUERY_VERIFICATION_RESULTS_OF_LINK, &probe, page_of(0, VERIFICATION_RESULTS_MAX),
		rows, &n));
	return n < VERIFICATION_RESULTS_MAX ? OK : store_remove_verification_result(tx, &rows[0]);
}

static enum err add_result(struct make_job *job, struct tx *tx, const struct verification_link *link)
{
	const struct link_field field = { SEALED_VERIFICATION_RETURN_URL };
	struct verification_result row = job->row;

	TRY(remove_oldest_results(tx, link));
	row.link_id = link->id;
	TRY(store_add_verification_result(tx, &row));
	job->link_id = link->id;
	return link_field_unseal(
		job->world, tx->arena, link, field, link->sealed_return_url, &job->return_url);
}

static enum err make_in_tx(struct tx *tx, void *arg)
{
	struct make_job *const job = arg;
	struct visited_link link;

	job->return_url = STR("");
	const enum err e = visited_link_load(job->world, tx, job->visit, &link);
	if (e == ERR_NOT_FOUND)
		return OK;
	TRY(e);
	if ((link.state != VERIFICATION_LINK_OPEN && link.state != VERIFICATION_LINK_COMPLETED) ||
		!verification_link_is_verified(&link.row) || link.row.sealed_return_url.n == 0)
		return OK;
	return add_result(job, tx, &link.row);
}

/* Adds the link's id and the token to the return URL. */
static enum err write_location(struct arena *a, const struct make_job *job, struct str token, struct str *out)
{
	char shown[SHOWN_ID_SIZE];
	struct buf text;

	shown_id_write(VERIFICATION_LINK_ID_PREFIX, job->link_id.text, shown);
	const struct str parameters = arena_printf(a, "link_id=%s&result=%.*s", shown, STR_ARG(token));
	if (!parameters.p)
		return ERR_INTERNAL;
	buf_init(&text, a);
	query_add(&text, job->return_url, parameters);
	return buf_done(&text, out);
}

enum err verification_link_make_result(const struct world *world, struct arena *a,
	const struct verification_visit *visit, struct verification_return *out)
{
	struct make_job job = { .world = world, .visit = visit };
	struct str token;

	out->location = STR("");
	TRY(verification_token_make(world, a, VERIFICATION_TOKEN_RESULT, &token, &job.row.token_digest));
	job.row.created_at = world_now(world);
	job.row.expires_at = moment_add(world_expiry_now(world), VERIFICATION_RESULT_LIFE);
	TRY(store_transact(world->store, TX_WRITE, a, make_in_tx, &job));
	return job.return_url.n > 0 ? write_location(a, &job, token, &out->location) : OK;
}

struct redeem_job {
	const struct world *world;
	const struct caller *caller;
	const struct verification_link_id *id;
	struct verification_result row;
	bool is_redeemed;
	struct verification_link_status out;
};

static enum err redeem_in_tx(struct tx *tx, void *arg)
{
	struct redeem_job *const job = arg;
	struct verification_result row = job->row;

	job->is_redeemed = false;
	TRY(verification_link_get(job->world, tx, job->caller, job->id, &job->out));
	const enum err e = store_load_verification_result(tx, &row);
	if (e == ERR_NOT_FOUND)
		return OK;
	TRY(e);
	if (!str_eq(str_of(row.link_id.text), str_of(job->id->text)) ||
		!verification_result_is_open(&row, world_expiry_now(job->world)))
		return OK;
	job->is_redeemed = true;
	return store_remove_verification_result(tx, &row);
}

enum err verification_link_redeem_result(const struct world *world, struct arena *a,
	const struct caller *caller, const struct verification_link_id *id, struct str token,
	struct verification_redemption *out)
{
	struct redeem_job job = { .world = world, .caller = caller, .id = id };

	job.row.token_digest = verification_token_digest(world, VERIFICATION_TOKEN_RESULT, token);
	TRY(store_transact(world->store, TX_WRITE, a, redeem_in_tx, &job));
	*out = (struct verification_redemption){ job.is_redeemed, job.out };
	return OK;
}
