#include "main/development.h"

#include <stdio.h>

#include "base/buf.h"
#include "mail/inbox_mailer.h"
#include "main/compose.h"
#include "main/config_didit.h"
#include "main/system.h"
#include "text/encode.h"
#include "text/json.h"

/* As many as fit into the memory of one call. */
#define INBOX_SHOWN 20
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

/* The query's `to`, if there is one. */
static struct str wanted(struct visit *visit)
{
	struct str rest = visit->request->query, pair, name, value;

	while (rest.n > 0) {
		(void)str_cut(&rest, '&', &pair);
		(void)str_cut(&pair, '=', &name);
		if (str_eq(name, STR("to")) && percent_decode_query(visit->arena, pair, &value) == OK)
			return value;
	}
	return STR("");
}

static void put_letter(struct js_writer *w, const struct inbox_letter *letter)
{
	char sent[MOMENT_RFC3339_SIZE];

	moment_rfc3339(letter->sent, sent);
	js_object(w);
	js_field_text(w, "id", letter->id);
	js_field_text(w, "to", letter->to);
	js_field_text(w, "subject", letter->subject);
	js_field_text(w, "text", letter->text);
	js_field_text(w, "html", letter->html);
	js_field_text(w, "sent_at", str_of(sent));
	js_object_end(w);
}

static struct reply inbox_json(struct visit *visit, const struct inbox_letter *letters, size_t n)
{
	struct buf text;
	struct js_writer w;

	buf_init(&text, visit->arena);
	js_begin(&w, &text);
	js_object(&w);
	js_key(&w, "messages");
	js_array(&w);
	for (size_t i = 0; i < n; i++)
		put_letter(&w, &letters[i]);
	js_array_end(&w);
	js_object_end(&w);
	return done(visit, &text, "application/json; charset=utf-8");
}

static const char inbox_head[] =
	"<!DOCTYPE html>\n<html lang=\"en\" dir=\"ltr\">\n<head>\n<meta charset=\"utf-8\">\n"
	"<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>Inbox</title>\n<style>\n"
	":root { color-scheme: light dark; }\n"
	"body { margin: 0 auto; max-width: 44rem; padding: 1.5rem; font: 16px/1.5 system-ui, sans-serif; }\n"
	"article { border: 1px solid #8888; border-radius: 8px; padding: 1rem; margin: 1rem 0; overflow-wrap: anywhere; }\n"
	"h2 { font-size: 1.1rem; margin: 0; }\np { margin: .2rem 0; }\npre { white-space: pre-wrap; font: inherit; }\n"
	"</style>\n</head>\n<body>\n<main>\n<h1>Inbox</h1>\n"
	"<p>Letters of this sandbox, newest first. They live in memory only.</p>\n";

static struct reply inbox_page(struct visit *visit, const struct inbox_letter *letters, size_t n)
{
	struct buf text;
	char sent[MOMENT_RFC3339_SIZE];

	buf_init(&text, visit->arena);
	buf_add(&text, str_of(inbox_head));
	if (n == 0)
		buf_add(&text, STR("<p>Nothing here yet.</p>\n"));
	for (size_t i = 0; i < n; i++) {
		moment_rfc3339(letters[i].sent, sent);
		buf_add(&text, STR("<article>\n<h2>"));
		html_escape(&text, letters[i].subject);
		buf_add(&text, STR("</h2>\n<p>To "));
		html_escape(&text, letters[i].to);
		buf_printf(&text, ", <time datetime=\"%s\">%s</time></p>\n<pre>", sent, sent);
		html_escape(&text, letters[i].text);
		buf_add(&text, STR("</pre>\n</article>\n"));
	}
	buf_add(&text, STR("</main>\n</body>\n</html>\n"));
	struct reply reply = done(visit, &text, "text/html; charset=utf-8");
	reply_header(
		&reply, STR("Content-Security-Policy"), STR("default-src 'none'; style-src 'unsafe-inline'"));
	return reply;
}

static bool wants_page(const struct request *request)
{
	struct str rest = request_header(request, STR("accept")), item, type;

	while (rest.n > 0) {
		(void)str_cut(&rest, ',', &item);
		(void)str_cut(&item, ';', &type);
		if (str_eq_nocase(str_trim(type), STR("text/html")))
			return true;
	}
	return false;
}

static struct reply show_inbox(struct visit *visit)
{
	const struct inbox_letter *letters;
	size_t n;

	if (!visit->house->inbox)
		return say_because(
			visit->arena, ANSWER_ROUTE_NOT_FOUND, STR("Letters go to KYCD_SMTP_URL, not here"));
	if (inbox_list(visit->house->inbox, wanted(visit), INBOX_SHOWN, visit->arena, &letters, &n) != OK)
		return say(visit->arena, ANSWER_UNAVAILABLE);
	return wants_page(visit->request) ? inbox_page(visit, letters, n) : inbox_json(visit, letters, n);
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

	if (!visit->house->sandbox)
		return say(visit->arena, ANSWER_ROUTE_NOT_FOUND);
	if (js_open(visit->request->body, true, &body) != OK ||
		(js_kind(js_get(body, "times")) != JS_ABSENT &&
			!js_int(js_get(body, "times"), &times_wanted)) ||
		sandbox_faults_add(visit->house->sandbox, js_text(js_get(body, "what")), times_wanted) != OK)
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

	if (house->sandbox && str_starts(request->path, STR(SANDBOX_MOUNT "/"))) {
		sandbox_serve(house->sandbox, request, str_from(request->path, mount.n), a, reply);
		return;
	}
	*reply = answer_visit(&visit);
	reply_header(reply, STR("Cache-Control"), STR("no-store"));
	reply_header(reply, STR("X-Content-Type-Options"), STR("nosniff"));
}

static void served(void *arg)
{
	struct house *const house = arg;

	if (house->sandbox)
		sandbox_served(house->sandbox);
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
