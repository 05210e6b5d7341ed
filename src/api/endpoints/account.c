#include "api/endpoints/routes.h"

#include "app/core/quota.h"
#include "base/attr.h"
#include "domain/tenant.h"

static struct reply handle_products(struct call *call)
{
	return respond_data(call->arena, ANSWER_PRODUCTS_RETRIEVED,
		STR("{\"products\":{\"kyc\":true,\"crypto\":false,\"pix\":false,\"credit_card\":false}}"));
}

/* clang-format off */
static const struct schema_member product_members[] = {
	{ "kyc",         MEMBER_BOOL, "true",  NULL, false, NULL, NULL },
	{ "crypto",      MEMBER_BOOL, "false", NULL, false, NULL, NULL },
	{ "pix",         MEMBER_BOOL, "false", NULL, false, NULL, NULL },
	{ "credit_card", MEMBER_BOOL, "false", NULL, false, NULL, NULL },
};
static const struct json_schema product_schema = SCHEMA(product_members);
static const struct schema_member products_members[] = {
	{ "products", MEMBER_OBJECT, NULL, NULL, false, NULL, &product_schema },
};
static const struct json_schema products_schema = SCHEMA(products_members);
/* clang-format on */

const struct route products_route = {
	.entry = { METHOD_GET, "/config/products" },
	.guard = GUARD_TENANT,
	.scope = SCOPE_KYC_READ,
	HANDLE_INLINE(handle_products),
	.failure = ANSWER_UNAVAILABLE,
	.doc =
		&(const struct operation_doc){
			.operation = "listProducts",
			.group = "Account",
			.summary = "List the products that your API key may use",
			.description = "All endpoints of this API need the product `kyc`.",
			RESPONSES({ .answer = ANSWER_PRODUCTS_RETRIEVED, .data = &products_schema }),
		},
};

/* Writes a number, or null if `exists` is false. */
static void put_count(struct json_writer *w, const char *key, bool exists, int64_t value)
{
	if (exists)
		json_field_int(w, key, value);
	else
		json_field_null(w, key);
}

static struct reply handle_quota(struct call *call, struct tx *tx)
{
	struct quota_state quota;
	char resets_at[MOMENT_RFC3339_SIZE];
	struct json_body body;

	const enum err e = app_quota_state(call->world, tx, &call->caller.tenant.id, &quota);
	if (e != OK)
		return respond_failure(call->arena, e, call->route->failure);
	const bool limited = quota.limit != NO_QUOTA;
	moment_rfc3339(quota.resets_at, resets_at);
	json_body_begin(&body, call);
	put_count(&body.w, "limit", limited, quota.limit);
	json_field_int(&body.w, "used", quota.used);
	/* A limit that was lowered may be below the number of sessions that were already created. */
	put_count(&body.w, "remaining", limited, quota.limit > quota.used ? quota.limit - quota.used : 0);
	json_field_text(&body.w, "resets_at", str_of(resets_at));
	return respond_json_data(call, ANSWER_QUOTA_RETRIEVED, &body);
}

/* clang-format off */
static const struct schema_member quota_members[] = {
	{ "limit",     MEMBER_INT,  "1000", "Sessions that may be created in a month; null without a limit.", true, NULL, NULL },
	{ "used",      MEMBER_INT,  "217",  "Sessions created in this month.", false, NULL, NULL },
	{ "remaining", MEMBER_INT,  "783",  "Sessions that may still be created in this month; null without a limit.", true, NULL, NULL },
	{ "resets_at", MEMBER_TEXT, "2026-02-01T00:00:00.000Z", "When the next month starts (UTC).", false, NULL, NULL },
};
static const struct json_schema quota_schema = SCHEMA(quota_members);
/* clang-format on */

const struct route quota_route = {
	.entry = { METHOD_GET, "/v1/quota" },
	.guard = GUARD_TENANT,
	.scope = SCOPE_KYC_READ,
	HANDLE_READ(handle_quota),
	.failure = ANSWER_UNAVAILABLE,
	.doc =
		&(const struct operation_doc){
			.operation = "getQuota",
			.group = "Account",
			.summary = "Get the monthly quota of your tenant",
			.description =
				"A session counts in the month in which it is created. When `remaining` is 0, "
				"`create` answers 429 `verify_quota_exceeded` until `resets_at`.",
			RESPONSES({ .answer = ANSWER_QUOTA_RETRIEVED, .data = &quota_schema }),
		},
};
