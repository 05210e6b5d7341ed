#include "api/describe/docs_page.h"

static struct reply handle_root(struct call *call)
{
	struct reply reply = respond_text(303, NULL, STR(""));

	(void)call;
	reply_header(&reply, STR("Location"), STR("/docs"));
	return reply;
}

/* GET / of development mode leads to the documentation. */
const struct route docs_redirect_route = {
	.entry = { METHOD_GET, "/" },
	HANDLE_INLINE(handle_root),
	.failure = ANSWER_UNAVAILABLE,
};
