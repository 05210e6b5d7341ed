#include "sandbox/server/routes.h"

#include "base/attr.h"
#include "sandbox/api/account.h"
#include "sandbox/api/arming.h"
#include "sandbox/api/blocklist.h"
#include "sandbox/api/corrections_api.h"
#include "sandbox/api/deletion.h"
#include "sandbox/api/deliveries_api.h"
#include "sandbox/api/destinations_api.h"
#include "sandbox/api/didit_v1.h"
#include "sandbox/api/didit_v3.h"
#include "sandbox/api/manual_review.h"
#include "sandbox/api/pages.h"
#include "sandbox/api/session_list.h"
#include "sandbox/api/sessions.h"
#include "sandbox/api/sharing.h"
#include "sandbox/api/workflows_api.h"
#include "sandbox/server/credentials.h"
#include "text/ip_node.h"

#define API_KEY require_api_key
#define ACCESS_TOKEN require_access_token
#define ANY_LOGIN require_any_credentials
#define DESTINATIONS "/v3/webhook/destinations/"

/* The routes of the sandbox. Didit documents no rate limit for v1's token and create requests, so they have
 * none. Create requests of v2 and v3 have their own limit, which is higher than that of other writes, and do
 * not count as writes. */
/* clang-format off */
static const struct sandbox_route sandbox_routes[] = {
	{ { METHOD_POST,   "/auth/v2/token/" },                        FAULTS_APPLY,   RATE_NONE,     NULL,         serve_token,                 NULL },
	{ { METHOD_GET,    "/auth/v2/organizations/me/" },             FAULTS_APPLY,   RATE_GET,      ACCESS_TOKEN, serve_organizations,         NULL },
	{ { METHOD_GET,    "/auth/v2/organizations/me/:org/applications/" },
	                                                               FAULTS_APPLY,   RATE_GET,      ACCESS_TOKEN, serve_applications,          NULL },
	{ { METHOD_POST,   "/v1/session/" },                           FAULTS_APPLY,   RATE_NONE,     ACCESS_TOKEN, serve_session_create,        &didit_v1 },
	{ { METHOD_GET,    "/v1/session/:id/decision/" },              FAULTS_APPLY,   RATE_DECISION, ACCESS_TOKEN, serve_decision,              &didit_v1 },
	{ { METHOD_PATCH,  "/v1/session/:id/update-status/" },         FAULTS_APPLY,   RATE_WRITE,    ACCESS_TOKEN, serve_status_update,         &didit_v1 },
	{ { METHOD_GET,    "/v1/session/:id/generate-pdf/" },          FAULTS_APPLY,   RATE_REPORT,   ACCESS_TOKEN, serve_report,                &didit_v1 },
	{ { METHOD_DELETE, "/v1/session/:id/delete/" },                FAULTS_APPLY,   RATE_WRITE,    ACCESS_TOKEN, serve_session_delete,        &didit_v1 },
	{ { METHOD_POST,   "/v2/session/" },                           FAULTS_APPLY,   RATE_CREATE,   API_KEY,      serve_session_create,        &didit_v2 },
	{ { METHOD_GET,    "/v2/session/:id/decision/" },              FAULTS_APPLY,   RATE_DECISION, API_KEY,      serve_decision,              &didit_v2 },
	{ { METHOD_PATCH,  "/v2/session/:id/update-status/" },         FAULTS_APPLY,   RATE_WRITE,    API_KEY,      serve_status_update,         &didit_v2 },
	{ { METHOD_GET,    "/v2/session/:id/generate-pdf/" },          FAULTS_APPLY,   RATE_REPORT,   API_KEY,      serve_report,                &didit_v2 },
	{ { METHOD_DELETE, "/v2/session/:id/delete/" },                FAULTS_APPLY,   RATE_WRITE,    API_KEY,      serve_session_delete,        &didit_v2 },
	{ { METHOD_POST,   "/v3/session/" },                           FAULTS_APPLY,   RATE_CREATE,   API_KEY,      serve_session_create,        &didit_v3 },
	{ { METHOD_GET,    "/v3/session/:id/decision/" },              FAULTS_APPLY,   RATE_GET,      API_KEY,      serve_decision,              &didit_v3 },
	{ { METHOD_PATCH,  "/v3/session/:id/update-status/" },         FAULTS_APPLY,   RATE_WRITE,    API_KEY,      serve_status_update,         &didit_v3 },
	{ { METHOD_PATCH,  "/v3/session/:id/features/:node/update-status/" },
	                                                               FAULTS_APPLY,   RATE_WRITE,    API_KEY,      serve_feature_status_update, &didit_v3 },
	{ { METHOD_PATCH,  "/v3/session/:id/update-data/" },           FAULTS_APPLY,   RATE_DATA,     API_KEY,      serve_document_correction,   &didit_v3 },
	{ { METHOD_PATCH,  "/v3/session/:id/update-poa-data/" },       FAULTS_APPLY,   RATE_DATA,     API_KEY,      serve_address_correction,    &didit_v3 },
	{ { METHOD_GET,    "/v3/session/:id/generate-pdf/" },          FAULTS_APPLY,   RATE_REPORT,   API_KEY,      serve_report,                &didit_v3 },
	{ { METHOD_DELETE, "/v3/session/:id/delete/" },                FAULTS_APPLY,   RATE_WRITE,    API_KEY,      serve_session_delete,        &didit_v3 },
	{ { METHOD_GET,    "/v3/sessions/" },                          FAULTS_APPLY,   RATE_GET,      API_KEY,      serve_session_list,          &didit_v3 },
	{ { METHOD_POST,   "/v3/sessions/delete/" },                   FAULTS_APPLY,   RATE_WRITE,    API_KEY,      serve_session_delete_many,   &didit_v3 },
	{ { METHOD_DELETE, "/v3/sessions/delete/" },                   FAULTS_APPLY,   RATE_WRITE,    API_KEY,      serve_session_delete_many,   &didit_v3 },
	{ { METHOD_GET,    "/v3/sessions/delete/:job/" },              FAULTS_APPLY,   RATE_GET,      API_KEY,      serve_deletion_job,          &didit_v3 },
	{ { METHOD_POST,   DESTINATIONS },                             FAULTS_APPLY,   RATE_WRITE,    API_KEY,      serve_destination_create,    &didit_v3 },
	{ { METHOD_GET,    DESTINATIONS },                             FAULTS_APPLY,   RATE_GET,      API_KEY,      serve_destination_list,      &didit_v3 },
	{ { METHOD_GET,    DESTINATIONS ":id/" },                      FAULTS_APPLY,   RATE_GET,      API_KEY,      serve_destination,           &didit_v3 },
	{ { METHOD_PATCH,  DESTINATIONS ":id/" },                      FAULTS_APPLY,   RATE_WRITE,    API_KEY,      serve_destination_change,    &didit_v3 },
	{ { METHOD_DELETE, DESTINATIONS ":id/" },                      FAULTS_APPLY,   RATE_WRITE,    API_KEY,      serve_destination_delete,    &didit_v3 },
	{ { METHOD_GET,    DESTINATIONS ":id/deliveries/" },           FAULTS_APPLY,   RATE_GET,      API_KEY,      serve_delivery_list,         &didit_v3 },
	{ { METHOD_GET,    DESTINATIONS ":id/deliveries/:delivery/" }, FAULTS_APPLY,   RATE_GET,      API_KEY,      serve_delivery,              &didit_v3 },
	{ { METHOD_POST,   DESTINATIONS ":id/deliveries/:delivery/resend/" },
	                                                               FAULTS_APPLY,   RATE_WRITE,    API_KEY,      serve_delivery_resend,       &didit_v3 },
	{ { METHOD_GET,    "/v3/sessions/:id/reviews/" },              FAULTS_APPLY,   RATE_GET,      API_KEY,      serve_review_list,           &didit_v3 },
	{ { METHOD_POST,   "/v3/sessions/:id/reviews/" },              FAULTS_APPLY,   RATE_WRITE,    API_KEY,      serve_review_add,            &didit_v3 },
	{ { METHOD_POST,   "/v3/session/:id/share/" },                 FAULTS_APPLY,   RATE_WRITE,    API_KEY,      serve_share,                 &didit_v3 },
	{ { METHOD_POST,   "/v3/session/import-shared/" },             FAULTS_APPLY,   RATE_WRITE,    API_KEY,      serve_import,                &didit_v3 },
	{ { METHOD_POST,   "/v3/blocklist/add/" },                     FAULTS_APPLY,   RATE_WRITE,    API_KEY,      serve_blocklist_add,         &didit_v3 },
	{ { METHOD_POST,   "/v3/blocklist/remove/" },                  FAULTS_APPLY,   RATE_WRITE,    API_KEY,      serve_blocklist_remove,      &didit_v3 },
	{ { METHOD_GET,    "/v3/blocklist/" },                         FAULTS_APPLY,   RATE_GET,      API_KEY,      serve_blocklist_items,       &didit_v3 },
	{ { METHOD_POST,   "/v3/session/:id/sandbox/arm/" },           FAULTS_APPLY,   RATE_WRITE,    API_KEY,      serve_scenario_arm,          &didit_v3 },
	{ { METHOD_GET,    "/v3/workflows/" },                         FAULTS_APPLY,   RATE_GET,      API_KEY,      serve_workflow_list,         &didit_v3 },
	{ { METHOD_POST,   "/v3/workflows/" },                         FAULTS_APPLY,   RATE_WRITE,    API_KEY,      serve_workflow_create,       &didit_v3 },
	{ { METHOD_GET,    "/v3/workflows/:id/" },                     FAULTS_APPLY,   RATE_GET,      API_KEY,      serve_workflow,              &didit_v3 },
	{ { METHOD_PATCH,  "/v3/workflows/:id/" },                     FAULTS_APPLY,   RATE_WRITE,    API_KEY,      serve_workflow_change,       &didit_v3 },
	{ { METHOD_DELETE, "/v3/workflows/:id/" },                     FAULTS_APPLY,   RATE_WRITE,    API_KEY,      serve_workflow_delete,       &didit_v3 },
	{ { METHOD_GET,    "/v3/billing/balance/" },                   FAULTS_APPLY,   RATE_GET,      API_KEY,      serve_balance,               &didit_v3 },
	{ { METHOD_GET,    "/system/healthcheck" },                    FAULTS_APPLY,   RATE_NONE,     NULL,         serve_health,                NULL },
	{ { METHOD_GET,    "/v1/sandbox/scenarios/" },                 FAULTS_APPLY,   RATE_GET,      ANY_LOGIN,    serve_scenario_list,         NULL },
	{ { METHOD_GET,    "/assets/:file" },                          FAULTS_IGNORED, RATE_NONE,     NULL,         serve_asset,                 NULL },
	{ { METHOD_GET,    "/session/:token" },                        FAULTS_IGNORED, RATE_NONE,     NULL,         serve_page,                  NULL },
	{ { METHOD_GET,    "/:lang/session/:token" },                  FAULTS_IGNORED, RATE_NONE,     NULL,         serve_page_in_language,      NULL },
	{ { METHOD_POST,   "/session/:token/submit" },                 FAULTS_IGNORED, RATE_NONE,     NULL,         serve_submit,                NULL },
	{ { METHOD_POST,   "/:lang/session/:token/submit" },           FAULTS_IGNORED, RATE_NONE,     NULL,         serve_submit_in_language,    NULL },
};
/* clang-format on */

