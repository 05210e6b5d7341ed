#include "app/console/review_acts.h"

#include "app/admin/reset_tries.h"
#include "app/console/reviews.h"
#include "app/console/visible_tenants.h"
#include "app/core/audit.h"
#include "app/core/sealed_names.h"
#include "app/person/person.h"
#include "app/session/decision.h"
#include "app/session/decision_count.h"
#include "app/session/failure_log.h"
#include "base/log.h"

struct act_job {
	const struct world *world;
	const struct console_caller *caller;
	struct review_input input;
	bool is_confirmation;
	struct review_result *out;
	/* As the last transaction loaded or saved them. */
	struct session session;
	struct review review;
	/* The decision on its way to the provider. */
	bool is_sent; /* it must be sent: the transaction that checks it has permitted it */
	moment sent_at;
	struct str provider_comment;
	bool is_applied; /* it changed the status of the session */
};

static const struct operator_id *caller_id(const struct act_job *job)
{
	return &job->caller->account.id;
}

/* Finds the session, and checks whether the caller may act on it. */
static enum err permit(struct act_job *job, struct arena *a, enum console_action action,
	struct str session_id, enum console_verdict *verdict)
{
	*job->out = (struct review_result){ .check = REVIEW_PERMITTED, .cause = PROVIDER_OK };
	TRY(console_review_session(job->world, a, session_id, &job->session));
	*verdict = console_permit(job->world, job->caller, action, &job->session.tenant_id);
	return OK;
}

static enum err load(struct tx *tx, struct act_job *job)
{
	struct session session = { .id = job->session.id };

	TRY(store_load_session(tx, &session));
	job->session = session;
	TRY(console_review_load(tx, &session, &job->review));
	job->out->check = session.status == STATUS_IN_REVIEW ? REVIEW_PERMITTED : REVIEW_CLOSED;
	return OK;
}

static enum err append_audit(
	const struct act_job *job, struct tx *tx, enum audit_action action, enum review_verdict verdict)
{
	const struct audit_params params = { action, job->session.user_id.text, job->session.tenant_id.text,
		review_verdict_name(verdict) };

	return audit_append(job->world, tx, &job->caller->actor, &params);
}

static enum err claim(struct tx *tx, void *arg)
{
	struct act_job *const job = arg;
	const moment now = world_expiry_now(job->world);

	TRY(load(tx, job));
	const bool is_prolonged = review_is_claimed_by(&job->review, caller_id(job), now);
	if (job->out->check == REVIEW_PERMITTED)
		job->out->check = review_claim(&job->review, caller_id(job), now);
	if (job->out->check != REVIEW_PERMITTED)
		return OK;
	TRY(store_save_review(tx, &job->review));
	return is_prolonged ? OK : append_audit(job, tx, AUDIT_REVIEW_CLAIMED, REVIEW_NO_VERDICT);
}

static enum err release(struct tx *tx, void *arg)
{
	struct act_job *const job = arg;

	TRY(load(tx, job));
	job->out->check = review_release(&job->review, caller_id(job), world_expiry_now(job->world));
	return job->out->check == REVIEW_PERMITTED ? store_save_review(tx, &job->review) : OK;
}

static enum err reject(struct tx *tx, void *arg)
{
	struct act_job *const job = arg;

	TRY(load(tx, job));
	if (job->out->check == REVIEW_PERMITTED)
		job->out->check = review_check_confirm(
			&job->review, caller_id(job), job->input.verdict, world_expiry_now(job->world));
	if (job->out->check != REVIEW_PERMITTED)
		return OK;
	review_reject(&job->review);
	TRY(store_save_review(tx, &job->review));
	return append_audit(job, tx, AUDIT_REVIEW_REJECTED, job->input.verdict);
}

static enum err withdraw(struct tx *tx, void *arg)
{
	struct act_job *const job = arg;

