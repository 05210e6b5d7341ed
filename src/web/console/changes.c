#include "app/console/changes.h"

#include "api/core/answer.h"
#include "web/console/request.h"
#include "web/console/routes.h"

/* Only the script console.js calls this. It asks in the background, so the session stays unused. */
static struct reply handle_changes(struct call *call, struct store *store)
{
	struct console_request request;
	enum console_verdict verdict;
	struct reply reply;
	struct str word;

	(void)store; /* the use case opens its own transaction */
	if (!console_admit(call, &request, &reply))
		return reply;
	const enum err e = console_changes_read(call->world, call->arena, &request.caller, &word, &verdict);
	if (e != OK)
		return console_failed(&request, e);
	if (verdict != CONSOLE_PERMITTED)
		return console_refused(&request, verdict, STR("/console"));
	return respond_text(200, "text/plain; charset=utf-8", word);
}

const struct route console_changes_route = { .entry = { METHOD_GET, "/console/changes" },
	HANDLE_WAITING(handle_changes),
	.failure = ANSWER_UNAVAILABLE };