static const struct router_entry *route_entry_at(const void *routes, size_t i)
{
	return &((const struct sandbox_route *)routes)[i].entry;
}

const struct router sandbox_router = {
	.entry_at = route_entry_at,
	.routes = sandbox_routes,
	.n = array_len(sandbox_routes),
};

const struct sandbox_route *sandbox_route_at(size_t index)
{
	return &sandbox_routes[index];
}

/* Returns the client to which the rate limits apply: the API key as sent, else the first element of
 * X-Forwarded-For if it is an IP address, else the peer address. */
static struct str rate_client(const struct request_ctx *ctx)
{
	const struct str key = request_header(ctx->request, STR("x-api-key"));
	struct str hops = request_header(ctx->request, STR("X-Forwarded-For")), first;
	char address[IP_TEXT_SIZE];
	struct ip ip;

	if (key.n)
		return key;
	(void)str_cut(&hops, ',', &first);
	if (!ip_node_read(first, &ip))
		return ctx->request->peer;
	ip_write(&ip, address);
	return arena_copy(ctx->arena, str_of(address));
}

static void add_number_header(struct request_ctx *ctx, struct str name, int64_t n)
{
	const struct str text = arena_printf(ctx->arena, "%lld", (long long)n);

	if (text.p)
		reply_header(ctx->reply, name, text);
}

/* Returns the second scope in which a call of `scope` is also counted, or RATE_NONE if there is none. */
static enum rate_scope wider_scope(enum rate_scope scope)
{
	if (scope == RATE_DATA)
		return RATE_WRITE;
	return scope == RATE_DECISION || scope == RATE_REPORT ? RATE_GET : RATE_NONE;
}

bool route_check_rate(const struct sandbox_route *route, struct request_ctx *ctx)
{
	const enum rate_scope scopes[] = { route->scope, wider_scope(route->scope) };
	struct rate_verdict verdict;

	if (route->scope == RATE_NONE ||
		rates_take(ctx->sandbox->rates, scopes, scopes[1] != RATE_NONE ? 2 : 1, rate_client(ctx),
			ctx->now, &verdict))
		return true;
	respond_throttled(ctx, moment_diff(ctx->now, verdict.retry_at));
	add_number_header(ctx, STR("X-RateLimit-Limit"), rate_limit(verdict.scope));
	add_number_header(ctx, STR("X-RateLimit-Remaining"), 0);
	add_number_header(ctx, STR("X-RateLimit-Reset"), (verdict.retry_at.ms + 999) / 1000);
	return false;
}
