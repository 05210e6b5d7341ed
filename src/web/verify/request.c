#include "web/verify/request.h"

#include "base/attr.h"
#include "base/buf.h"
#include "base/log.h"
#include "text/encode.h"
#include "text/language.h"
#include "text/query.h"

struct str verify_request_query(const struct verify_request *request, struct str name)
{
	return query_value(request->call->arena, request->call->request->query, name);
}

static struct str accepted_language(const struct verify_request *request)
{
	const struct str header = request_header(request->call->request, STR("Accept-Language"));
	const size_t found = language_accepted(header, language_tags, LANGUAGES);

	return found < LANGUAGES ? language_tags[found] : STR("");
}

static void choose_language(struct verify_request *request, struct str link, struct str tenant)
{
	const struct str preferred[] = { verify_request_query(request, STR("lang")), link,
		accepted_language(request), tenant, request->call->world->rules->language };

	request->language = language_for(preferred, array_len(preferred));
}

void verify_request_choose_language(struct verify_request *request, const struct verification_view *view)
{
	if (view->is_known)
		choose_language(request, view->language, str_of(view->tenant.language));
}

/* Returns the path of the URL of this server's pages, without a slash at its end. */
static struct str path_of_public_url(struct str url)
{
	struct str rest = url, before;
	size_t i = 0;

	for (int slashes = 0; slashes < 2 && str_cut(&rest, '/', &before); slashes++)
		;
	while (i < rest.n && rest.p[i] != '/')
		i++;
	rest = str_from(rest, i);
	while (rest.n > 0 && rest.p[rest.n - 1] == '/')
		rest.n--;
	return rest;
}

static struct str path_of_page(struct arena *a, struct str base, struct str token)
{
	struct buf path;
	struct str out;

	buf_init(&path, a);
	buf_add(&path, base);
	buf_add(&path, STR("/verify/"));
	percent_encode(&path, token);
	return buf_done(&path, &out) == OK ? out : STR("");
}

void verify_request_read(struct call *call, struct verify_request *out)
{
	*out = (struct verify_request){ .call = call,
		.visit = { .token = call->params[0], .request_id = str_of(call->caller.actor.request_id) },
		.base = path_of_public_url(call->world->rules->public_url) };
	out->visit.has_ip = ip_read(call->request->peer, &out->visit.ip);
	out->path = path_of_page(call->arena, out->base, call->params[0]);
	choose_language(out, STR(""), STR(""));
}

struct str verify_request_url(const struct verify_request *request, const struct verify_target *target)
{
	const struct str tag = language_tags[request->language], error = verify_error_name(target->error);
	struct buf url;
	struct str out;

	buf_init(&url, request->call->arena);
	buf_add(&url, request->path);
	buf_printf(&url, "?lang=%.*s", STR_ARG(tag));
	if (target->step)
		buf_printf(&url, "&step=%s", target->step);
	if (error.n > 0)
		buf_printf(&url, "&error=%.*s", STR_ARG(error));
	if (!moment_is_unset(target->at))
		buf_printf(&url, "&at=%lld", (long long)(target->at.ms / 1000));
	if (target->is_sent)
		buf_add(&url, STR("&sent=code"));
	return buf_done(&url, &out) == OK ? out : (struct str){ NULL, 0 };
}

struct reply verify_redirect_to(const struct verify_request *request, struct str location)
{
	struct reply reply = respond_text(303, NULL, STR(""));

	if (!location.p)
		return respond(request->call->arena, ANSWER_UNAVAILABLE);
	reply_header(&reply, STR("Location"), location);
	reply_header(&reply, STR("Referrer-Policy"), STR("no-referrer"));
	return reply;
}

struct reply verify_redirect(const struct verify_request *request, const struct verify_target *target)
{
	return verify_redirect_to(request, verify_request_url(request, target));
}

struct reply verify_redirect_after(const struct verify_request *request, enum err e)
{
	if (e == OK)
		return verify_redirect(request, &(struct verify_target){ .step = NULL });
	log_event(LOG_ERROR, "verification_page_failed",
		LOG_WORD("request_id", request->call->caller.actor.request_id), LOG_WORD("err", err_name(e)),
		LOG_TEXT("effect", "the person reads that the page cannot be used at the moment"));
	return verify_redirect(request, &(struct verify_target){ .error = VERIFY_ERROR_UNAVAILABLE });
}
