#include "app/person/linked_users.h"

#include <assert.h>
#include <string.h>

static bool same_user(const struct user_id *a, const struct user_id *b)
{
	return str_eq(str_of(a->text), str_of(b->text));
}

struct user_id primary_user_of(const struct address *address)
{
	return address->primary_user_id.text[0] != '\0' ? address->primary_user_id : address->user_id;
}

static size_t count_linked(const struct user *primary)
{
	return str_of(primary->linked_user_ids).n / ID_LENGTH;
}

static struct user_id linked_user_id(const struct user *primary, size_t i)
{
	struct user_id id = { "" };

	memcpy(id.text, primary->linked_user_ids + i * ID_LENGTH, ID_LENGTH);
	return id;
}

static enum err load_all_users(struct tx *tx, const struct user_id *primary, struct linked_users *out)
{
	struct user first = { .id = *primary };

	TRY(store_load_user(tx, &first));
	const size_t n = 1 + count_linked(&first);
	struct user *const users = arena_array(tx->arena, struct user, n);

	if (!users)
		return ERR_INTERNAL;
	users[0] = first;
	for (size_t i = 1; i < n; i++) {
		users[i] = (struct user){ .id = linked_user_id(&first, i - 1) };
		TRY(store_load_user(tx, &users[i]));
	}
	*out = (struct linked_users){ users, n };
	return OK;
}

enum err linked_users_of_address(struct tx *tx, const struct address *address, struct linked_users *out)
{
	const struct user_id primary = primary_user_of(address);

	return load_all_users(tx, &primary, out);
}

enum err linked_users_of_user(struct tx *tx, const struct user_id *user, struct linked_users *out)
{
	struct user known = { .id = *user };
	struct address address;

	TRY(store_load_user(tx, &known));
	address.blind_index = known.blind_index;
	const enum err e = store_load_address(tx, &address);
	if (e == ERR_NOT_FOUND)
		return load_all_users(tx, user, out);
	TRY(e);
	return linked_users_of_address(tx, &address, out);
}

const struct user *linked_users_find(const struct linked_users *linked, const struct user_id *user)
{
	for (size_t i = 0; i < linked->n; i++)
		if (same_user(&linked->users[i].id, user))
			return &linked->users[i];
	return NULL;
}

bool linked_users_add(struct user *primary, const struct user_id *id)
{
	const size_t n = count_linked(primary);

	assert(str_of(id->text).n == ID_LENGTH);
	if ((n + 1) * ID_LENGTH >= sizeof(primary->linked_user_ids))
		return false;
	memcpy(primary->linked_user_ids + n * ID_LENGTH, id->text, ID_SIZE);
	return true;
}

/* Returns whether the user's address is verified to the tenant. Each user has one address: that of a primary
 * user with linked users is a wallet, those of its linked users are e-mails. */
static enum err is_verified_by(
	struct tx *tx, const struct tenant_id *tenant, const struct user_id *user, bool *out)
{
	const struct enrolment probe = { .tenant_id = *tenant, .user_id = *user };
	struct enrolment row;
	size_t n;

	TRY(store_find(tx, QUERY_ENROLMENTS_OF_USER, &probe, page_of(0, 1), &row, &n));
	*out = n > 0 && enrolment_is_verified(&row);
	return OK;
}

enum err verified_identifiers_load(struct tx *tx, const struct enrolment *enrolment, enum address_kind kind,
	const struct linked_users *linked, struct verified_identifiers *out)
{
	const bool is_verified = enrolment_is_verified(enrolment);
	struct verified_identifiers verified = { .email = is_verified && kind == ADDRESS_EMAIL,
		.wallet = is_verified && kind == ADDRESS_WALLET };

	for (size_t i = 0; is_verified && i < linked->n && linked->n > 1; i++) {
		bool *const verified_kind = i == 0 ? &verified.wallet : &verified.email;

		if (!*verified_kind)
			TRY(is_verified_by(tx, &enrolment->tenant_id, &linked->users[i].id, verified_kind));
	}
	*out = verified;
	return OK;
}

enum err linked_users_first_verified(struct tx *tx, const struct tenant_id *tenant,
	const struct linked_users *linked, struct enrolment *out, bool *found)
{
	struct enrolment probe = { .tenant_id = *tenant };
	size_t n;

	*found = false;
	for (size_t i = 0; i < linked->n && !*found; i++) {
		probe.user_id = linked->users[i].id;
		TRY(store_find(tx, QUERY_ENROLMENTS_OF_USER, &probe, page_of(0, 1), out, &n));
		*found = n > 0 && enrolment_is_verified(out);
	}
	return OK;
}

/* The tenant may learn that two addresses belong to one person only if both are verified to the tenant. An
 * enrolment that is only prepared proves nothing. */
static bool is_one_person(const struct address_lookup *a, const struct address_lookup *b)
{
	const struct user_id one = primary_user_of(&a->address), other = primary_user_of(&b->address);

	return a->is_enrolled && enrolment_is_verified(&a->enrolment) && b->is_enrolled &&
	       enrolment_is_verified(&b->enrolment) && same_user(&one, &other);
}

enum err person_lookup(const struct world *world, struct tx *tx, const struct tenant *tenant,
	const struct identifier_pair *identifiers, enum load_plan_kind prefetch, struct person_lookup *out)
{
	const bool is_pair = identifiers->second.normal.n > 0;
	struct address_lookup lookup, also;

	*out = (struct person_lookup){ .result = LOOKUP_MISMATCH };
	TRY(address_lookup(
		world, tx, tenant, &identifiers->first, is_pair ? LOAD_PLAN_ENROLMENT : prefetch, &lookup));
	if (is_pair) {
		TRY(address_lookup(world, tx, tenant, &identifiers->second, prefetch, &also));
		if (!is_one_person(&lookup, &also))
			return OK;
	}
	out->result = LOOKUP_NOT_ENROLLED;
	if (!lookup.is_enrolled)
		return OK;
	out->enrolment = lookup.enrolment;
	out->result = LOOKUP_UNVERIFIED;
	if (!enrolment_is_verified(&lookup.enrolment))
		return OK;
	out->result = LOOKUP_VERIFIED;
	return linked_users_of_address(tx, &lookup.address, &out->linked);
}
