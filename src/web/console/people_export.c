#include "app/console/people_export.h"

#include "api/core/answer.h"
#include "api/core/dispatch.h"
#include "base/log.h"
#include "web/console/people_filter.h"
#include "web/console/request.h"
#include "web/console/routes.h"

/* Responds with the file. It does not fit into the usual memory of a call, which the connection would keep:
 * it is closed. */
static struct reply send_file(const struct console_request *request, struct str text)
{
	struct arena *const arena = request->call->arena;
	struct reply reply;

	arena->limit += text.n + ARENA_CALL_LIMIT;
	const struct str body = arena_copy(arena, text);

	if (!body.p)
		return console_notice(request, CONSOLE_NOTICE_UNAVAILABLE);
	reply = respond_text(200, "text/csv; charset=utf-8", body);
	reply.close = true;
	reply_header(&reply, STR("Content-Disposition"), STR("attachment; filename=\"people.csv\""));
	return reply;
}

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
	return send_file(request, text);
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
