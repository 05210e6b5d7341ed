#include "app/verification/view.h"

#include "app/core/sealed_names.h"
#include "app/enrolment/otp.h"
#include "app/person/kyc_status.h"
#include "app/person/link_completion.h"
#include "app/person/retry_policy.h"
#include "app/session/status.h"
#include "app/verification/link_row.h"
#include "app/verification/mask.h"
#include "crypto/keys.h"
#include "text/encode.h"

struct view_job {
	const struct world *world;
	const struct verification_visit *visit;
	struct visited_link link;
	struct verification_view out;
	struct session session; /* the current session, if person.has_session */
};

/* Loads the address of the link as the group knows it; `is_known` is false if it has never been registered.
 */
static enum err load_owner(struct view_job *job, struct tx *tx, struct user *user, bool *is_known)
{
	struct address address = { .blind_index = job->link.row.address_index };
	enum err e = store_load_address(tx, &address);

	if (e == OK) {
		*user = (struct user){ .id = address.user_id };
		e = store_load_user(tx, user);
	}
	*is_known = e == OK && !user_is_erased(user);
	return e == ERR_NOT_FOUND ? OK : e;
}

static enum err view_code(struct view_job *job, struct tx *tx)
{
	const moment now = world_expiry_now(job->world);
	struct verification_code_view *const code = &job->out.code;
	struct otp otp = { .tenant_id = job->link.row.tenant_id };
	struct user user;
	bool is_known;

	code->state = OTP_EXPIRED;
	TRY(load_owner(job, tx, &user, &is_known));
	if (!is_known)
		return OK;
	otp.user_id = user.id;
	const enum err e = store_load_otp(tx, &otp);
	if (e != OK && e != ERR_NOT_FOUND)
		return e;
	code->expires_at = otp.expires_at;
	if (e == OK && otp_is_live(&otp, now))
		code->state = OTP_ACCEPTED;
	else if (e == OK && !otp.used && otp.tries_left <= 0)
		code->state = OTP_LOCKED;
	return otp_send_wait(job->world, tx, EFFECT_MAIL_CODE, &user, &code->resend_wait);
}

static enum err view_challenge(struct view_job *job, struct tx *tx)
{
	const struct link_field field = { SEALED_VERIFICATION_CHALLENGE };
	const struct verification_link *const row = &job->link.row;
	struct verification_challenge_view *const shown = &job->out.challenge;
	struct challenge challenge = { .tenant_id = row->tenant_id, .wallet_index = row->address_index };

	TRY(link_row_address(job->world, tx->arena, row, ADDRESS_WALLET, &shown->wallet));
	TRY(link_field_unseal(job->world, tx->arena, row, field, row->sealed_challenge, &shown->message));
	shown->expires_at = row->challenge_expires_at;
	const enum err e = store_load_challenge(tx, &challenge);
	shown->is_open = e == OK &&
			 challenge_peek(&challenge, true, world_expiry_now(job->world)) == CHALLENGE_OPEN;
	return e == ERR_NOT_FOUND ? OK : e;
}

static enum err view_address(struct view_job *job, struct tx *tx)
{
	static enum err (*const viewers[])(struct view_job * job, struct tx * tx) = {
		[VERIFICATION_ATTEMPT_CODE] = view_code,
		[VERIFICATION_ATTEMPT_SIGNATURE] = view_challenge,
	};
	const struct verification_link *const row = &job->link.row;
	struct identifier identifier = { .kind = row->address_kind };

	job->out.masked_address = STR("");
	if (row->sealed_address.n == 0)
		return OK;
	TRY(link_row_address(job->world, tx->arena, row, row->address_kind, &identifier.normal));
	TRY(identifier_mask(tx->arena, &identifier, &job->out.masked_address));
	job->out.address_kind = row->address_kind;
	return viewers[row->attempt] ? viewers[row->attempt](job, tx) : OK;
}

static enum err view_sessions(struct view_job *job, struct tx *tx, const struct linked_users *linked,
	const struct kyc_status *kyc_status)
{
	struct verification_person_view *const person = &job->out.person;
	struct retry_check check;

	TRY(retry_policy_check(job->world, tx, linked, kyc_status, &check));
	const bool is_complete = verification_link_is_complete(kyc_status->has_session, check.verdict);

	/* A person can also become approved without a decision, by a link of addresses. */
	if (is_complete && job->out.state == VERIFICATION_LINK_OPEN)
		job->out.state = VERIFICATION_LINK_COMPLETED;
	person->has_session = kyc_status->has_session;
	person->session_status = kyc_status->has_session ? kyc_status->session.status : STATUS_NOT_STARTED;
	person->kyc_status = kyc_status_name(kyc_status);
	person->can_try_again = kyc_status->has_session && check.verdict == CREATE_NEW;
	if (check.verdict == CREATE_REFUSED && !check.facts.blocklisted)
		person->next_try_at = check.next_try_at;
	if (!kyc_status->has_session)
		return OK;
	job->session = kyc_status->session;
	if (session_is_stale(job->world, &job->session))
		person->stale_session = job->session.provider_ref;
	return OK;
}

