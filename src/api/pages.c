#include "api/pages.h"

#include "app/session/decision.h"
#include "app/session/return_redirect.h"
#include "base/buf.h"
#include "base/log.h"
#include "i18n/page.h"
#include "text/encode.h"
#include "text/language.h"

/* The page waits for the reading: longer than this nobody looks at a white screen. */
#define READ_LIMIT seconds(3)

void page_add_headers(struct reply *reply)
{
	reply_header(reply, STR("Content-Security-Policy"),
		STR("default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'"));
	reply_header(reply, STR("Referrer-Policy"), STR("no-referrer"));
}

/* The person's language as call or tenant named it; else what the phone asks for; else the setting. Who holds
 * no session's id gets what a person gets for whom nobody named one. */
static enum language choose_language(struct call *call, const struct return_redirect *redirect)
{
	const struct str accepted = request_header(call->request, STR("Accept-Language"));
	const size_t found = language_accepted(accepted, language_tags, LANGUAGES);
	const struct str wishes[] = { redirect->person_language, redirect->tenant_language,
		found < LANGUAGES ? language_tags[found] : STR(""), call->world->rules->language };

	return language_for(wishes, array_len(wishes));
}

static struct reply thank(struct call *call, const struct return_redirect *redirect)
{
	const bool is_named = redirect->tenant_name.n > 0;
	struct web_page page = { .language = choose_language(call, redirect),
		.brand = is_named ? redirect->tenant_name : call->world->rules->brand };
	struct str body, policy;
	struct reply reply;

	page_begin(&page, call->arena, MESSAGE_PAGE_TITLE, call->world->rules->sandbox);
	page_markup(&page, "<div class=\"card\">\n");
	page_paragraph(&page, MESSAGE_PAGE_RECEIVED);
	page_paragraph(&page, MESSAGE_PAGE_CLOSE);
	page_markup(&page, "</div>\n");
	if (page_end(&page, &body) != OK || page_policy(call->arena, &policy) != OK)
		return respond(call->arena, ANSWER_UNAVAILABLE);
	policy = arena_printf(call->arena, "%.*s; frame-ancestors 'none'", STR_ARG(policy));
	if (!policy.p)
		return respond(call->arena, ANSWER_UNAVAILABLE);
	reply = respond_text(200, "text/html; charset=utf-8", body);
	reply_header(&reply, STR("Content-Language"), language_tags[page.language]);
	reply_header(&reply, STR("Content-Security-Policy"), policy);
	reply_header(&reply, STR("Referrer-Policy"), STR("no-referrer"));
	return reply;
}

/* The tenant's own page, with the session's id and never a status to be believed. */
static struct reply send_on(struct call *call, const struct return_redirect *redirect, struct str ref)
{
	struct buf text;
	struct str url = redirect->url, location, before_fragment;
	struct reply reply = respond_text(303, NULL, STR(""));

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
		return thank(call, redirect);
	reply_header(&reply, STR("Location"), location);
	page_add_headers(&reply);
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

struct reply handle_return(struct call *call, struct store *store)
{
	const struct str ref = query_value(call, STR("verificationSessionId"));
	struct return_redirect redirect = { .read_now = false };
	struct actor actor = call->caller.actor;
	const struct poll_params params = { ref, READ_LIMIT, POLL_FOR_CALLER };
	enum provider_cause cause = PROVIDER_OK;

	(void)store;
	actor.kind = ACTOR_PROVIDER;
	if (app_return(call->world, call->arena, ref, &redirect) != OK)
		return thank(call, &redirect);
	if (redirect.read_now && app_poll_session(call->world, call->arena, &actor, &params, &cause) != OK)
		log_event(LOG_WARN, "return_poll_failed", LOG_WORD("cause", provider_cause_name(cause)));
	return redirect.url.n > 0 ? send_on(call, &redirect, ref) : thank(call, &redirect);
}
