#include "app/enrolment/link.h"

#include "app/core/audit.h"
#include "app/event/kyc_event.h"
#include "app/event/person_event.h"

static bool is_verified(const struct address_lookup *lookup)
{
	return lookup->is_enrolled && enrolment_is_verified(&lookup->enrolment);
}

static bool same_user(const struct user_id *a, const struct user_id *b)
{
	return str_eq(str_of(a->text), str_of(b->text));
}

static bool is_one_person(const struct link *link)
{
	return link->email.is_known && link->wallet.is_known &&
	       same_user(&link->email.address.primary_user_id, &link->wallet.address.user_id);
}

static enum err load_claim(struct tx *tx, const struct tenant *tenant, struct link *link)
{
	const struct claim none = { .email_index = link->email.address.blind_index,
		.code = { .tenant_id = tenant->id } };

	link->claim = none;
	const enum err e = store_load_claim(tx, &link->claim);
	if (e == ERR_NOT_FOUND)
		link->claim = none;
	return e == ERR_NOT_FOUND ? OK : e;
}

enum err link_load(const struct world *world, struct tx *tx, const struct tenant *tenant, struct str wallet,
	struct str email, struct link *out)
{
	const struct identifier by_wallet = identifier_wallet(wallet), by_email = identifier_email(email);
	struct link link = { .state = LINK_NONE };

	TRY(address_lookup(world, tx, tenant, &by_wallet, LOAD_PLAN_ENROLMENT, &link.wallet));
	TRY(address_lookup(world, tx, tenant, &by_email, LOAD_PLAN_ENROLMENT, &link.email));
	TRY(load_claim(tx, tenant, &link));
	if (is_verified(&link.wallet)) {
		if (is_one_person(&link) && is_verified(&link.email))
			link.state = LINK_CONFIRMED;
		else if (claim_is_by_wallet(&link.claim, &link.wallet.address.blind_index))
			link.state = LINK_CLAIMED;
	}
	*out = link;
	return OK;
}

/* Writes an audit entry for each of the two users. Each entry names the other user, so that a search for
 * either user finds the link. */
static enum err audit_both_users(const struct world *world, struct tx *tx, const struct caller *caller,
	enum audit_action action, const struct user_id *wallet, const struct user_id *email)
{
	const struct audit_params entries[] = {
		{ action, wallet->text, caller->tenant.id.text, email->text },
		{ action, email->text, caller->tenant.id.text, wallet->text },
	};

	TRY(audit_append(world, tx, &caller->actor, &entries[0]));
	return audit_append(world, tx, &caller->actor, &entries[1]);
}

static enum err audit_refusal(const struct world *world, struct tx *tx, const struct caller *caller,
	const struct link *link, const char *why)
{
	const struct audit_params params = { AUDIT_LINK_REFUSED, link->email.address.user_id.text,
		caller->tenant.id.text, why };

	return audit_append(world, tx, &caller->actor, &params);
}

/* The e-mail may be linked to another wallet already. The tenant may learn this only if the e-mail is
 * verified to this tenant. */
enum err link_check(const struct world *world, struct tx *tx, const struct caller *caller, struct link *link,
	enum link_verdict *out)
{
	const bool is_linked = is_verified(&link->email) &&
			       link->email.address.primary_user_id.text[0] != '\0';
	enum claim_verdict claimed;

	*out = LINK_ALREADY_CONFIRMED;
	if (link->state == LINK_CONFIRMED)
		return OK;
	*out = LINK_CONFLICT;
	if (is_linked && !is_one_person(link))
		return audit_refusal(world, tx, caller, link, "linked");
	claimed = claim_make(&link->claim, &link->wallet.address.blind_index, world_expiry_now(world));
	if (claimed == CLAIM_CONFLICT)
		return audit_refusal(world, tx, caller, link, "claimed");
	link->is_new = claimed == CLAIM_MADE;
	*out = LINK_CLAIM_ACCEPTED;
	return OK;
}

enum err link_claim(const struct world *world, struct tx *tx, const struct caller *caller, struct link *link,
	const struct user_id *wallet)
{
	struct user user;

	if (!link->is_new)
		return OK;
	TRY(user_find_or_create(world, tx, &caller->tenant, &link->email, NULL, &user));
	link->claim.code.user_id = user.id;
	TRY(store_save_claim(tx, &link->claim));
	return audit_both_users(world, tx, caller, AUDIT_LINK_CLAIMED, wallet, &user.id);
}

