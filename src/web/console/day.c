#include "web/console/day.h"

#include <stdio.h>

#define DATE_LENGTH (MOMENT_DATE_SIZE - 1)

static bool read_day(struct str text, moment *out)
{
	char full[MOMENT_RFC3339_SIZE];

	*out = (moment){ 0 };
	if (text.n == 0)
		return true;
	if (text.n != DATE_LENGTH)
		return false;
	(void)snprintf(full, sizeof(full), "%.*sT00:00:00Z", STR_ARG(text));
	return moment_parse(str_of(full), out);
}

bool console_days_read(struct str from, struct str until, moment *out_from, moment *out_until)
{
	if (!read_day(from, out_from) || !read_day(until, out_until))
		return false;
	if (!moment_is_unset(*out_until))
		*out_until = moment_add(*out_until, days(1));
	return true;
}