	TRY(load(tx, job));
	if (job->out->check == REVIEW_PERMITTED)
		job->out->check = review_check_withdraw(
			&job->review, caller_id(job), job->input.verdict, world_expiry_now(job->world));
	if (job->out->check != REVIEW_PERMITTED)
		return OK;
	review_reject(&job->review);
	TRY(store_save_review(tx, &job->review));
	return append_audit(job, tx, AUDIT_REVIEW_WITHDRAWN, job->input.verdict);
}

/* The decision for the review's row, with its comment sealed. */
static enum err make_decision(
	const struct act_job *job, struct tx *tx, const struct user *user, struct review_decision *out)
{
	const struct sealed_field place = { SEALED_REVIEW_COMMENT, job->session.id.text };

	*out = (struct review_decision){ .verdict = job->input.verdict,
		.reason = job->input.reason,
		.sealed_comment = STR(""),
		.by = *caller_id(job),
		.at = world_now(job->world) };
	if (job->input.comment.n == 0)
		return OK;
	return user_seal(job->world, tx->arena, user, &place, job->input.comment, &out->sealed_comment);
}

static enum err propose(struct tx *tx, struct act_job *job, const struct user *user)
{
	struct review_decision decision;

	TRY(make_decision(job, tx, user, &decision));
	review_propose(&job->review, &decision);
	job->out->is_proposed = true;
	TRY(store_save_review(tx, &job->review));
	return append_audit(job, tx, AUDIT_REVIEW_DECIDED, decision.verdict);
}

/* The claim is prolonged, so that nobody else claims the review while the provider is asked. The row says
 * what is sent, because the provider's event can be processed before its response: the reason then counts. */
static enum err prepare_sending(struct tx *tx, struct act_job *job, struct str reason, struct str comment)
{
	(void)review_claim(&job->review, caller_id(job), world_expiry_now(job->world));
	if (job->is_confirmation)
		review_send_confirmation(&job->review, caller_id(job));
	else
		review_send_decision(&job->review, job->input.verdict, reason);
	TRY(store_save_review(tx, &job->review));
	const bool has_both = reason.n > 0 && comment.n > 0;

	job->provider_comment = has_both ? arena_printf(
						   tx->arena, "%.*s: %.*s", STR_ARG(reason), STR_ARG(comment))
					 : arena_copy(tx->arena, reason.n > 0 ? reason : comment);
	job->is_sent = true;
	return OK;
}

/* The tries of a person are shared by the tenants of a group, so an operator of some of them may not allow
 * another one. */
static enum err check_retry(struct tx *tx, const struct act_job *job)
{
	struct tenant tenant = { .id = job->session.tenant_id };
	bool has_whole_group;

	if (job->input.verdict != REVIEW_DECLINE_RETRY || job->out->check != REVIEW_PERMITTED)
		return OK;
	TRY(store_load_tenant(tx, &tenant));
	TRY(visible_tenant_has_whole_group(tx, job->caller, &tenant, &has_whole_group));
	if (!has_whole_group)
		job->out->check = REVIEW_PART_OF_GROUP;
	return OK;
}

static enum err check_decision(struct tx *tx, void *arg)
{
	struct act_job *const job = arg;
	struct tenant tenant;
	struct user user;

	job->is_sent = job->out->is_proposed = false;
	TRY(load(tx, job));
	if (job->out->check == REVIEW_PERMITTED)
		job->out->check = review_check_decide(
			&job->review, caller_id(job), world_expiry_now(job->world));
	TRY(check_retry(tx, job));
	if (job->out->check != REVIEW_PERMITTED)
		return OK;
	tenant = (struct tenant){ .id = job->session.tenant_id };
	user = (struct user){ .id = job->session.user_id };
	TRY(store_load_tenant(tx, &tenant));
	TRY(store_load_user(tx, &user));
	return tenant.four_eyes ? propose(tx, job, &user)
				: prepare_sending(tx, job, job->input.reason, job->input.comment);
}

