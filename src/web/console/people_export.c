#include "app/console/people_export.h"

#include "api/core/answer.h"
#include "web/console/csv_file.h"
#include "web/console/people_filter.h"
#include "web/console/request.h"
#include "web/console/routes.h"

static struct reply export_people(const struct console_request *request, const struct people_filter *filter,
	const struct console_people_query *query, struct arena *a)
{
	enum console_verdict verdict;
	struct str text;
	const enum err e = console_people_export(
		request->call->world, a, &request->caller, query, &text, &verdict);

	if (e != OK)
		return console_failed(request, e);
	if (verdict != CONSOLE_PERMITTED)
		return console_refused(request, verdict, people_filter_path(request->call->arena, filter));
	return console_csv_file(request, text, "people.csv");
}

static struct reply handle_export(struct call *call, struct store *store)
{
	struct console_request request;
	struct console_people_query query;
	struct reply reply;
	struct arena a;

	(void)store; /* the use case opens its own transactions */
	if (!console_admit(call, &request, &reply))
		return reply;
	const struct people_filter filter = people_filter_read(call->arena, call->request->body);

	if (!people_filter_query(&filter, &query) || query.tenant.n == 0)
		return console_notice(&request, CONSOLE_NOTICE_BAD_FORM);
	arena_init(&a, CONSOLE_EXPORT_MEMORY);
	reply = export_people(&request, &filter, &query, &a);
	arena_wipe(&a);
	arena_finish(&a);
	return reply;
}

const struct route console_people_export_route = { .entry = { METHOD_POST, "/console/people/export" },
	HANDLE_WAITING(handle_export),
	.failure = ANSWER_UNAVAILABLE };
