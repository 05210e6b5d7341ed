#include "web/verify/page.h"

#include "api/core/answer.h"
#include "base/attr.h"
#include "base/buf.h"
#include "html/qr_svg.h"
#include "text/encode.h"
#include "web/verify/result.h"
#include "web/verify/values.h"

/* The last second of the year 9999. */
#define LAST_SECOND INT64_C(253402300799)

/* A page that is being built. */
struct page_draft {
	const struct verify_request *request;
	const struct verification_view *view;
	const struct verify_branding *branding;
	struct arena *arena;
	struct verify_values values;
	struct str form_origins;
	bool failed; /* there is no memory */
};

/* Returns a list of one moment, or none if there is no memory. */
static struct template_list one_time(const struct page_draft *draft, moment t)
{
	struct verify_time *const item = arena_new(draft->arena, struct verify_time);

	if (!item)
		return (struct template_list){ NULL, 0 };
	item->time = verify_time_markup(draft->arena, t, false);
	return (struct template_list){ item, 1 };
}

/* Shows a moment of world_expiry_now(), by which codes and challenges expire, as a time of the wall clock. */
static moment wall_time(const struct page_draft *draft, moment t)
{
	const struct world *const world = draft->request->call->world;

	return moment_add(world_now(world), moment_diff(world_expiry_now(world), t));
}

static void fill_start(struct page_draft *draft)
{
	char hex[2 * sizeof(draft->branding->branding.consent_digest.bytes) + 1];

	draft->values.consent_text = draft->branding->consent_text;
	hex_write(draft->branding->branding.consent_digest.bytes,
		sizeof(draft->branding->branding.consent_digest.bytes), hex);
	draft->values.consent_digest = arena_copy(draft->arena, str_of(hex));
}

static void fill_address(struct page_draft *draft)
{
	draft->values.is_other_open = draft->values.email_error || draft->values.wallet_error;
}

static enum message_id why_ended(enum otp_verdict state)
{
	switch (state) {
	case OTP_LOCKED:
		return MESSAGE_VERIFY_CODE_LOCKED;
	case OTP_EXPIRED:
		return MESSAGE_VERIFY_CODE_EXPIRED;
	case OTP_ACCEPTED:
	case OTP_WRONG:
	case OTP_VERDICTS:
		break;
	}
	return MESSAGE_NONE;
}

static void fill_code(struct page_draft *draft)
{
	const struct verification_code_view *const code = &draft->view->code;
	const struct world *const world = draft->request->call->world;

	draft->values.ended = why_ended(code->state);
	draft->values.is_sent = draft->values.errors.n == 0 && code->state == OTP_ACCEPTED &&
				str_eq(verify_request_query(draft->request, STR("sent")), STR("code"));
	draft->values.valid_until = one_time(draft, wall_time(draft, code->expires_at));
	if (code->resend_wait.ms > 0)
		draft->values.resend_at = one_time(draft, moment_add(world_now(world), code->resend_wait));
}

static void fill_sign(struct page_draft *draft)
{
	const struct verification_challenge_view *const challenge = &draft->view->challenge;

	draft->values.message = challenge->message;
	draft->values.wallet = challenge->wallet;
	if (!challenge->is_open)
		draft->values.ended = MESSAGE_VERIFY_SIGNATURE_EXPIRED;
	draft->values.valid_until = one_time(draft, wall_time(draft, challenge->expires_at));
}

/* Writes the hosts of the provider's pages as sources of a Content-Security-Policy, which applies
 * `form-action` to redirects too. A host without a port stands for every port (provider/session_url.h). */
static void add_session_origins(struct buf *out, struct str hosts)
{
	struct str host, after_bracket, before;

	while (hosts.n > 0) {
		(void)str_cut(&hosts, ',', &host);
		host = after_bracket = str_trim(host);
		(void)str_cut(&after_bracket, ']', &before);
		if (host.n == 0)
			continue;
		buf_char(out, ' ');
		buf_add(out, host);
		if (!str_has(after_bracket.n > 0 ? after_bracket : before, ':'))
			buf_add(out, STR(":*"));
	}
}

