#include "app/console/people.h"
#include "api/core/answer.h"
#include "api/core/dispatch.h"
#include "base/attr.h"
#include "web/console/pages.h"
#include "web/console/people_filter.h"
#include "web/console/request.h"
#include "web/console/routes.h"
#include "web/console/values.h"
#include "web/console/words.h"

DECLARE_TEMPLATE(console_people);

struct choice {
	struct str value, label;
	bool is_selected;
};

static const struct template_value choice_rows[] = {
	TEXT_VALUE(struct choice, value),
	TEXT_VALUE(struct choice, label),
	FLAG_VALUE(struct choice, is_selected),
};
static const struct template_table choice_values = TEMPLATE_TABLE(struct choice, choice_rows);

struct person_row {
	struct str url, user_id, reference, status, tone, verified, next, reasons, created_at, updated_at;
};

static const struct template_value person_row_rows[] = {
	TEXT_VALUE(struct person_row, url),
	TEXT_VALUE(struct person_row, user_id),
	NAME_VALUE(struct person_row, reference),
	TEXT_VALUE(struct person_row, status),
	TEXT_VALUE(struct person_row, tone),
	TEXT_VALUE(struct person_row, verified),
	TEXT_VALUE(struct person_row, next),
	TEXT_VALUE(struct person_row, reasons),
	MARKUP_VALUE(struct person_row, created_at),
	MARKUP_VALUE(struct person_row, updated_at),
};
static const struct template_table person_row_values = TEMPLATE_TABLE(struct person_row, person_row_rows);

struct people_values {
	struct template_list tenants, statuses, people;
	struct str tenant, status, from, until; /* the filters */
	struct str first_url, next_url;		/* other pages of the list; empty: there are none */
	bool has_tenant, has_several_tenants, may_export;
};

static const struct template_value people_value_rows[] = {
	LIST_VALUE(struct people_values, tenants, &choice_values),
	LIST_VALUE(struct people_values, statuses, &choice_values),
	LIST_VALUE(struct people_values, people, &person_row_values),
	TEXT_VALUE(struct people_values, tenant),
	TEXT_VALUE(struct people_values, status),
	TEXT_VALUE(struct people_values, from),
	TEXT_VALUE(struct people_values, until),
	TEXT_VALUE(struct people_values, first_url),
	TEXT_VALUE(struct people_values, next_url),
	FLAG_VALUE(struct people_values, has_tenant),
	FLAG_VALUE(struct people_values, has_several_tenants),
	FLAG_VALUE(struct people_values, may_export),
};
const struct page_template console_people_page = { .template = &template_console_people,
	.values = TEMPLATE_TABLE(struct people_values, people_value_rows),
	.group_values = &console_frame_values,
	.style = "console" };

static struct str verified_text(struct verified_identifiers verified)
{
	static const struct str texts[2][2] = { { STR_INIT("nothing yet"), STR_INIT("wallet") },
		{ STR_INIT("e-mail"), STR_INIT("e-mail, wallet") } };

	return texts[verified.email][verified.wallet];
}

static struct template_list person_rows(struct arena *a, const struct console_people *list)
{
	struct person_row *const rows = arena_array(a, struct person_row, list->page.n + 1);

	for (size_t i = 0; rows && i < list->page.n; i++) {
		const struct person_summary *const person = &list->page.people[i];

		rows[i] = (struct person_row){ .url = console_person_path(
						       a, list->tenant.name, &person->ids.user_id),
			.user_id = console_user_id(a, &person->ids.user_id),
			.reference = person->ids.reference,
			.status = console_status_label(person->status),
			.tone = console_status_tone(person->status),
			.verified = verified_text(person->verified),
			.next = console_next_action_label(person->next_step.action),
			.reasons = console_reasons_text(a, person->next_step.reasons),
			.created_at = console_time(a, person->created_at),
			.updated_at = console_time(a, person->updated_at) };
	}
	return (struct template_list){ rows, rows ? list->page.n : 0 };
}

