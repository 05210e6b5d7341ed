/* Describes why a call to the provider failed. The cause is what the API reports to tenants. The reason, the
 * HTTP status and the other members are for the operator's log. Pure. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

/* Why a call to the provider failed. The names of the causes are the values of `details.cause` in the API
 * (interface.md 3). */
enum provider_cause {
	PROVIDER_OK,
	PROVIDER_UNREACHABLE, /* no connection, a time-out, or a 5xx response; the provider is down */
	/* The response is truncated, too large or not JSON; provider_cause_name returns
	 * "provider_unreachable". */
	PROVIDER_INVALID_RESPONSE,
	/* The response has no id, no URL, or a URL of another host; provider_cause_name returns
	 * "provider_refused". */
	PROVIDER_UNUSABLE,
	PROVIDER_REFUSED,	  /* 3xx or 4xx */
	PROVIDER_CREDITS,	  /* the account with the provider has no credits left */
	PROVIDER_LIMIT,		  /* 429 */
	PROVIDER_UNKNOWN_SESSION, /* 404 to a poll */
	PROVIDER_UNKNOWN_STATUS,  /* the session has a status that kycd does not know */
	PROVIDER_PAUSED,	  /* kycd made no call; see `pause` in port/provider.h */
	PROVIDER_CAUSES
};
const char *provider_cause_name(enum provider_cause c); /* e.g. "provider_unreachable" */
/* Returns whether the provider may have created a session although `create` failed with this cause. */
bool provider_may_have_created(enum provider_cause c);

enum provider_reason {
	PROVIDER_REASON_NONE,
	/* no complete HTTP response */
	PROVIDER_REASON_HOST_NOT_FOUND,
	PROVIDER_REASON_NOT_CONNECTED,
	PROVIDER_REASON_TLS,
	PROVIDER_REASON_TIMEOUT,
	PROVIDER_REASON_CLOSED, /* the connection was closed before the end of the response */
	PROVIDER_REASON_NOT_HTTP,
	PROVIDER_REASON_TOO_LARGE,
	PROVIDER_REASON_URL_REFUSED, /* kycd is not allowed to call this URL */
	/* by the HTTP status */
	PROVIDER_REASON_SERVER_ERROR,
	PROVIDER_REASON_REDIRECT,
	PROVIDER_REASON_CREDENTIALS,
	PROVIDER_REASON_PERMISSION,
	PROVIDER_REASON_BLOCKED, /* a firewall or proxy has sent the 4xx, not the provider's API */
	PROVIDER_REASON_FIELDS,	 /* the provider refuses the request's fields that `text` names */
	PROVIDER_REASON_NOT_FOUND,
	PROVIDER_REASON_BAD_REQUEST,
	PROVIDER_REASON_CREDITS,
	PROVIDER_REASON_RATE_LIMIT,
	/* The following reasons are found in the content of a 2xx response. */
	PROVIDER_REASON_HTML,
	PROVIDER_REASON_NOT_JSON,
	PROVIDER_REASON_NO_SESSION_ID,
	PROVIDER_REASON_SESSION_URL, /* the session has no URL, or a URL of another host */
	PROVIDER_REASON_OTHER_SESSION,
	PROVIDER_REASON_OTHER_PERSON,
	PROVIDER_REASON_UNKNOWN_STATUS, /* `text` is the status */
	/* The response has no list `results`, or the list has too many pages. */
	PROVIDER_REASON_UNKNOWN_LIST,
	PROVIDER_REASON_TOKEN, /* the response contains no usable access token */
	PROVIDER_REASONS
};
const char *provider_reason_name(enum provider_reason r); /* e.g. "too_large"; "" for NONE */
/* Returns a sentence for the log about what an operator can do. */
const char *provider_reason_action(enum provider_reason r);

#define PROVIDER_FAILURE_TEXT_SIZE 129

struct provider_failure {
	enum provider_cause cause;
	enum provider_reason reason;
	/* The request that failed: "create", "read", "find", "decide" or "token"; NULL if there was no
	 * request. */
	const char *call;
	int status; /* HTTP status; 0: not received */
	/* For PROVIDER_REASON_TOO_LARGE: the size of the response in bytes, as far as known. */
	int64_t size;
	/* For PROVIDER_REASON_FIELDS: the names of the fields, separated by commas. For
	 * PROVIDER_REASON_UNKNOWN_STATUS: the status. Must be written with provider_word_copy. */
	char text[PROVIDER_FAILURE_TEXT_SIZE];
};

/* Sets the cause and the reason, keeps `call`, and clears the other members. */
void provider_failure_set(
	struct provider_failure *failure, enum provider_cause cause, enum provider_reason reason);

/* Copies an unknown word from the provider, for the log. Characters other than ASCII letters, digits, spaces,
 * `_`, `-` and `.` become `_`. The word is truncated if it does not fit into `size` bytes with its final NUL.
 * Returns its length. */
size_t provider_word_copy(struct str word, char *out, size_t size);
/* Size of a buffer for a single word, such as a status, with its final NUL. */
#define PROVIDER_WORD_SIZE ((size_t)49)
