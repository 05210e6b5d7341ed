#include "web/console/words.h"

#include "base/buf.h"
#include "domain/event.h"

struct str console_user_id(struct arena *a, const struct public_user_id *id)
{
	char shown[SHOWN_ID_SIZE];

	shown_id_write(PUBLIC_USER_ID_PREFIX, id->text, shown);
	return arena_copy(a, str_of(shown));
}

struct str console_tenant_path(struct arena *a, struct str name)
{
	return arena_printf(a, "/console/tenants/%.*s", STR_ARG(name));
}

struct str console_person_path(struct arena *a, const char *tenant, const struct public_user_id *id)
{
	return arena_printf(a, "/console/people/%s/" PUBLIC_USER_ID_PREFIX "%s", tenant, id->text);
}

static const struct {
	const char *label, *tone;
} statuses[OVERALL_STATUS_COUNT] = {
	[OVERALL_PENDING] = { "Pending", "" },
	[OVERALL_IN_REVIEW] = { "In review", "wait" },
	[OVERALL_APPROVED] = { "Approved", "good" },
	[OVERALL_DECLINED] = { "Declined", "bad" },
	[OVERALL_EXPIRED] = { "Expired", "wait" },
};

struct str console_status_label(enum overall_status status)
{
	return str_of(statuses[status].label);
}

struct str console_status_tone(enum overall_status status)
{
	return str_of(statuses[status].tone);
}

static const char *const next_actions[NEXT_ACTION_COUNT] = {
	[NEXT_VERIFY_EMAIL] = "Verify the e-mail address",
	[NEXT_VERIFY_WALLET] = "Verify the wallet",
	[NEXT_START_SESSION] = "Start a check",
	[NEXT_CONTINUE_SESSION] = "Continue the check",
	[NEXT_WAIT] = "Wait for the review",
	[NEXT_CONTACT_SUPPORT] = "Contact support",
	[NEXT_NONE] = "Nothing",
};

struct str console_next_action_label(enum next_action action)
{
	return str_of(next_actions[action]);
}

static void write_word(struct buf *out, const char *word)
{
	for (; *word; word++)
		buf_char(out, *word == '_' ? ' ' : *word);
}

struct str console_reasons_text(struct arena *a, struct reasons reasons)
{
	struct buf text;
	struct str out;

	buf_init(&text, a);
	for (enum reason r = 0; r < REASON_COUNT; r++) {
		if (!reasons_have(reasons, r))
			continue;
		if (text.n > 0)
			buf_add(&text, STR(", "));
		write_word(&text, reason_name(r));
	}
	return buf_done(&text, &out) == OK ? out : (struct str){ NULL, 0 };
}

static const char *const verdicts[REVIEW_VERDICTS] = {
	[REVIEW_NO_VERDICT] = "",
	[REVIEW_APPROVE] = "approve",
	[REVIEW_DECLINE] = "decline",
	[REVIEW_DECLINE_RETRY] = "decline, and allow another try",
};

struct str console_verdict_text(enum review_verdict verdict)
{
	return str_of(verdict < REVIEW_VERDICTS ? verdicts[verdict] : "");
}
