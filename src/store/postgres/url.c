#include "store/postgres/url.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include <libpq-fe.h>

#include "base/attr.h"

#define URL_FORM "postgresql://USER:PASSWORD@HOST:PORT/DATABASE"
#define PARAMETERS_FORM                                                                                      \
	"a URL whose parameters have the form NAME=VALUE, with %3D for an = and %25 for a % in a value"
#define PARAMETER_MAX 40 /* longest parameter name that an error message shows; libpq's names are shorter */

/* Parameters of other drivers that are often copied into the URL, and the action for the operator. */
static const struct {
	const char *name, *action;
} foreign_parameters[] = {
	{ "pgbouncer", "Remove it; the pooler must use session pooling" },
	{ "schema", "Remove it, and set the schema with ALTER ROLE … SET search_path" },
	{ "currentSchema", "Remove it, and set the schema with ALTER ROLE … SET search_path" },
	{ "search_path", "Remove it, and set the schema with ALTER ROLE … SET search_path" },
	{ "ssl", "Use sslmode=verify-full" },
	{ "sslaccept", "Use sslmode=verify-full" },
	{ "tls", "Use sslmode=verify-full" },
	{ "connection_limit", "Remove it: kycd limits its connections itself" },
	{ "pool_timeout", "Remove it: kycd has a pool of its own" },
};

static const char *const sslmodes[] = { "disable", "allow", "prefer", "require", "verify-ca", "verify-full" };

/* Returns whether `/` and `@` only separate the parts of the URL; in a password they must be written as %2F
 * and %40. Sets `*query` to the parameters. */
static bool parts_are_separate(struct str url, struct str *query)
{
	struct str rest = url, scheme, authority, user, path;
	bool good;

	(void)str_cut(&rest, ':', &scheme);
	good = str_eq(scheme, STR("postgresql")) || str_eq(scheme, STR("postgres"));
	good = good && str_starts(rest, STR("//")) && !str_has(url, '\0');
	rest = str_from(rest, 2);
	*query = rest;
	(void)str_cut(query, '?', &path);
	(void)str_cut(&rest, '/', &authority);
	if (str_cut(&authority, '@', &user))
		good = good && !str_has(authority, '@') && !str_has(user, '?');
	return good && !str_has(rest, '@');
}

static bool is_parameter_name(struct str name)
{
	for (size_t i = 0; i < name.n; i++)
		if (!isalnum((unsigned char)name.p[i]) && name.p[i] != '_' && name.p[i] != '-' &&
			name.p[i] != '.')
			return false;
	return name.n > 0 && name.n <= PARAMETER_MAX;
}

static bool is_known_parameter(const PQconninfoOption *known, struct str name, struct str value)
{
	if (str_eq(name, STR("ssl")) && str_eq(value, STR("true")))
		return true; /* libpq takes it for sslmode=require */
	for (; known && known->keyword; known++)
		if (str_eq(name, str_of(known->keyword)))
			return true;
	return false;
}

static const char *action_for(struct str name)
{
	for (size_t i = 0; i < array_len(foreign_parameters); i++)
		if (str_eq(name, str_of(foreign_parameters[i].name)))
			return foreign_parameters[i].action;
	return "Remove it";
}

/* Returns the fault of one parameter, or NULL if libpq knows it. Also returns NULL if the name is not
 * readable, because libpq itself refuses it. */
static const char *parameter_fault(
	const PQconninfoOption *known, struct str name, struct str value, struct arena *arena)
{
	struct str text;

	if (!is_parameter_name(name) || is_known_parameter(known, name, value))
		return NULL;
	text = arena_printf(arena,
		"a URL with parameters of libpq, PostgreSQL's client library: `%.*s` is not one of them. %s",
		STR_ARG(name), action_for(name));
	return text.p != NULL ? text.p : "a URL with parameters of libpq only";
}

