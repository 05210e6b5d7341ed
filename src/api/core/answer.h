/* Responses of the API. Almost all of them have the common envelope (statusCode, success, status, message).
 * answers.def lists every combination of these members, and an endpoint responds with one of them by name.
 * All functions allocate in `a` and are safe from any thread. If `a` is full, they respond with 503. */
#pragma once

#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/moment.h"
#include "base/str.h"
#include "domain/scope.h"
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

/* ANSWER_UNAVAILABLE always has Retry-After. */
struct reply respond(struct arena *a, enum answer answer);
/* Responds with `message` instead of the message in answers.def. */
struct reply respond_message(struct arena *a, enum answer answer, struct str message);
/* Responds with the additional member `data`, whose value is the given JSON. */
struct reply respond_data(struct arena *a, enum answer answer, struct str data);
/* Responds with the additional member `details`, whose value is the given JSON. */
struct reply respond_details(struct arena *a, enum answer answer, struct str details);
/* Responds with the member `details`: `cause`, a word for programs, and `explanation`, a sentence for the
 * developer who made the request. If message.p is NULL, the message is that of answers.def. */
struct reply respond_cause(
	struct arena *a, enum answer answer, struct str message, struct str cause, struct str explanation);
/* Responds with the header Retry-After, which is `wait` rounded up to seconds. */
struct reply respond_retry_after(struct arena *a, enum answer answer, duration wait);
/* Adds the header Retry-After, which is `wait` rounded up to seconds, to a reply that does not have it. */
void respond_add_retry_after(struct arena *a, struct reply *reply, duration wait);
/* The cause of a 500 for ERR_INTEGRITY. */
#define INTEGRITY_CAUSE "integrity"
/* Responds to an error of kycd itself: with 503 if a retry may help, otherwise with `route_failure`, the
 * route's own 500. The status is never below 500, so the dispatcher rolls the transaction back
 * (api/core/dispatch.c). */
struct reply respond_failure(struct arena *a, enum err e, enum answer route_failure);

/* Responds with a message that names the scope that the API key does not have. */
struct reply respond_insufficient_scope(struct arena *a, enum scope scope);
/* The responses 401 and 429 of the API key check have the members `code` and `docs` instead of the envelope
 * (starkfi-kyc-api.md 2.2, 3). */
struct reply respond_unauthorized(struct arena *a, struct str docs_url);
struct reply respond_too_many(
	struct arena *a, struct str docs_url, int64_t per_minute, int64_t per_second, duration wait);

/* Responds without the envelope. `body` is not copied. */
struct reply respond_text(int http, const char *content_type, struct str body);
