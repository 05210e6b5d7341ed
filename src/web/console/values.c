#include "web/console/values.h"

#include "domain/tenant.h"

struct str console_time(struct arena *a, moment t)
{
	char iso[MOMENT_RFC3339_SIZE];

	if (moment_is_unset(t))
		return STR("");
	moment_rfc3339(t, iso);
	return arena_printf(
		a, "<time datetime=\"%s\">%.10s %.8s UTC</time>", iso, iso, iso + sizeof("2026-01-05"));
}

struct str console_number(struct arena *a, int64_t n)
{
	return arena_printf(a, "%lld", (long long)n);
}

struct str console_quota(struct arena *a, int64_t limit)
{
	return limit == NO_QUOTA ? STR("") : console_number(a, limit);
}