static enum err check_confirmation(struct tx *tx, void *arg)
{
	struct act_job *const job = arg;
	struct user user;
	struct str comment;

	job->is_sent = false;
	TRY(load(tx, job));
	if (job->out->check == REVIEW_PERMITTED)
		job->out->check = review_check_confirm(
			&job->review, caller_id(job), job->input.verdict, world_expiry_now(job->world));
	TRY(check_retry(tx, job));
	if (job->out->check != REVIEW_PERMITTED)
		return OK;
	user = (struct user){ .id = job->session.user_id };
	TRY(store_load_user(tx, &user));
	TRY(console_review_comment(job->world, tx->arena, &user, &job->review, &comment));
	return prepare_sending(tx, job, str_of(job->review.reason), comment);
}

static enum err save_review(struct tx *tx, struct act_job *job)
{
	struct user user = { .id = job->session.user_id };
	struct review_decision decision;

	/* A second form with the same decision, or the same form sent twice, was accepted in the meantime. */
	if (job->review.state == REVIEW_DECIDED)
		return OK;
	if (job->is_confirmation) {
		review_confirm(&job->review, caller_id(job), world_now(job->world));
		TRY(store_save_review(tx, &job->review));
		return append_audit(job, tx, AUDIT_REVIEW_CONFIRMED, job->input.verdict);
	}
	TRY(store_load_user(tx, &user));
	TRY(make_decision(job, tx, &user, &decision));
	review_decide(&job->review, &decision);
	TRY(store_save_review(tx, &job->review));
	return append_audit(job, tx, AUDIT_REVIEW_DECIDED, job->input.verdict);
}

/* Allows the person another try if the decision says so: before the decision is applied, so that the person's
 * verification link stays open. */
static enum err allow_retry(struct tx *tx, const struct act_job *job)
{
	struct linked_users linked;

	if (job->input.verdict != REVIEW_DECLINE_RETRY || job->review.state == REVIEW_DECIDED)
		return OK;
	TRY(linked_users_of_user(tx, &job->session.user_id, &linked));
	return reset_tries_save(job->world, tx, &job->caller->actor, &linked, "declined");
}

/* The provider has accepted the decision. Its event may have arrived before this transaction. */
static enum err save_accepted(struct tx *tx, void *arg)
{
	struct act_job *const job = arg;
	const struct status_update update = { review_verdict_status(job->input.verdict), STATUS_FROM_POLL,
		job->sent_at, NULL };
	bool is_erased;

	job->is_applied = false;
	TRY(load(tx, job));
	job->out->check = REVIEW_PERMITTED;
	TRY(decision_is_void(tx, &job->session, &is_erased));
	if (is_erased)
		return OK;
	TRY(allow_retry(tx, job));
	TRY(save_review(tx, job));
	/* Another status has arrived since: the provider's state is not known, and the next poll reads it. */
	if (job->session.status != STATUS_IN_REVIEW)
		return OK;
	const enum transition_verdict transition = decision_evaluate(&job->session, &update);
	job->is_applied = transition == TRANSITION_APPLIED;
	return decision_apply(job->world, tx, &job->caller->actor, &job->session, &update, transition);
}

static void log_failure(const struct act_job *job, const struct provider_failure *failure)
{
	struct log_field fields[2 + FAILURE_LOG_FIELDS] = {
		LOG_WORD("session_id", job->session.provider_ref.text),
		LOG_WORD("operator_id", job->caller->actor.id),
	};

	log_write(LOG_WARN, "review_not_sent", fields, 2 + failure_log_fields(failure, fields + 2));
}

/* Sends the decision to the provider. No transaction is open. */
static enum err send_decision(struct act_job *job)
{
	struct provider *const provider = job->world->provider;
	const struct verdict_params params = { str_of(job->session.provider_ref.text),
		review_verdict_status(job->input.verdict), job->provider_comment,
		job->world->rules->provider_timeout };
	struct provider_failure failure = { .cause = PROVIDER_OK };

