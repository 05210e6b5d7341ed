#include "web/verify/notice.h"

#include "api/core/answer.h"
#include "api/core/branded_frame.h"
#include "api/core/dispatch.h"
#include "app/core/branding.h"
#include "base/attr.h"
#include "base/log.h"
#include "web/core/page_limit.h"

DECLARE_TEMPLATE(verify_notice);

struct notice_values {
	enum message_id title, text;
	struct str retry_url;
};

static const struct template_value notice_value_rows[] = {
	MESSAGE_VALUE(struct notice_values, title),
	MESSAGE_VALUE(struct notice_values, text),
	TEXT_VALUE(struct notice_values, retry_url),
};
const struct page_template verify_notice_page = { .template = &template_verify_notice,
	.values = TEMPLATE_TABLE(struct notice_values, notice_value_rows) };

#define NOTICE(name) MESSAGE_VERIFY_##name##_TITLE, MESSAGE_VERIFY_##name
static const struct {
	int http;
	enum message_id title, text;
	bool may_retry; /* the same request may succeed later */
} notices[VERIFY_NOTICES] = {
	[VERIFY_NOTICE_UNKNOWN] = { 404, NOTICE(LINK_UNKNOWN), false },
	[VERIFY_NOTICE_EXPIRED] = { 410, NOTICE(LINK_EXPIRED), false },
	[VERIFY_NOTICE_REVOKED] = { 410, NOTICE(LINK_REVOKED), false },
	[VERIFY_NOTICE_TOO_MANY] = { 429, NOTICE(TOO_MANY), true },
	[VERIFY_NOTICE_UNAVAILABLE] = { 503, NOTICE(UNAVAILABLE), true },
};

struct branding_load_params {
	const struct tenant *tenant;
	struct verify_branding *out;
};

static enum err load_branding(struct tx *tx, void *arg)
{
	const struct branding_load_params *const params = arg;
	struct verify_branding *const out = params->out;

	TRY(branding_load(tx, &params->tenant->id, &out->branding));
	return consent_text_load(tx, &out->branding, &out->consent_text);
}

enum err verify_branding_load(
	const struct verify_request *request, const struct tenant *tenant, struct verify_branding *out)
{
	struct call *const call = request->call;
	struct branding_load_params params = { tenant, out };

	*out = (struct verify_branding){ .tenant = *tenant };
	return store_transact(call->world->store, TX_READ, call->arena, load_branding, &params);
}

enum err verify_frame(
	const struct verify_request *request, const struct verify_branding *branding, struct page_frame *out)
{
	const struct rules *const rules = request->call->world->rules;
	struct arena *const a = request->call->arena;

	*out = (struct page_frame){ .language = request->language,
		.brand = rules->brand,
		.sandbox = rules->sandbox,
		.assets = request->base };
	if (!branding)
		return OK;
	if (branding->tenant.display_name[0] != '\0')
		out->brand = str_of(branding->tenant.display_name);
	return frame_add_branding(a, &branding->branding, out);
}

struct reply verify_notice(const struct verify_request *request, const struct verify_branding *branding,
	enum verify_notice notice)
{
	struct arena *const a = request->call->arena;
	const struct notice_values values = { notices[notice].title, notices[notice].text,
		notices[notice].may_retry ? verify_request_url(request, &(struct verify_target){ 0 })
					  : STR("") };
	struct page_frame frame;
	struct reply reply;

	if (verify_frame(request, branding, &frame) != OK ||
		page_set_language_urls(a, &frame, request->path, STR("")) != OK ||
		page_reply(a, &frame, &verify_notice_page, &values, notices[notice].http, &reply) != OK)
		return respond(a, ANSWER_UNAVAILABLE);
	return reply;
}

struct reply verify_failed(const struct verify_request *request, enum err e)
{
	struct reply reply = verify_notice(request, NULL, VERIFY_NOTICE_UNAVAILABLE);

	log_event(LOG_ERROR, "verification_page_failed",
		LOG_WORD("request_id", request->call->caller.actor.request_id), LOG_WORD("err", err_name(e)),
		LOG_TEXT("effect", "the person reads that the page cannot be shown at the moment"));
	if (reply.n_headers > 0)
		respond_add_retry_after(request->call->arena, &reply, seconds(1));
	return reply;
}

/* Browsers say where a request comes from (W3C Fetch Metadata), also with `Referrer-Policy: no-referrer`, for
 * which they send `Origin: null`. Other clients send no such header. */
static bool is_form_of_other_site(const struct request *request)
{
	const struct str site = request_header(request, STR("Sec-Fetch-Site"));

	return request->method == METHOD_POST && site.n > 0 && !str_eq(site, STR("same-origin")) &&
	       !str_eq(site, STR("none"));
}

bool verify_admit(struct call *call, struct verify_request *out, struct reply *refused)
{
	struct page_limits *const limits = call->api->page_limits;
	duration wait;

	verify_request_read(call, out);
	if (limits &&
		!page_limit_take(limits, call->world, call->request->peer, call->api->micros(), &wait)) {
		*refused = verify_notice(out, NULL, VERIFY_NOTICE_TOO_MANY);
		respond_add_retry_after(call->arena, refused, wait);
		return false;
	}
	if (!is_form_of_other_site(call->request))
		return true;
	*refused = verify_redirect(out, &(struct verify_target){ .step = NULL });
	return false;
}
