#include "domain/daily_count.h"

#include <assert.h>
#include <string.h>

#include "base/attr.h"

#define DAY_MS INT64_C(86400000)
#define TIME_PREFIX "time_"
/* The fourth root of 2, and its square root. */
#define CLASS_RATIO 1.189207115002721
#define HALF_CLASS_RATIO 1.0905077326652577

int64_t day_of(moment t)
{
	return t.ms / DAY_MS;
}

moment day_start(int64_t day)
{
	return (moment){ day * DAY_MS };
}

size_t decision_time_class(duration time)
{
	double end = 1000;
	size_t class = 0;

	while (class < DECISION_TIMES - 1 && (double)time.ms >= end) {
		end *= CLASS_RATIO;
		class ++;
	}
	return class;
}

duration decision_time_of_class(size_t class)
{
	double end = 1000;

	for (size_t i = 0; i < class; i++)
		end *= CLASS_RATIO;
	return milliseconds((int64_t)(end / HALF_CLASS_RATIO));
}

static struct str write_number(uint64_t n, char *end)
{
	char *p = end;

	do {
		*--p = (char)('0' + n % 10);
		n /= 10;
	} while (n > 0);
	return (struct str){ p, (size_t)(end - p) };
}

void decision_count_name(size_t number, char out[DECISION_COUNT_NAME_SIZE])
{
	bool fits;

	assert(number < DECISION_COUNTS);
	if (number < REASON_COUNT) {
		fits = str_copy_to(str_of(reason_name((enum reason)number)), out, DECISION_COUNT_NAME_SIZE);
	} else {
		char digits[20];
		const struct str n = write_number(number - REASON_COUNT, digits + sizeof(digits));

		fits = str_copy_to(STR(TIME_PREFIX), out, DECISION_COUNT_NAME_SIZE) &&
		       str_copy_to(
			       n, out + strlen(TIME_PREFIX), DECISION_COUNT_NAME_SIZE - strlen(TIME_PREFIX));
	}
	assert(fits);
	(void)fits;
}

/* Returns the number of a class, or DECISION_TIMES if the text is not one as decision_count_name() writes it.
 */
static size_t read_class(struct str digits)
{
	size_t n = 0;

	if (digits.n == 0 || digits.n > 2 || (digits.n > 1 && digits.p[0] == '0'))
		return DECISION_TIMES;
	for (size_t i = 0; i < digits.n; i++) {
		if (digits.p[i] < '0' || digits.p[i] > '9')
			return DECISION_TIMES;
		n = n * 10 + (size_t)(digits.p[i] - '0');
	}
	return n < DECISION_TIMES ? n : DECISION_TIMES;
}

size_t decision_count_number(struct str name)
{
	if (str_starts(name, STR(TIME_PREFIX)))
		return REASON_COUNT + read_class(str_from(name, strlen(TIME_PREFIX)));
	for (enum reason r = 0; r < REASON_COUNT; r++)
		if (str_eq(name, str_of(reason_name(r))))
			return decision_count_of_reason(r);
	return DECISION_COUNTS;
}

/* Copies a text that fits, and returns the end of the copy. */
static char *put_text(char *p, struct str text)
{
	memcpy(p, text.p, text.n);
	return p + text.n;
}

size_t decision_counts_write(const int64_t numbers[DECISION_COUNTS], char out[DECISION_COUNTS_SIZE])
{
	char name[DECISION_COUNT_NAME_SIZE], digits[20];
	char *p = out;

	for (size_t i = 0; i < DECISION_COUNTS; i++) {
		if (numbers[i] <= 0)
			continue;
		if (p > out)
			*p++ = ' ';
		decision_count_name(i, name);
		p = put_text(p, str_of(name));
		*p++ = '=';
		p = put_text(p, write_number((uint64_t)numbers[i], digits + sizeof(digits)));
	}
	return (size_t)(p - out);
}

void decision_counts_add(struct str text, int64_t numbers[DECISION_COUNTS])
{
	bool more = text.n > 0;
	struct str digits, name;

	while (more) {
		more = str_cut(&text, ' ', &digits);
		(void)str_cut(&digits, '=', &name);
		const size_t number = decision_count_number(name);
		int64_t n = 0;

		for (size_t i = 0; i < digits.n && n < INT64_MAX / 100; i++)
			n = n * 10 + (digits.p[i] - '0');
		if (number < DECISION_COUNTS)
			numbers[number] += n;
	}
}

