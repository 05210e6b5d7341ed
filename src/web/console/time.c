#include "web/console/time.h"

struct str console_time(struct arena *a, moment t)
{
	char iso[MOMENT_RFC3339_SIZE];

	if (moment_is_unset(t))
		return STR("");
	moment_rfc3339(t, iso);
	return arena_printf(
		a, "<time datetime=\"%s\">%.10s %.8s UTC</time>", iso, iso, iso + sizeof("2026-01-05"));
}
