#include "web/console/person_situation.h"

#include "base/buf.h"
#include "web/console/words.h"

static void write_days(struct buf *out, duration period)
{
	const int64_t hour_count = period.ms / hours(1).ms;

	if (hour_count > 0 && hour_count % 24 == 0)
		buf_printf(out, "%lld days", (long long)(hour_count / 24));
	else
		buf_printf(out, "%lld hours", (long long)hour_count);
}

static void write_tries(struct buf *out, const struct console_person *person, const struct tries_rule *rule)
{
	buf_add(out, STR(" Tries after a decline within "));
	write_days(out, rule->period);
	buf_printf(out, ": %lld of %lld used.", (long long)(rule->tries - person->tries_left),
		(long long)rule->tries);
}

/* How the last check ended, if there was one. */
static void write_last(struct buf *out, const struct console_person *person)
{
	static const char *const ends[OVERALL_STATUS_COUNT] = {
		[OVERALL_DECLINED] = "The last check was declined",
		[OVERALL_EXPIRED] = "The last check ended without a result",
	};
	const enum overall_status status = overall_status_of(person->kyc_status.session.status);
	const struct reasons reasons = person->details.summary.next_step.reasons;

	if (!person->kyc_status.has_session) {
		buf_add(out, STR("An address is verified, but the person has not started a check."));
		return;
	}
	buf_add(out, str_of(ends[status] ? ends[status] : "The last check is over"));
	if (reasons.bits != 0) {
		const struct str text = console_reasons_text(out->arena, reasons);

		buf_printf(out, ": %.*s", STR_ARG(text));
	}
	buf_char(out, '.');
}

static void write_new(struct buf *out, const struct console_person *person, const struct tries_rule *rule)
{
	write_last(out, person);
	if (!person->kyc_status.has_session)
		return;
	buf_add(out, STR(" The person may start another check now."));
	write_tries(out, person, rule);
}

static void write_resume(struct buf *out, const struct console_person *person, const struct tries_rule *rule)
{
	const struct session *const session = &person->kyc_status.session;

	(void)rule;
	if (session->status == STATUS_IN_REVIEW)
		buf_add(out,
			STR("The check is in review. Somebody must approve or decline it; the person can only wait."));
	else if (session->status == STATUS_NOT_STARTED)
		buf_add(out,
			STR("A check was created, but the person has not opened it. They get the same link again."));
	else
		buf_printf(out,
			"A check is open at the provider (%s). The person must complete it and gets the same link again.",
			session_status_provider_name(session->status));
}

static void write_approved(
	struct buf *out, const struct console_person *person, const struct tries_rule *rule)
{
	(void)person;
	(void)rule;
	buf_add(out, STR("The person is approved. Nothing is left to do."));
}

static void write_wait(struct buf *out, const struct console_person *person, const struct tries_rule *rule)
{
	(void)person;
	(void)rule;
	buf_add(out, STR("A check is being created at the provider at this moment. Load the page again."));
}

static void write_abandoned(
	struct buf *out, const struct console_person *person, const struct tries_rule *rule)
{
	(void)person;
	(void)rule;
	buf_add(out, STR("The creation of a check was interrupted. The person may start again."));
}

static void write_refused(struct buf *out, const struct console_person *person, const struct tries_rule *rule)
{
	char next[MOMENT_RFC3339_SIZE];

	write_last(out, person);
	if (person->check.facts.blocklisted) {
		buf_add(out,
			STR(" The provider reported a match with its blocklist. Another check is refused until an "
			    "operator allows another try."));
		return;
	}
	write_tries(out, person, rule);
	buf_add(out, STR(" Another check is refused"));
	moment_rfc3339(person->check.next_try_at, next);
	if (person->check.facts.tries > 0) /* "2026-01-05 10:05" */
		buf_printf(out, " until %.10s %.5s UTC, or", next, next + sizeof("2026-01-05T") - 1);
	buf_add(out, STR(" until an operator allows another try."));
}

static void (*const writers[])(struct buf *, const struct console_person *, const struct tries_rule *) = {
	[CREATE_NEW] = write_new,
	[CREATE_RESUME] = write_resume,
	[CREATE_APPROVED_ALREADY] = write_approved,
	[CREATE_WAIT] = write_wait,
	[CREATE_ABANDONED] = write_abandoned,
	[CREATE_REFUSED] = write_refused,
};

struct str person_situation_text(
	struct arena *a, const struct console_person *person, const struct tries_rule *rule)
{
	struct buf text;
	struct str out;

	if (!person->is_verified && person->details.wallet.n > 0)
		return STR(
			"The wallet was registered, but the person has not signed the challenge that verifies it. "
			"Until then they cannot start a check.");
	if (!person->is_verified)
		return STR(
			"The e-mail address was registered, but the person has not entered the code that verifies it. "
			"Until then they cannot start a check. See the messages below.");
	buf_init(&text, a);
	writers[person->check.verdict](&text, person, rule);
	return buf_done(&text, &out) == OK ? out : (struct str){ NULL, 0 };
}

bool person_can_be_reset(const struct console_person *person)
{
	return person->is_verified && (person->check.facts.tries > 0 || person->check.facts.blocklisted);
}
