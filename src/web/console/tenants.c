#include "app/console/tenants.h"

#include "api/core/answer.h"
#include "api/core/fields.h"
#include "base/attr.h"
#include "web/console/form_page.h"
#include "web/console/pages.h"
#include "web/console/request.h"
#include "web/console/routes.h"
#include "web/console/values.h"
#include "web/console/words.h"

DECLARE_TEMPLATE(console_tenants);

struct tenant_row {
	struct str name, display_name, used, quota, created_at;
	bool is_disabled;
};

static const struct template_value tenant_row_rows[] = {
	TEXT_VALUE(struct tenant_row, name),
	NAME_VALUE(struct tenant_row, display_name),
	TEXT_VALUE(struct tenant_row, used),
	TEXT_VALUE(struct tenant_row, quota),
	MARKUP_VALUE(struct tenant_row, created_at),
	FLAG_VALUE(struct tenant_row, is_disabled),
};
static const struct template_table tenant_row_values = TEMPLATE_TABLE(struct tenant_row, tenant_row_rows);

struct tenants_values {
	struct template_list rows;
	struct form_values add;
	bool may_manage;
};

static const struct template_value tenants_value_rows[] = {
	LIST_VALUE(struct tenants_values, rows, &tenant_row_values),
	FORM_VALUES(struct tenants_values, add),
	FLAG_VALUE(struct tenants_values, may_manage),
};
const struct page_template console_tenants_page = { .template = &template_console_tenants,
	.values = TEMPLATE_TABLE(struct tenants_values, tenants_value_rows),
	.group_values = &console_frame_values,
	.style = "console" };

static struct template_list row_items(struct arena *a, const struct console_tenant *rows, size_t n)
{
	struct tenant_row *const items = arena_array(a, struct tenant_row, n + 1);

	for (size_t i = 0; items && i < n; i++)
		items[i] = (struct tenant_row){ str_of(rows[i].tenant.name),
			str_of(rows[i].tenant.display_name), console_number(a, rows[i].quota.used),
			console_quota(a, rows[i].quota.limit), console_time(a, rows[i].tenant.created_at),
			tenant_is_disabled(&rows[i].tenant) };
	return (struct template_list){ items, items ? n : 0 };
}

struct add_body {
	struct str name, display_name, monthly_quota;
};

/* clang-format off */
static const struct field add_fields[] = {
	FIELD(struct add_body, name,          FIELD_TEXT, FIELD_OPTIONAL, 1, FORM_LINE_MAX),
	FIELD(struct add_body, display_name,  FIELD_TEXT, FIELD_OPTIONAL, 1, FORM_LINE_MAX),
	FIELD(struct add_body, monthly_quota, FIELD_TEXT, FIELD_OPTIONAL, 1, FORM_LINE_MAX),
};
static const struct form add_form = FORM(add_fields, struct add_body, "");
/* clang-format on */

enum { ADD_NAME, ADD_DISPLAY_NAME, ADD_QUOTA, ADD_INPUTS };

static void add_inputs(const struct add_body *body, struct form_input out[ADD_INPUTS])
{
	out[ADD_NAME] = (struct form_input){ .name = "name",
		.label = "Tenant",
		.hint = "1 to 63 lower-case letters, digits and hyphens. Commands and this console use it.",
		.is_required = true,
		.value = body->name };
	out[ADD_DISPLAY_NAME] = (struct form_input){ .name = "display_name",
		.label = "Name shown to people",
		.is_optional = true,
		.value = body->display_name };
	out[ADD_QUOTA] = (struct form_input){ .name = "monthly_quota",
		.label = "Sessions in a month",
		.is_optional = true,
		.hint = "Leave it empty for no limit.",
		.kind = INPUT_NUMBER,
		.value = body->monthly_quota };
}

static struct reply handle_list(struct call *call, struct store *store)
{
	struct console_request request;
	struct console_tenant *rows;
	enum console_verdict verdict;
	size_t n;
	struct reply reply;
	struct arena a;

