#include "sandbox/server/routes.h"

#include "base/attr.h"
#include "sandbox/api/blocklist.h"
#include "sandbox/api/corrections_api.h"
#include "sandbox/api/deliveries_api.h"
#include "sandbox/api/destinations_api.h"
#include "sandbox/api/didit_v1.h"
#include "sandbox/api/didit_v3.h"
#include "sandbox/api/manual_review.h"
#include "sandbox/api/pages.h"
#include "sandbox/api/session_list.h"
#include "sandbox/api/sessions.h"
#include "sandbox/api/sharing.h"
#include "sandbox/server/credentials.h"

#define KEY require_api_key
#define TOKEN require_access_token
#define HOOKS "/v3/webhook/destinations/"

/* Limits of v1's token and create are not published, and a create of v2 and v3 has a larger one than other
 * writes: it does not count among them. */
/* clang-format off */
static const struct sandbox_route calls[] = {
	{ { METHOD_POST,   "/auth/v2/token/" },                FAULTS_APPLY,   RATE_NONE,     NULL,  serve_token,       NULL },
	{ { METHOD_POST,   "/v1/session/" },                   FAULTS_APPLY,   RATE_NONE,     TOKEN, serve_session_create,      &didit_v1 },
	{ { METHOD_GET,    "/v1/session/:id/decision/" },      FAULTS_APPLY,   RATE_DECISION, TOKEN, serve_decision,    &didit_v1 },
	{ { METHOD_PATCH,  "/v1/session/:id/update-status/" }, FAULTS_APPLY,   RATE_WRITE,    TOKEN, serve_status_update,      &didit_v1 },
	{ { METHOD_GET,    "/v1/session/:id/generate-pdf/" },  FAULTS_APPLY,   RATE_REPORT,   TOKEN, serve_report,      &didit_v1 },
	{ { METHOD_DELETE, "/v1/session/:id/delete/" },        FAULTS_APPLY,   RATE_WRITE,    TOKEN, serve_session_delete,      &didit_v1 },
	{ { METHOD_POST,   "/v2/session/" },                   FAULTS_APPLY,   RATE_CREATE,   KEY,   serve_session_create,      &didit_v2 },
	{ { METHOD_GET,    "/v2/session/:id/decision/" },      FAULTS_APPLY,   RATE_DECISION, KEY,   serve_decision,    &didit_v2 },
	{ { METHOD_PATCH,  "/v2/session/:id/update-status/" }, FAULTS_APPLY,   RATE_WRITE,    KEY,   serve_status_update,      &didit_v2 },
	{ { METHOD_GET,    "/v2/session/:id/generate-pdf/" },  FAULTS_APPLY,   RATE_REPORT,   KEY,   serve_report,      &didit_v2 },
	{ { METHOD_DELETE, "/v2/session/:id/delete/" },        FAULTS_APPLY,   RATE_WRITE,    KEY,   serve_session_delete,      &didit_v2 },
	{ { METHOD_POST,   "/v3/session/" },                   FAULTS_APPLY,   RATE_CREATE,   KEY,   serve_session_create,      &didit_v3 },
	{ { METHOD_GET,    "/v3/session/:id/decision/" },      FAULTS_APPLY,   RATE_GET,      KEY,   serve_decision,    &didit_v3 },
	{ { METHOD_PATCH,  "/v3/session/:id/update-status/" }, FAULTS_APPLY,   RATE_WRITE,    KEY,   serve_status_update,      &didit_v3 },
	{ { METHOD_PATCH,  "/v3/session/:id/features/:node/update-status/" },
	                                                       FAULTS_APPLY,   RATE_WRITE,    KEY,   serve_feature_status_update, &didit_v3 },
	{ { METHOD_PATCH,  "/v3/session/:id/update-data/" },   FAULTS_APPLY,   RATE_DATA,     KEY,   serve_document_correction, &didit_v3 },
	{ { METHOD_PATCH,  "/v3/session/:id/update-poa-data/" },
	                                                       FAULTS_APPLY,   RATE_DATA,     KEY,   serve_address_correction, &didit_v3 },
	{ { METHOD_GET,    "/v3/session/:id/generate-pdf/" },  FAULTS_APPLY,   RATE_REPORT,   KEY,   serve_report,      &didit_v3 },
	{ { METHOD_DELETE, "/v3/session/:id/delete/" },        FAULTS_APPLY,   RATE_WRITE,    KEY,   serve_session_delete,      &didit_v3 },
	{ { METHOD_GET,    "/v3/sessions/" },                  FAULTS_APPLY,   RATE_GET,      KEY,   serve_session_list,        &didit_v3 },
	{ { METHOD_POST,   "/v3/sessions/delete/" },           FAULTS_APPLY,   RATE_WRITE,    KEY,   serve_session_delete_many, &didit_v3 },
	{ { METHOD_POST,   HOOKS },                            FAULTS_APPLY,   RATE_WRITE,    KEY,   serve_destination_create, &didit_v3 },
	{ { METHOD_GET,    HOOKS },                            FAULTS_APPLY,   RATE_GET,      KEY,   serve_destination_list,   &didit_v3 },
	{ { METHOD_GET,    HOOKS ":id/" },                     FAULTS_APPLY,   RATE_GET,      KEY,   serve_destination,        &didit_v3 },
	{ { METHOD_PATCH,  HOOKS ":id/" },                     FAULTS_APPLY,   RATE_WRITE,    KEY,   serve_destination_change, &didit_v3 },
	{ { METHOD_DELETE, HOOKS ":id/" },                     FAULTS_APPLY,   RATE_WRITE,    KEY,   serve_destination_delete, &didit_v3 },
	{ { METHOD_GET,    HOOKS ":id/deliveries/" },          FAULTS_APPLY,   RATE_GET,      KEY,   serve_delivery_list,      &didit_v3 },
	{ { METHOD_GET,    HOOKS ":id/deliveries/:delivery/" },
	                                                       FAULTS_APPLY,   RATE_GET,      KEY,   serve_delivery,           &didit_v3 },
	{ { METHOD_POST,   HOOKS ":id/deliveries/:delivery/resend/" },
	                                                       FAULTS_APPLY,   RATE_WRITE,    KEY,   serve_delivery_resend,    &didit_v3 },
	{ { METHOD_GET,    "/v3/sessions/:id/reviews/" },      FAULTS_APPLY,   RATE_GET,      KEY,   serve_review_list,     &didit_v3 },
	{ { METHOD_POST,   "/v3/sessions/:id/reviews/" },      FAULTS_APPLY,   RATE_WRITE,    KEY,   serve_review_add,  &didit_v3 },
	{ { METHOD_POST,   "/v3/session/:id/share/" },         FAULTS_APPLY,   RATE_WRITE,    KEY,   serve_share,       &didit_v3 },
	{ { METHOD_POST,   "/v3/session/import-shared/" },     FAULTS_APPLY,   RATE_WRITE,    KEY,   serve_import,      &didit_v3 },
	{ { METHOD_POST,   "/v3/blocklist/add/" },             FAULTS_APPLY,   RATE_WRITE,    KEY,   serve_blocklist_add,       &didit_v3 },
	{ { METHOD_POST,   "/v3/blocklist/remove/" },          FAULTS_APPLY,   RATE_WRITE,    KEY,   serve_blocklist_remove,     &didit_v3 },
	{ { METHOD_GET,    "/v3/blocklist/" },                 FAULTS_APPLY,   RATE_GET,      KEY,   serve_blocklist_items,   &didit_v3 },
	{ { METHOD_GET,    "/v1/sandbox/scenarios/" },         FAULTS_APPLY,   RATE_GET,      require_any_credentials, serve_scenario_list,  NULL },
	{ { METHOD_GET,    "/session/:token" },                FAULTS_IGNORED, RATE_NONE,     NULL,  serve_page,        NULL },
	{ { METHOD_GET,    "/:lang/session/:token" },          FAULTS_IGNORED, RATE_NONE,     NULL,  serve_page_in_language,     NULL },
	{ { METHOD_POST,   "/session/:token/submit" },         FAULTS_IGNORED, RATE_NONE,     NULL,  serve_submit,      NULL },
};
/* clang-format on */