/* Sets the origins to which the forms of the page may be redirected. */
static void set_form_origins(struct page_draft *draft, bool to_provider, bool to_tenant)
{
	struct buf origins;

	buf_init(&origins, draft->arena);
	if (to_provider)
		add_session_origins(&origins, draft->request->call->world->rules->session_hosts);
	if (to_tenant)
		buf_printf(&origins, " %.*s", STR_ARG(draft->view->return_origin));
	if (buf_done(&origins, &draft->form_origins) == OK)
		draft->form_origins = str_trim(draft->form_origins);
}

/* A URL that is too long for a QR code is only copied. */
static void fill_check(struct page_draft *draft)
{
	const struct verify_request *const request = draft->request;
	struct verify_values *const values = &draft->values;

	set_form_origins(draft, true, false);
	values->link_url = arena_printf(draft->arena, "%.*s/verify/%.*s",
		STR_ARG(request->call->world->rules->public_url), STR_ARG(request->visit.token));
	draft->failed = !values->link_url.p;
	if (!draft->failed && values->link_url.n <= QR_TEXT_MAX)
		draft->failed = qr_svg_write(draft->arena, values->link_url, &values->qr) != OK;
}

static void fill_result(struct page_draft *draft)
{
	struct verify_values *const values = &draft->values;

	draft->failed = verify_result_fill(draft->arena, draft->view, values) != OK;
	set_form_origins(draft, values->action != MESSAGE_NONE, values->may_return);
}

static const struct {
	enum verification_step step; /* whose errors the page can show */
	const char *number;	     /* of the step in the list of the first page; empty: none */
	void (*fill)(struct page_draft *draft);
} pages[VERIFY_PAGES] = {
	[VERIFY_PAGE_START] = { VERIFICATION_STEP_WELCOME, "", fill_start },
	[VERIFY_PAGE_ADDRESS] = { VERIFICATION_STEP_ADDRESS, "1", fill_address },
	[VERIFY_PAGE_CODE] = { VERIFICATION_STEP_CODE, "1", fill_code },
	[VERIFY_PAGE_WALLET] = { VERIFICATION_STEP_WALLET, "1", fill_address },
	[VERIFY_PAGE_SIGN] = { VERIFICATION_STEP_WALLET, "1", fill_sign },
	[VERIFY_PAGE_CHECK] = { VERIFICATION_STEP_CHECK, "2", fill_check },
	[VERIFY_PAGE_RESULT] = { VERIFICATION_STEP_RESULT, "", fill_result },
};

/* Until the proof, the person may choose another address, or a wallet instead of an e-mail. */
static bool may_choose(const struct verification_view *view)
{
	return view->step == VERIFICATION_STEP_ADDRESS || view->step == VERIFICATION_STEP_CODE ||
	       view->step == VERIFICATION_STEP_WALLET;
}

static enum verify_page_kind choose_page(
	const struct verify_request *request, const struct verification_view *view)
{
	static const enum verify_page_kind of_step[VERIFICATION_STEPS] = {
		[VERIFICATION_STEP_WELCOME] = VERIFY_PAGE_START,
		[VERIFICATION_STEP_ADDRESS] = VERIFY_PAGE_ADDRESS,
		[VERIFICATION_STEP_CODE] = VERIFY_PAGE_CODE,
		[VERIFICATION_STEP_WALLET] = VERIFY_PAGE_SIGN,
		[VERIFICATION_STEP_CHECK] = VERIFY_PAGE_CHECK,
		[VERIFICATION_STEP_RESULT] = VERIFY_PAGE_RESULT,
	};
	const struct str asked = verify_request_query(request, STR("step"));

	if (verify_result_is_shown(view))
		return VERIFY_PAGE_RESULT;
	if (!may_choose(view))
		return of_step[view->step];
	if (str_eq(asked, STR("address")))
		return VERIFY_PAGE_ADDRESS;
	if (str_eq(asked, STR("wallet")))
		return VERIFY_PAGE_WALLET;
	if (view->step == VERIFICATION_STEP_ADDRESS && view->address_kind == ADDRESS_WALLET)
		return VERIFY_PAGE_WALLET;
	return of_step[view->step];
}

