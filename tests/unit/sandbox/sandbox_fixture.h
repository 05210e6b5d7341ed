/* Fixture for tests of the sandbox: a sandbox with a fake clock, which stands still until a test moves it,
 * and with predictable random bytes. Requests are passed to the sandbox as function calls, without a socket.
 * The reply in the fixture is valid until the next call. */
#pragma once

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/attr.h"
#include "crypto/digest.h"
#include "sandbox/server/sandbox.h"
#include "text/json.h"

#define FIXTURE_START_MS 1767225600000 /* the fake clock starts at 2026-01-01T00:00:00Z */

struct fake_clock {
	struct clock clock;
	int64_t wall, ticks;		  /* milliseconds */
	void (*on_ticks_read)(void *arg); /* called at every read of the ticks; may be NULL */
	void *arg;
};
struct fake_random {
	struct random random;
	uint64_t count; /* fills so far */
	bool fails;
};

struct sandbox_fixture {
	struct fake_clock clock;
	struct fake_random random;
	struct sandbox *sandbox;
	struct arena arena;
	struct reply reply;
	const struct json_value *json; /* the body of the reply, parsed; NULL if it is not JSON */
	char token[128];	       /* the header line "Authorization: Bearer …" */
	struct kv_store *kv;	       /* where the sandbox stores its state; NULL: in memory only */
};

static inline moment fake_clock_now(struct clock *clock)
{
	return (moment){ __atomic_load_n(
		&container_of(clock, struct fake_clock, clock)->wall, __ATOMIC_SEQ_CST) };
}
static inline int64_t fake_clock_ticks(struct clock *clock)
{
	struct fake_clock *const fake = container_of(clock, struct fake_clock, clock);

	if (fake->on_ticks_read)
		fake->on_ticks_read(fake->arg);
	return __atomic_load_n(&fake->ticks, __ATOMIC_SEQ_CST);
}
static const struct clock_ops fake_clock_ops = { .now = fake_clock_now, .ticks = fake_clock_ticks };

/* Fills the memory with the output of a xorshift generator. The output is the same in every run, and
 * consecutive fills differ in all bytes. */
static inline enum err fake_random_fill(struct random *random, void *bytes, size_t n)
{
	struct fake_random *const fake = container_of(random, struct fake_random, random);
	uint64_t x = ++fake->count * 0x9E3779B97F4A7C15U;

	if (fake->fails)
		return ERR_INTERNAL;
	for (size_t i = 0; i < n; i++) {
		x ^= x << 13;
		x ^= x >> 7;
		x ^= x << 17;
		((unsigned char *)bytes)[i] = (unsigned char)(x >> 24);
	}
	return OK;
}
static const struct random_ops fake_random_ops = { .fill = fake_random_fill };

/* Opens a new sandbox. The fixture keeps its clock and its source of random bytes. */
static inline enum err fixture_open_sandbox(struct sandbox_fixture *fx, int64_t sessions_max)
{
	const struct sandbox_conf conf = {
		.clock = &fx->clock.clock,
		.random = &fx->random.random,
		.base_url = STR("http://127.0.0.1:8080/sandbox/didit"),
		.brand = STR("Exa<m>ple & Co"),
		.sessions_max = sessions_max,
		.kv = fx->kv,
	};

	return sandbox_open(&conf, &fx->sandbox);
}

static inline void fixture_open(struct sandbox_fixture *fx, int64_t sessions_max)
{
	*fx = (struct sandbox_fixture){ .clock = { { &fake_clock_ops }, FIXTURE_START_MS, 1000, NULL, NULL },
		.random = { { &fake_random_ops }, 0, false } };
	assert(crypto_start());
	arena_init(&fx->arena, ARENA_CALL_LIMIT);
	assert(fixture_open_sandbox(fx, sessions_max) == OK);
}

static inline void fixture_close(struct sandbox_fixture *fx)
{
	json_free(fx->json);
	arena_finish(&fx->arena);
	sandbox_close(fx->sandbox);
}

/* Set-up and tear-down functions for cmocka: `*state` is a struct sandbox_fixture with the usual limits. */
static inline int fixture_setup(void **state)
{
	static struct sandbox_fixture fx;

	fixture_open(&fx, 0);
	*state = &fx;
	return 0;
}

static inline int fixture_teardown(void **state)
{
	fixture_close(*state);
	return 0;
}

static inline enum method method_from_name(const char *name)
{
	for (int m = 0; m < METHOD_COUNT; m++)
		if (str_eq(method_name((enum method)m), str_of(name)))
			return (enum method)m;
	abort();
}

/* Handles one request and returns the status of the reply. `headers` is "Name: value\nName: value"; headers
 * and body may be NULL. */