static const struct router_entry *entry_at(const void *routes, size_t i)
{
	return &((const struct sandbox_route *)routes)[i].entry;
}

const struct router sandbox_router = {
	.entry_at = entry_at,
	.routes = calls,
	.n = array_len(calls),
};

const struct sandbox_route *sandbox_route_at(size_t index)
{
	return &calls[index];
}

/* The key as it was given, else the first hop of X-Forwarded-For, else the peer. */
static struct str client_of(const struct request_ctx *ctx)
{
	const struct str key = request_header(ctx->request, STR("x-api-key"));
	struct str hops = request_header(ctx->request, STR("X-Forwarded-For")), first;

	if (key.n)
		return key;
	(void)str_cut(&hops, ',', &first);
	return first.n ? str_trim(first) : ctx->request->peer;
}

static void put_number(struct request_ctx *ctx, struct str name, int64_t n)
{
	const struct str text = arena_printf(ctx->arena, "%lld", (long long)n);

	if (text.p)
		reply_header(ctx->reply, name, text);
}

/* The wider scope that a call counts in, too. */
static enum rate_scope scope_around(enum rate_scope scope)
{
	if (scope == RATE_DATA)
		return RATE_WRITE;
	return scope == RATE_DECISION || scope == RATE_REPORT ? RATE_GET : RATE_NONE;
}

bool route_check_rate(const struct sandbox_route *call, struct request_ctx *ctx)
{
	const enum rate_scope scopes[] = { call->scope, scope_around(call->scope) };
	struct rate_verdict verdict;

	if (call->scope == RATE_NONE ||
		rates_take(ctx->sandbox->rates, scopes, scopes[1] != RATE_NONE ? 2 : 1, client_of(ctx),
			ctx->now, &verdict))
		return true;
	respond_throttled(ctx, moment_diff(ctx->now, verdict.retry_at));
	put_number(ctx, STR("X-RateLimit-Limit"), rate_limit(verdict.scope));
	put_number(ctx, STR("X-RateLimit-Remaining"), 0);
	put_number(ctx, STR("X-RateLimit-Reset"), (verdict.retry_at.ms + 999) / 1000);
	return false;
}
