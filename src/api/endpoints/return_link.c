#include "api/endpoints/return_page.h"

#include "base/buf.h"
#include "text/encode.h"

struct return_link_values {
	struct str kind; /* class of the mark */
	enum message_id title, text, next;
	struct str again_url; /* this page; empty: it will not change */
};

static const struct template_value value_rows[] = {
	TEXT_VALUE(struct return_link_values, kind),
	MESSAGE_VALUE(struct return_link_values, title),
	MESSAGE_VALUE(struct return_link_values, text),
	MESSAGE_VALUE(struct return_link_values, next),
	TEXT_VALUE(struct return_link_values, again_url),
};
DECLARE_TEMPLATE(return_link);
const struct page_template return_link_page = { .template = &template_return_link,
	.values = TEMPLATE_TABLE(struct return_link_values, value_rows),
	.script = "verify" };

#define RETURN_WAIT MESSAGE_VERIFY_WAITING_TITLE, MESSAGE_VERIFY_WAITING
#define RETURN_NEXT MESSAGE_VERIFY_RETURN_OPEN_LINK
/* clang-format off */
static const struct {
	const char *kind;
	enum message_id title, text, next;
} rows[STATUS_COUNT] = {
	[STATUS_CREATING]      = { "wait", RETURN_WAIT, RETURN_NEXT },
	[STATUS_NOT_STARTED]   = { "todo", MESSAGE_VERIFY_PENDING_TITLE, MESSAGE_NONE, RETURN_NEXT },
	[STATUS_IN_PROGRESS]   = { "wait", RETURN_WAIT, RETURN_NEXT },
	[STATUS_AWAITING_USER] = { "todo", MESSAGE_VERIFY_RESUBMIT_TITLE, MESSAGE_NONE, RETURN_NEXT },
	[STATUS_RESUBMITTED]   = { "todo", MESSAGE_VERIFY_RESUBMIT_TITLE, MESSAGE_NONE, RETURN_NEXT },
	[STATUS_IN_REVIEW]     = { "review", MESSAGE_VERIFY_REVIEW_TITLE, MESSAGE_VERIFY_REVIEW, RETURN_NEXT },
	[STATUS_APPROVED]      = { "good", MESSAGE_VERIFY_APPROVED_TITLE, MESSAGE_VERIFY_APPROVED, MESSAGE_NONE },
	[STATUS_DECLINED]      = { "bad",  MESSAGE_VERIFY_DECLINED_TITLE, MESSAGE_NONE, MESSAGE_VERIFY_RETURN_DECLINED },
	[STATUS_EXPIRED]       = { "todo", MESSAGE_VERIFY_EXPIRED_TITLE, MESSAGE_NONE, RETURN_NEXT },
	[STATUS_ABANDONED]     = { "todo", MESSAGE_VERIFY_EXPIRED_TITLE, MESSAGE_NONE, RETURN_NEXT },
	[STATUS_KYC_EXPIRED]   = { "todo", MESSAGE_VERIFY_KYC_EXPIRED_TITLE, MESSAGE_NONE, RETURN_NEXT },
};
/* clang-format on */

static struct str url_of_page(struct call *call, struct str ref)
{
	struct buf url;
	struct str out;

	buf_init(&url, call->arena);
	buf_add(&url, call->world->rules->callback_url);
	buf_add(&url, STR("?verificationSessionId="));
	percent_encode(&url, ref);
	return buf_done(&url, &out) == OK ? out : STR("");
}

struct reply respond_returned_to_link(
	struct call *call, const struct return_redirect *redirect, struct str ref)
{
	const struct page_frame frame = return_page_frame(call, redirect);
	const enum session_status status = redirect->session_status;
	const struct return_link_values values = { str_of(rows[status].kind), rows[status].title,
		rows[status].text, rows[status].next,
		session_status_is_final(status) ? STR("") : url_of_page(call, ref) };
	struct reply reply;

	if (page_reply(call->arena, &frame, &return_link_page, &values, 200, &reply) != OK)
		return respond(call->arena, ANSWER_UNAVAILABLE);
	return reply;
}