	job->sent_at = world_now(job->world);
	const enum err e = provider->ops->decide(provider, &params, &failure);
	if (e != ERR_UPSTREAM && e != ERR_BUSY)
		return e;
	log_failure(job, &failure);
	job->out->cause = failure.cause;
	return OK;
}

static enum err decide(struct act_job *job, struct arena *a, tx_work *check)
{
	TRY(store_transact(job->world->store, TX_WRITE, a, check, job));
	if (!job->is_sent)
		return OK;
	TRY(send_decision(job));
	if (job->out->cause != PROVIDER_OK)
		return OK;
	TRY(store_transact(job->world->store, TX_WRITE, a, save_accepted, job));
	if (job->is_applied)
		decision_count(&job->session.tenant_id, review_verdict_status(job->input.verdict));
	return OK;
}

enum err console_review_claim(const struct world *world, struct arena *a, const struct console_caller *caller,
	struct str session_id, struct review_result *out, enum console_verdict *verdict)
{
	struct act_job job = { .world = world, .caller = caller, .out = out };

	TRY(permit(&job, a, CONSOLE_CLAIM_REVIEW, session_id, verdict));
	return *verdict == CONSOLE_PERMITTED ? store_transact(world->store, TX_WRITE, a, claim, &job) : OK;
}

enum err console_review_release(const struct world *world, struct arena *a,
	const struct console_caller *caller, struct str session_id, struct review_result *out,
	enum console_verdict *verdict)
{
	struct act_job job = { .world = world, .caller = caller, .out = out };

	TRY(permit(&job, a, CONSOLE_CLAIM_REVIEW, session_id, verdict));
	return *verdict == CONSOLE_PERMITTED ? store_transact(world->store, TX_WRITE, a, release, &job) : OK;
}

enum err console_review_decide(const struct world *world, struct arena *a,
	const struct console_caller *caller, const struct review_input *input, struct review_result *out,
	enum console_verdict *verdict)
{
	struct act_job job = { .world = world, .caller = caller, .input = *input, .out = out };

	TRY(permit(&job, a, CONSOLE_DECIDE_REVIEW, input->session_id, verdict));
	return *verdict == CONSOLE_PERMITTED ? decide(&job, a, check_decision) : OK;
}

enum err console_review_confirm(const struct world *world, struct arena *a,
	const struct console_caller *caller, const struct review_input *input, struct review_result *out,
	enum console_verdict *verdict)
{
	struct act_job job = {
		.world = world, .caller = caller, .input = *input, .is_confirmation = true, .out = out
	};

	TRY(permit(&job, a, CONSOLE_DECIDE_REVIEW, input->session_id, verdict));
	return *verdict == CONSOLE_PERMITTED ? decide(&job, a, check_confirmation) : OK;
}

enum err console_review_reject(const struct world *world, struct arena *a,
	const struct console_caller *caller, const struct review_input *input, struct review_result *out,
	enum console_verdict *verdict)
{
	struct act_job job = { .world = world, .caller = caller, .input = *input, .out = out };

	TRY(permit(&job, a, CONSOLE_DECIDE_REVIEW, input->session_id, verdict));
	return *verdict == CONSOLE_PERMITTED ? store_transact(world->store, TX_WRITE, a, reject, &job) : OK;
}

enum err console_review_withdraw(const struct world *world, struct arena *a,
	const struct console_caller *caller, const struct review_input *input, struct review_result *out,
	enum console_verdict *verdict)
{
	struct act_job job = { .world = world, .caller = caller, .input = *input, .out = out };

	TRY(permit(&job, a, CONSOLE_CLAIM_REVIEW, input->session_id, verdict));
	return *verdict == CONSOLE_PERMITTED ? store_transact(world->store, TX_WRITE, a, withdraw, &job) : OK;
}