static const char *query_fault(struct str query, struct arena *arena)
{
	PQconninfoOption *const known = PQconndefaults();
	const char *fault = NULL;
	struct str one, name;

	while (known && !fault && query.n > 0) {
		(void)str_cut(&query, '&', &one);
		if (str_cut(&one, '=', &name))
			fault = parameter_fault(known, name, one, arena);
		else
			fault = PARAMETERS_FORM;
	}
	PQconninfoFree(known);
	return fault;
}

/* Calls libpq's parser. Returns NULL if the URL is malformed. The caller frees the result with
 * PQconninfoFree. */
static PQconninfoOption *parse_url(struct str url)
{
	char *const text = strndup(url.p, url.n);
	PQconninfoOption *const parsed = text != NULL ? PQconninfoParse(text, NULL) : NULL;

	free(text);
	return parsed;
}

static bool url_parses(struct str url)
{
	PQconninfoOption *const parsed = parse_url(url);
	const bool good = parsed != NULL;

	PQconninfoFree(parsed);
	return good;
}

static const char *option_value(const PQconninfoOption *options, const char *keyword)
{
	for (; options && options->keyword; options++)
		if (strcmp(options->keyword, keyword) == 0)
			return options->val != NULL && options->val[0] != '\0' ? options->val : NULL;
	return NULL;
}

static bool sslmode_is_known(const char *sslmode)
{
	for (size_t i = 0; i < array_len(sslmodes); i++)
		if (strcmp(sslmodes[i], sslmode) == 0)
			return true;
	return false;
}

const char *postgres_url_fault(struct str url, struct arena *arena)
{
	struct str query;
	PQconninfoOption *parsed;
	const char *fault, *sslmode;

	if (!parts_are_separate(url, &query))
		return URL_FORM ", with %40 for an @ and %2F for a / in the password";
	fault = query_fault(query, arena);
	if (fault)
		return fault;
	parsed = parse_url(url);
	if (!parsed)
		return url_parses((struct str){ url.p, url.n - query.n }) ? PARAMETERS_FORM
									  : URL_FORM
			       ", with %40 for an @, %2F for a / and %25 for a % in the password";
	sslmode = option_value(parsed, "sslmode");
	if (sslmode && !sslmode_is_known(sslmode))
		fault = "a URL whose sslmode is disable, allow, prefer, require, verify-ca or verify-full";
	PQconninfoFree(parsed);
	return fault;
}

/* Returns the value of a parameter: the one in the URL, otherwise the one from libpq's environment variables,
 * otherwise "". */
static struct str effective_value(const PQconninfoOption *parsed, const PQconninfoOption *defaults,
	const char *keyword, struct arena *arena)
{
	const char *const given = option_value(parsed, keyword);

	return arena_copy(arena, str_of(given ? given : option_value(defaults, keyword)));
}

bool postgres_url_target(struct str url, struct arena *arena, struct postgres_target *out)
{
	PQconninfoOption *const parsed = parse_url(url), *const defaults = PQconndefaults();
	struct str address;

	address = effective_value(parsed, defaults, "hostaddr", arena);
	*out = (struct postgres_target){ .hosts = effective_value(parsed, defaults, "host", arena),
		.sslmode = effective_value(parsed, defaults, "sslmode", arena),
		.by_service = effective_value(parsed, defaults, "service", arena).n > 0 };
	if (address.n > 0)
		out->hosts = address;
	PQconninfoFree(parsed);
	PQconninfoFree(defaults);
	return parsed && address.p && out->hosts.p && out->sslmode.p;
}

struct str postgres_url_shown(struct str url, struct arena *arena)
{
	struct str rest = url, first, authority, user, name;
	const bool has_user = str_cut(&rest, '@', &first);

	/* The password may also be a query parameter ("?password="), so such a URL is not shown at all. */
	if (memmem(url.p, url.n, "password", 8) != NULL)
		return STR("the PostgreSQL database");
	if (!has_user)
		return arena_copy(arena, url);
	(void)str_cut(&first, ':', &user); /* the scheme */
	authority = str_from(first, 2);
	(void)str_cut(&authority, ':', &name);
	return arena_printf(arena, "%.*s://%.*s@%.*s", STR_ARG(user), STR_ARG(name), STR_ARG(rest));
}
