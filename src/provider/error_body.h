/* Reads the body of a 4xx response of Didit. Error bodies have no common form: the reason can be in `detail`
 * or `code`, in `message` (API version 1), or in a map from field names to messages (didit-api.md 4.1).
 * Thread-safe. */
#pragma once

#include <stdbool.h>

#include "base/str.h"
#include "port/provider_failure.h"

struct error_body {
	bool is_json;	 /* the body is a JSON object or list; if false, it is probably the page of a proxy */
	bool is_credits; /* the body states that the account has no credits */
	/* Names of the request fields that the error concerns, separated by commas. */
	char fields[PROVIDER_FAILURE_TEXT_SIZE];
};

void error_body_read(struct str body, struct error_body *out);
