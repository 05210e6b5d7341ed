#include "app/event/kyc_event.h"

#include <string.h>

#include "app/event/person_event.h"
#include "app/event/tenant_person.h"
#include "app/person/next_step.h"
#include "app/person/reference.h"
#include "app/person/tenant_group.h"

/* What tenants are told about a person after a change. */
struct person_change {
	const struct world *world;
	const struct linked_users *linked;
	const struct kyc_status *kyc_status;
	bool may_merge; /* a link or a proof: enrolments may have become one person */
	/* The session whose status changed; NULL: the change is a link or a proof, not a decision. */
	const struct session *decided;
};

static enum overall_status overall_status_now(const struct kyc_status *kyc_status)
{
	return kyc_status->has_session ? overall_status_of(kyc_status->session.status) : OVERALL_PENDING;
}

static void put_id_or_null(struct json_writer *w, const char *key, const char *prefix, const char *id)
{
	char shown[SHOWN_ID_SIZE];

	if (id[0] == '\0') {
		json_field_null(w, key);
		return;
	}
	shown_id_write(prefix, id, shown);
	json_field_text(w, key, str_of(shown));
}

static enum err put_kyc_members(struct tx *tx, const struct person_change *change,
	enum overall_status previous, struct json_writer *w, struct reasons *reasons)
{
	const struct kyc_status *const kyc_status = change->kyc_status;
	const struct session *const session = &kyc_status->session;

	json_field_text(w, "status", str_of(overall_status_name(overall_status_now(kyc_status))));
	json_field_text(w, "previous_status", str_of(overall_status_name(previous)));
	json_field_bool(w, "approved", kyc_status_is_approved(kyc_status));
	if (kyc_status->has_session) {
		json_field_text(w, "session_id", str_of(session->provider_ref.text));
		TRY(session_reasons_load(change->world, tx,
			linked_users_find(change->linked, &session->user_id), session, reasons));
	} else {
		json_field_null(w, "session_id");
	}
	json_key(w, "reasons");
	json_begin_array(w);
	for (enum reason r = 0; r < REASON_COUNT; r++)
		if (reasons_have(*reasons, r))
			json_put_text(w, str_of(reason_name(r)));
	json_end_array(w);
	return OK;
}

/* Returns the class of the time that the decision took, plus 1. 0: the tenant's session was not decided now.
 */
static size_t time_class_of_decision(
	const struct person_change *change, const struct enrolment *enrolment, moment now)
{
	const struct session *const session = change->decided;

	if (session == NULL || strcmp(session->tenant_id.text, enrolment->tenant_id.text) != 0)
		return 0;
	return decision_time_class(moment_diff(session->created_at, now)) + 1;
}

/* kyc.updated counts the change of the status, and the type that repeats it counts the decision. */
static void set_kyc_counts(const struct person_change *change, const struct enrolment *enrolment,
	struct reasons reasons, struct event *event)
{
	struct count_facts facts = { 0 };

	if (event->type == EVENT_KYC_UPDATED) {
		facts.before = enrolment->overall_status;
		facts.after = overall_status_now(change->kyc_status);
	}
	if (event->type == EVENT_KYC_DECLINED)
		facts.reasons = reasons;
	if (event->type == EVENT_KYC_DECLINED || event->type == EVENT_KYC_APPROVED)
		facts.time_class = time_class_of_decision(change, enrolment, event->created_at);
	person_event_set_counts(event, &facts);
}

static enum err add_kyc_event(struct tx *tx, const struct person_change *change, enum event_type type,
	const struct user *user, struct enrolment *enrolment)
{
	struct event_draft draft;
	struct reasons reasons = { 0 };

	TRY(event_draft_begin(change->world, tx, user, enrolment, type, &draft));
	TRY(put_kyc_members(tx, change, enrolment->overall_status, &draft.w, &reasons));
	set_kyc_counts(change, enrolment, reasons, &draft.event);
	return event_draft_add(change->world, tx, user, &draft);
}

/* Tells the tenant the overall status, if it was told another one last. */
static enum err report_status(struct tx *tx, const struct person_change *change, const struct user *user,
	struct enrolment *enrolment)
{
	const enum overall_status status = overall_status_now(change->kyc_status);
	const enum event_type repeated = event_type_of_status(status);

	if (enrolment->overall_status == 0)
		enrolment->overall_status = OVERALL_PENDING;
	if (enrolment->overall_status == status)
		return OK;
	TRY(add_kyc_event(tx, change, EVENT_KYC_UPDATED, user, enrolment));
	if (repeated != EVENT_NONE)
		TRY(add_kyc_event(tx, change, repeated, user, enrolment));
	enrolment->overall_status = status;
	return store_save_enrolment(tx, enrolment);
}

