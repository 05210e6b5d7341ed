#include "app/console/operator_notes.h"

#include <string.h>

#include "app/core/sealed_names.h"
#include "app/operator/account.h"
#include "app/person/person.h"
#include "domain/operator_note.h"

struct console_note_list {
	struct console_note *rows;
	size_t n;
};

/* Makes room in the list, which is sorted newest first. If it is full, drops the oldest note, or returns NULL
 * if this one is the oldest. */
static struct console_note *insert(struct console_note_list *list, moment created_at)
{
	size_t at = list->n;

	while (at > 0 && moment_is_before(list->rows[at - 1].created_at, created_at))
		at--;
	if (at == OPERATOR_NOTES_MAX)
		return NULL;
	list->n += list->n < OPERATOR_NOTES_MAX;
	memmove(&list->rows[at + 1], &list->rows[at], (list->n - 1 - at) * sizeof(*list->rows));
	return &list->rows[at];
}

static enum err load_of_user(const struct world *world, struct tx *tx, const struct tenant_id *tenant,
	const struct user *user, struct console_note_list *list)
{
	struct operator_note *const rows = arena_array(tx->arena, struct operator_note, OPERATOR_NOTES_MAX);
	const struct operator_note probe = { .tenant_id = *tenant, .user_id = user->id };
	size_t n;

	if (!rows)
		return ERR_INTERNAL;
	TRY(store_find(tx, QUERY_OPERATOR_NOTES_OF_USER, &probe, page_of(0, OPERATOR_NOTES_MAX), rows, &n));
	for (size_t i = 0; i < n; i++) {
		const struct sealed_field place = { SEALED_OPERATOR_NOTE, rows[i].id.text };
		struct console_note *const row = insert(list, rows[i].created_at);

		if (!row)
			return OK;
		row->created_at = rows[i].created_at;
		TRY(operator_email_of(world, tx, &rows[i].operator_id, &row->author));
		TRY(user_unseal(world, tx->arena, user, &place, rows[i].sealed_text, &row->text));
	}
	return OK;
}

enum err console_notes_load(const struct world *world, struct tx *tx, const struct enrolment *enrolment,
	const struct linked_users *linked, struct console_note **out, size_t *n)
{
	struct console_note_list list = { arena_array(tx->arena, struct console_note, OPERATOR_NOTES_MAX),
		0 };
	struct user user = { .id = enrolment->user_id };

	if (!list.rows)
		return ERR_INTERNAL;
	for (size_t i = 0; i < linked->n; i++)
		TRY(load_of_user(world, tx, &enrolment->tenant_id, &linked->users[i], &list));
	if (linked->n == 0) {
		TRY(store_load_user(tx, &user));
		TRY(load_of_user(world, tx, &enrolment->tenant_id, &user, &list));
	}
	*out = list.rows;
	*n = list.n;
	return OK;
}
