#include <string.h>

#include "api/core/answer.h"
#include "api/core/fields.h"
#include "app/console/tenants.h"
#include "base/attr.h"
#include "web/console/form_page.h"
#include "web/console/key_form.h"
#include "web/console/page_path.h"
#include "web/console/pages.h"
#include "web/console/request.h"
#include "web/console/routes.h"
#include "web/console/values.h"
#include "web/console/words.h"

DECLARE_TEMPLATE(console_tenant);

struct key_row {
	struct str key_id, label, scopes, allow_from, created_at, last_used_at, expires_at, state;
	bool is_valid;
};

static const struct template_value key_row_rows[] = {
	TEXT_VALUE(struct key_row, key_id),
	NAME_VALUE(struct key_row, label),
	TEXT_VALUE(struct key_row, scopes),
	TEXT_VALUE(struct key_row, allow_from),
	MARKUP_VALUE(struct key_row, created_at),
	MARKUP_VALUE(struct key_row, last_used_at),
	MARKUP_VALUE(struct key_row, expires_at),
	TEXT_VALUE(struct key_row, state),
	FLAG_VALUE(struct key_row, is_valid),
};
static const struct template_table key_row_values = TEMPLATE_TABLE(struct key_row, key_row_rows);

struct tenant_values {
	struct str name, id, display_name, group, language, return_url, site, created_at, disabled_at, used,
		quota, colour, support_url, privacy_url, consent_text, step_up_url;
	bool is_disabled, has_logo, may_manage, has_step_up;
	struct template_list keys;
	struct form_values form; /* of a new key */
};

static const struct template_value tenant_value_rows[] = {
	TEXT_VALUE(struct tenant_values, name),
	TEXT_VALUE(struct tenant_values, id),
	NAME_VALUE(struct tenant_values, display_name),
	TEXT_VALUE(struct tenant_values, group),
	TEXT_VALUE(struct tenant_values, language),
	TEXT_VALUE(struct tenant_values, return_url),
	TEXT_VALUE(struct tenant_values, site),
	MARKUP_VALUE(struct tenant_values, created_at),
	MARKUP_VALUE(struct tenant_values, disabled_at),
	TEXT_VALUE(struct tenant_values, used),
	TEXT_VALUE(struct tenant_values, quota),
	TEXT_VALUE(struct tenant_values, colour),
	TEXT_VALUE(struct tenant_values, support_url),
	TEXT_VALUE(struct tenant_values, privacy_url),
	NAME_VALUE(struct tenant_values, consent_text),
	TEXT_VALUE(struct tenant_values, step_up_url),
	FLAG_VALUE(struct tenant_values, is_disabled),
	FLAG_VALUE(struct tenant_values, has_logo),
	FLAG_VALUE(struct tenant_values, may_manage),
	FLAG_VALUE(struct tenant_values, has_step_up),
	LIST_VALUE(struct tenant_values, keys, &key_row_values),
	FORM_VALUES(struct tenant_values, form),
};
const struct page_template console_tenant_page = { .template = &template_console_tenant,
	.values = TEMPLATE_TABLE(struct tenant_values, tenant_value_rows),
	.group_values = &console_frame_values,
	.style = "console" };

static struct key_row key_item(struct arena *a, const struct api_key *key, moment now)
{
	static const char *const states[] = {
		[KEY_VALID] = "active", [KEY_EXPIRED] = "expired", [KEY_REVOKED] = "revoked"
	};
	const enum key_verdict state = key_check(key, now);
	char scopes[SCOPE_NAMES_SIZE];

	scope_set_write(key->scopes, ' ', scopes);
	return (struct key_row){ str_of(key->id.text), str_of(key->label), arena_copy(a, str_of(scopes)),
		arena_copy(a, str_of(key->allow_from)), console_time(a, key->created_at),
		console_time(a, key->last_used_at), console_time(a, key->expires_at), str_of(states[state]),
		state == KEY_VALID };
}

/* Newest first. */
static struct template_list key_items(struct arena *a, const struct console_tenant_view *view, moment now)
{
	struct key_row *const items = arena_array(a, struct key_row, view->n_keys + 1);

	for (size_t i = 0; items && i < view->n_keys; i++)
		items[i] = key_item(a, &view->keys[view->n_keys - 1 - i], now);
	return (struct template_list){ items, items ? view->n_keys : 0 };
}

static void set_branding(const struct console_tenant_view *view, struct tenant_values *out)
{
	static const struct digest none;

	out->colour = str_of(view->branding.colour);
	out->support_url = str_of(view->branding.support_url);
	out->privacy_url = str_of(view->branding.privacy_url);
	out->consent_text = view->consent_text;
	out->has_logo = memcmp(&view->branding.logo_digest, &none, sizeof(none)) != 0;
}

