/* The differences between the versions of Didit's API (didit-api.md 2, 3, 4), in one table. Decisions are
 * read without this table: provider/didit_decision recognises their version by their keys. */
#pragma once

#include <stdbool.h>

#include "base/str.h"
#include "port/provider.h"
#include "text/json.h"

struct didit_version {
	const char *name;  /* "v1" */
	const char *path;  /* of the sessions: "/v1/session/" */
	bool by_key;	   /* true: authentication with x-api-key; false: with a bearer token */
	bool has_list;	   /* a request can list the sessions with a given vendor_data */
	bool has_language; /* a create request may set the language of the person's pages */
	/* True: events have event_id and three signature headers; false: one header and no id. */
	bool has_event_ids;
	const char *checks; /* key that selects the checks, in a create request */
};

/* Returns NULL if there is no version with this name. */
const struct didit_version *didit_version_named(struct str name);
/* Writes the body of a request that creates a session. */
void didit_write_params(
	const struct didit_version *version, const struct session_params *params, struct json_writer *w);
/* Reads created->features from the response to a create request or from a decision. */
void didit_read_features(const struct didit_version *version, const struct json_value *answer,
	struct provider_session *created);
/* Reads out->features from a decision of any API version. */
void didit_read_decision_features(const struct json_value *decision, struct decision *out);
