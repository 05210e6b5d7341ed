#include "api/core/route.h"

#include "base/attr.h"

const struct operation_group operation_groups[] = {
	{ "Address", "Register an e-mail address or a wallet, and have the person prove that it is theirs." },
	{ "Verification", "The identity check and its status." },
	{ "Links", "One link that leads a person through the whole check on kycd's pages." },
	{ "Events", "What happened to your people." },
	{ "People", "The people whom your tenant has registered." },
	{ "Webhooks", "The URLs to which your events are delivered, and what became of the deliveries." },
	{ "Account", "What your API key may use." },
	{ "Provider", "Called by the identity provider and by the person's browser, not by your server." },
	{ "Service", "Health checks and this description." },
};
const size_t n_operation_groups = array_len(operation_groups);

void json_body_begin(struct json_body *b, struct call *call)
{
	buf_init(&b->text, call->arena);
	json_writer_init(&b->w, &b->text);
	json_begin_object(&b->w);
}

static enum err json_body_finish(struct json_body *b, struct str *json)
{
	json_end_object(&b->w);
	return buf_done(&b->text, json);
}

struct reply respond_json_data(struct call *call, enum answer answer, struct json_body *b)
{
	struct str json;
	const enum err e = json_body_finish(b, &json);

	return e == OK ? respond_data(call->arena, answer, json)
		       : respond_failure(call->arena, e, call->route->failure);
}

struct reply respond_json_details(struct call *call, enum answer answer, struct json_body *b)
{
	struct str json;
	const enum err e = json_body_finish(b, &json);

	return e == OK ? respond_details(call->arena, answer, json)
		       : respond_failure(call->arena, e, call->route->failure);
}

struct reply respond_json_body(struct call *call, int http, struct json_body *b)
{
	struct str json;
	const enum err e = json_body_finish(b, &json);

	return e == OK ? respond_text(http, JSON_TYPE, json)
		       : respond_failure(call->arena, e, call->route->failure);
}

void respond_add_page_headers(struct reply *reply)
{
	reply_header(reply, STR("Content-Security-Policy"),
		STR("default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'"));
	reply_header(reply, STR("Referrer-Policy"), STR("no-referrer"));
}
