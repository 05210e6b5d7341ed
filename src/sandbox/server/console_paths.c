#include "sandbox/server/console_paths.h"

#include "sandbox/state/ids.h"

#define CONSOLE "/v3/organization/" SANDBOX_APPLICATION "/application/" SANDBOX_APPLICATION "/"

struct str console_path_resolve(struct arena *a, struct str path)
{
	const struct str front = STR(CONSOLE), settings = STR("verification-settings/");
	struct str rest, resolved;

	if (!str_starts(path, front))
		return path;
	rest = str_from(path, front.n);
	if (str_starts(rest, settings)) /* the Console's name of workflows */
		resolved = arena_printf(a, "/v3/workflows/%.*s", STR_ARG(str_from(rest, settings.n)));
	else
		resolved = arena_printf(a, "/v3/%.*s", STR_ARG(rest));
	return resolved.p ? resolved : path;
}