static inline int fixture_call(struct sandbox_fixture *fx, const char *method, const char *path,
	const char *headers, const char *body)
{
	struct request request = {
		.method = method_from_name(method), .path = str_of(path), .body = str_of(body)
	};
	struct str rest = str_of(headers), line;

	while (rest.n) {
		(void)str_cut(&rest, '\n', &line);
		struct header *const header = &request.headers[request.n_headers++];
		(void)str_cut(&line, ':', &header->name);
		header->value = str_trim(line);
	}
	if (str_cut(&request.path, '?', &line)) {
		request.query = request.path;
		request.path = line;
	} else {
		request.path = str_of(path);
	}
	json_free(fx->json);
	fx->json = NULL;
	arena_reset(&fx->arena);
	sandbox_serve(fx->sandbox, &request, request.path, &fx->arena, &fx->reply);
	sandbox_served(fx->sandbox);
	if (fx->reply.content_type && strcmp(fx->reply.content_type, "application/json") == 0)
		assert(json_parse(fx->reply.body, true, &fx->json) == OK);
	return fx->reply.status;
}

/* Returns the text at this key of the JSON reply; the result is empty if there is none. */
static inline struct str reply_text(const struct sandbox_fixture *fx, const char *key)
{
	return json_text(json_get(fx->json, key));
}

/* Returns the value of this reply header; the result's `p` is NULL if the reply does not have it. */
static inline struct str reply_header_value(const struct sandbox_fixture *fx, const char *name)
{
	for (size_t i = 0; i < fx->reply.n_headers; i++)
		if (str_eq_nocase(fx->reply.headers[i].name, str_of(name)))
			return fx->reply.headers[i].value;
	return (struct str){ NULL, 0 };
}

#define JSON_HEADER "Content-Type: application/json; charset=utf-8"
#define FORM_HEADER "Content-Type: application/x-www-form-urlencoded"

/* Requests a v1 access token for fixture_call_v1. */
static inline void fixture_get_token(struct sandbox_fixture *fx)
{
	assert(fixture_call(fx, "POST", "/auth/v2/token/", FORM_HEADER,
		       "grant_type=client_credentials&client_id=sandbox&client_secret=sandbox") == 200);

	const struct str token = reply_text(fx, "access_token");

	memcpy(fx->token, "Authorization: Bearer ", 22);
	assert(str_copy_to(token, fx->token + 22, sizeof(fx->token) - 22));
}

/* Sends a v1 request with the token of fixture_get_token and a JSON body. */
static inline int fixture_call_v1(
	struct sandbox_fixture *fx, const char *method, const char *path, const char *body)
{
	char headers[256];

	assert(str_copy_to(str_of(fx->token), headers, sizeof(headers) - sizeof("\n" JSON_HEADER)));
	memcpy(headers + strlen(headers), "\n" JSON_HEADER, sizeof("\n" JSON_HEADER));
	return fixture_call(fx, method, path, headers, body);
}

/* Sends a v2 or v3 request with the API key and a JSON body. */
static inline int fixture_call_with_key(
	struct sandbox_fixture *fx, const char *method, const char *path, const char *body)
{
	return fixture_call(fx, method, path, "x-api-key: sandbox\n" JSON_HEADER, body);
}

struct session_ref {
	char id[40], token[16];
};

/* fixture_create_v1 and fixture_create_v3 create a session with this request body. */
static inline void fixture_create_v1(
	struct sandbox_fixture *fx, const char *body, struct session_ref *session)
{
	assert(fixture_call_v1(fx, "POST", "/v1/session/", body) == 201);
	assert(str_copy_to(reply_text(fx, "session_id"), session->id, sizeof(session->id)));
	assert(str_copy_to(reply_text(fx, "session_token"), session->token, sizeof(session->token)));
}

static inline void fixture_create_v3(
	struct sandbox_fixture *fx, const char *body, struct session_ref *session)
{
	assert(fixture_call_with_key(fx, "POST", "/v3/session/", body) == 201);
	assert(str_copy_to(reply_text(fx, "session_id"), session->id, sizeof(session->id)));
	assert(str_copy_to(reply_text(fx, "session_token"), session->token, sizeof(session->token)));
}

/* Returns a value of the reply by its path, such as "id_verifications.0.warnings". */
static inline const struct json_value *reply_at(const struct sandbox_fixture *fx, const char *path)
{
	const struct json_value *value = fx->json;
	struct str rest = str_of(path), key;
	char name[64];
	int64_t i;

	while (rest.n) {
		(void)str_cut(&rest, '.', &key);
		assert(str_copy_to(key, name, sizeof(name)));
		value = json_kind_of(value) == JSON_KIND_ARRAY && str_number(key, 1000, &i)
				? json_at(value, (size_t)i)
				: json_get(value, name);
	}
	return value;
}

/* Returns the three parts joined, such as "/v1/session/", an id and "/decision/". The text is valid until the
 * next call. */
static inline const char *make_path(const char *prefix, const char *id, const char *suffix)
{
	static char path[160];
	struct str parts[] = { str_of(prefix), str_of(id), str_of(suffix) };
	size_t n = 0;

	for (size_t i = 0; i < 3; i++) {
		assert(n + parts[i].n < sizeof(path));
		memcpy(path + n, parts[i].p, parts[i].n);
		n += parts[i].n;
	}
	path[n] = 0;
	return path;
}