static enum err audit_email_user(const struct world *world, struct tx *tx, const struct caller *caller,
	enum audit_action action, const struct link *link, const char *detail)
{
	const struct audit_params params = { action, link->email.address.user_id.text, caller->tenant.id.text,
		detail };

	return audit_append(world, tx, &caller->actor, &params);
}

/* The tenant does not know an e-mail that it has not prepared, so the event is about the wallet's person,
 * whom the e-mail's owner is known to be. */
static enum err add_verified_event(const struct world *world, struct tx *tx, struct link *link)
{
	struct enrolment *const email = &link->email.enrolment;
	struct enrolment *const wallet = &link->wallet.enrolment;
	/* The enrolment counts as a person until it is merged. */
	const struct count_facts added = { .after = OVERALL_PENDING };

	if (link->email.is_enrolled)
		return person_event_add(world, tx, email, EVENT_USER_EMAIL_VERIFIED, "");
	email->overall_status = OVERALL_PENDING;
	email->updated_at = email->verified_at;
	TRY(person_event_add_counting(world, tx, wallet, EVENT_USER_EMAIL_VERIFIED, &added));
	return store_save_enrolment(tx, wallet);
}

/* Verifies the e-mail to the tenant. The tenant need not have prepared the e-mail: the claim counts as
 * `prepare`, and the code verifies the address. */
static enum err verify_email(
	const struct world *world, struct tx *tx, const struct caller *caller, struct link *link)
{
	struct enrolment *const enrolment = &link->email.enrolment;

	if (is_verified(&link->email))
		return OK;
	if (!link->email.is_enrolled) {
		enrolment->prepared_at = world_now(world);
		TRY(audit_email_user(world, tx, caller, AUDIT_PREPARED, link, ""));
	}
	enrolment->verified_at = world_now(world);
	TRY(add_verified_event(world, tx, link));
	TRY(store_save_enrolment(tx, enrolment));
	return audit_email_user(world, tx, caller, AUDIT_VERIFIED, link, "email");
}

/* If another tenant had linked the two addresses, only this tenant learns something new. */
static enum err add_link_events(const struct world *world, struct tx *tx, const struct caller *caller,
	const struct link *link, bool was_linked)
{
	const struct tenant_id *const tenant = &caller->tenant.id;
	struct linked_users linked;
	struct kyc_status kyc_status;

	TRY(linked_users_of_address(tx, &link->email.address, &linked));
	if (!was_linked)
		return link_events(world, tx, tenant, &linked);
	TRY(kyc_status_load(tx, &linked, &kyc_status));
	return proof_events(world, tx, tenant, &linked, &kyc_status);
}

/* Links the e-mail's user to the wallet's user. `*why` is NULL on success, otherwise the reason for the audit
 * log. */
static enum err link_users(struct tx *tx, struct link *link, const char **why)
{
	struct user primary = { .id = link->wallet.address.user_id };
	struct address *const email = &link->email.address;

	*why = NULL;
	if (is_one_person(link))
		return OK;
	*why = "linked";
	if (email->primary_user_id.text[0] != '\0')
		return OK;
	TRY(store_load_user(tx, &primary));
	*why = "full";
	if (!linked_users_add(&primary, &email->user_id))
		return OK;
	*why = NULL;
	email->primary_user_id = primary.id;
	TRY(store_save_user(tx, &primary));
	return store_save_address(tx, email);
}

enum err link_confirm(const struct world *world, struct tx *tx, const struct caller *caller,
	struct link *link, bool *linked)
{
	const bool was_linked = is_one_person(link);
	const char *why;

	TRY(link_users(tx, link, &why));
	TRY(store_remove_claim(tx, &link->claim));
	*linked = !why;
	if (why)
		return audit_refusal(world, tx, caller, link, why);
	TRY(verify_email(world, tx, caller, link));
	TRY(add_link_events(world, tx, caller, link, was_linked));
	return audit_both_users(
		world, tx, caller, AUDIT_LINKED, &link->wallet.address.user_id, &link->email.address.user_id);
}
