#include "main/development.h"

#include <stdio.h>

#include "base/buf.h"
#include "main/compose.h"
#include "main/config_didit.h"
#include "main/inbox.h"
#include "main/system.h"
#include "text/json.h"

#define ADVANCE_MAX ((int64_t)10 * 366 * 86400)

struct visit {
	struct house *house;
	const struct request *request;
	struct arena *arena;
};

static struct reply done(struct visit *visit, struct buf *text, const char *type)
{
	struct str body;

	if (buf_done(text, &body) != OK)
		return say(visit->arena, ANSWER_UNAVAILABLE);
	return say_text(200, type, body);
}

static struct reply show_inbox(struct visit *visit)
{
	return inbox_show(visit->house, visit->request, visit->arena);
}

static struct reply advance_clock(struct visit *visit)
{
	const struct js *body cleanup(js_cleanup) = NULL;
	int64_t seconds_on;
	char now[MOMENT_RFC3339_SIZE];
	struct buf text;

	if (js_open(visit->request->body, true, &body) != OK ||
		!js_int(js_get(body, "seconds"), &seconds_on) || seconds_on < 0 || seconds_on > ADVANCE_MAX)
		return say_because(visit->arena, ANSWER_INVALID_PARAMETERS,
			STR("seconds must be a whole number, 0 to ten years: the clock moves forward only"));
	system_clock_advance(seconds(seconds_on));
	moment_rfc3339(system_now(), now);
	buf_init(&text, visit->arena);
	buf_printf(&text, "{\"now\":\"%s\"}", now);
	return done(visit, &text, "application/json; charset=utf-8");
}

static struct reply add_faults(struct visit *visit)
{
	const struct js *body cleanup(js_cleanup) = NULL;
	int64_t times_wanted = 1;
	struct buf text;

	if (!visit->house->sandbox.sandbox)
		return say(visit->arena, ANSWER_ROUTE_NOT_FOUND);
	if (js_open(visit->request->body, true, &body) != OK ||
		(js_kind(js_get(body, "times")) != JS_ABSENT &&
			!js_int(js_get(body, "times"), &times_wanted)) ||
		sandbox_faults_add(
			visit->house->sandbox.sandbox, js_text(js_get(body, "what")), times_wanted) != OK)
		return say_because(visit->arena, ANSWER_INVALID_PARAMETERS,
			STR("what must be late, twice, out_of_order, drop, refuse, error or slow, and times 1 to 1000"));
	buf_init(&text, visit->arena);
	buf_printf(&text, "{\"times\":%lld}", (long long)times_wanted);
	return done(visit, &text, "application/json; charset=utf-8");
}

static const struct {
	enum method method;
	struct str path;
	struct reply (*serve)(struct visit *visit);
} rooms[] = {
	{ METHOD_GET, STR_INIT("/sandbox/inbox"), show_inbox },
	{ METHOD_POST, STR_INIT("/sandbox/clock/advance"), advance_clock },
	{ METHOD_POST, STR_INIT("/sandbox/faults"), add_faults },
};

static struct reply answer_visit(struct visit *visit)
{
	const struct request *const request = visit->request;

	for (size_t i = 0; i < array_len(rooms); i++) {
		if (!str_eq(request->path, rooms[i].path))
			continue;
		if (request->method == rooms[i].method ||
			(request->method == METHOD_HEAD && rooms[i].method == METHOD_GET))
			return rooms[i].serve(visit);
		struct reply reply = say(visit->arena, ANSWER_METHOD_NOT_ALLOWED);
		reply_header(
			&reply, STR("Allow"), rooms[i].method == METHOD_GET ? STR("GET, HEAD") : STR("POST"));
		return reply;
	}
	return say(visit->arena, ANSWER_ROUTE_NOT_FOUND);
}

static void serve_mounted(void *arg, const struct request *request, struct arena *a, struct reply *reply)
{
	struct house *const house = arg;
	struct visit visit = { house, request, a };
	const struct str mount = STR(SANDBOX_MOUNT);

	if (house->sandbox.sandbox && str_starts(request->path, STR(SANDBOX_MOUNT "/"))) {
		sandbox_serve(house->sandbox.sandbox, request, str_from(request->path, mount.n), a, reply);
		return;
	}
	*reply = answer_visit(&visit);
	reply_header(reply, STR("Cache-Control"), STR("no-store"));
	reply_header(reply, STR("X-Content-Type-Options"), STR("nosniff"));
}

static void served(void *arg)
{
	struct house *const house = arg;

	if (house->sandbox.sandbox)
		sandbox_served(house->sandbox.sandbox);
}

void development_mount(struct house *house)
{
	house->public_desk.mount = STR("/sandbox/");
	house->public_desk.mounted = serve_mounted;
	house->public_desk.served = served;
	house->public_desk.mounted_arg = house;
}

void development_greet(const struct house *house)
{
	const struct str url = house->config.public_url;
	const int n = (int)url.n;
	const char *const p = url.p;

	fprintf(stderr,
		"\n"
		"kycd is running in dev mode. Nobody is really being verified here.\n"
		"\n"
		"  API        %.*s\n"
		"  read it    %.*s/docs\n"
		"  inbox      %.*s/sandbox/inbox\n"
		"  metrics    http://%.*s/metrics\n"
		"  database   %.*s\n"
		"\n"
		"Try it:\n"
		"\n"
		"  curl -s %.*s/kyc/prepare -H 'content-type: application/json' -d '{\"email\":\"ana@example.com\"}'\n"
		"  curl -s %.*s/security/email/send-otp -H 'content-type: application/json' -d '{\"email\":\"ana@example.com\"}'\n"
		"\n"
		"The README's lines go the whole way. Ctrl-C stops it.\n\n",
		n, p, n, p, n, p, STR_ARG(house->config.admin_listen), STR_ARG(house->config.database), n, p,
		n, p);
}
