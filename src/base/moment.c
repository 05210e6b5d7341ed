#include "base/moment.h"

#include <string.h>

#define SECOND_MS ((int64_t)1000)
#define MINUTE_MS ((int64_t)60 * SECOND_MS)
#define HOUR_MS ((int64_t)60 * MINUTE_MS)
#define DAY_MS ((int64_t)24 * HOUR_MS)

#define FIRST_YEAR 1970
#define LAST_YEAR 9999
/* 9999-12-31T23:59:59.999Z */
#define LAST_MOMENT_MS ((int64_t)253402300799999)

#define DURATION_UNITS_MAX ((int64_t)2147483647)

struct civil_time {
	int64_t year, month, day; /* month 1 to 12, day 1 to 31 */
	int64_t hour, minute, second, ms;
	int64_t weekday; /* 0 is Sunday */
};

static bool is_leap_year(int64_t year)
{
	return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static int64_t month_days(int64_t year, int64_t month)
{
	static const signed char lengths[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };

	return lengths[month - 1] + (month == 2 && is_leap_year(year));
}

/* Number of leap days from the year 1 to the end of `year`. */
static int64_t leap_days(int64_t year)
{
	return year / 4 - year / 100 + year / 400;
}

/* Number of days from 1970-01-01 to January 1 of `year`. */
static int64_t year_start(int64_t year)
{
	return (year - FIRST_YEAR) * 365 + leap_days(year - 1) - leap_days(FIRST_YEAR - 1);
}

static struct civil_time civil_time_of(moment t)
{
	const int64_t ms = t.ms < 0 ? 0 : t.ms > LAST_MOMENT_MS ? LAST_MOMENT_MS : t.ms;
	int64_t day = ms / DAY_MS;
	/* 1970-01-01 was a Thursday. */
	struct civil_time c = { .weekday = (day + 4) % 7 };

	/* First estimate of the year: never too late, because a year has at most 366 days, and only a few
	 * years too early. */
	c.year = FIRST_YEAR + day / 366;
	while (year_start(c.year + 1) <= day)
		c.year++;
	day -= year_start(c.year);
	for (c.month = 1; day >= month_days(c.year, c.month); c.month++)
		day -= month_days(c.year, c.month);
	c.day = day + 1;
	c.hour = ms % DAY_MS / HOUR_MS;
	c.minute = ms % HOUR_MS / MINUTE_MS;
	c.second = ms % MINUTE_MS / SECOND_MS;
	c.ms = ms % SECOND_MS;
	return c;
}

/* Writes exactly `n` digits and returns the position after them. */
static char *put_number(char *at, int64_t number, int n)
{
	for (int i = n - 1; i >= 0; i--) {
		at[i] = (char)('0' + number % 10);
		number /= 10;
	}
	return at + n;
}

static char *put_text(char *at, struct str s)
{
	memcpy(at, s.p, s.n);
	return at + s.n;
}

static char *put_time_of_day(char *at, const struct civil_time *c)
{
	at = put_number(at, c->hour, 2);
	*at++ = ':';
	at = put_number(at, c->minute, 2);
	*at++ = ':';
	return put_number(at, c->second, 2);
}

void moment_rfc3339(moment t, char out[MOMENT_RFC3339_SIZE])
{
	const struct civil_time c = civil_time_of(t);
	char *at = put_number(out, c.year, 4);

	*at++ = '-';
	at = put_number(at, c.month, 2);
	*at++ = '-';
	at = put_number(at, c.day, 2);
	*at++ = 'T';
	at = put_time_of_day(at, &c);
	*at++ = '.';
	at = put_number(at, c.ms, 3);
	*at++ = 'Z';
	*at = '\0';
}

void moment_rfc5322(moment t, char out[MOMENT_RFC5322_SIZE])
{
	static const char weekdays[] = "SunMonTueWedThuFriSat";
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	const struct civil_time c = civil_time_of(t);
	char *at = put_text(out, (struct str){ weekdays + 3 * c.weekday, 3 });

	at = put_text(at, STR(", "));
	at = put_number(at, c.day, 2);
	*at++ = ' ';
	at = put_text(at, (struct str){ months + 3 * (c.month - 1), 3 });
	*at++ = ' ';
	at = put_number(at, c.year, 4);
	*at++ = ' ';
	at = put_time_of_day(at, &c);
	at = put_text(at, STR(" +0000"));
	*at = '\0';
}

void moment_clock(moment t, char out[MOMENT_CLOCK_SIZE])
{
	const struct civil_time c = civil_time_of(t);
	char *at = put_number(out, c.hour, 2);

	*at++ = ':';
	at = put_number(at, c.minute, 2);
	at = put_text(at, STR(" UTC"));
	*at = '\0';
}

void moment_date(moment t, char out[MOMENT_DATE_SIZE])
{
	char text[MOMENT_RFC3339_SIZE];

	moment_rfc3339(t, text);
	memcpy(out, text, MOMENT_DATE_SIZE - 1);
	out[MOMENT_DATE_SIZE - 1] = '\0';
}

int64_t moment_month(moment t)
{
	const struct civil_time c = civil_time_of(t);

	return c.year * 100 + c.month;
}

/* The functions take_… read from the front of `rest` and remove what they read. After a failure `rest` is
 * undefined; moment_parse then rejects the whole text. */

static bool take_digits(struct str *rest, size_t n, int64_t most, int64_t *out)
{
	if (rest->n < n || !str_number((struct str){ rest->p, n }, most, out))
		return false;
	*rest = str_from(*rest, n);
	return true;
}

/* Reads one character. It must be one of the two characters in `either`. */
static bool take_char(struct str *rest, const char either[2])
{
	if (rest->n == 0 || (rest->p[0] != either[0] && rest->p[0] != either[1]))
		return false;
	*rest = str_from(*rest, 1);
	return true;
}

static bool take_date(struct str *rest, struct civil_time *c)
{
	return take_digits(rest, 4, LAST_YEAR, &c->year) && take_char(rest, "--") &&
	       take_digits(rest, 2, 12, &c->month) && take_char(rest, "--") &&
	       take_digits(rest, 2, 31, &c->day) && c->year >= FIRST_YEAR && c->month >= 1 && c->day >= 1 &&
	       c->day <= month_days(c->year, c->month);
}

/* Reads an optional fraction of a second as milliseconds. Digits after the third are dropped. */
static bool take_fraction(struct str *rest, int64_t *ms)
{
	size_t n = 0;

	*ms = 0;
	if (!take_char(rest, ".."))
		return true;
	for (int64_t digit; n < 9 && take_digits(rest, 1, 9, &digit); n++) {
		if (n < 3)
			*ms = *ms * 10 + digit;
	}
	for (size_t i = n; i < 3; i++)
		*ms *= 10;
	return n > 0;
}

/* Second 60 is allowed for leap seconds (RFC 3339 section 5.7). moment_parse later checks the time of a leap
 * second, for which it needs the offset. */
static bool take_time(struct str *rest, struct civil_time *c)
{
	return take_digits(rest, 2, 23, &c->hour) && take_char(rest, "::") &&
	       take_digits(rest, 2, 59, &c->minute) && take_char(rest, "::") &&
	       take_digits(rest, 2, 60, &c->second) && take_fraction(rest, &c->ms);
}

static bool take_offset(struct str *rest, int64_t *ms)
{
	int64_t sign = 1, hour, minute;

	if (take_char(rest, "Zz")) {
		*ms = 0;
		return true;
	}
	if (rest->n > 0 && rest->p[0] == '-')
		sign = -1;
	if (!take_char(rest, "+-") || !take_digits(rest, 2, 23, &hour) || !take_char(rest, "::") ||
		!take_digits(rest, 2, 59, &minute))
		return false;
	*ms = sign * (hour * HOUR_MS + minute * MINUTE_MS);
	return true;
}

bool moment_parse(struct str s, moment *out)
{
	struct civil_time c = { 0 };
	int64_t day, minute_ms, ms, offset;

	if (!take_date(&s, &c) || !take_char(&s, "Tt") || !take_time(&s, &c) || !take_offset(&s, &offset) ||
		s.n > 0)
		return false;
	day = year_start(c.year) + c.day - 1;
	for (int64_t month = 1; month < c.month; month++)
		day += month_days(c.year, month);
	minute_ms = day * DAY_MS + c.hour * HOUR_MS + c.minute * MINUTE_MS - offset;
	ms = minute_ms + c.second * SECOND_MS + c.ms;
	if (minute_ms < 0 || ms > LAST_MOMENT_MS)
		return false;
	/* Leap seconds exist only directly before midnight UTC. */
	if (c.second == 60 && minute_ms % DAY_MS != DAY_MS - MINUTE_MS)
		return false;
	out->ms = ms;
	return true;
}

int64_t duration_seconds_up(duration s)
{
	const int64_t up = s.ms / SECOND_MS + (s.ms % SECOND_MS > 0);

	return up > 1 ? up : 1;
}

bool duration_parse(struct str s, duration *out)
{
	static const struct {
		char letter;
		int64_t ms;
	} units[] = { { 's', SECOND_MS }, { 'm', MINUTE_MS }, { 'h', HOUR_MS }, { 'd', DAY_MS } };
	int64_t unit_ms = SECOND_MS, n;

	for (size_t i = 0; i < array_len(units); i++) {
		if (s.n > 0 && s.p[s.n - 1] == units[i].letter) {
			unit_ms = units[i].ms;
			s.n--;
			break;
		}
	}
	if (!str_number(s, DURATION_UNITS_MAX, &n) || n < 1)
		return false;
	out->ms = n * unit_ms;
	return true;
}