bool decision_time_median(const int64_t classes[DECISION_TIMES], duration *out)
{
	int64_t total = 0, seen = 0;
	size_t class = 0;

	for (size_t i = 0; i < DECISION_TIMES; i++)
		total += classes[i];
	if (total <= 0)
		return false;
	while (seen += classes[class], seen * 2 < total)
		class ++;
	*out = decision_time_of_class(class);
	return true;
}

static char *put_hex(char *p, uint32_t n)
{
	static const char digits[] = "0123456789abcdef";
	int shift = 28;

	while (shift > 0 && n >> shift == 0)
		shift -= 4;
	for (; shift >= 0; shift -= 4)
		*p++ = digits[n >> shift & 15U];
	return p;
}

void count_facts_write(const struct count_facts *facts, char out[EVENT_UNCOUNTED_SIZE])
{
	const uint32_t parts[] = { (uint32_t)facts->before, (uint32_t)facts->after, facts->reasons.bits,
		(uint32_t)facts->time_class };
	char *p = out;

	for (size_t i = 0; i < array_len(parts); i++) {
		if (i > 0)
			*p++ = '.';
		p = put_hex(p, parts[i]);
	}
	*p = '\0';
}

static bool read_hex(struct str text, uint32_t max, uint32_t *out)
{
	uint64_t n = 0;

	if (text.n == 0 || text.n > 8)
		return false;
	for (size_t i = 0; i < text.n; i++) {
		const char c = text.p[i];

		if (!(c >= '0' && c <= '9') && !(c >= 'a' && c <= 'f'))
			return false;
		n = n * 16 + (uint64_t)(c <= '9' ? c - '0' : c - 'a' + 10);
	}
	*out = (uint32_t)n;
	return n <= max;
}

bool count_facts_read(const char *text, struct count_facts *out)
{
	static const uint32_t max[] = { OVERALL_STATUS_COUNT - 1, OVERALL_STATUS_COUNT - 1,
		(UINT32_C(1) << REASON_COUNT) - 1, DECISION_TIMES };
	uint32_t parts[array_len(max)];
	struct str rest = str_of(text), part;
	bool more = true;

	for (size_t i = 0; i < array_len(max); i++) {
		if (!more)
			return false;
		more = str_cut(&rest, '.', &part);
		if (!read_hex(part, max[i], &parts[i]))
			return false;
	}
	*out = (struct count_facts){ (enum overall_status)parts[0], (enum overall_status)parts[1],
		{ parts[2] }, parts[3] };
	return !more;
}

/* The count that grows with each event of a type, plus 1; 0: none. */
static const unsigned char counted_types[EVENT_TYPE_COUNT] = {
	[EVENT_USER_EMAIL_VERIFIED] = DAY_VERIFIED + 1,
	[EVENT_USER_WALLET_VERIFIED] = DAY_VERIFIED + 1,
	[EVENT_SESSION_CREATED] = DAY_STARTED + 1,
	[EVENT_KYC_APPROVED] = DAY_APPROVED + 1,
	[EVENT_KYC_DECLINED] = DAY_DECLINED + 1,
	[EVENT_KYC_IN_REVIEW] = DAY_IN_REVIEW + 1,
	[EVENT_KYC_EXPIRED] = DAY_EXPIRED + 1,
};

static void add_decisions(struct count_changes *changes, const struct count_facts *facts)
{
	for (enum reason r = 0; r < REASON_COUNT; r++)
		changes->decisions[decision_count_of_reason(r)] += reasons_have(facts->reasons, r);
	if (facts->time_class > 0)
		changes->decisions[decision_count_of_time(facts->time_class - 1)]++;
	changes->has_decisions |= facts->reasons.bits != 0 || facts->time_class > 0;
}

void count_changes_add(struct count_changes *changes, enum event_type type, const struct count_facts *facts)
{
	const unsigned counted = counted_types[type];

	if (counted > 0)
		changes->counts[counted - 1]++;
	if (facts->before == 0 && facts->after != 0)
		changes->counts[DAY_PREPARED]++;
	if (facts->before != 0)
		changes->people[PEOPLE_WITH(facts->before)]--;
	if (facts->after != 0)
		changes->people[PEOPLE_WITH(facts->after)]++;
	if (facts->reasons.bits != 0 || facts->time_class > 0)
		add_decisions(changes, facts);
}
