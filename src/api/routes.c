#include "api/routes.h"

#include "api/bodies.h"
#include "api/docs_page.h"
#include "api/email_otp.h"
#include "api/health.h"
#include "api/kyc.h"
#include "api/openapi.h"
#include "api/operation_doc.h"
#include "api/pages.h"
#include "api/provider_webhook.h"
#include "api/wallet.h"

/* The last rows of the public listener. */
#define DEV_ROUTES 1

/* Each takes a function of its own type, so that a handler on the wrong line does not compile. */
#define ROUTE_INLINE(method, pattern, guard, fn, card)                                                       \
	{                                                                                                    \
		{ METHOD_##method, pattern }, guard, ENDPOINT_INLINE, { .run_inline = (fn) }, NULL, NULL,    \
			ANSWER_UNAVAILABLE, card                                                             \
	}
#define ROUTE_READ(method, pattern, guard, form, fn, failure, card)                                          \
	{                                                                                                    \
		{ METHOD_##method, pattern }, guard, ENDPOINT_READ, { .run_tx = (fn) }, form, NULL,          \
			ANSWER_##failure, card                                                               \
	}
#define ROUTE_WRITE(method, pattern, guard, form, fn, failure, card)                                         \
	{                                                                                                    \
		{ METHOD_##method, pattern }, guard, ENDPOINT_WRITE, { .run_tx = (fn) }, form, NULL,         \
			ANSWER_##failure, card                                                               \
	}
#define ROUTE_WAITING(method, pattern, guard, form, path, fn, failure, card)                                 \
	{                                                                                                    \
		{ METHOD_##method, pattern }, guard, ENDPOINT_WAITING, { .run_waiting = (fn) }, form, path,  \
			ANSWER_##failure, card                                                               \
	}

/* clang-format off */
/*~ 4. The map. `verify-otp` is a writing row, so its endpoint gets a transaction and may not wait; a waiting row
 * gets the store and no transaction. A function on the wrong kind of row does not compile. */
const struct route public_routes[] = {
	ROUTE_WAITING(POST, "/kyc/prepare",               GUARD_TENANT, &email_form,        NULL, handle_prepare,      FAILED_PREPARE,  &prepare_card),
	ROUTE_WAITING(POST, "/security/email/send-otp",   GUARD_TENANT, &send_form,         NULL, handle_send_otp,   FAILED_SECURITY, &send_card),
	ROUTE_WRITE  (POST, "/security/email/verify-otp", GUARD_TENANT, &code_form,         handle_verify_otp, FAILED_SECURITY, &verify_card),
	ROUTE_WAITING(POST, "/security/wallet/challenge", GUARD_TENANT, &challenge_form,    NULL, handle_challenge, FAILED_SECURITY, &challenge_card),
	ROUTE_WAITING(POST, "/kyc/prepare-wallet",        GUARD_TENANT, &wallet_form,       NULL, handle_prepare_wallet, FAILED_PREPARE, &prepare_wallet_card),
	ROUTE_WAITING(POST, "/kyc/create/:kyc_type",      GUARD_TENANT, &address_form,      kyc_type_is_known, handle_create, FAILED_CREATE, &create_card),
	ROUTE_READ   (GET,  "/kyc/status",                GUARD_TENANT, &status_query_form, handle_status,       FAILED_STATUS,   &status_query_card),
	ROUTE_READ   (POST, "/kyc/status",                GUARD_TENANT, &status_form,       handle_status,       FAILED_STATUS,   &status_card),
	ROUTE_INLINE (GET,  "/config/products",           GUARD_TENANT, handle_products,                                         &products_card),
	ROUTE_WAITING(POST, "/webhooks/didit",            GUARD_NONE,   NULL, NULL, handle_didit_webhook,     UNAVAILABLE,         &event_card),
	ROUTE_WAITING(GET,  "/return",                    GUARD_NONE,   NULL, NULL, handle_return, UNAVAILABLE,         &return_card),
	ROUTE_INLINE (GET,  "/health/live",               GUARD_NONE,   handle_health_live,                                           &live_card),
	ROUTE_WAITING(GET,  "/health/ready",              GUARD_NONE,   NULL, NULL, handle_health_ready, UNAVAILABLE,                 &ready_card),
	ROUTE_INLINE (GET,  "/openapi.json",              GUARD_NONE,   handle_openapi,                                          &openapi_card),
	/* In --dev alone. */
	ROUTE_INLINE (GET,  "/docs",                      GUARD_NONE,   handle_docs,                                             NULL),
};
const size_t n_public_routes = array_len(public_routes) - DEV_ROUTES;
const size_t n_public_routes_in_dev = array_len(public_routes);

const struct route admin_routes[] = {
	ROUTE_WAITING(GET,  "/metrics",      GUARD_NONE, NULL, NULL, handle_metrics, UNAVAILABLE, NULL),
	ROUTE_INLINE (GET,  "/version",      GUARD_NONE, handle_version, NULL),
	ROUTE_INLINE (GET,  "/health/live",  GUARD_NONE, handle_health_live,  NULL),
	ROUTE_WAITING(GET,  "/health/ready", GUARD_NONE, NULL, NULL, handle_health_ready, UNAVAILABLE, NULL),
};
const size_t n_admin_routes = array_len(admin_routes);
/* clang-format on */