/* A tenant that is not among the first ones by name is added, so that the form keeps it. */
static struct template_list tenant_choices(struct arena *a, const struct console_people *list)
{
	struct choice *const rows = arena_array(a, struct choice, list->n_tenants + 1);
	const struct str chosen = str_of(list->tenant.name);
	bool is_listed = false;
	size_t n = 0;

	for (size_t i = 0; rows && i < list->n_tenants; i++) {
		const struct str name = str_of(list->tenants[i].name);

		is_listed |= str_eq(name, chosen);
		rows[n++] = (struct choice){ name, name, str_eq(name, chosen) };
	}
	if (rows && !is_listed && chosen.n > 0)
		rows[n++] = (struct choice){ chosen, chosen, true };
	return (struct template_list){ rows, n };
}

static struct template_list status_choices(struct arena *a, struct str chosen)
{
	struct choice *const rows = arena_array(a, struct choice, OVERALL_STATUS_COUNT);
	size_t n = 0;

	for (int s = OVERALL_PENDING; rows && s < OVERALL_STATUS_COUNT; s++) {
		const struct str name = str_of(overall_status_name((enum overall_status)s));

		rows[n++] = (struct choice){ name, console_status_label((enum overall_status)s),
			str_eq(name, chosen) };
	}
	return (struct template_list){ rows, n };
}

/* The path of another page of the list; `before` is empty for the first one. */
static struct str page_url(struct arena *a, const struct people_filter *filter, struct str before)
{
	struct people_filter other = *filter;

	other.before = before;
	return people_filter_path(a, &other);
}

static struct reply show_list(const struct console_request *request, struct arena *a,
	const struct people_filter *filter, const struct console_people *list)
{
	const struct people_page *const page = &list->page;
	struct people_filter chosen = *filter;

	chosen.tenant = str_of(list->tenant.name);
	const struct people_values values = { .tenants = tenant_choices(a, list),
		.statuses = status_choices(a, filter->status),
		.people = person_rows(a, list),
		.tenant = chosen.tenant,
		.status = filter->status,
		.from = filter->from,
		.until = filter->until,
		.first_url = filter->before.n > 0 ? page_url(a, &chosen, STR("")) : STR(""),
		.next_url = page->has_more ? page_url(a, &chosen, console_user_id(a, &page->next_after))
					   : STR(""),
		.has_tenant = chosen.tenant.n > 0,
		.has_several_tenants = list->n_tenants > 1,
		.may_export = page->n > 0 && console_may(request, CONSOLE_EXPORT_LIST) };

	return console_page(request, &console_people_page, &values, 200);
}

/* The list is read in an arena of its own, which is larger than that of the call. */
static struct reply list_people(const struct console_request *request, const struct people_filter *filter,
	const struct console_people_query *query)
{
	enum console_verdict verdict;
	struct console_people list;
	struct reply reply;
	struct arena a;

	arena_init(&a, PEOPLE_MEMORY);
	const enum err e = console_people_list(
		request->call->world, &a, &request->caller, query, &list, &verdict);

	if (e != OK)
		reply = console_failed(request, e);
	else if (verdict != CONSOLE_PERMITTED)
		reply = console_refused(request, verdict, STR("/console/people"));
	else
		reply = show_list(request, &a, filter, &list);
	arena_finish(&a);
	return reply;
}

static struct reply handle_list(struct call *call, struct store *store)
{
	struct console_request request;
	struct console_people_query query;
	struct reply refused;

	(void)store; /* the use cases open their own transactions */
	if (!console_admit(call, &request, &refused))
		return refused;
	const struct people_filter filter = people_filter_read(call->arena, call->request->query);

	if (!people_filter_query(&filter, &query))
		return console_notice(&request, CONSOLE_NOTICE_BAD_FORM);
	return list_people(&request, &filter, &query);
}

const struct route console_people_route = {
	.entry = { METHOD_GET, "/console/people" }, HANDLE_WAITING(handle_list), .failure = ANSWER_UNAVAILABLE
};