static struct template_list error_items(const struct page_draft *draft, enum verify_error error)
{
	struct verify_error_item *const item = arena_new(draft->arena, struct verify_error_item);
	int64_t at = 0;

	if (!item)
		return (struct template_list){ NULL, 0 };
	(void)str_number(verify_request_query(draft->request, STR("at")), LAST_SECOND, &at);
	*item = (struct verify_error_item){ verify_error_message(error),
		verify_field_id(verify_error_field(error)),
		verify_time_markup(draft->arena, (moment){ at * 1000 }, false) };
	return (struct template_list){ item, 1 };
}

static void fill_error(struct page_draft *draft, enum verification_step step)
{
	const enum verify_error error = verify_error_find(
		verify_request_query(draft->request, STR("error")), step);
	const enum verify_field field = verify_error_field(error);
	struct verify_values *const values = &draft->values;

	if (error == VERIFY_ERROR_NONE)
		return;
	values->errors = error_items(draft, error);
	values->error = verify_error_message(error);
	values->consent_error = field == VERIFY_FIELD_CONSENT;
	values->email_error = field == VERIFY_FIELD_EMAIL;
	values->code_error = field == VERIFY_FIELD_CODE;
	values->wallet_error = field == VERIFY_FIELD_WALLET;
	values->signature_error = field == VERIFY_FIELD_SIGNATURE;
}

static struct str action_url(const struct page_draft *draft, const char *action)
{
	return arena_printf(draft->arena, "%.*s/%s?lang=%.*s", STR_ARG(draft->request->path), action,
		STR_ARG(language_tags[draft->request->language]));
}

static void fill_urls(struct page_draft *draft)
{
	const struct {
		struct str *url;
		const char *action;
	} actions[] = {
		{ &draft->values.state_url, "state" },
		{ &draft->values.start_url, "start" },
		{ &draft->values.email_url, "email" },
		{ &draft->values.code_url, "code" },
		{ &draft->values.resend_url, "resend" },
		{ &draft->values.challenge_url, "challenge" },
		{ &draft->values.signature_url, "signature" },
		{ &draft->values.check_url, "check" },
		{ &draft->values.return_url, "return" },
	};

	for (size_t i = 0; i < array_len(actions); i++)
		*actions[i].url = action_url(draft, actions[i].action);
	draft->values.self_url = verify_request_url(draft->request, &(struct verify_target){ .step = NULL });
	draft->values.address_step_url = verify_request_url(
		draft->request, &(struct verify_target){ .step = "address" });
	draft->values.wallet_step_url = verify_request_url(
		draft->request, &(struct verify_target){ .step = "wallet" });
}

static void fill_link(struct page_draft *draft)
{
	const struct verification_view *const view = draft->view;
	struct verify_values *const values = &draft->values;

	fill_urls(draft);
	values->version = str_of(view->version);
	values->given_email = view->address_kind == ADDRESS_EMAIL;
	values->given_wallet = view->address_kind == ADDRESS_WALLET;
	values->address = values->wallet = view->masked_address;
}

struct reply verify_page(struct verify_request *request, const struct verification_view *view,
	const struct verify_branding *branding)
{
	struct page_draft draft = {
		.request = request, .view = view, .branding = branding, .arena = request->call->arena
	};
	const enum verify_page_kind kind = choose_page(request, view);
	struct page_frame frame;
	struct reply reply;

	fill_link(&draft);
	fill_error(&draft, pages[kind].step);
	draft.values.step = str_of(pages[kind].number);
	draft.values.steps = STR("3");
	pages[kind].fill(&draft);
	if (draft.failed || verify_frame(request, branding, &frame) != OK ||
		page_set_language_urls(draft.arena, &frame, request->path, STR("")) != OK)
		return respond(draft.arena, ANSWER_UNAVAILABLE);
	frame.form_origins = draft.form_origins;
	if (page_reply(draft.arena, &frame, &verify_pages[kind], &draft.values, 200, &reply) != OK)
		return respond(draft.arena, ANSWER_UNAVAILABLE);
	return reply;
}
