/* A fake Didit server for the tests of the provider, with the API version FAKE_VERSION (set by meson.build;
 * default "v1"). It listens on loopback, returns the responses that a test sets, and has a clock that a test
 * can advance. Its tokens are "token-1", "token-2" …; it rejects those below `token_floor` with 401. */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <sched.h>
#include <time.h>

#include <curl/curl.h>

#include "../../unit/net/tiny_server.h"
#include "base/arena.h"
#include "crypto/digest.h"
#include "port/world.h"
#include "provider/didit_provider.h"

#ifndef FAKE_VERSION
#define FAKE_VERSION "v1"
#endif
#define FAKE_KEY "an-api-key_0123456789"
#define FAKE_WORKFLOW "1f0c9a52-6c1e-4a77-8c36-9a4b5d6e7f80"

static inline bool fake_is_v1(void)
{
	return strcmp(FAKE_VERSION, "v1") == 0;
}

/* The response to one kind of call. If all fields are zero, the default response is sent. */
struct fake_response {
	int status;	  /* 0: the default, 200 or 201 */
	const char *body; /* NULL: the default body, a success */
	const char *raw;  /* instead of status and body: sends these bytes and closes the connection */
	bool silent;	  /* sends nothing and keeps the connection open */
	bool trickles;	  /* sends the headers, then one byte every 10 ms without an end */
	bool huge;	  /* sends a body of 10 MB */
};

struct fake_didit {
	struct tiny_server server;
	struct clock clock;
	_Atomic int64_t clock_offset_ms; /* ms added to the monotonic time */
	struct fake_response token, create, read, list;
	const char *expires_in; /* JSON; NULL: 86400 */
	atomic_int token_floor;
	atomic_int tokens, creates, reads, lists, others;
	atomic_int token_hold;	     /* while above 0, token requests are not answered */
	atomic_int creates_together; /* create requests wait until this number of them has arrived */
	atomic_int token_requests;   /* token requests received */
	struct lock lock;     /* protects the fields for responses above and those for requests below */
	char last[8192];      /* the latest request for a session */
	char last_list[8192]; /* the latest list request */
	struct provider *provider;
	struct arena arena;
	struct provider_failure failure; /* details of the last call of fake_create or fake_read */
};

static inline int64_t fake_ticks(struct clock *clock)
{
	const struct fake_didit *f = container_of(clock, struct fake_didit, clock);
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000 + atomic_load(&f->clock_offset_ms);
}

static const struct clock_ops fake_clock_ops = { .ticks = fake_ticks };

static inline void fake_set_response(
	struct fake_didit *f, struct fake_response *slot, struct fake_response response)
{
	lock_acquire(&f->lock);
	*slot = response;
	lock_release(&f->lock);
}

static inline void sleep_10_ms(void)
{
	const struct timespec t = { .tv_nsec = 10000000 };

	nanosleep(&t, NULL);
}

static inline bool fake_send_response(
	struct tiny_connection *c, const struct fake_response *slot, int status, const char *default_body)
{
	static const char block[65536];
	struct fake_didit *f = c->server->script;
	struct fake_response copy;
	const struct fake_response *response = &copy;

	lock_acquire(&f->lock);
	copy = *slot;
	lock_release(&f->lock);
	if (response->silent) {
		tiny_wait_for_end(c);
		return false;
	}
	if (response->trickles) {
		bool open = tiny_send_text(c, "HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n{");

		for (int i = 0; open && i < 3000; i++) {
			sleep_10_ms();
			open = tiny_send_text(c, " ");
		}
		return false;
	}
	if (response->raw != NULL)
		return tiny_send_text(c, response->raw) && false;
	if (response->huge) {
		bool open = tiny_send_text(c, response->status == 500 ? "HTTP/1.1 500 Error\r\n"
								      : "HTTP/1.1 200 OK\r\n") &&
			    tiny_send_text(c, "Connection: close\r\n\r\n{\"session_id\":\"");

		for (int i = 0; open && i < 160; i++)
			open = tiny_send(c, block, sizeof(block));
		return false;
	}
	return tiny_reply(c, response->status != 0 ? response->status : status, "application/json",
		response->body != NULL ? response->body : default_body);
}

static inline bool fake_handle_token(struct tiny_connection *c, struct fake_didit *f)
{
	char body[256];
	const int serial = atomic_fetch_add(&f->tokens, 1) + 1;

	atomic_fetch_add(&f->token_requests, 1);
	while (atomic_load(&f->token_hold) > 0)
		sched_yield();
	snprintf(body, sizeof(body), "{\"access_token\":\"token-%d\",\"expires_in\":%s}", serial,
		f->expires_in != NULL ? f->expires_in : "86400");
	return fake_send_response(c, &f->token, 200, body);
}

static inline bool fake_is_unauthenticated(struct fake_didit *f, const char *request)
{
	if (!fake_is_v1())
		return strstr(request, "\r\nx-api-key: " FAKE_KEY "\r\n") == NULL;
	const char *bearer = strstr(request, "\r\nAuthorization: Bearer token-");

	return bearer == NULL || strtol(bearer + 30, NULL, 10) < atomic_load(&f->token_floor);
}

