/* The envelope, and every answer we can give (answers.def). A handler picks one by name; it cannot invent
 * one. */
#pragma once

#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/moment.h"
#include "base/str.h"
#include "http/message.h"

#define JSON_TYPE "application/json; charset=utf-8"

enum answer {
#define ANSWER(name, http, status, message) ANSWER_##name,
#include "api/core/answers.def"
#undef ANSWER
	ANSWER_COUNT
};

struct answer_row {
	int http;
	const char *name, *status, *message;
};
extern const struct answer_row answer_rows[ANSWER_COUNT];

/* "unavailable" always says when to come again. */
struct reply respond(struct arena *a, enum answer answer);
/* With another sentence for people; the status word stays. */
struct reply respond_message(struct arena *a, enum answer answer, struct str message);
/* With `data`, which is JSON. */
struct reply respond_data(struct arena *a, enum answer answer, struct str data);
/* With `details`, which is JSON. */
struct reply respond_details(struct arena *a, enum answer answer, struct str details);
/* With Retry-After. */
struct reply respond_retry_after(struct arena *a, enum answer answer, duration wait);
/* What a failure is to the caller: 503 where trying again may help, else `route_failure`, the route's own
 * 500. Never below 500, so that the job is undone. */
struct reply respond_failure(struct arena *a, enum err e, enum answer route_failure);

/* Those of the gateway, which are not in the envelope (starkfi-kyc-api.md 2.2, 3). */
struct reply respond_unauthorized(struct arena *a, struct str docs_url);
struct reply respond_too_many(
	struct arena *a, struct str docs_url, int64_t per_minute, int64_t per_second, duration wait);

/* JSON or another text as it is. */
struct reply respond_text(int http, const char *content_type, struct str body);
