#include "web/console/csv_file.h"

#include "api/core/dispatch.h"

/* The file does not fit into the usual memory of a call, which the connection would keep: it is closed. */
struct reply console_csv_file(const struct console_request *request, struct str text, const char *name)
{
	struct arena *const arena = request->call->arena;
	struct reply reply;

	arena->limit += text.n + ARENA_CALL_LIMIT;
	const struct str body = arena_copy(arena, text);
	const struct str disposition = arena_printf(arena, "attachment; filename=\"%s\"", name);

	if (!body.p || !disposition.p)
		return console_notice(request, CONSOLE_NOTICE_UNAVAILABLE);
	reply = respond_text(200, "text/csv; charset=utf-8", body);
	reply.close = true;
	reply_header(&reply, STR("Content-Disposition"), disposition);
	return reply;
}
