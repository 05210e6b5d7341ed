#include "main/cli/operator_output.h"

#include <stdio.h>
#include <string.h>

#include "app/admin/operator.h"
#include "app/operator/account.h"
#include "base/buf.h"
#include "domain/event.h"
#include "text/json.h"

/* An operator and what is loaded to show it. */
struct shown_operator {
	const struct operator_account *account;
	char id[SHOWN_ID_SIZE];
	struct str email;
	struct str tenants[OPERATOR_TENANTS_MAX]; /* names */
	size_t n_tenants;
	size_t n_passkeys;
	const char *state;
};

/* A tenant that no longer exists is shown by its id. */
static enum err load_tenant_names(const struct world *world, struct arena *a, struct shown_operator *shown)
{
	struct tenant_id id;

	for (size_t i = 0; operator_account_tenant_at(shown->account, i, &id); i++) {
		struct tenant tenant;
		const enum err e = operator_load_tenant(world, a, &id, &tenant);

		if (e != OK && e != ERR_NOT_FOUND)
			return e;
		shown->tenants[i] = arena_copy(a, str_of(e == OK ? tenant.name : id.text));
		if (!shown->tenants[i].p)
			return ERR_INTERNAL;
		shown->n_tenants = i + 1;
	}
	return OK;
}

static enum err load_shown(const struct world *world, struct arena *a, const struct operator_account *account,
	struct shown_operator *out)
{
	*out = (struct shown_operator){ .account = account };
	shown_id_write(OPERATOR_ID_PREFIX, account->id.text, out->id);
	TRY(operator_account_email(world, a, account, &out->email));
	TRY(load_tenant_names(world, a, out));
	TRY(operator_account_count_passkeys(world, a, account, &out->n_passkeys));
	out->state = operator_account_state(account, out->n_passkeys, world_expiry_now(world));
	return OK;
}

static void field_time(struct json_writer *w, const char *key, moment t)
{
	char text[MOMENT_RFC3339_SIZE];

	if (moment_is_unset(t)) {
		json_field_null(w, key);
		return;
	}
	moment_rfc3339(t, text);
	json_field_text(w, key, str_of(text));
}

static void write_tenants_json(struct json_writer *w, const struct shown_operator *shown)
{
	json_key(w, "tenants");
	if (operator_account_has_all_tenants(shown->account)) {
		json_put_null(w);
		return;
	}
	json_begin_array(w);
	for (size_t i = 0; i < shown->n_tenants; i++)
		json_put_text(w, shown->tenants[i]);
	json_end_array(w);
}

static void write_json(struct buf *out, const struct shown_operator *shown)
{
	const struct operator_account *const account = shown->account;
	struct json_writer w;

	json_writer_init(&w, out);
	json_begin_object(&w);
	json_field_text(&w, "id", str_of(shown->id));
	json_field_text(&w, "email", shown->email);
	json_field_text(&w, "role", str_of(operator_role_name(account->role)));
	write_tenants_json(&w, shown);
	json_field_int(&w, "passkeys", (int64_t)shown->n_passkeys);
	json_field_text(&w, "state", str_of(shown->state));
	field_time(&w, "link_expires_at", account->link_expires_at);
	field_time(&w, "last_sign_in_at", account->last_sign_in_at);
	field_time(&w, "created_at", account->created_at);
	field_time(&w, "disabled_at", account->disabled_at);
	json_end_object(&w);
}

static void write_line(struct buf *out, const struct shown_operator *shown)
{
	char signed_in[MOMENT_RFC3339_SIZE] = "-";

	if (!moment_is_unset(shown->account->last_sign_in_at))
		moment_rfc3339(shown->account->last_sign_in_at, signed_in);
	buf_printf(out, "%-32.*s %-8s  %-10s  passkeys %-2zu  last sign-in %-24s  tenants ",
		STR_ARG(shown->email), operator_role_name(shown->account->role), shown->state,
		shown->n_passkeys, signed_in);
	if (operator_account_has_all_tenants(shown->account))
		buf_add(out, STR("all"));
	for (size_t i = 0; i < shown->n_tenants; i++)
		buf_printf(out, "%s%.*s", i > 0 ? ", " : "", STR_ARG(shown->tenants[i]));
	buf_char(out, '\n');
}

enum err operator_print(
	const struct world *world, struct arena *a, const struct operator_account *account, bool json)
{
	struct shown_operator shown;
	struct buf text;
	struct str done;

	TRY(load_shown(world, a, account, &shown));
	buf_init(&text, a);
	if (json)
		write_json(&text, &shown);
	else
		write_line(&text, &shown);
	TRY(buf_done(&text, &done));
	printf("%.*s", STR_ARG(done));
	return OK;
}

bool operator_print_link(struct arena *a, const struct operator_account *account, struct str url, bool json)
{
	char id[SHOWN_ID_SIZE], until[MOMENT_RFC3339_SIZE];
	struct json_writer w;
	struct buf text;
	struct str done;

	shown_id_write(OPERATOR_ID_PREFIX, account->id.text, id);
	moment_rfc3339(account->link_expires_at, until);
	buf_init(&text, a);
	if (json) {
		json_writer_init(&w, &text);
		json_begin_object(&w);
		json_field_text(&w, "id", str_of(id));
		json_field_text(&w, "url", url);
		json_field_text(&w, "expires_at", str_of(until));
		json_end_object(&w);
	} else {
		buf_add(&text, url);
	}
	if (buf_done(&text, &done) != OK || !url.p)
		return false;
	printf("%.*s\n", STR_ARG(done));
	if (fflush(stdout) != 0 || ferror(stdout))
		return false;
	if (!json)
		fprintf(stderr,
			"Send this link to the operator (%s). It registers one passkey, until %s; `kycd operator link` makes "
			"a new one, which voids it.\n",
			id, until);
	return true;
}
