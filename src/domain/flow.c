#include "domain/flow.h"

/* The only flow that starkfi-kyc-api.md 7 documents. */
static const struct flow flows[] = {
	{ STR_INIT("verify_public_kyc") },
};

const struct flow *flow_find(struct str name)
{
	for (size_t i = 0; i < array_len(flows); i++) {
		if (str_eq(flows[i].name, name))
			return &flows[i];
	}
	return NULL;
}

const char *flow_name_at(size_t i)
{
	return i < array_len(flows) ? flows[i].name.p : NULL;
}
