#include "web/console/routes.h"

/* `/` of the console's listener. The watchdog requests it regularly (main/daemon/watchdog). */
static struct reply redirect_to_console(struct call *call)
{
	struct reply reply = respond_text(303, NULL, STR(""));

	(void)call;
	reply_header(&reply, STR("Location"), STR("/console"));
	return reply;
}

const struct route console_root_route = { .entry = { METHOD_GET, "/" },
	HANDLE_INLINE(redirect_to_console),
	.failure = ANSWER_UNAVAILABLE,
	.is_probe = true };
