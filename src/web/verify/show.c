#include "web/core/routes.h"

#include "api/core/answer.h"
#include "api/core/dispatch.h"
#include "app/session/poll_queue.h"
#include "text/json.h"
#include "web/verify/notice.h"
#include "web/verify/page.h"
#include "web/verify/request.h"

static enum verify_notice notice_of(const struct verification_view *view)
{
	if (!view->is_known)
		return VERIFY_NOTICE_UNKNOWN;
	if (view->state == VERIFICATION_LINK_EXPIRED)
		return VERIFY_NOTICE_EXPIRED;
	return view->state == VERIFICATION_LINK_REVOKED ? VERIFY_NOTICE_REVOKED : VERIFY_NOTICES;
}

/* Has an open session read from the provider now and then, in case that its event was lost. */
static void poll_stale_session(struct call *call, const struct verification_view *view)
{
	const struct str ref = str_of(view->person.stale_session.text);

	if (ref.n > 0)
		(void)poll_queue_add(call->api->poll_queue, ref, world_ticks(call->world));
}

static struct reply handle_page(struct call *call, struct store *store)
{
	struct verify_request request;
	struct verification_view view;
	struct verify_branding branding;
	struct reply refused;
	enum err e;

	(void)store; /* the use cases open their own transactions */
	if (!verify_admit(call, &request, &refused))
		return refused;
	e = verification_link_view(call->world, call->arena, &request.visit, &view);
	if (e != OK)
		return verify_failed(&request, e);
	poll_stale_session(call, &view);
	verify_request_choose_language(&request, &view);
	if (!view.is_known)
		return verify_notice(&request, NULL, VERIFY_NOTICE_UNKNOWN);
	e = verify_branding_load(&request, &view.tenant, &branding);
	if (e != OK)
		return verify_failed(&request, e);
	const enum verify_notice notice = notice_of(&view);
	return notice < VERIFY_NOTICES ? verify_notice(&request, &branding, notice)
				       : verify_page(&request, &view, &branding);
}

/* What the script polls. 404 and 410 tell it that the page has become another one, as the page itself does.
 */
static struct reply handle_state(struct call *call, struct store *store)
{
	struct verify_request request;
	struct verification_view view;
	struct json_body body;
	struct reply refused;

	(void)store;
	if (!verify_admit(call, &request, &refused))
		return refused;
	const enum err e = verification_link_view(call->world, call->arena, &request.visit, &view);
	if (e != OK)
		return respond_failure(call->arena, e, ANSWER_UNAVAILABLE);
	if (!view.is_known)
		return respond(call->arena, ANSWER_ROUTE_NOT_FOUND);
	poll_stale_session(call, &view);
	json_body_begin(&body, call);
	json_field_text(&body.w, "version", str_of(view.version));
	return respond_json_body(call, notice_of(&view) == VERIFY_NOTICES ? 200 : 410, &body);
}

/* A browser that asks for the address of a form, for example after a lost connection, gets the page. */
static struct reply handle_action_read(struct call *call, struct store *store)
{
	struct verify_request request;
	struct reply refused;

	(void)store;
	if (!verify_admit(call, &request, &refused))
		return refused;
	return verify_redirect(&request, &(struct verify_target){ .step = NULL });
}

const struct route verify_page_route = {
	.entry = { METHOD_GET, "/verify/:token" }, HANDLE_WAITING(handle_page), .failure = ANSWER_UNAVAILABLE
};
const struct route verify_state_route = { .entry = { METHOD_GET, "/verify/:token/state" },
	HANDLE_WAITING(handle_state),
	.failure = ANSWER_UNAVAILABLE,
	.is_probe = true };
const struct route verify_action_read_route = { .entry = { METHOD_GET, "/verify/:token/:action" },
	HANDLE_WAITING(handle_action_read),
	.failure = ANSWER_UNAVAILABLE };
