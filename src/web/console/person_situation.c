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

/* "2026-01-05 10:05 UTC" */
static void write_time(struct buf *out, moment t)
{
	char text[MOMENT_RFC3339_SIZE];

	moment_rfc3339(t, text);
	buf_printf(out, "%.10s %.5s UTC", text, text + sizeof("2026-01-05T") - 1);
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
	write_last(out, person);
	if (person->check.facts.blocklisted) {
		buf_add(out,
			STR(" The provider reported a match with its blocklist. Another check is refused until an "
			    "operator allows another try."));
		return;
	}
	write_tries(out, person, rule);
	buf_add(out, STR(" Another check is refused"));
	if (person->check.facts.tries > 0) {
		buf_add(out, STR(" until "));
		write_time(out, person->check.next_try_at);
		buf_add(out, STR(", or"));
	}
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

static void write_new_code(struct buf *out, const struct person_code *code, moment now)
{
	buf_add(out, STR(" The person must request a new code, which is possible "));
	if (!moment_is_before(now, code->next_send_at)) {
		buf_add(out, STR("now."));
		return;
	}
	buf_add(out, STR("from "));
	write_time(out, code->next_send_at);
	buf_add(out, STR(" on."));
}

/* The address is not verified: what became of the code. */
static void write_code(struct buf *out, const struct person_code *code, const struct rules *rules, moment now)
{
	if (code->state == PERSON_CODE_NONE) {
		buf_add(out, STR("The e-mail address was registered, but no code was requested for it yet."));
		return;
	}
	buf_add(out, STR("The person has not verified the e-mail address. The last code was requested at "));
	write_time(out, code->created_at);
	if (code->state == PERSON_CODE_LIVE) {
		buf_add(out, STR(" and is valid until "));
		write_time(out, code->expires_at);
	}
	buf_printf(out, ". Wrong entries: %lld of %lld.", (long long)code->wrong_entries,
		(long long)rules->otp_tries);
	if (code->state == PERSON_CODE_LOCKED)
		buf_add(out, STR(" The code is locked."));
	else if (code->state == PERSON_CODE_EXPIRED)
		buf_add(out, STR(" The code has expired or was used."));
	if (code->state != PERSON_CODE_LIVE)
		write_new_code(out, code, now);
}

static struct str finish(struct buf *text)
{
	struct str out;

	return buf_done(text, &out) == OK ? out : (struct str){ NULL, 0 };
}

struct str person_situation_text(
	struct arena *a, const struct console_person *person, const struct rules *rules, moment now)
{
	struct buf text;

	if (!person->is_verified && person->details.wallet.n > 0)
		return STR(
			"The wallet was registered, but the person has not signed the challenge that verifies it. "
			"Until then they cannot start a check.");
	buf_init(&text, a);
	if (!person->is_verified)
		write_code(&text, &person->code, rules, now);
	else
		writers[person->check.verdict](&text, person, &rules->tries);
	return finish(&text);
}

/* The English column of docs/reasons.md. The reasons that reason_for_people() hides have no sentence. */
static const char *const told[REASON_COUNT] = {
	[REASON_DOCUMENT_EXPIRED] = "Your document has expired. Use a valid one.",
	[REASON_DOCUMENT_UNREADABLE] =
		"We could not read your document. Photograph it in good light, without glare.",
	[REASON_DOCUMENT_NOT_SUPPORTED] = "This document is not accepted. Use another one.",
	[REASON_FACE_MISMATCH] = "Your selfie does not match the photo on your document.",
	[REASON_LIVENESS_FAILED] =
		"We could not check your selfie. Take it alone, in good light, without glasses or a hat.",
	[REASON_UNDERAGE] = "You have not reached the minimum age.",
	[REASON_DATA_MISMATCH] = "The data on your document do not match the data that we have.",
	[REASON_ADDRESS_UNVERIFIED] = "We could not confirm your postal address.",
	[REASON_ABANDONED] = "You did not finish the check in time. Start again.",
	[REASON_EXPIRED] = "Your check has expired. Start again.",
	[REASON_OTHER] = "The check was not successful.",
};

struct str person_told_text(struct arena *a, const struct console_person *person)
{
	const struct reasons reasons = person->details.summary.next_step.reasons;
	struct reasons shown = { 0 };
	struct buf text;

	for (enum reason r = 0; r < REASON_COUNT; r++)
		if (reasons_have(reasons, r))
			reasons_add(&shown, reason_for_people(r));
	buf_init(&text, a);
	for (enum reason r = 0; r < REASON_COUNT; r++)
		if (reasons_have(shown, r))
			buf_printf(&text, "%s%s", text.n > 0 ? " " : "", told[r]);
	return finish(&text);
}

bool person_can_be_reset(const struct console_person *person)
{
	return person->is_verified && (person->check.facts.tries > 0 || person->check.facts.blocklisted);
}
