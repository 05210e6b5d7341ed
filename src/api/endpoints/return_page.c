#include "api/endpoints/return_page.h"

#include "api/core/branded_frame.h"
#include "api/endpoints/routes.h"
#include "app/session/decision.h"
#include "app/session/return_redirect.h"
#include "base/buf.h"
#include "base/log.h"
#include "text/encode.h"
#include "text/language.h"
#include "text/query.h"

/* The time limit for reading the session from the provider, while the person's browser waits. */
#define POLL_LIMIT seconds(3)

/* Returns the first supported language of this list: the person's, the tenant's, the browser's
 * (Accept-Language), the one in the settings. A request without a valid session id has neither person nor
 * tenant. */
static enum language choose_language(struct call *call, const struct return_redirect *redirect)
{
	const struct str accepted = request_header(call->request, STR("Accept-Language"));
	const size_t found = language_accepted(accepted, language_tags, LANGUAGES);
	const struct str preferred[] = { redirect->person_language, redirect->tenant_language,
		found < LANGUAGES ? language_tags[found] : STR(""), call->world->rules->language };

	return language_for(preferred, array_len(preferred));
}

DECLARE_TEMPLATE(return_thanks);
const struct page_template thanks_page = { .template = &template_return_thanks };

struct page_frame return_page_frame(struct call *call, const struct return_redirect *redirect)
{
	const bool is_named = redirect->tenant_name.n > 0;

	struct page_frame frame = { .language = choose_language(call, redirect),
		.brand = is_named ? redirect->tenant_name : call->world->rules->brand,
		.sandbox = call->world->rules->sandbox };

	/* Without memory for the colour or the logo, the page is shown without them. */
	if (frame_add_branding(call->arena, &redirect->branding, &frame) != OK)
		frame.colour = frame.logo = STR("");
	return frame;
}

static struct reply respond_thanks(struct call *call, const struct return_redirect *redirect)
{
	const struct page_frame frame = return_page_frame(call, redirect);
	struct reply reply;

	if (page_reply(call->arena, &frame, &thanks_page, NULL, 200, &reply) != OK)
		return respond(call->arena, ANSWER_UNAVAILABLE);
	return reply;
}

/* Redirects to the tenant's return URL and adds the session id. The status is not added, because the person
 * could change it in the URL: the tenant has to query the status. */
static struct reply respond_redirect(
	struct call *call, const struct return_redirect *redirect, struct str ref)
{
	struct buf parameter, text;
	struct str added, location;
	struct reply reply = respond_text(303, NULL, STR(""));

	buf_init(&parameter, call->arena);
	buf_add(&parameter, STR("session_id="));
	percent_encode(&parameter, ref);
	if (buf_done(&parameter, &added) != OK)
		return respond_thanks(call, redirect);
	buf_init(&text, call->arena);
	query_add(&text, redirect->url, added);
	if (buf_done(&text, &location) != OK)
		return respond_thanks(call, redirect);
	reply_header(&reply, STR("Location"), location);
	respond_add_page_headers(&reply);
	return reply;
}

/* Responds to a known session, which was polled if that was necessary. */
static struct reply respond_returned(struct call *call, struct return_redirect *redirect, struct str ref)
{
	if (!redirect->has_link)
		return redirect->url.n > 0 ? respond_redirect(call, redirect, ref)
					   : respond_thanks(call, redirect);
	/* The page of a link says what the poll found. */
	if (redirect->poll_now && app_return(call->world, call->arena, ref, redirect) != OK)
		return respond(call->arena, ANSWER_UNAVAILABLE);
	return respond_returned_to_link(call, redirect, ref);
}

static struct reply handle_return(struct call *call, struct store *store)
{
	const struct str ref = query_value(call->arena, call->request->query, STR("verificationSessionId"));
	struct return_redirect redirect = { .poll_now = false };
	struct actor actor = call->caller.actor;
	const struct poll_params params = { ref, POLL_LIMIT, POLL_FOR_CALLER };
	enum provider_cause cause = PROVIDER_OK;

	(void)store;
	actor.kind = ACTOR_PROVIDER;
	if (app_return(call->world, call->arena, ref, &redirect) != OK)
		return respond_thanks(call, &redirect);
	if (redirect.poll_now && app_poll_session(call->world, call->arena, &actor, &params, &cause) != OK)
		log_event(LOG_WARN, "return_poll_failed", LOG_WORD("cause", provider_cause_name(cause)));
	return respond_returned(call, &redirect, ref);
}

static const struct plain_response thanks = {
	200, "thanks", "text/html", NULL,
	"A page that thanks the person, if the tenant has no return URL; or one that says where the check stands, if a verification link led the person to the provider."
};
static const struct plain_response onward = { 303, "onward", NULL, NULL,
	"Redirect to the tenant's return URL, with `session_id` added to the query." };

const struct route return_route = {
	.entry = { METHOD_GET, "/return" },
	HANDLE_WAITING(handle_return),
	.failure = ANSWER_UNAVAILABLE,
	.doc =
		&(const struct operation_doc){
			.operation = "returnFromProvider",
			.group = "Provider",
			.summary = "Return from the provider",
			.description =
				"The provider sends the person's browser here after the check. kycd reads the "
				"decision, then redirects to the tenant's return URL (`kycd tenant set NAME "
				"--return-url URL`). The redirect carries no status: call `POST /kyc/status`.",
			.plain = { &thanks, &onward },
			PARAMS({ IN_QUERY, "verificationSessionId", false,
				"7d3c1f7e-2b64-4a0e-9a55-0c1d2e3f4a5b", NULL,
				"Added by the provider. With an unknown session, or without one, the page is shown." }),
		},
};
