#include "app/console/tenants.h"

#include "api/core/answer.h"
#include "api/core/fields.h"
#include "base/attr.h"
#include "web/console/pages.h"
#include "web/console/request.h"
#include "web/console/routes.h"
#include "web/console/values.h"
#include "web/console/words.h"
#include "web/core/form_body.h"

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
	bool may_manage;
};

static const struct template_value tenants_value_rows[] = {
	LIST_VALUE(struct tenants_values, rows, &tenant_row_values),
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
		const struct tenants_values values = { .rows = row_items(&a, rows, n),
			.may_manage = console_may(&request, CONSOLE_MANAGE_TENANTS) &&
				      operator_account_has_all_tenants(&request.caller.account) };

		reply = console_page(&request, &console_tenants_page, &values, 200);
	}
	arena_finish(&a);
	return reply;
}

struct add_body {
	struct str name, display_name, monthly_quota;
};

/* clang-format off */
static const struct field add_fields[] = {
	FIELD(struct add_body, name,          FIELD_TEXT, FIELD_REQUIRED, 1, TENANT_NAME_SIZE - 1),
	FIELD(struct add_body, display_name,  FIELD_TEXT, FIELD_OPTIONAL, 1, DISPLAY_NAME_SIZE - 1),
	FIELD(struct add_body, monthly_quota, FIELD_TEXT, FIELD_OPTIONAL, 1, 10),
};
static const struct form add_form = FORM(add_fields, struct add_body, "");
/* clang-format on */

static bool read_change(const struct add_body *body, struct tenant_change *out)
{
	*out = (struct tenant_change){
		.name = body->name, .display_name = body->display_name, .has_quota = body->monthly_quota.n > 0
	};
	return tenant_name_is_valid(body->name) &&
	       (body->display_name.n == 0 || display_name_is_valid(body->display_name)) &&
	       (!out->has_quota || str_number(body->monthly_quota, INT32_MAX, &out->monthly_quota));
}

static struct reply handle_add(struct call *call, struct store *store)
{
	struct console_request request;
	struct tenant_change change;
	struct tenant tenant;
	enum console_verdict verdict;
	void *body = NULL;
	struct reply refused;

	(void)store;
	if (!console_admit(call, &request, &refused))
		return refused;
	const enum form_body_verdict form = form_body_read(call, &add_form, &body, &refused);
	if (form == FORM_BODY_REFUSED)
		return refused;
	if (form == FORM_BODY_BAD || !read_change(body, &change))
		return console_notice(&request, CONSOLE_NOTICE_BAD_FORM);
	const enum err e = console_tenant_add(
		call->world, call->arena, &request.caller, &change, &tenant, &verdict);
	return console_finish(
		&request, e, verdict, console_tenant_path(call->arena, change.name), "tenant-added");
}

const struct route console_tenants_route = { .entry = { METHOD_GET, "/console/tenants" },
	HANDLE_WAITING(handle_list),
	.failure = ANSWER_UNAVAILABLE };
const struct route console_tenant_add_route = { .entry = { METHOD_POST, "/console/tenants" },
	HANDLE_WAITING(handle_add),
	.failure = ANSWER_UNAVAILABLE };