static struct reply show(
	const struct console_request *request, struct arena *a, const struct console_tenant_view *view)
{
	const struct world *const world = request->call->world;
	const struct tenant *const tenant = &view->summary.tenant;
	struct tenant_values values = { .name = str_of(tenant->name),
		.id = str_of(tenant->id.text),
		.display_name = str_of(tenant->display_name),
		.group = tenant_has_own_group(tenant) ? STR("") : str_of(tenant->group_name),
		.language = str_of(tenant->language),
		.return_url = str_of(tenant->return_url),
		.site = str_of(tenant->site),
		.created_at = console_time(a, tenant->created_at),
		.disabled_at = console_time(a, tenant->disabled_at),
		.is_disabled = tenant_is_disabled(tenant),
		.used = console_number(a, view->summary.quota.used),
		.quota = console_quota(a, view->summary.quota.limit),
		.may_manage = console_may(request, CONSOLE_MANAGE_TENANTS),
		.has_step_up = console_step_up_is_usable(&request->caller.session, world_expiry_now(world)),
		.keys = key_items(a, view, world_now(world)),
		.form = key_form_values(a) };

	set_branding(view, &values);
	values.step_up_url = console_path_with(
		a, STR("/console/step-up"), "back", console_tenant_path(a, values.name));
	return console_page(request, &console_tenant_page, &values, 200);
}

static struct reply handle_tenant(struct call *call, struct store *store)
{
	struct console_request request;
	struct console_tenant_view *view;
	enum console_verdict verdict;
	struct reply reply;
	struct arena a;

	(void)store; /* the use case opens its own transaction */
	if (!console_admit(call, &request, &reply))
		return reply;
	arena_init(&a, CONSOLE_TENANTS_ARENA);
	view = arena_new(&a, struct console_tenant_view);
	const enum err e = view ? console_tenant_read(
					  call->world, &a, &request.caller, call->params[0], view, &verdict)
				: ERR_INTERNAL;
	if (e != OK)
		reply = console_failed(&request, e);
	else if (verdict != CONSOLE_PERMITTED)
		reply = console_refused(&request, verdict, STR("/console/tenants"));
	else
		reply = show(&request, &a, view);
	arena_finish(&a);
	return reply;
}

struct quota_body {
	struct str monthly_quota;
};

/* clang-format off */
static const struct field quota_fields[] = { FIELD(struct quota_body, monthly_quota, FIELD_TEXT, FIELD_OPTIONAL, 1, FORM_LINE_MAX) };
static const struct form quota_form = FORM(quota_fields, struct quota_body, "");
/* clang-format on */

static struct reply show_quota_form(const struct console_request *request, struct str value)
{
	const struct str page = console_tenant_path(request->call->arena, request->call->params[0]);
	const struct console_form form = { .title = STR("Change quota"),
		.action = arena_printf(request->call->arena, "%.*s/quota", STR_ARG(page)),
		.button = STR("Change quota"),
		.back_url = page,
		.back_text = request->call->params[0],
		.needs = CONSOLE_MANAGE_TENANTS };
	const struct form_input input = { .name = "monthly_quota",
		.label = "Sessions in a month",
		.hint = "Leave it empty for no limit.",
		.kind = INPUT_NUMBER,
		.value = value,
		.fault = STR("must be a whole number without separators") };

	return console_form_show(request, &form, &input, 1);
}

static struct reply handle_quota(struct call *call, struct store *store)
{
	struct console_request request;
	struct tenant_change change = {
		.name = call->params[0], .has_quota = true, .monthly_quota = NO_QUOTA
	};
	struct tenant tenant;
	enum console_verdict verdict;
	void *read = NULL;
	struct reply refused;

	(void)store;
	if (!console_admit(call, &request, &refused) ||
		!console_form_read(&request, &quota_form, &read, &refused))
		return refused;
	const struct str quota = ((const struct quota_body *)read)->monthly_quota;

	if (quota.n > 0 && !str_number(quota, INT32_MAX, &change.monthly_quota))
		return show_quota_form(&request, quota);
	const enum err e = console_tenant_set(
		call->world, call->arena, &request.caller, &change, &tenant, &verdict);
	return console_finish(
		&request, e, verdict, console_tenant_path(call->arena, change.name), "quota-changed");
}

const struct route console_tenant_route = { .entry = { METHOD_GET, "/console/tenants/:tenant" },
	HANDLE_WAITING(handle_tenant),
	.failure = ANSWER_UNAVAILABLE };
const struct route console_tenant_quota_route = { .entry = { METHOD_POST, "/console/tenants/:tenant/quota" },
	HANDLE_WAITING(handle_quota),
	.failure = ANSWER_UNAVAILABLE };
