#include "api/core/answer.h"
#include "app/console/audit_list.h"
#include "base/attr.h"
#include "web/console/audit_filter.h"
#include "web/console/pages.h"
#include "web/console/request.h"
#include "web/console/routes.h"
#include "web/console/values.h"

DECLARE_TEMPLATE(console_audit);

struct audit_row {
	struct str at, action, actor, operator_email, actor_id, actor_url, subject, request_id, detail;
};

static const struct template_value audit_row_rows[] = {
	MARKUP_VALUE(struct audit_row, at),
	TEXT_VALUE(struct audit_row, action),
	TEXT_VALUE(struct audit_row, actor),
	NAME_VALUE(struct audit_row, operator_email),
	TEXT_VALUE(struct audit_row, actor_id),
	TEXT_VALUE(struct audit_row, actor_url),
	TEXT_VALUE(struct audit_row, subject),
	TEXT_VALUE(struct audit_row, request_id),
	TEXT_VALUE(struct audit_row, detail),
};
static const struct template_table audit_row_values = TEMPLATE_TABLE(struct audit_row, audit_row_rows);

struct choice {
	struct str value, label;
	bool is_chosen;
};

static const struct template_value choice_rows[] = {
	TEXT_VALUE(struct choice, value),
	TEXT_VALUE(struct choice, label),
	FLAG_VALUE(struct choice, is_chosen),
};
static const struct template_table choice_values = TEMPLATE_TABLE(struct choice, choice_rows);

struct audit_values {
	struct str action, subject, actor, actor_id, from, until; /* the filters */
	struct str first_url, next_url;				  /* empty: there are none */
	struct template_list rows, actions, actors;
	bool may_export;
};

static const struct template_value audit_value_rows[] = {
	TEXT_VALUE(struct audit_values, action),
	TEXT_VALUE(struct audit_values, subject),
	TEXT_VALUE(struct audit_values, actor),
	TEXT_VALUE(struct audit_values, actor_id),
	TEXT_VALUE(struct audit_values, from),
	TEXT_VALUE(struct audit_values, until),
	TEXT_VALUE(struct audit_values, first_url),
	TEXT_VALUE(struct audit_values, next_url),
	LIST_VALUE(struct audit_values, rows, &audit_row_values),
	LIST_VALUE(struct audit_values, actions, &choice_values),
	LIST_VALUE(struct audit_values, actors, &choice_values),
	FLAG_VALUE(struct audit_values, may_export),
};
const struct page_template console_audit_page = { .template = &template_console_audit,
	.values = TEMPLATE_TABLE(struct audit_values, audit_value_rows),
	.group_values = &console_frame_values,
	.style = "console" };

/* The link of an actor keeps the other filters. */
static struct str actor_url(struct arena *a, const struct audit_form *form, struct str actor)
{
	struct audit_form of_actor = *form;

	of_actor.actors = STR("");
	of_actor.actor_id = actor;
	of_actor.before = STR("");
	return actor.n > 0 ? audit_form_path(a, &of_actor) : STR("");
}

static struct template_list row_items(
	struct arena *a, const struct audit_form *form, const struct audit_list *list)
{
	struct audit_row *const items = arena_array(a, struct audit_row, AUDIT_LIST_MAX);

	for (size_t i = 0; items && i < list->n; i++) {
		const struct audit_entry *const row = &list->rows[i];

		items[i] = (struct audit_row){ console_time(a, row->at),
			str_of(audit_action_name(row->action)), str_of(actor_kind_name(row->actor_kind)),
			list->operators[i], str_of(row->actor), actor_url(a, form, str_of(row->actor)),
			str_of(row->subject), str_of(row->request_id), str_of(row->detail) };
	}
	return (struct template_list){ items, items ? list->n : 0 };
}

static struct template_list action_items(struct arena *a, struct str chosen)
{
	struct choice *const items = arena_array(a, struct choice, AUDIT_COUNT);

	for (size_t i = 0; items && i < AUDIT_COUNT; i++) {
		const struct str name = str_of(audit_action_name((enum audit_action)i));

		items[i] = (struct choice){ name, name, str_eq(name, chosen) };
	}
	return (struct template_list){ items, items ? AUDIT_COUNT : 0 };
}

static struct template_list actor_items(struct arena *a, enum audit_actors chosen)
{
	struct choice *const items = arena_array(a, struct choice, AUDIT_ACTORS_COUNT);

	for (size_t i = 0; items && i < AUDIT_ACTORS_COUNT; i++)
		items[i] = (struct choice){ audit_actors_word((enum audit_actors)i),
			audit_actors_label((enum audit_actors)i), i == (size_t)chosen };
	return (struct template_list){ items, items ? AUDIT_ACTORS_COUNT : 0 };
}

static struct str page_url(struct arena *a, const struct audit_form *form, struct str before)
{
	struct audit_form page = *form;

	page.before = before;
	return audit_form_path(a, &page);
}

static struct reply show(const struct console_request *request, struct arena *a,
	const struct audit_form *form, const struct audit_filter *filter, const struct audit_list *list)
{
	const struct audit_values values = { .action = form->action,
		.subject = form->subject,
		.actor = form->actors,
		.actor_id = form->actor_id,
		.from = form->from,
		.until = form->until,
		.first_url = form->before.n > 0 ? page_url(a, form, STR("")) : STR(""),
		.next_url = list->has_more ? page_url(a, form, str_of(list->next_before.text)) : STR(""),
		.rows = row_items(a, form, list),
		.actions = action_items(a, form->action),
		.actors = actor_items(a, filter->actors),
		.may_export = console_may(request, CONSOLE_EXPORT_LIST) };

	return console_page(request, &console_audit_page, &values, 200);
}

static struct reply handle_audit(struct call *call, struct store *store)
{
	struct console_request request;
	struct audit_filter filter;
	enum console_verdict verdict;
	struct audit_list *list;
	struct reply refused;
	struct arena a;

	(void)store; /* the use case opens its own transaction */
	if (!console_admit(call, &request, &refused))
		return refused;
	const struct audit_form form = audit_form_read(call->arena, call->request->query);

	if (!audit_form_filter(&form, &filter))
		return console_notice(&request, CONSOLE_NOTICE_BAD_FORM);
	arena_init(&a, AUDIT_LIST_ARENA);
	list = arena_new(&a, struct audit_list);
	const enum err e = list ? console_audit_list(
					  call->world, &a, &request.caller, &filter, list, &verdict)
				: ERR_INTERNAL;
	const struct reply reply = e != OK ? console_failed(&request, e)
				   : verdict != CONSOLE_PERMITTED
					   ? console_refused(&request, verdict, STR("/console"))
					   : show(&request, &a, &form, &filter, list);
	arena_finish(&a);
	return reply;
}

const struct route console_audit_route = {
	.entry = { METHOD_GET, "/console/audit" }, HANDLE_WAITING(handle_audit), .failure = ANSWER_UNAVAILABLE
};
