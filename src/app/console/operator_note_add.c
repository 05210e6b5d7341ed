#include "app/console/operator_note_add.h"

#include "app/core/audit.h"
#include "app/core/sealed_names.h"
#include "app/person/person.h"
#include "domain/operator_note.h"

struct add_job {
	const struct world *world;
	const struct console_caller *caller;
	const struct console_note_params *params;
	bool *is_full;
	enum console_verdict *verdict;
};

/* The note is sealed with the key of the user whom audit entries about the person name. Loading the user
 * locks the row, so that two notes, or a note and an erasure, do not run at the same time. */
static enum err load_subject(struct tx *tx, const struct console_person_found *found, struct user *out)
{
	*out = (struct user){ .id = found->linked.n > 0 ? linked_users_primary(&found->linked)->id
							: found->enrolment.user_id };
	return store_load_user(tx, out);
}

static enum err has_room(struct tx *tx, const struct console_person_found *found, bool *out)
{
	struct operator_note *const rows = arena_array(tx->arena, struct operator_note, OPERATOR_NOTES_MAX);
	const size_t n_users = found->linked.n > 0 ? found->linked.n : 1;
	size_t n, total = 0;

	if (!rows)
		return ERR_INTERNAL;
	for (size_t i = 0; i < n_users; i++) {
		const struct operator_note probe = { .tenant_id = found->tenant.id,
			.user_id = found->linked.n > 0 ? found->linked.users[i].id
						       : found->enrolment.user_id };

		TRY(store_find(
			tx, QUERY_OPERATOR_NOTES_OF_USER, &probe, page_of(0, OPERATOR_NOTES_MAX), rows, &n));
		total += n;
	}
	*out = total < OPERATOR_NOTES_MAX;
	return OK;
}

static enum err add_row(struct tx *tx, const struct add_job *job, const struct console_person_found *found,
	const struct user *user)
{
	struct operator_note row = { .tenant_id = found->tenant.id,
		.user_id = user->id,
		.operator_id = job->caller->account.id,
		.created_at = world_now(job->world) };
	const struct sealed_field place = { SEALED_OPERATOR_NOTE, row.id.text };

	TRY(world_id(job->world, row.id.text));
	TRY(user_seal(job->world, tx->arena, user, &place, job->params->text, &row.sealed_text));
	TRY(store_add_operator_note(tx, &row));
	const struct audit_params audit = { AUDIT_NOTE_ADDED, user->id.text, found->tenant.id.text,
		row.id.text };
	return audit_append(job->world, tx, &job->caller->actor, &audit);
}

static enum err add_note(struct tx *tx, void *arg)
{
	const struct add_job *const job = arg;
	struct console_person_found found;
	struct user user;
	bool has;

	*job->is_full = false;
	TRY(console_person_find(job->world, tx, job->caller, CONSOLE_ADD_NOTE, &job->params->name, &found));
	*job->verdict = found.verdict;
	if (found.verdict != CONSOLE_PERMITTED)
		return OK;
	TRY(load_subject(tx, &found, &user));
	if (user_is_erased(&user))
		return ERR_NOT_FOUND;
	TRY(has_room(tx, &found, &has));
	*job->is_full = !has;
	return has ? add_row(tx, job, &found, &user) : OK;
}

enum err console_note_add(const struct world *world, struct arena *a, const struct console_caller *caller,
	const struct console_note_params *params, bool *is_full, enum console_verdict *verdict)
{
	struct add_job job = { world, caller, params, is_full, verdict };

	return store_transact(world->store, TX_WRITE, a, add_note, &job);
}
