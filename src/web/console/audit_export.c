#include "app/console/audit_export.h"

#include "api/core/answer.h"
#include "web/console/audit_filter.h"
#include "web/console/csv_file.h"
#include "web/console/request.h"
#include "web/console/routes.h"

static struct reply export_entries(const struct console_request *request, const struct audit_form *form,
	const struct audit_filter *filter, struct arena *a)
{
	enum console_verdict verdict;
	struct str text;
	const enum err e = console_audit_export(
		request->call->world, a, &request->caller, filter, &text, &verdict);

	if (e != OK)
		return console_failed(request, e);
	if (verdict != CONSOLE_PERMITTED)
		return console_refused(request, verdict, audit_form_path(request->call->arena, form));
	return console_csv_file(request, text, "audit.csv");
}

static struct reply handle_export(struct call *call, struct store *store)
{
	struct console_request request;
	struct audit_filter filter;
	struct reply reply;
	struct arena a;

	(void)store; /* the use case opens its own transactions */
	if (!console_admit(call, &request, &reply))
		return reply;
	const struct audit_form form = audit_form_read(call->arena, call->request->body);

	if (!audit_form_filter(&form, &filter))
		return console_notice(&request, CONSOLE_NOTICE_BAD_FORM);
	arena_init(&a, AUDIT_EXPORT_MEMORY);
	reply = export_entries(&request, &form, &filter, &a);
	arena_wipe(&a);
	arena_finish(&a);
	return reply;
}

/* The address of the export stays in the browser's address bar after a page that asks for the passkey. */
static struct reply redirect_to_audit(struct call *call, struct store *store)
{
	struct console_request request;
	struct reply reply;

	(void)store;
	if (!console_admit(call, &request, &reply))
		return reply;
	return console_redirect(&request, STR("/console/audit"), NULL);
}

const struct route console_audit_export_page_route = { .entry = { METHOD_GET, "/console/audit/export" },
	HANDLE_WAITING(redirect_to_audit),
	.failure = ANSWER_UNAVAILABLE };
const struct route console_audit_export_route = { .entry = { METHOD_POST, "/console/audit/export" },
	HANDLE_WAITING(handle_export),
	.failure = ANSWER_UNAVAILABLE };
