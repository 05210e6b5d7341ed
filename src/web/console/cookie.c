#include "web/console/cookie.h"

/* A list with more headers named Cookie than this is not read further. */
#define COOKIES_MAX 64

static struct str cookie_name(const struct console_settings *settings)
{
	return settings->is_https ? STR("__Host-kycd-console") : STR("kycd-console");
}

struct str console_cookie_read(const struct console_settings *settings, const struct request *request)
{
	struct str rest = request_header(request, STR("cookie")), pair, name;

	for (int i = 0; i < COOKIES_MAX && rest.n > 0; i++) {
		(void)str_cut(&rest, ';', &pair);
		struct str value = str_trim(pair);

		if (str_cut(&value, '=', &name) && str_eq(name, cookie_name(settings)))
			return value;
	}
	return STR("");
}

/* SameSite=Lax: with Strict, a link to the console in a message would open it signed out. Forms are protected
 * by their token and their Origin. */
void console_cookie_set(
	const struct console_settings *settings, struct arena *a, struct str token, struct reply *reply)
{
	const struct str name = cookie_name(settings);
	const struct str value = arena_printf(a, "%.*s=%.*s; Path=/; HttpOnly; SameSite=Lax%s%s",
		STR_ARG(name), STR_ARG(token), settings->is_https ? "; Secure" : "",
		token.n == 0 ? "; Max-Age=0" : "");

	if (value.p)
		reply_header(reply, STR("Set-Cookie"), value);
}
