#include "api/endpoints/routes.h"

#include "base/attr.h"

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
static const struct json_schema product_schema = SCHEMA("product", product_members);
static const struct schema_member products_members[] = {
	{ "products", MEMBER_OBJECT, NULL, NULL, false, NULL, &product_schema },
};
static const struct json_schema products_schema = SCHEMA("products", products_members);
/* clang-format on */

const struct route products_route = {
	.entry = { METHOD_GET, "/config/products" },
	.guard = GUARD_TENANT,
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
