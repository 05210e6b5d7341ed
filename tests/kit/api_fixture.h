/* A desk before a kit's world: calls as the server hands them in, without a socket. */
#pragma once

#include "api/core/dispatch.h"
#include "crypto/api_key.h"
#include "kit/world.h"

struct kit_desk {
	struct kit kit; /* first: kit_setup's state is one, too */
	struct guard *guard;
	struct api_context api;
};

/* For cmocka: `*state` is a struct kit_desk. Rates are out of the way: 1,000,000. */
int desk_setup(void **state);
int desk_teardown(void **state);

#define PROBE_HEADERS 4

struct probe {
	enum method method;
	const char *path; /* with its query */
	const char *key;  /* NULL: none */
	const char *body; /* NULL: none */
	const char *type; /* NULL: application/json when there is a body; "": none */
	struct header more[PROBE_HEADERS];
};

struct kit_key {
	char text[API_KEY_LENGTH + 1];
	struct key_id id;
};

/* A key of that tenant, for ever and with the settings' rates. */
struct kit_key desk_key(struct kit_desk *d, const char *tenant);
/* Is the answer one that the route's card, or the order of checks before it, names? Also where there is no
 * such route. */
bool desk_names(struct kit_desk *d, const struct request *request, const struct reply *reply);
/* The answer, in the kit's memory; the call itself has no more than a call has. An answer that the route's
 * row does not name is a bug, of the row or of the endpoint, and fails the test. */
struct reply desk_ask(struct kit_desk *d, const struct probe *probe);
/* POST with a JSON body, GET. */
struct reply desk_post(struct kit_desk *d, const char *key, const char *path, const char *body);
struct reply desk_get(struct kit_desk *d, const char *key, const char *path);
/* An address proven to this key's tenant, by the routes themselves. */
void desk_prove(struct kit_desk *d, const char *key, const char *email);

/* Empty with p == NULL when it is not there. */
struct str reply_value(const struct reply *reply, const char *name);
/* Status and body, byte for byte. */
#define expect_reply(reply, status, body) expect_reply_at((reply), (status), (body), __FILE__, __LINE__)
void expect_reply_at(struct reply reply, int status, const char *body, const char *file, int line);
/* The same for the envelope without data and details. */
#define expect_answer(reply, status, word, message)                                                          \
	expect_answer_at((reply), (status), (word), (message), __FILE__, __LINE__)
void expect_answer_at(
	struct reply reply, int status, const char *word, const char *message, const char *file, int line);
