#include "web/verify/values.h"

/* clang-format off */
static const struct template_value error_values[] = {
	MESSAGE_VALUE(struct verify_error_item, message),
	TEXT_VALUE(struct verify_error_item, field),
	MARKUP_VALUE(struct verify_error_item, time),
};
static const struct template_table errors = TEMPLATE_TABLE(struct verify_error_item, error_values);

static const struct template_value time_values[] = { MARKUP_VALUE(struct verify_time, time) };
static const struct template_table times = TEMPLATE_TABLE(struct verify_time, time_values);

static const struct template_value text_values[] = {
	MESSAGE_VALUE(struct verify_text, text),
	MARKUP_VALUE(struct verify_text, time),
};
static const struct template_table texts = TEMPLATE_TABLE(struct verify_text, text_values);

#define TEXT(member)    TEXT_VALUE(struct verify_values, member)
#define NAME(member)    NAME_VALUE(struct verify_values, member)
#define FLAG(member)    FLAG_VALUE(struct verify_values, member)
#define MESSAGE(member) MESSAGE_VALUE(struct verify_values, member)
#define LIST(member, table) LIST_VALUE(struct verify_values, member, table)
static const struct template_value values[] = {
	LIST(errors, &errors), MESSAGE(error),
	FLAG(consent_error), FLAG(email_error), FLAG(code_error), FLAG(wallet_error), FLAG(signature_error),
	TEXT(self_url), TEXT(address_step_url), TEXT(wallet_step_url), TEXT(state_url),
	TEXT(start_url), TEXT(email_url), TEXT(code_url), TEXT(resend_url),
	TEXT(challenge_url), TEXT(signature_url), TEXT(check_url), TEXT(return_url),
	TEXT(version), TEXT(step), TEXT(steps), FLAG(is_final),
	TEXT(consent_text), TEXT(consent_digest),
	NAME(address), NAME(wallet), FLAG(given_email), FLAG(given_wallet), FLAG(is_other_open),
	MESSAGE(ended), FLAG(is_sent), LIST(valid_until, &times), LIST(resend_at, &times), TEXT(message),
	TEXT(link_url), MARKUP_VALUE(struct verify_values, qr),
	TEXT(kind), MESSAGE(title), MESSAGE(action), LIST(texts, &texts), FLAG(may_return), FLAG(may_refresh),
	FLAG(needs_support),
};
/* clang-format on */

DECLARE_TEMPLATE(verify_start);
DECLARE_TEMPLATE(verify_address);
DECLARE_TEMPLATE(verify_code);
DECLARE_TEMPLATE(verify_wallet);
DECLARE_TEMPLATE(verify_sign);
DECLARE_TEMPLATE(verify_check);
DECLARE_TEMPLATE(verify_result);

#define PAGE(name, page_script)                                                                              \
	{                                                                                                    \
		.template = &template_verify_##name, .values = TEMPLATE_TABLE(struct verify_values, values), \
		.script = page_script                                                                        \
	}
const struct page_template verify_pages[VERIFY_PAGES] = {
	[VERIFY_PAGE_START] = PAGE(start, "verify"),
	[VERIFY_PAGE_ADDRESS] = PAGE(address, "verify"),
	[VERIFY_PAGE_CODE] = PAGE(code, "verify"),
	[VERIFY_PAGE_WALLET] = PAGE(wallet, "wallet"),
	[VERIFY_PAGE_SIGN] = PAGE(sign, "wallet"),
	[VERIFY_PAGE_CHECK] = PAGE(check, "verify"),
	[VERIFY_PAGE_RESULT] = PAGE(result, "verify"),
};

struct str verify_time_markup(struct arena *a, moment t, bool with_date)
{
	char iso[MOMENT_RFC3339_SIZE], clock[MOMENT_CLOCK_SIZE];

	moment_rfc3339(t, iso);
	moment_clock(t, clock);
	if (!with_date)
		return arena_printf(a, "<time datetime=\"%s\" dir=\"ltr\">%s</time>", iso, clock);
	return arena_printf(
		a, "<time datetime=\"%s\" dir=\"ltr\" data-date>%.10s %s</time>", iso, iso, clock);
}
