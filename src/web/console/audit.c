#include "api/core/answer.h"
#include "app/console/audit_list.h"
#include "base/attr.h"
#include "base/buf.h"
#include "text/encode.h"
#include "web/console/pages.h"
#include "web/console/request.h"
#include "web/console/routes.h"
#include "web/console/values.h"

DECLARE_TEMPLATE(console_audit);

struct audit_row {
	struct str at, action, actor, operator_email, actor_id, subject, request_id, detail;
};

static const struct template_value audit_row_rows[] = {
	MARKUP_VALUE(struct audit_row, at),
	TEXT_VALUE(struct audit_row, action),
	TEXT_VALUE(struct audit_row, actor),
	NAME_VALUE(struct audit_row, operator_email),
	TEXT_VALUE(struct audit_row, actor_id),
	TEXT_VALUE(struct audit_row, subject),
	TEXT_VALUE(struct audit_row, request_id),
	TEXT_VALUE(struct audit_row, detail),
};
static const struct template_table audit_row_values = TEMPLATE_TABLE(struct audit_row, audit_row_rows);

struct action_choice {
	struct str name;
	bool is_chosen;
};

static const struct template_value action_choice_rows[] = {
	TEXT_VALUE(struct action_choice, name),
	FLAG_VALUE(struct action_choice, is_chosen),
};
static const struct template_table action_choice_values = TEMPLATE_TABLE(
	struct action_choice, action_choice_rows);

struct audit_values {
	struct str subject, next_url;
	struct template_list rows, actions;
	bool is_later_page;
};

static const struct template_value audit_value_rows[] = {
	TEXT_VALUE(struct audit_values, subject),
	TEXT_VALUE(struct audit_values, next_url),
	LIST_VALUE(struct audit_values, rows, &audit_row_values),
	LIST_VALUE(struct audit_values, actions, &action_choice_values),
	FLAG_VALUE(struct audit_values, is_later_page),
};
const struct page_template console_audit_page = { .template = &template_console_audit,
	.values = TEMPLATE_TABLE(struct audit_values, audit_value_rows),
	.group_values = &console_frame_values,
	.style = "console" };

static struct template_list row_items(struct arena *a, const struct audit_list *list)
{
	struct audit_row *const items = arena_array(a, struct audit_row, AUDIT_LIST_MAX);

	for (size_t i = 0; items && i < list->n; i++) {
		const struct audit_entry *const row = &list->rows[i];

		items[i] = (struct audit_row){ console_time(a, row->at),
			str_of(audit_action_name(row->action)), str_of(actor_kind_name(row->actor_kind)),
			list->operators[i], str_of(row->actor), str_of(row->subject), str_of(row->request_id),
			str_of(row->detail) };
	}
	return (struct template_list){ items, items ? list->n : 0 };
}

static struct template_list action_items(struct arena *a, struct str chosen)
{
	struct action_choice *const items = arena_array(a, struct action_choice, AUDIT_COUNT);

	for (size_t i = 0; items && i < AUDIT_COUNT; i++) {
		const struct str name = str_of(audit_action_name((enum audit_action)i));

		items[i] = (struct action_choice){ name, str_eq(name, chosen) };
	}
	return (struct template_list){ items, items ? AUDIT_COUNT : 0 };
}

/* Returns the URL of the next page; empty: there is none. */
static struct str next_url(struct arena *a, const struct audit_filter *filter, const struct audit_list *list)
{
	struct buf url;
	struct str out;

	if (!list->has_more)
		return STR("");
	buf_init(&url, a);
	buf_printf(&url, "/console/audit?before=%s&subject=", list->next_before.text);
	percent_encode(&url, filter->subject);
	buf_add(&url, STR("&action="));
	percent_encode(&url, filter->action);
	return buf_done(&url, &out) == OK ? out : STR("");
}

static struct reply show(const struct console_request *request, const struct audit_filter *filter,
	const struct audit_list *list)
{
	struct arena *const a = request->call->arena;
	const struct audit_values values = { .subject = filter->subject,
		.next_url = next_url(a, filter, list),
		.rows = row_items(a, list),
		.actions = action_items(a, filter->action),
		.is_later_page = filter->before.text[0] != '\0' };

	return console_page(request, &console_audit_page, &values, 200);
}

static struct reply handle_audit(struct call *call, struct store *store)
{
	struct console_request request;
	enum console_verdict verdict;
	struct audit_list *list;
	struct reply refused;
	struct arena a;

	(void)store; /* the use case opens its own transaction */
	if (!console_admit(call, &request, &refused))
		return refused;
	const struct str before = console_query(&request, STR("before"));
	struct audit_filter filter = { .subject = console_query(&request, STR("subject")),
		.action = console_query(&request, STR("action")),
		.limit = AUDIT_LIST_MAX };
	if (before.n > 0 && (!id_is_valid(before) ||
				    !str_copy_to(before, filter.before.text, sizeof(filter.before.text))))
		return console_notice(&request, CONSOLE_NOTICE_BAD_FORM);
	arena_init(&a, AUDIT_LIST_ARENA);
	list = arena_new(&a, struct audit_list);
	const enum err e = list ? console_audit_list(
					  call->world, &a, &request.caller, &filter, list, &verdict)
				: ERR_INTERNAL;
	const struct reply reply = e != OK ? console_failed(&request, e)
				   : verdict != CONSOLE_PERMITTED
					   ? console_refused(&request, verdict, STR("/console"))
					   : show(&request, &filter, list);
	arena_finish(&a);
	return reply;
}

const struct route console_audit_route = {
	.entry = { METHOD_GET, "/console/audit" }, HANDLE_WAITING(handle_audit), .failure = ANSWER_UNAVAILABLE
};
