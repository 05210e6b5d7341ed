#include "app/party.h"

#include <assert.h>
#include <string.h>

static bool same(const struct user_id *a, const struct user_id *b)
{
	return str_eq(str_of(a->text), str_of(b->text));
}

struct user_id party_head_of(const struct address *address)
{
	return address->joined.text[0] != '\0' ? address->joined : address->user;
}

static size_t count_members(const struct user *head)
{
	return str_of(head->members).n / ID_LENGTH;
}

static struct user_id member(const struct user *head, size_t i)
{
	struct user_id id = { "" };

	memcpy(id.text, head->members + i * ID_LENGTH, ID_LENGTH);
	return id;
}

static enum err load_all(struct tx *tx, const struct user_id *head, struct party *out)
{
	struct user first = { .id = *head };

	TRY(store_load_user(tx, &first));
	const size_t n = 1 + count_members(&first);
	struct user *const users = arena_array(tx->arena, struct user, n);

	if (!users)
		return ERR_INTERNAL;
	users[0] = first;
	for (size_t i = 1; i < n; i++) {
		users[i] = (struct user){ .id = member(&first, i - 1) };
		TRY(store_load_user(tx, &users[i]));
	}
	*out = (struct party){ users, n };
	return OK;
}

enum err party_of_address(struct tx *tx, const struct address *address, struct party *out)
{
	const struct user_id head = party_head_of(address);

	return load_all(tx, &head, out);
}

enum err party_of_user(struct tx *tx, const struct user_id *user, struct party *out)
{
	struct user known = { .id = *user };
	struct address address;

	TRY(store_load_user(tx, &known));
	address.blind = known.address;
	const enum err e = store_load_address(tx, &address);
	if (e == ERR_NOT_FOUND)
		return load_all(tx, user, out);
	TRY(e);
	return party_of_address(tx, &address, out);
}

const struct user *party_find(const struct party *party, const struct user_id *user)
{
	for (size_t i = 0; i < party->n; i++)
		if (same(&party->users[i].id, user))
			return &party->users[i];
	return NULL;
}

bool party_add(struct user *head, const struct user_id *id)
{
	const size_t n = count_members(head);

	assert(str_of(id->text).n == ID_LENGTH);
	if ((n + 1) * ID_LENGTH >= sizeof(head->members))
		return false;
	memcpy(head->members + n * ID_LENGTH, id->text, ID_SIZE);
	return true;
}

/* Each user has one address: the head's is a wallet, the members' are e-mails. */
static enum err is_proven_to(
	struct tx *tx, const struct tenant_id *tenant, const struct user_id *user, bool *out)
{
	const struct enrolment probe = { .tenant = *tenant, .user = *user };
	struct enrolment row;
	size_t n;

	TRY(store_find(tx, QUERY_ENROLMENTS_OF_USER, &probe, page_of(0, 1), &row, &n));
	*out = n > 0 && enrolment_is_verified(&row);
	return OK;
}

enum err party_proofs(struct tx *tx, const struct enrolment *enrolment, enum host_scope kind,
	const struct party *party, struct proofs *out)
{
	const bool proven = enrolment_is_verified(enrolment);
	struct proofs proofs = { .email = proven && kind == ADDRESS_EMAIL,
		.wallet = proven && kind == ADDRESS_WALLET };

	for (size_t i = 0; proven && i < party->n && party->n > 1; i++) {
		bool *const kept = i == 0 ? &proofs.wallet : &proofs.email;

		if (!*kept)
			TRY(is_proven_to(tx, &enrolment->tenant, &party->users[i].id, kept));
	}
	*out = proofs;
	return OK;
}

enum err party_is_proven_to(
	struct tx *tx, const struct tenant_id *tenant, const struct party *party, bool *out)
{
	bool proven = false;

	for (size_t i = 0; i < party->n && !proven; i++)
		TRY(is_proven_to(tx, tenant, &party->users[i].id, &proven));
	*out = proven;
	return OK;
}

/* What is only prepared tells nothing about whose it is. */
static bool is_one_person(const struct acquaintance *a, const struct acquaintance *b)
{
	const struct user_id one = party_head_of(&a->address), other = party_head_of(&b->address);

	return a->is_enrolled && enrolment_is_verified(&a->enrolment) && b->is_enrolled &&
	       enrolment_is_verified(&b->enrolment) && same(&one, &other);
}

enum err party_meet(const struct world *world, struct tx *tx, const struct tenant *tenant,
	const struct naming *naming, enum load_plan_kind prefetch, struct acquainted *out)
{
	const bool is_pair = naming->also.normal.n > 0;
	struct acquaintance known, also;

	*out = (struct acquainted){ .meeting = MEETING_MISMATCH };
	TRY(person_look_up(
		world, tx, tenant, &naming->who, is_pair ? LOAD_PLAN_ENROLMENT : prefetch, &known));
	if (is_pair) {
		TRY(person_look_up(world, tx, tenant, &naming->also, prefetch, &also));
		if (!is_one_person(&known, &also))
			return OK;
	}
	out->meeting = MEETING_STRANGER;
	if (!known.is_enrolled)
		return OK;
	out->enrolment = known.enrolment;
	out->meeting = MEETING_UNPROVEN;
	if (!enrolment_is_verified(&known.enrolment))
		return OK;
	out->meeting = MEETING_PROVEN;
	return party_of_address(tx, &known.address, &out->party);
}