static int64_t larger_of(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

/* The wallet's enrolment takes over the reference of the e-mail's if it has none, so that the tenant still
 * finds the person by it. */
static enum err keep_reference(
	struct tx *tx, const struct world *world, struct tenant_person *person, size_t i)
{
	struct enrolment *const wallet = &person->enrolments[0];
	struct str reference;

	if (wallet->sealed_reference.n > 0)
		return OK;
	TRY(reference_unseal(world, tx->arena, person->users[i], &person->enrolments[i], &reference));
	if (reference.n == 0)
		return OK;
	return reference_seal(world, tx->arena, person->users[0], wallet, reference);
}

/* Merges an e-mail's enrolment into the wallet's. The wallet's sequence continues above both. */
static enum err merge_enrolment(
	struct tx *tx, const struct person_change *change, struct tenant_person *person, size_t i)
{
	const struct user *const user = person->users[0];
	struct enrolment *const wallet = &person->enrolments[0], *const email = &person->enrolments[i];
	const struct count_facts facts = { .before = email->overall_status == 0 ? OVERALL_PENDING
										: email->overall_status };
	struct event_draft draft;

	TRY(keep_reference(tx, change->world, person, i));
	wallet->event_sequence = larger_of(wallet->event_sequence, email->event_sequence);
	TRY(event_draft_begin(change->world, tx, user, wallet, EVENT_USER_LINKED, &draft));
	/* The tenant knows one person less. */
	person_event_set_counts(&draft.event, &facts);
	put_id_or_null(&draft.w, "merged_user_id", PUBLIC_USER_ID_PREFIX, email->public_user_id.text);
	TRY(event_draft_add(change->world, tx, user, &draft));
	email->merged = true;
	TRY(store_save_enrolment(tx, email));
	return store_save_enrolment(tx, wallet);
}

/* Merges the enrolments of e-mails, if the wallet is verified to the tenant too. */
static enum err merge_enrolments(
	struct tx *tx, const struct person_change *change, struct tenant_person *person)
{
	for (size_t i = 1; i < person->n && person->n_told == 1; i++)
		if (!person->enrolments[i].merged)
			TRY(merge_enrolment(tx, change, person, i));
	return OK;
}

static enum err report_person(struct tx *tx, const struct person_change *change, struct tenant_person *person)
{
	if (change->may_merge)
		TRY(merge_enrolments(tx, change, person));
	for (size_t i = 0; i < person->n_told; i++)
		TRY(report_status(tx, change, person->users[i], &person->enrolments[i]));
	return OK;
}

static enum err report_tenant(
	struct tx *tx, const struct tenant_id *tenant, const struct person_change *change)
{
	struct tenant_person person;

	TRY(tenant_person_load(tx, tenant, change->linked, &person));
	return report_person(tx, change, &person);
}

static enum err report_group_member(struct tx *tx, const struct tenant *tenant, void *arg)
{
	return report_tenant(tx, &tenant->id, arg);
}

/* Tells all tenants of the person's group. `tenant` is the only one if the group is a tenant's own. */
static enum err report_group(struct tx *tx, const struct tenant_id *tenant, struct person_change *change)
{
	const char *const group = linked_users_primary(change->linked)->group_name;

	return tenant_group_is_own(group) ? report_tenant(tx, tenant, change)
					  : tenant_group_each(tx, group, report_group_member, change);
}

/* Adds the event about the session, for the tenant that created it. */
static enum err add_session_event(const struct world *world, struct tx *tx, const struct session *session,
	const enum session_status *previous, struct tenant_person *person)
{
	const enum event_type type = previous ? EVENT_SESSION_UPDATED : EVENT_SESSION_CREATED;
	struct enrolment *const enrolment = &person->enrolments[0];
	struct event_draft draft;

	if (person->n == 0)
		return OK;
	TRY(event_draft_begin(world, tx, person->users[0], enrolment, type, &draft));
	json_field_text(&draft.w, "session_id", str_of(session->provider_ref.text));
	if (previous) {
		json_field_text(
			&draft.w, "session_status", str_of(session_status_provider_name(session->status)));
		json_field_text(
			&draft.w, "previous_session_status", str_of(session_status_provider_name(*previous)));
	}
	TRY(event_draft_add(world, tx, person->users[0], &draft));
	return store_save_enrolment(tx, enrolment);
}

/* The overall status of a person can only change with the overall status of a session. */
static bool may_change_overall_status(const struct session *session, const enum session_status *previous)
{
	return !previous || overall_status_of(*previous) != overall_status_of(session->status);
}

static enum err session_events(const struct world *world, struct tx *tx, const struct session *session,
	const enum session_status *previous)
{
	struct linked_users linked;
	struct kyc_status kyc_status;
	struct tenant_person person;
	struct person_change change = { world, &linked, &kyc_status, false, previous ? session : NULL };

	TRY(linked_users_of_user(tx, &session->user_id, &linked));
	TRY(tenant_person_load(tx, &session->tenant_id, &linked, &person));
	TRY(add_session_event(world, tx, session, previous, &person));
	const bool is_alone = tenant_group_is_own(linked_users_primary(&linked)->group_name);

	if (!may_change_overall_status(session, previous) || (is_alone && person.n == 0))
		return OK;
	TRY(kyc_status_load(tx, &linked, &kyc_status));
	TRY(report_person(tx, &change, &person));
	return is_alone ? OK : report_group(tx, &session->tenant_id, &change);
}

enum err session_created_events(const struct world *world, struct tx *tx, const struct session *session)
{
	return session_events(world, tx, session, NULL);
}

enum err session_updated_events(
	const struct world *world, struct tx *tx, const struct session *session, enum session_status previous)
{
	return session_events(world, tx, session, &previous);
}

enum err proof_events(const struct world *world, struct tx *tx, const struct tenant_id *tenant,
	const struct linked_users *linked, const struct kyc_status *kyc_status)
{
	const struct person_change change = { world, linked, kyc_status, true, NULL };

	return report_tenant(tx, tenant, &change);
}

enum err link_events(const struct world *world, struct tx *tx, const struct tenant_id *tenant,
	const struct linked_users *linked)
{
	struct kyc_status kyc_status;
	struct person_change change = { world, linked, &kyc_status, true, NULL };

	TRY(kyc_status_load(tx, linked, &kyc_status));
	return report_group(tx, tenant, &change);
}
