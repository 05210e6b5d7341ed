#include "api/routes.h"

#include "api/bodies.h"
#include "api/email.h"
#include "api/health.h"
#include "api/hooks.h"
#include "api/kyc.h"
#include "api/pages.h"

/* Each takes a function of its own type, so that a handler on the wrong line does not compile. */
#define ROUTE_INLINE(method, pattern, guard, fn)                                                             \
	{                                                                                                    \
		{ METHOD_##method, pattern }, guard, ENDPOINT_INLINE, { .run_inline = (fn) }, NULL, NULL,    \
			ANSWER_UNAVAILABLE                                                                   \
	}
#define ROUTE_READ(method, pattern, guard, form, fn, failure)                                                \
	{                                                                                                    \
		{ METHOD_##method, pattern }, guard, ENDPOINT_READ, { .run_tx = (fn) }, form, NULL,          \
			ANSWER_##failure                                                                     \
	}
#define ROUTE_WRITE(method, pattern, guard, form, fn, failure)                                               \
	{                                                                                                    \
		{ METHOD_##method, pattern }, guard, ENDPOINT_WRITE, { .run_tx = (fn) }, form, NULL,         \
			ANSWER_##failure                                                                     \
	}
#define ROUTE_WAITING(method, pattern, guard, form, path, fn, failure)                                       \
	{                                                                                                    \
		{ METHOD_##method, pattern }, guard, ENDPOINT_WAITING, { .run_waiting = (fn) }, form, path,  \
			ANSWER_##failure                                                                     \
	}

/* clang-format off */
/*~ 4. The map. `verify-otp` is a writing row, so its endpoint gets a transaction and may not wait; a waiting row
 * gets the store and no transaction. A function on the wrong kind of row does not compile. */
const struct route public_routes[] = {
	ROUTE_WRITE  (POST, "/kyc/prepare",               GUARD_TENANT, &email_form,        prepare_kyc,      FAILED_PREPARE),
	ROUTE_WRITE  (POST, "/security/email/send-otp",   GUARD_TENANT, &email_form,        send_email_otp,   FAILED_SECURITY),
	ROUTE_WRITE  (POST, "/security/email/verify-otp", GUARD_TENANT, &code_form,         verify_email_otp, FAILED_SECURITY),
	ROUTE_WAITING(POST, "/kyc/create/:kyc_type",      GUARD_TENANT, &address_form,      kyc_type_is_known, create_kyc_session, FAILED_CREATE),
	ROUTE_READ   (GET,  "/kyc/status",                GUARD_TENANT, &status_query_form, kyc_status,       FAILED_STATUS),
	ROUTE_READ   (POST, "/kyc/status",                GUARD_TENANT, &status_form,       kyc_status,       FAILED_STATUS),
	ROUTE_INLINE (GET,  "/config/products",           GUARD_TENANT, list_products),
	ROUTE_WAITING(POST, "/webhooks/didit",            GUARD_NONE,   NULL, NULL, take_didit_event,     UNAVAILABLE),
	ROUTE_WAITING(GET,  "/return",                    GUARD_NONE,   NULL, NULL, return_from_provider, UNAVAILABLE),
	ROUTE_INLINE (GET,  "/health/live",               GUARD_NONE,   health_live),
	ROUTE_WAITING(GET,  "/health/ready",              GUARD_NONE,   NULL, NULL, health_ready, UNAVAILABLE),
};
const size_t n_public_routes = array_len(public_routes);

const struct route admin_routes[] = {
	ROUTE_INLINE (GET,  "/metrics",      GUARD_NONE, show_metrics),
	ROUTE_INLINE (GET,  "/version",      GUARD_NONE, show_version),
	ROUTE_INLINE (GET,  "/health/live",  GUARD_NONE, health_live),
	ROUTE_WAITING(GET,  "/health/ready", GUARD_NONE, NULL, NULL, health_ready, UNAVAILABLE),
};
const size_t n_admin_routes = array_len(admin_routes);
/* clang-format on */
