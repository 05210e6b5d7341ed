#include "web/console/page_path.h"

#include "base/buf.h"
#include "text/encode.h"

static bool is_path_character(char c)
{
	return c > ' ' && c < 0x7f && c != '\\' && c != '"' && c != '<' && c != '>';
}

static bool is_console_path(struct str path)
{
	const struct str rest = str_from(path, sizeof("/console") - 1);

	if (!str_starts(path, STR("/console")) || (rest.n > 0 && rest.p[0] != '/' && rest.p[0] != '?'))
		return false;
	for (size_t i = 0; i < path.n; i++)
		if (!is_path_character(path.p[i]))
			return false;
	return true;
}

struct str console_page_path(struct str path)
{
	return path.n > 0 && is_console_path(path) ? path : STR("/console");
}

struct str console_path_with(struct arena *a, struct str path, const char *name, struct str value)
{
	struct buf url;
	struct str out;

	buf_init(&url, a);
	buf_add(&url, path);
	buf_printf(&url, "%c%s=", str_has(path, '?') ? '&' : '?', name);
	percent_encode(&url, value);
	return buf_done(&url, &out) == OK ? out : (struct str){ NULL, 0 };
}