static enum err view_person(struct view_job *job, struct tx *tx)
{
	struct next_step_source source = { .is_verified = true };
	struct kyc_status kyc_status;

	TRY(linked_users_of_user(tx, &job->link.row.user_id, &source.linked));
	TRY(kyc_status_load(tx, &source.linked, &kyc_status));
	TRY(view_sessions(job, tx, &source.linked, &kyc_status));
	return next_step_load(job->world, tx, &source, &job->out.person.next_step);
}

/* Every change that the page shows changes one of these values. Sealed values have a random part, so that a
 * code that was sent again differs. */
static void write_version(struct view_job *job)
{
	const struct verification_link *const row = &job->link.row;
	const struct verification_view *const out = &job->out;
	const int64_t numbers[] = { row->updated_at.ms, out->state, out->step, out->code.state,
		out->challenge.is_open, out->person.session_status, out->person.next_step.action,
		job->session.created_at.ms, out->person.can_try_again };
	const struct str parts[] = { row->sealed_address, row->sealed_challenge,
		{ (const char *)numbers, sizeof(numbers) } };
	unsigned char digest[DIGEST_BYTES];

	keyed_digest(&job->world->keys->access, parts, array_len(parts), digest);
	hex_write(digest, sizeof(out->version) / 2, job->out.version);
}

/* Returns scheme, host and port of a URL, which url_fault() has checked. */
static struct str origin_of(struct str url)
{
	struct str rest = url, before;

	for (int slashes = 0; slashes < 2; slashes++)
		(void)str_cut(&rest, '/', &before);
	const size_t start = url.n - rest.n;
	size_t end = start;
	while (end < url.n && url.p[end] != '/' && url.p[end] != '?' && url.p[end] != '#')
		end++;
	return (struct str){ url.p, end };
}

static enum err view_return_url(struct view_job *job, struct tx *tx)
{
	const struct link_field field = { SEALED_VERIFICATION_RETURN_URL };
	const struct verification_link *const row = &job->link.row;
	struct str url;

	TRY(link_field_unseal(job->world, tx->arena, row, field, row->sealed_return_url, &url));
	job->out.return_origin = origin_of(url);
	return OK;
}

static enum err view_open_link(struct view_job *job, struct tx *tx)
{
	struct verification_view *const out = &job->out;

	TRY(view_return_url(job, tx));
	TRY(out->is_verified ? view_person(job, tx) : view_address(job, tx));
	out->step = out->state == VERIFICATION_LINK_COMPLETED
			    ? VERIFICATION_STEP_RESULT
			    : verification_link_step(
				      &job->link.row, out->person.has_session, out->person.session_status);
	return OK;
}

static enum err view_in_tx(struct tx *tx, void *arg)
{
	struct view_job *const job = arg;
	struct verification_link *const row = &job->link.row;

	job->out = (struct verification_view){ .is_known = false };
	job->session = (struct session){ 0 };
	const enum err e = visited_link_load(job->world, tx, job->visit, &job->link);
	if (e == ERR_NOT_FOUND)
		return OK;
	TRY(e);
	job->out = (struct verification_view){ .is_known = true,
		.id = row->id,
		.state = job->link.state,
		.tenant = job->link.caller.tenant,
		.language = arena_copy(tx->arena, str_of(row->language)),
		.is_verified = verification_link_is_verified(row),
		.attempt = row->attempt,
		.has_return_url = row->sealed_return_url.n > 0,
		.expires_at = row->expires_at };
	if (job->out.state == VERIFICATION_LINK_OPEN || job->out.state == VERIFICATION_LINK_COMPLETED)
		TRY(view_open_link(job, tx));
	write_version(job);
	return OK;
}

enum err verification_link_view(const struct world *world, struct arena *a,
	const struct verification_visit *visit, struct verification_view *out)
{
	struct view_job job = { .world = world, .visit = visit };

	TRY(store_transact(world->store, TX_READ, a, view_in_tx, &job));
	*out = job.out;
	return OK;
}
