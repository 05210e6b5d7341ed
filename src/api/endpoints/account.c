#include "api/endpoints/routes.h"

#include <string.h>

#include "app/core/quota.h"
#include "base/attr.h"
#include "domain/tenant.h"
#include "port/store.h"

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

static void put_key_id(struct json_writer *w, const struct key_id *id)
{
	if (id->text[0])
		json_field_text(w, "key_id", str_of(id->text));
	else
		json_field_null(w, "key_id");
}

static void put_scopes(struct json_writer *w, scope_set scopes)
{
	json_key(w, "scopes");
	json_begin_array(w);
	for (int i = SCOPE_ANY + 1; i < SCOPE_COUNT; i++)
		if (scope_set_has(scopes, (enum scope)i))
			json_put_text(w, str_of(scope_name((enum scope)i)));
	json_end_array(w);
}

static void put_expiry(struct json_writer *w, moment expires_at)
{
	char text[MOMENT_RFC3339_SIZE];

	moment_rfc3339(expires_at, text);
	if (moment_is_unset(expires_at))
		json_field_null(w, "expires_at");
	else
		json_field_text(w, "expires_at", str_of(text));
}

static struct reply handle_me(struct call *call, struct tx *tx)
{
	const struct rules *const rules = call->world->rules;
	struct api_key key = { 0 };
	struct json_body body;

	/* A call without a key has no id. */
	memcpy(key.id.text, call->caller.actor.id, sizeof(key.id.text));
	const enum err e = key.id.text[0] ? store_load_api_key(tx, &key) : OK;
	if (e != OK)
		return respond_failure(call->arena, e, call->route->failure);
	json_body_begin(&body, call);
	json_field_text(&body.w, "tenant", str_of(call->caller.tenant.name));
	put_key_id(&body.w, &key.id);
	put_scopes(&body.w, call->caller.scopes);
	json_field_int(&body.w, "rate_per_minute",
		key.rate_per_minute ? key.rate_per_minute : rules->rate_per_minute);
	json_field_int(&body.w, "rate_per_second",
		key.rate_per_second ? key.rate_per_second : rules->rate_per_second);
	put_expiry(&body.w, key.expires_at);
	return respond_json_data(call, ANSWER_KEY_RETRIEVED, &body);
}

static const char *scope_at(size_t i)
{
	return i + 1 < SCOPE_COUNT ? scope_name((enum scope)(i + 1)) : NULL;
}

/* clang-format off */
static const struct schema_member me_members[] = {
	{ "tenant",          MEMBER_TEXT, "shop",     "Your tenant.", false, NULL, NULL },
	{ "key_id",          MEMBER_TEXT, "Qm7xK2aB", "The id of the API key, the part after `kycd_`; null for a call without a key.", true, NULL, NULL },
	{ "scopes",          MEMBER_WORDS, "kyc:read", "What the API key may do.", false, scope_at, NULL },
	{ "rate_per_minute", MEMBER_INT,  "600",      "Requests of the API key in a minute.", false, NULL, NULL },
	{ "rate_per_second", MEMBER_INT,  "10",       "Requests of the API key in a second.", false, NULL, NULL },
	{ "expires_at",      MEMBER_TEXT, "2026-12-31T00:00:00.000Z", "When the API key expires; null: never.", true, NULL, NULL },
};
static const struct json_schema me_schema = SCHEMA(me_members);
/* clang-format on */

const struct route me_route = {
	.entry = { METHOD_GET, "/v1/me" },
	.guard = GUARD_TENANT,
	HANDLE_READ(handle_me),
	.failure = ANSWER_UNAVAILABLE,
	.doc =
		&(const struct operation_doc){
			.operation = "getMe",
			.group = "Account",
			.summary = "Get what your API key may do",
			.description = "Any API key may call this, whatever its scopes.",
			RESPONSES({ .answer = ANSWER_KEY_RETRIEVED, .data = &me_schema }),
		},
};
