/* A sandbox for tests: a clock that stands until it is moved, bytes of luck that are counted, and calls
 * without a socket. What a call answered stays until the next call. */
#pragma once

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/attr.h"
#include "crypto/digest.h"
#include "sandbox/server/sandbox.h"
#include "text/json.h"

#define BOX_EPOCH 1767225600000 /* 2026-01-01T00:00:00Z */

struct box_clock {
	struct clock clock;
	int64_t wall, ticks;	  /* milliseconds */
	void (*asked)(void *arg); /* whenever the ticks are read; NULL: nobody cares */
	void *arg;
};
struct box_random {
	struct random random;
	uint64_t count;
	bool fails;
};

struct box {
	struct box_clock clock;
	struct box_random random;
	struct sandbox *sandbox;
	struct arena arena;
	struct reply reply;
	const struct json_value *json; /* of the reply */
	char token[128];	       /* "Bearer …" */
	struct kv_store *kv;	       /* NULL: what it knows ends with it */
};

static inline moment box_now(struct clock *clock)
{
	return (moment){ __atomic_load_n(
		&container_of(clock, struct box_clock, clock)->wall, __ATOMIC_SEQ_CST) };
}
static inline int64_t box_ticks(struct clock *clock)
{
	struct box_clock *const mine = container_of(clock, struct box_clock, clock);

	if (mine->asked)
		mine->asked(mine->arg);
	return __atomic_load_n(&mine->ticks, __ATOMIC_SEQ_CST);
}
static const struct clock_ops box_clock_ops = { .now = box_now, .ticks = box_ticks };

/* xorshift, so that neighbours differ in all bytes */
static inline enum err box_fill(struct random *random, void *bytes, size_t n)
{
	struct box_random *const mine = container_of(random, struct box_random, random);
	uint64_t x = ++mine->count * 0x9E3779B97F4A7C15U;

	if (mine->fails)
		return ERR_INTERNAL;
	for (size_t i = 0; i < n; i++) {
		x ^= x << 13;
		x ^= x >> 7;
		x ^= x << 17;
		((unsigned char *)bytes)[i] = (unsigned char)(x >> 24);
	}
	return OK;
}
static const struct random_ops box_random_ops = { .fill = box_fill };

/* The sandbox alone; clock and luck go on. */
static inline enum err box_begin(struct box *box, int64_t sessions_max)
{
	const struct sandbox_conf conf = {
		.clock = &box->clock.clock,
		.random = &box->random.random,
		.base_url = STR("http://127.0.0.1:8080/sandbox/didit"),
		.brand = STR("Exa<m>ple & Co"),
		.sessions_max = sessions_max,
		.kv = box->kv,
	};

	return sandbox_open(&conf, &box->sandbox);
}

static inline void box_open(struct box *box, int64_t sessions_max)
{
	*box = (struct box){ .clock = { { &box_clock_ops }, BOX_EPOCH, 1000, NULL, NULL },
		.random = { { &box_random_ops }, 0, false } };
	assert(crypto_start());
	arena_init(&box->arena, ARENA_CALL_LIMIT);
	assert(box_begin(box, sessions_max) == OK);
}

static inline void box_close(struct box *box)
{
	json_free(box->json);
	arena_finish(&box->arena);
	sandbox_close(box->sandbox);
}

static inline enum method box_method(const char *name)
{
	for (int m = 0; m < METHOD_COUNT; m++)
		if (str_eq(method_name((enum method)m), str_of(name)))
			return (enum method)m;
	abort();
}

/* Headers and body may be NULL; `headers` as "Name: value\nName: value". Gives the status. */
static inline int box_call(
	struct box *box, const char *method, const char *path, const char *headers, const char *body)
{
	struct request request = { .method = box_method(method), .path = str_of(path), .body = str_of(body) };
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
	json_free(box->json);
	box->json = NULL;
	arena_reset(&box->arena);
	sandbox_serve(box->sandbox, &request, request.path, &box->arena, &box->reply);
	sandbox_served(box->sandbox);
	if (box->reply.content_type && strcmp(box->reply.content_type, "application/json") == 0)
		assert(json_parse(box->reply.body, true, &box->json) == OK);
	return box->reply.status;
}

static inline struct str box_text(const struct box *box, const char *key)
{
	return json_text(json_get(box->json, key));
}

static inline struct str box_header(const struct box *box, const char *name)
{
	for (size_t i = 0; i < box->reply.n_headers; i++)
		if (str_eq_nocase(box->reply.headers[i].name, str_of(name)))
			return box->reply.headers[i].value;
	return (struct str){ NULL, 0 };
}

#define BOX_JSON "\nContent-Type: application/json; charset=utf-8"
#define BOX_FORM "Content-Type: application/x-www-form-urlencoded"

static inline void box_login(struct box *box)
{
	assert(box_call(box, "POST", "/auth/v2/token/", BOX_FORM,
		       "grant_type=client_credentials&client_id=sandbox&client_secret=sandbox") == 200);

	const struct str token = box_text(box, "access_token");

	memcpy(box->token, "Authorization: Bearer ", 22);
	assert(str_copy_to(token, box->token + 22, sizeof(box->token) - 22));
}

/* As the client that logged in, with JSON. */
static inline int box_api(struct box *box, const char *method, const char *path, const char *body)
{
	char headers[256];

	assert(str_copy_to(str_of(box->token), headers, sizeof(headers) - sizeof(BOX_JSON)));
	memcpy(headers + strlen(headers), BOX_JSON, sizeof(BOX_JSON));
	return box_call(box, method, path, headers, body);
}

/* As who has the key, with JSON: v2 and v3. */
static inline int box_key(struct box *box, const char *method, const char *path, const char *body)
{
	return box_call(box, method, path, "x-api-key: sandbox" BOX_JSON, body);
}

struct made_session {
	char id[40], token[16];
};

static inline void box_create(struct box *box, const char *body, struct made_session *made)
{
	assert(box_api(box, "POST", "/v1/session/", body) == 201);
	assert(str_copy_to(box_text(box, "session_id"), made->id, sizeof(made->id)));
	assert(str_copy_to(box_text(box, "session_token"), made->token, sizeof(made->token)));
}

static inline void box_create_v3(struct box *box, const char *body, struct made_session *made)
{
	assert(box_key(box, "POST", "/v3/session/", body) == 201);
	assert(str_copy_to(box_text(box, "session_id"), made->id, sizeof(made->id)));
	assert(str_copy_to(box_text(box, "session_token"), made->token, sizeof(made->token)));
}

/* A value of the reply: "id_verifications.0.warnings". */
static inline const struct json_value *box_at(const struct box *box, const char *path)
{
	const struct json_value *value = box->json;
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

/* "/v1/session/", id, tail; valid until the next one. */
static inline const char *box_path(const char *head, const char *middle, const char *tail)
{
	static char path[160];
	struct str parts[] = { str_of(head), str_of(middle), str_of(tail) };
	size_t n = 0;

	for (size_t i = 0; i < 3; i++) {
		assert(n + parts[i].n < sizeof(path));
		memcpy(path + n, parts[i].p, parts[i].n);
		n += parts[i].n;
	}
	path[n] = 0;
	return path;
}