static inline bool fake_handle_call(struct tiny_connection *c, struct fake_didit *f, const char *request)
{
	const bool creates = str_starts(str_of(request), STR("POST /base/" FAKE_VERSION "/session/ "));
	const bool reads =
		str_starts(str_of(request), STR("GET /base/" FAKE_VERSION "/session/7d3c1f7e-")) ||
		str_starts(str_of(request), STR("GET /base/" FAKE_VERSION "/session/s-1/decision/ ")) ||
		str_starts(str_of(request), STR("PATCH /base/" FAKE_VERSION "/session/s-1/update-status/ "));
	const bool lists = !fake_is_v1() && str_starts(str_of(request), STR("GET /base/v3/sessions/?"));
	char body[256];

	if (!creates && !reads && !lists) {
		atomic_fetch_add(&f->others, 1);
		return tiny_reply(c, 404, "text/html", "<html>nothing here</html>");
	}
	lock_acquire(&f->lock);
	snprintf(f->last, sizeof(f->last), "%s", request);
	if (lists)
		snprintf(f->last_list, sizeof(f->last_list), "%s", request);
	lock_release(&f->lock);
	atomic_fetch_add(creates ? &f->creates : reads ? &f->reads : &f->lists, 1);
	if (fake_is_unauthenticated(f, request))
		return tiny_reply(c, 401, "application/json", "{\"detail\":\"Token expired\"}");
	if (lists)
		return fake_send_response(c, &f->list, 200, "{\"count\":0,\"next\":null,\"results\":[]}");
	for (int i = 0; creates && i < 2000 && atomic_load(&f->creates) < atomic_load(&f->creates_together);
		i++)
		sleep_10_ms();
	snprintf(body, sizeof(body),
		"{\"session_id\":\"s-1\",\"status\":\"%s\",\"%s\":\"http://127.0.0.1:%d/s/x\"}",
		creates ? "Not Started" : "In Review", creates ? "url" : "session_url", c->server->port);
	return creates ? fake_send_response(c, &f->create, 201, body)
		       : fake_send_response(c, &f->read, 200, body);
}

static inline void fake_serve(struct tiny_connection *c)
{
	struct fake_didit *f = c->server->script;
	char *request = malloc(TINY_REQUEST_MAX);
	bool open = request != NULL;

	while (open && tiny_request(c, request, TINY_REQUEST_MAX))
		open = strncmp(request, "POST /auth/v2/token/ ", 21) == 0 ? fake_handle_token(c, f)
									  : fake_handle_call(c, f, request);
	free(request);
}

#define FAKE_SECRET "test_webhook_secret_not_real_0123456789abcde"

static inline void fake_provider_open(struct fake_didit *f, duration limit)
{
	const struct str base = arena_printf(&f->arena, "http://127.0.0.1:%d/base/", f->server.port);
	const struct str auth = arena_printf(&f->arena, "http://127.0.0.1:%d", f->server.port);
	const struct didit_conf conf = { .version = STR(FAKE_VERSION),
		.base_url = base,
		.auth_url = auth,
		.client_id = STR("ExampleClientId"),
		.client_secret = STR("s3cret:with colon"),
		.api_key = STR(FAKE_KEY),
		.secrets = { STR("an older secret of ours"), STR(FAKE_SECRET) },
		.n_secrets = 2,
		.session_hosts = { STR("verify.didit.me"), STR("127.0.0.1") },
		.n_session_hosts = 2,
		.limit = limit,
		.clock = &f->clock };

	if (didit_provider_open(&conf, &f->provider) != OK)
		abort();
}

static inline struct fake_didit *fake_new(void)
{
	struct fake_didit *f = calloc(1, sizeof(*f));

	if (f == NULL)
		abort();
	f->clock.ops = &fake_clock_ops;
	lock_init(&f->lock);
	arena_init(&f->arena, ARENA_CALL_LIMIT);
	tiny_start(&f->server, fake_serve, f);
	fake_provider_open(f, seconds(10));
	return f;
}

static inline int fake_open(void **state)
{
	*state = fake_new();
	return 0;
}

static inline int fake_close(void **state)
{
	struct fake_didit *f = *state;

	f->provider->ops->close(f->provider);
	tiny_stop(&f->server);
	lock_finish(&f->lock);
	arena_finish(&f->arena);
	free(f);
	return 0;
}

/* Opens the provider again with another time limit. */
static inline void fake_reopen_with_limit(struct fake_didit *f, duration limit)
{
	f->provider->ops->close(f->provider);
	fake_provider_open(f, limit);
}

/* Creates a session with these parameters. If the call fails, the details of the failure are in f->failure.
 */
static inline enum err fake_create_with(struct fake_didit *f, const struct session_params *params,
	struct provider_session *created, enum provider_cause *cause)
{
	const enum err e = f->provider->ops->create(f->provider, params, &f->arena, created, &f->failure);

	*cause = f->failure.cause;
	return e;
}

static inline enum err fake_create(
	struct fake_didit *f, struct provider_session *created, enum provider_cause *cause)
{
	const struct session_params params = { .vendor_data = STR("person-1"),
		.callback = STR("https://kycd.example/return"),
		.features = fake_is_v1() ? STR("OCR + FACE") : STR(FAKE_WORKFLOW),
		.language = STR("pt-br") };

	return fake_create_with(f, &params, created, cause);
}

static inline enum err fake_read(struct fake_didit *f, const char *ref, duration limit,
	struct session_snapshot *snapshot, enum provider_cause *cause)
{
	const struct poll_params params = { str_of(ref), limit, POLL_FOR_CALLER };

	const enum err e = f->provider->ops->poll(f->provider, &params, &f->arena, snapshot, &f->failure);

	*cause = f->failure.cause;
	return e;
}

static inline int fake_start_libraries(void **state)
{
	(void)state;
	return crypto_start() && curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK ? 0 : -1;
}

#define DIDIT_TEST(name) cmocka_unit_test_setup_teardown(name, fake_open, fake_close)
