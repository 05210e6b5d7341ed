#include "api/core/answer.h"
#include "web/console/request.h"
#include "web/console/routes.h"

/* A page for addresses that the console does not have, so that a mistyped one leads back. */
static struct reply handle_not_found(struct call *call, struct store *store)
{
	struct console_request request;
	struct reply refused;

	(void)store;
	return console_admit(call, &request, &refused) ? console_notice(&request, CONSOLE_NOTICE_NOT_FOUND)
						       : refused;
}

#define NOT_FOUND_ROUTE(path)                                                                                \
	{                                                                                                    \
		.entry = { METHOD_GET, path }, HANDLE_WAITING(handle_not_found),                             \
		.failure = ANSWER_UNAVAILABLE                                                                \
	}
const struct route console_not_found_1_route = NOT_FOUND_ROUTE("/console/:a");
const struct route console_not_found_2_route = NOT_FOUND_ROUTE("/console/:a/:b");
