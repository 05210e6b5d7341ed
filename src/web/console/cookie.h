/* The cookie that keeps the token of a console session. With https its name has the prefix __Host-, so that
 * no other host and no subdomain can set it. */
#pragma once

#include "base/arena.h"
#include "base/str.h"
#include "http/message.h"
#include "web/console/settings.h"

/* Returns the token in the request's cookie; empty: there is none. */
struct str console_cookie_read(const struct console_settings *settings, const struct request *request);
/* Adds the header that sets the cookie. An empty token removes it. */
void console_cookie_set(
	const struct console_settings *settings, struct arena *a, struct str token, struct reply *reply);
