#include "app/enrolment/link.h"

#include "app/core/audit.h"

static bool is_proven(const struct address_lookup *lookup)
{
	return lookup->is_enrolled && enrolment_is_verified(&lookup->enrolment);
}

static bool same(const struct user_id *a, const struct user_id *b)
{
	return str_eq(str_of(a->text), str_of(b->text));
}

static bool is_one_person(const struct link *link)
{
	return link->email.is_known && link->wallet.is_known &&
	       same(&link->email.address.primary_user_id, &link->wallet.address.user_id);
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
	if (is_proven(&link.wallet)) {
		if (is_one_person(&link) && is_proven(&link.email))
			link.state = LINK_CONFIRMED;
		else if (claim_is_by_wallet(&link.claim, &link.wallet.address.blind_index))
			link.state = LINK_CLAIMED;
	}
	*out = link;
	return OK;
}

/* One row for each of the two, which names the other: whoever looks at one of them finds it. */
static enum err note_both(const struct world *world, struct tx *tx, const struct caller *caller,
	enum audit_action action, const struct user_id *wallet, const struct user_id *email)
{
	const struct audit_params deeds[] = {
		{ action, wallet->text, caller->tenant.id.text, email->text },
		{ action, email->text, caller->tenant.id.text, wallet->text },
	};

	TRY(audit_append(world, tx, &caller->actor, &deeds[0]));
	return audit_append(world, tx, &caller->actor, &deeds[1]);
}

static enum err refuse(const struct world *world, struct tx *tx, const struct caller *caller,
	const struct link *link, const char *why)
{
	const struct audit_params params = { AUDIT_LINK_REFUSED, link->email.address.user_id.text,
		caller->tenant.id.text, why };

	return audit_append(world, tx, &caller->actor, &params);
}

/* Only of an e-mail that is proven to this tenant may it know whose else it is. */
enum err link_check(const struct world *world, struct tx *tx, const struct caller *caller, struct link *link,
	enum link_verdict *out)
{
	const bool knows = is_proven(&link->email) && link->email.address.primary_user_id.text[0] != '\0';
	enum claim_verdict claimed;

	*out = LINK_ALREADY_CONFIRMED;
	if (link->state == LINK_CONFIRMED)
		return OK;
	*out = LINK_CONFLICT;
	if (knows && !is_one_person(link))
		return refuse(world, tx, caller, link, "linked");
	claimed = claim_make(&link->claim, &link->wallet.address.blind_index, world_now(world));
	if (claimed == CLAIM_CONFLICT)
		return refuse(world, tx, caller, link, "claimed");
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
	return note_both(world, tx, caller, AUDIT_LINK_CLAIMED, wallet, &user.id);
}

static enum err note_one(const struct world *world, struct tx *tx, const struct caller *caller,
	enum audit_action action, const struct link *link, const char *word)
{
	const struct audit_params params = { action, link->email.address.user_id.text, caller->tenant.id.text,
		word };

	return audit_append(world, tx, &caller->actor, &params);
}

/* The claim stands for `prepare`, and the code proves the mailbox. */
static enum err prove_email(
	const struct world *world, struct tx *tx, const struct caller *caller, struct link *link)
{
	struct enrolment *const enrolment = &link->email.enrolment;

	if (is_proven(&link->email))
		return OK;
	if (!link->email.is_enrolled) {
		enrolment->prepared_at = world_now(world);
		TRY(note_one(world, tx, caller, AUDIT_PREPARED, link, ""));
	}
	enrolment->verified_at = world_now(world);
	TRY(store_save_enrolment(tx, enrolment));
	return note_one(world, tx, caller, AUDIT_VERIFIED, link, "email");
}

/* NULL: they are one person now. */
static enum err make_one(struct tx *tx, struct link *link, const char **why)
{
	struct user head = { .id = link->wallet.address.user_id };
	struct address *const email = &link->email.address;

	*why = NULL;
	if (is_one_person(link))
		return OK;
	*why = "linked";
	if (email->primary_user_id.text[0] != '\0')
		return OK;
	TRY(store_load_user(tx, &head));
	*why = "full";
	if (!linked_users_add(&head, &email->user_id))
		return OK;
	*why = NULL;
	email->primary_user_id = head.id;
	TRY(store_save_user(tx, &head));
	return store_save_address(tx, email);
}

enum err link_confirm(const struct world *world, struct tx *tx, const struct caller *caller,
	struct link *link, bool *joined)
{
	const char *why;

	TRY(make_one(tx, link, &why));
	TRY(store_remove_claim(tx, &link->claim));
	*joined = !why;
	if (why)
		return refuse(world, tx, caller, link, why);
	TRY(prove_email(world, tx, caller, link));
	return note_both(
		world, tx, caller, AUDIT_LINKED, &link->wallet.address.user_id, &link->email.address.user_id);
}
