#include "main/config/database_text.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "store/postgres/url.h"

#define FILE_FORM "sqlite:FILE, such as sqlite:var/kycd.db"

bool database_text_is_file(struct str text)
{
	return str_starts(text, STR("sqlite:"));
}

static bool is_empty(struct str path)
{
	return path.n == 0;
}

static bool has_scheme(struct str path)
{
	return (path.n >= 5 && strncasecmp(path.p, "file:", 5) == 0) || str_starts(path, STR("sqlite:")) ||
	       memmem(path.p, path.n, "://", 3) != NULL;
}

static bool has_two_slashes(struct str path)
{
	return str_starts(path, STR("//"));
}

static bool is_in_memory(struct str path)
{
	return str_starts(path, STR(":"));
}

static bool has_parameters(struct str path)
{
	return str_has(path, '?') || str_has(path, '#');
}

static bool needs_a_shell(struct str path)
{
	return str_starts(path, STR("~")) || str_has(path, '$');
}

static bool has_percent_code(struct str path)
{
	for (size_t i = 0; i + 2 < path.n; i++)
		if (path.p[i] == '%' && isxdigit((unsigned char)path.p[i + 1]) &&
			isxdigit((unsigned char)path.p[i + 2]))
			return true;
	return false;
}

static bool has_odd_characters(struct str path)
{
	for (size_t i = 0; i < path.n; i++)
		if ((unsigned char)path.p[i] < ' ' || path.p[i] == 0x7f || path.p[i] == '"')
			return true;
	return str_trim(path).n != path.n;
}

static bool is_folder(struct str path)
{
	return str_ends(path, STR("/")) || str_ends(path, STR("/.")) || str_eq(path, STR(".")) ||
	       str_eq(path, STR(".."));
}

/* Forms of a path that other programs accept. SQLite would use them literally and create a file with an odd
 * name, so they are refused. */
static const struct {
	bool (*found)(struct str path);
	const char *form;
} file_faults[] = {
	{ is_empty, "the path of a file, such as var/kycd.db" },
	{ has_scheme, "the path of a file, without file:, sqlite: or ://" },
	{ has_two_slashes,
		"a path that does not begin with //: write /var/lib/kycd/kycd.db for an absolute path, "
		"var/kycd.db for one below the current folder" },
	{ is_in_memory, "the path of a file: a database in memory would be lost at each stop" },
	{ has_parameters, "a path without ? and #: a SQLite file takes no parameters" },
	{ needs_a_shell, "a path without ~ and $, which are not expanded: write the whole path" },
	{ has_percent_code,
		"a path without %-codes, which are not decoded: write the characters themselves" },
	{ has_odd_characters, "a path without quotes, line breaks and spaces at its ends" },
	{ is_folder, "the path of a file, not of a folder" },
};

const char *database_file_fault(struct str path)
{
	for (size_t i = 0; i < array_len(file_faults); i++)
		if (file_faults[i].found(path))
			return file_faults[i].form;
	return NULL;
}

const char *database_fault(struct str text, struct arena *a)
{
	if (database_text_is_file(text)) {
		const struct str path = str_from(text, strlen("sqlite:"));
		const char *const fault = database_file_fault(path);

		if (!fault || path.n == 0)
			return fault ? FILE_FORM : NULL;
		const struct str form = arena_printf(a, "sqlite:FILE, with %s", fault);
		return form.p ? form.p : FILE_FORM;
	}
	if (!str_starts(text, STR("postgresql://")) && !str_starts(text, STR("postgres://")))
		return FILE_FORM ", or postgresql://…";
	return postgres_url_fault(text, a);
}

bool database_text_is_secret(struct str text)
{
	return !database_text_is_file(text) &&
	       (str_has(text, '@') || memmem(text.p, text.n, "password", strlen("password")) != NULL);
}
