/* What differs between the versions of Didit's API (didit-api.md 2, 3, 4), in one table. Decisions tell their
 * shape themselves (provider/didit_decision). */
#pragma once

#include <stdbool.h>

#include "base/str.h"
#include "port/provider.h"
#include "text/json.h"

struct didit_version {
	const char *name;   /* "v1" */
	const char *path;   /* of sessions: "/v1/session/" */
	bool by_key;	    /* x-api-key; else a bearer token */
	bool has_list;	    /* sessions can be searched for by vendor_data */
	bool has_language;  /* of the page, in the order */
	bool has_event_ids; /* and three signatures; else X-Signature alone */
	const char *checks; /* the field that says what is to be checked */
};

/* NULL: there is no such version. */
const struct didit_version *didit_version_named(struct str name);
/* The body of POST <path>. */
void didit_write_params(
	const struct didit_version *version, const struct session_params *params, struct json_writer *w);
/* What a session checks, as an answer of that version tells it, in our words (`struct made`). */
void didit_read_features(const struct didit_version *version, const struct json_value *answer,
	struct provider_session *created);
/* What was checked, as a decision of any version tells it. */
void didit_read_decision_features(const struct json_value *decision, struct decision *out);
