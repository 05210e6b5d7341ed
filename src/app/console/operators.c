#include "app/console/operators.h"

#include <string.h>

#include "app/admin/operator.h"
#include "app/console/word_list.h"
#include "base/buf.h"
#include "text/email.h"

/* Rows that are read at a time. */
#define BATCH 32

static enum err write_tenants(
	const struct world *world, struct arena *a, const struct operator_account *account, struct str *out)
{
	struct tenant_id id;
	struct buf text;

	buf_init(&text, a);
	for (size_t i = 0; operator_account_tenant_at(account, i, &id); i++) {
		struct tenant tenant;
		const enum err e = operator_load_tenant(world, a, &id, &tenant);

		if (e != OK && e != ERR_NOT_FOUND)
			return e;
		buf_printf(&text, "%s%s", i > 0 ? ", " : "", e == OK ? tenant.name : id.text);
	}
	return buf_done(&text, out);
}

static enum err fill(const struct world *world, struct arena *a, struct console_operator *row)
{
	TRY(operator_account_email(world, a, &row->account, &row->email));
	TRY(write_tenants(world, a, &row->account, &row->tenants));
	TRY(operator_account_count_passkeys(world, a, &row->account, &row->n_passkeys));
	row->state = operator_account_state(&row->account, row->n_passkeys, world_expiry_now(world));
	return OK;
}

enum err console_operator_list(const struct world *world, struct arena *a,
	const struct console_caller *caller, struct console_operator **rows, size_t *n,
	enum console_verdict *verdict)
{
	struct operator_account *const batch = arena_array(a, struct operator_account, BATCH);
	size_t found = BATCH;

	*verdict = console_permit(world, caller, CONSOLE_VIEW_OPERATORS, NULL);
	if (*verdict != CONSOLE_PERMITTED)
		return OK;
	*rows = arena_array(a, struct console_operator, CONSOLE_OPERATORS_MAX);
	*n = 0;
	if (!batch || !*rows)
		return ERR_INTERNAL;
	for (size_t skip = 0; found == BATCH && *n < CONSOLE_OPERATORS_MAX; skip += BATCH) {
		TRY(operator_account_list(world, a, page_of(skip, BATCH), batch, &found));
		for (size_t i = 0; i < found && *n < CONSOLE_OPERATORS_MAX; i++) {
			struct console_operator *const row = &(*rows)[(*n)++];

			row->account = batch[i];
			TRY(fill(world, a, row));
		}
	}
	return OK;
}

struct invited_tenants {
	struct tenant_id ids[OPERATOR_TENANTS_MAX];
	size_t n;
};

static enum err read_tenants(const struct world *world, struct arena *a, struct console_invite *invite,
	struct invited_tenants *out)
{
	struct str rest = invite->tenants, word;
	struct tenant tenant;

	out->n = 0;
	for (word = word_list_next(&rest); word.n > 0; word = word_list_next(&rest)) {
		if (out->n == OPERATOR_TENANTS_MAX) {
			invite->fault = INVITE_TENANTS_TOO_MANY;
			return OK;
		}
		const enum err e = operator_find_tenant(world, a, word, &tenant);

		if (e == ERR_NOT_FOUND) {
			invite->fault = INVITE_TENANT_UNKNOWN;
			invite->word = word;
			return OK;
		}
		TRY(e);
		out->ids[out->n++] = tenant.id;
	}
	return OK;
}

enum err console_operator_invite(const struct world *world, struct arena *a,
	const struct console_caller *caller, struct console_invite *invite, enum console_verdict *verdict)
{
	struct invited_tenants tenants;
	struct str email;

	invite->fault = INVITE_FAULTLESS;
	*verdict = console_permit(world, caller, CONSOLE_MANAGE_OPERATORS, NULL);
	if (*verdict != CONSOLE_PERMITTED && *verdict != CONSOLE_STEP_UP_NEEDED)
		return OK;
	/* A refused value does not use up the step-up. */
	enum err e = email_normalise(a, invite->email, &email);

	if (e == ERR_INPUT) {
		invite->fault = INVITE_EMAIL;
		return OK;
	}
	TRY(e);
	TRY(read_tenants(world, a, invite, &tenants));
	if (invite->fault != INVITE_FAULTLESS || *verdict == CONSOLE_STEP_UP_NEEDED)
		return OK;
	TRY(console_take_step_up(world, a, caller, verdict));
	if (*verdict != CONSOLE_PERMITTED)
		return OK;
	const struct operator_account_params params = { email, invite->role, tenants.ids, tenants.n,
		&caller->actor };

	e = operator_account_add(world, a, &params, &invite->account, &invite->token);
	if (e == ERR_CONFLICT)
		invite->fault = INVITE_EXISTS;
	return e == ERR_CONFLICT ? OK : e;
}

static enum err admit_change(const struct world *world, struct arena *a, const struct console_caller *caller,
	enum console_verdict *verdict)
{
	*verdict = console_permit(world, caller, CONSOLE_MANAGE_OPERATORS, NULL);
	return *verdict == CONSOLE_PERMITTED ? console_take_step_up(world, a, caller, verdict) : OK;
}

enum err console_operator_link(const struct world *world, struct arena *a,
	const struct console_caller *caller, const struct operator_id *id, struct console_operator_link *out,
	enum console_verdict *verdict)
{
	TRY(admit_change(world, a, caller, verdict));
	return *verdict == CONSOLE_PERMITTED ? operator_account_new_link_of(world, a, id, &caller->actor,
						       &out->account, &out->token)
					     : OK;
}

enum err console_operator_disable(const struct world *world, struct arena *a,
	const struct console_caller *caller, const struct operator_id *id, enum console_verdict *verdict)
{
	struct operator_account account;

	if (strcmp(id->text, caller->account.id.text) == 0)
		return ERR_CONFLICT;
	TRY(admit_change(world, a, caller, verdict));
	return *verdict == CONSOLE_PERMITTED
		       ? operator_account_disable_of(world, a, id, &caller->actor, &account)
		       : OK;
}
