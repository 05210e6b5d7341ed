#include "api/pages.h"

#include "app/decision.h"
#include "app/returning.h"
#include "base/buf.h"
#include "base/log.h"
#include "text/encode.h"

/* The page waits for the reading: longer than this nobody looks at a white screen. */
#define READ_LIMIT seconds(3)

static const char page_head[] =
	"<!DOCTYPE html>\n"
	"<html lang=\"en\" dir=\"ltr\">\n"
	"<head>\n"
	"<meta charset=\"utf-8\">\n"
	"<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
	"<title>Thank you</title>\n"
	"<style>\n"
	":root { color-scheme: light dark; }\n"
	"body { margin: 0; font: 18px/1.5 system-ui, sans-serif; display: grid; min-height: 100vh; place-items: center; }\n"
	"main { max-width: 28rem; padding: 2rem; text-align: center; }\n"
	"h1 { font-size: 1.6rem; margin: 0 0 .5rem; }\n"
	"</style>\n"
	"</head>\n"
	"<body>\n"
	"<main>\n"
	"<h1>Thank you</h1>\n"
	"<p>Your answers have been received by ";
static const char page_middle[] = ".</p>\n"
				  "<p>You can close this page and go back to where you came from.</p>\n";
static const char page_sandbox[] = "<p>This is a sandbox: nobody is really being verified.</p>\n";
static const char page_tail[] = "</main>\n"
				"</body>\n"
				"</html>\n";

static void add_page_headers(struct reply *reply)
{
	reply_header(reply, STR("Content-Security-Policy"),
		STR("default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'"));
	reply_header(reply, STR("Referrer-Policy"), STR("no-referrer"));
}

static struct reply thank(struct call *call)
{
	struct buf text;
	struct str body;
	struct reply reply;

	buf_init(&text, call->arena);
	buf_add(&text, str_of(page_head));
	html_escape(&text, call->world->rules->brand);
	buf_add(&text, str_of(page_middle));
	if (call->world->rules->sandbox)
		buf_add(&text, str_of(page_sandbox));
	buf_add(&text, str_of(page_tail));
	if (buf_done(&text, &body) != OK)
		return say(call->arena, ANSWER_UNAVAILABLE);
	reply = say_text(200, "text/html; charset=utf-8", body);
	add_page_headers(&reply);
	return reply;
}

/* The tenant's own page, with the session's id and never a status to be believed. */
static struct reply send_on(struct call *call, struct str url, struct str ref)
{
	struct buf text;
	struct str location, before_fragment;
	struct reply reply = say_text(303, NULL, STR(""));

	buf_init(&text, call->arena);
	const bool has_fragment = str_cut(&url, '#', &before_fragment);
	buf_add(&text, before_fragment);
	buf_add(&text, str_has(before_fragment, '?') ? STR("&session_id=") : STR("?session_id="));
	percent_encode(&text, ref);
	if (has_fragment) {
		buf_char(&text, '#');
		buf_add(&text, url);
	}
	if (buf_done(&text, &location) != OK)
		return thank(call);
	reply_header(&reply, STR("Location"), location);
	add_page_headers(&reply);
	return reply;
}

/* The value of a query key, as the provider names it; empty when absent or broken. */
static struct str query_value(struct call *call, struct str key)
{
	struct str rest = call->request->query, pair, name, value = { NULL, 0 };

	while (rest.n > 0) {
		(void)str_cut(&rest, '&', &pair);
		(void)str_cut(&pair, '=', &name);
		if (str_eq(name, key) && percent_decode_query(call->arena, pair, &value) == OK)
			return value;
	}
	return (struct str){ NULL, 0 };
}

struct reply return_from_provider(struct call *call, struct store *store)
{
	const struct str ref = query_value(call, STR("verificationSessionId"));
	struct returning returning;
	struct actor actor = call->caller.actor;
	enum provider_cause cause = PROVIDER_FINE;

	(void)store;
	actor.kind = ACTOR_PROVIDER;
	if (app_return(call->world, call->arena, ref, &returning) != OK)
		return thank(call);
	if (returning.read_now &&
		app_read_session(call->world, call->arena, &actor, ref, READ_LIMIT, &cause) != OK)
		log_fact(LOG_WARN, "return_unread", LOG_WORD("cause", provider_cause_word(cause)));
	return returning.url.n > 0 ? send_on(call, returning.url, ref) : thank(call);
}
