/* The fixture for tests of endpoints: an `api_context` on top of a struct app_fixture. Requests are passed to
 * the dispatcher directly, without a socket. */
#pragma once

#include "api/core/dispatch.h"
#include "crypto/api_key.h"
#include "kit/app_fixture.h"

struct api_fixture {
	struct app_fixture app; /* must stay the first member: `*state` is also a struct app_fixture */
	struct guard *guard;
	struct long_polls *long_polls;
	struct api_context api;
	size_t call_bytes; /* memory limit of one call; 0 means ARENA_CALL_LIMIT */
};

/* Set-up and tear-down functions for cmocka: `*state` is a struct api_fixture. Its rate limits are 1,000,000,
 * so that no test reaches them unless it sets others. */
int api_fixture_setup(void **state);
int api_fixture_teardown(void **state);

#define TEST_REQUEST_HEADERS 4

struct test_request {
	enum method method;
	const char *path; /* including the query string */
	const char *key;  /* value of X-Api-Key; NULL: no such header */
	const char *body; /* NULL: no body */
	/* Value of Content-Type. NULL: "application/json" if there is a body; "": no such header. */
	const char *content_type;
	struct header more_headers[TEST_REQUEST_HEADERS];
};

struct test_key {
	char text[API_KEY_LENGTH + 1];
	struct key_id id;
};

/* Creates an API key of the tenant that does not expire and has the configured rate limits. */
struct test_key api_create_key(struct api_fixture *fx, const char *tenant);
/* Returns true if the documentation of the route lists this reply, if the checks before every endpoint may
 * return it (api/describe/responses.h), or if no documented route matches the request. */
bool reply_is_documented(struct api_fixture *fx, const struct request *request, const struct reply *reply);
/* Sends the request. The reply is in the fixture's arena; the call itself runs in an arena of `call_bytes`.
 * Fails the test if the reply is not documented, because then the route's documentation or the endpoint
 * is wrong. */
struct reply api_send(struct api_fixture *fx, const struct test_request *sent);
/* Send a POST request with a JSON body, or a GET request. */
struct reply api_post(struct api_fixture *fx, const char *key, const char *path, const char *body);
struct reply api_get(struct api_fixture *fx, const char *key, const char *path);
/* Calls prepare, send-otp and verify-otp, so that the e-mail address is verified for the key's tenant. */
void api_verify_email(struct api_fixture *fx, const char *key, const char *email);

/* Returns the value of the header. The result's `p` is NULL if the reply does not have the header. Fails the
 * test if the reply has the header twice. */
struct str reply_find_header(const struct reply *reply, const char *name);
/* Compares status and body of the reply byte for byte. */
#define assert_reply(reply, status, body) assert_reply_at((reply), (status), (body), __FILE__, __LINE__)
void assert_reply_at(struct reply reply, int status, const char *body, const char *file, int line);
/* Compares a JSON answer that has no `data` and no `details`. `word` is its member "status". */
#define assert_answer(reply, status, word, message)                                                          \
	assert_answer_at((reply), (status), (word), (message), __FILE__, __LINE__)
void assert_answer_at(
	struct reply reply, int status, const char *word, const char *message, const char *file, int line);
/* The same for one whose `details` have this cause and an explanation. */
#define assert_cause(reply, status, word, message, cause)                                                    \
	(reply_has_cause((reply), (status), (word), (message), (cause)) ? (void)0 : _fail(__FILE__, __LINE__))
/* Returns false and prints the difference if the reply is another one. */
bool reply_has_cause(
	struct reply reply, int status, const char *word, const char *message, const char *cause);