	(void)store; /* the use case opens its own transaction */
	if (!console_admit(call, &request, &reply))
		return reply;
	arena_init(&a, CONSOLE_TENANTS_ARENA);
	const enum err e = console_tenant_list(call->world, &a, &request.caller, &rows, &n, &verdict);
	if (e != OK) {
		reply = console_failed(&request, e);
	} else if (verdict != CONSOLE_PERMITTED) {
		reply = console_refused(&request, verdict, STR("/console"));
	} else {
		struct form_input inputs[ADD_INPUTS];

		add_inputs(&(struct add_body){ .name = STR("") }, inputs);
		const struct tenants_values values = { .rows = row_items(&a, rows, n),
			.add = form_values_of(&a, inputs, ADD_INPUTS),
			.may_manage = console_may(&request, CONSOLE_MANAGE_TENANTS) &&
				      operator_account_has_all_tenants(&request.caller.account) };

		reply = console_page(&request, &console_tenants_page, &values, 200);
	}
	arena_finish(&a);
	return reply;
}

static void check_add(
	const struct add_body *body, struct form_input inputs[ADD_INPUTS], struct tenant_change *out)
{
	*out = (struct tenant_change){
		.name = body->name, .display_name = body->display_name, .has_quota = body->monthly_quota.n > 0
	};
	if (!tenant_name_is_valid(body->name))
		inputs[ADD_NAME].fault = STR(
			"must be 1 to 63 lower-case letters, digits and hyphens, and not begin with a hyphen");
	if (body->display_name.n > 0 && !display_name_is_valid(body->display_name))
		inputs[ADD_DISPLAY_NAME].fault = STR("must be one line of at most 40 characters");
	if (out->has_quota && !str_number(body->monthly_quota, INT32_MAX, &out->monthly_quota))
		inputs[ADD_QUOTA].fault = STR("must be a whole number without separators");
}

static struct reply show_add_form(
	const struct console_request *request, const struct form_input inputs[ADD_INPUTS])
{
	const struct console_form form = { .title = STR("Add a tenant"),
		.action = STR("/console/tenants"),
		.button = STR("Add tenant"),
		.back_url = STR("/console/tenants"),
		.back_text = STR("Tenants and keys"),
		.needs = CONSOLE_MANAGE_TENANTS };

	return console_form_show(request, &form, inputs, ADD_INPUTS);
}

static struct reply handle_add(struct call *call, struct store *store)
{
	struct console_request request;
	struct form_input inputs[ADD_INPUTS];
	struct tenant_change change;
	struct tenant tenant;
	enum console_verdict verdict;
	void *body = NULL;
	struct reply refused;

	(void)store;
	if (!console_admit(call, &request, &refused) ||
		!console_form_read(&request, &add_form, &body, &refused))
		return refused;
	add_inputs(body, inputs);
	check_add(body, inputs, &change);
	if (form_has_fault(inputs, ADD_INPUTS))
		return show_add_form(&request, inputs);
	const enum err e = console_tenant_add(
		call->world, call->arena, &request.caller, &change, &tenant, &verdict);
	if (e == ERR_CONFLICT && verdict == CONSOLE_PERMITTED) {
		inputs[ADD_NAME].fault = STR("is the name of another tenant");
		return show_add_form(&request, inputs);
	}
	return console_finish(
		&request, e, verdict, console_tenant_path(call->arena, change.name), "tenant-added");
}

const struct route console_tenants_route = { .entry = { METHOD_GET, "/console/tenants" },
	HANDLE_WAITING(handle_list),
	.failure = ANSWER_UNAVAILABLE };
const struct route console_tenant_add_route = { .entry = { METHOD_POST, "/console/tenants" },
	HANDLE_WAITING(handle_add),
	.failure = ANSWER_UNAVAILABLE };
