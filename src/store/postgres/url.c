#include "store/postgres/url.h"

#include <stdlib.h>
#include <string.h>

#include <libpq-fe.h>

/* `/` and `@` may only separate the parts of the URL; in a password they must be written as %2F and %40. */
bool postgres_url_is_good(struct str url)
{
	struct str rest = url, scheme, authority, user;
	char *const text = strndup(url.p, url.n);
	PQconninfoOption *parsed;
	bool good;

	(void)str_cut(&rest, ':', &scheme);
	good = str_eq(scheme, STR("postgresql")) || str_eq(scheme, STR("postgres"));
	rest = str_from(rest, 2);
	(void)str_cut(&rest, '/', &authority);
	if (str_cut(&authority, '@', &user))
		good = good && !str_has(authority, '@') && !str_has(user, '?');
	good = good && text != NULL && !str_has(url, '\0') && !str_has(rest, '@');
	parsed = good ? PQconninfoParse(text, NULL) : NULL;
	good = parsed != NULL;
	PQconninfoFree(parsed);
	free(text);
	return good;
}

struct str postgres_url_shown(struct str url, struct arena *arena)
{
	struct str rest = url, first, authority, user, name;
	const bool has_user = str_cut(&rest, '@', &first);

	/* The password may also be a query parameter ("?password="). */
	if (memmem(url.p, url.n, "password", 8) != NULL)
		return STR("the PostgreSQL database");
	if (!has_user)
		return arena_copy(arena, url);
	(void)str_cut(&first, ':', &user); /* the scheme */
	authority = str_from(first, 2);
	(void)str_cut(&authority, ':', &name);
	return arena_printf(arena, "%.*s://%.*s@%.*s", STR_ARG(user), STR_ARG(name), STR_ARG(rest));
}
