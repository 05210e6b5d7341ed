#include "app/console/operators.h"

#include "api/core/answer.h"
#include "api/core/dispatch.h"
#include "base/attr.h"
#include "domain/event.h"
#include "web/console/operator_link.h"
#include "web/console/pages.h"
#include "web/console/routes.h"
#include "web/console/settings.h"
#include "web/console/values.h"

DECLARE_TEMPLATE(console_operators);
DECLARE_TEMPLATE(console_operator_link);

#define LIST STR("/console/operators")

struct operator_row {
	struct str email, id, role, state, tone, tenants, last_sign_in_at;
	bool may_change;
};

static const struct template_value operator_row_rows[] = {
	NAME_VALUE(struct operator_row, email),
	TEXT_VALUE(struct operator_row, id),
	TEXT_VALUE(struct operator_row, role),
	TEXT_VALUE(struct operator_row, state),
	TEXT_VALUE(struct operator_row, tone),
	TEXT_VALUE(struct operator_row, tenants),
	MARKUP_VALUE(struct operator_row, last_sign_in_at),
	FLAG_VALUE(struct operator_row, may_change),
};
static const struct template_table operator_row_values = TEMPLATE_TABLE(
	struct operator_row, operator_row_rows);

struct operators_values {
	struct template_list rows;
	bool has_step_up;
};

static const struct template_value operators_value_rows[] = {
	LIST_VALUE(struct operators_values, rows, &operator_row_values),
	FLAG_VALUE(struct operators_values, has_step_up),
};
const struct page_template console_operators_page = { .template = &template_console_operators,
	.values = TEMPLATE_TABLE(struct operators_values, operators_value_rows),
	.group_values = &console_frame_values,
	.style = "console" };

struct operator_link_values {
	struct str id, url, expires_at;
};

static const struct template_value operator_link_rows[] = {
	TEXT_VALUE(struct operator_link_values, id),
	TEXT_VALUE(struct operator_link_values, url),
	MARKUP_VALUE(struct operator_link_values, expires_at),
};
const struct page_template console_operator_link_page = { .template = &template_console_operator_link,
	.values = TEMPLATE_TABLE(struct operator_link_values, operator_link_rows),
	.group_values = &console_frame_values,
	.style = "console" };

static struct str shown_id(struct arena *a, const struct operator_id *id)
{
	char text[SHOWN_ID_SIZE];

	shown_id_write(OPERATOR_ID_PREFIX, id->text, text);
	return arena_copy(a, str_of(text));
}

struct reply operator_link_show(
	const struct console_request *request, const struct operator_account *account, struct str token)
{
	struct call *const call = request->call;
	const struct operator_link_values values = { shown_id(call->arena, &account->id),
		arena_printf(call->arena, "%.*s/console/register/%.*s",
			STR_ARG(call->api->console->site.origin), STR_ARG(token)),
		console_time(call->arena, account->link_expires_at) };

	return console_page(request, &console_operator_link_page, &values, 200);
}

static struct str tone_of(const struct console_operator *row)
{
	if (operator_account_is_disabled(&row->account))
		return STR("bad");
	return row->n_passkeys > 0 ? STR("good") : STR("wait");
}

static struct template_list row_items(
	const struct console_request *request, struct arena *a, const struct console_operator *rows, size_t n)
{
	struct operator_row *const items = arena_array(a, struct operator_row, n + 1);

	for (size_t i = 0; items && i < n; i++) {
		const struct operator_account *const account = &rows[i].account;
		const bool is_self = str_eq(
			str_of(account->id.text), str_of(request->caller.account.id.text));

		items[i] = (struct operator_row){ rows[i].email, shown_id(a, &account->id),
			str_of(operator_role_name(account->role)), str_of(rows[i].state), tone_of(&rows[i]),
			rows[i].tenants, console_time(a, account->last_sign_in_at),
			!is_self && !operator_account_is_disabled(account) };
	}
	return (struct template_list){ items, items ? n : 0 };
}

static struct reply handle_list(struct call *call, struct store *store)
{
	struct console_request request;
	struct console_operator *rows;
	enum console_verdict verdict;
	struct reply reply;
	struct arena a;
	size_t n;

	(void)store; /* the use case opens its own transactions */
	if (!console_admit(call, &request, &reply))
		return reply;
	arena_init(&a, CONSOLE_OPERATORS_ARENA);
	const enum err e = console_operator_list(call->world, &a, &request.caller, &rows, &n, &verdict);

	if (e != OK) {
		reply = console_failed(&request, e);
	} else if (verdict != CONSOLE_PERMITTED) {
		reply = console_refused(&request, verdict, STR("/console"));
	} else {
		const struct operators_values values = { row_items(&request, &a, rows, n),
			console_step_up_is_usable(&request.caller.session, world_expiry_now(call->world)) };

		reply = console_page(&request, &console_operators_page, &values, 200);
	}
	arena_finish(&a);
	return reply;
}

static struct reply handle_link(struct call *call, struct store *store)
{
	struct console_request request;
	struct console_operator_link link;
	struct operator_id id;
	enum console_verdict verdict;
	struct reply refused;

	(void)store;
	if (!console_admit(call, &request, &refused))
		return refused;
	if (!shown_id_read(OPERATOR_ID_PREFIX, call->params[0], id.text))
		return console_notice(&request, CONSOLE_NOTICE_NOT_FOUND);
	const enum err e = console_operator_link(
		call->world, call->arena, &request.caller, &id, &link, &verdict);

	if (e != OK || verdict != CONSOLE_PERMITTED)
		return e != OK ? console_failed(&request, e) : console_refused(&request, verdict, LIST);
	return operator_link_show(&request, &link.account, link.token);
}

static struct reply handle_disable(struct call *call, struct store *store)
{
	struct console_request request;
	struct operator_id id;
	enum console_verdict verdict = CONSOLE_PERMITTED;
	struct reply refused;

	(void)store;
	if (!console_admit(call, &request, &refused))
		return refused;
	if (!shown_id_read(OPERATOR_ID_PREFIX, call->params[0], id.text))
		return console_notice(&request, CONSOLE_NOTICE_NOT_FOUND);
	const enum err e = console_operator_disable(call->world, call->arena, &request.caller, &id, &verdict);

	return console_finish(&request, e, verdict, LIST, "operator-disabled");
}

const struct route console_operators_route = { .entry = { METHOD_GET, "/console/operators" },
	HANDLE_WAITING(handle_list),
	.failure = ANSWER_UNAVAILABLE };
const struct route console_operator_link_route = { .entry = { METHOD_POST,
							   "/console/operators/:operator/link" },
	HANDLE_WAITING(handle_link),
	.failure = ANSWER_UNAVAILABLE };
const struct route console_operator_disable_route = { .entry = { METHOD_POST,
							      "/console/operators/:operator/disable" },
	HANDLE_WAITING(handle_disable),
	.failure = ANSWER_UNAVAILABLE };
