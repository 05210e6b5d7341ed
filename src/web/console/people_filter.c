#include "web/console/people_filter.h"

#include "base/attr.h"
#include "domain/event.h"
#include "text/query.h"
#include "web/console/day.h"
#include "web/console/page_path.h"

struct people_filter people_filter_read(struct arena *a, struct str query)
{
	return (struct people_filter){ .tenant = str_trim(query_value(a, query, STR("tenant"))),
		.status = str_trim(query_value(a, query, STR("status"))),
		.from = str_trim(query_value(a, query, STR("from"))),
		.until = str_trim(query_value(a, query, STR("until"))),
		.before = str_trim(query_value(a, query, STR("before"))) };
}

bool people_filter_query(const struct people_filter *filter, struct console_people_query *out)
{
	*out = (struct console_people_query){ .tenant = filter->tenant, .has_status = filter->status.n > 0 };
	if (out->has_status && !overall_status_parse(filter->status, &out->status))
		return false;
	if (!console_days_read(filter->from, filter->until, &out->from, &out->until))
		return false;
	return filter->before.n == 0 ||
	       shown_id_read(PUBLIC_USER_ID_PREFIX, filter->before, out->before.text);
}

struct str people_filter_path(struct arena *a, const struct people_filter *filter)
{
	const struct {
		const char *name;
		struct str value;
	} parameters[] = { { "tenant", filter->tenant }, { "status", filter->status },
		{ "from", filter->from }, { "until", filter->until }, { "before", filter->before } };
	struct str path = STR("/console/people");

	for (size_t i = 0; path.p && i < array_len(parameters); i++)
		if (parameters[i].value.n > 0)
			path = console_path_with(a, path, parameters[i].name, parameters[i].value);
	return path;
}
