#include "api/core/media_cause.h"

#include <assert.h>

static const struct {
	enum answer answer;
	const char *name, *explanation;
} rows[MEDIA_CAUSE_COUNT] = {
	[MEDIA_CONTENT_ENCODING] = { ANSWER_UNSUPPORTED_CONTENT_CODING, "content_encoding",
		"the body is compressed (Content-Encoding); send it uncompressed" },
	[MEDIA_CONTENT_TYPE] = { ANSWER_UNSUPPORTED_MEDIA_TYPE, "content_type",
		"the Content-Type is another one than application/json" },
	[MEDIA_CONTENT_TYPE_MISSING] = { ANSWER_UNSUPPORTED_MEDIA_TYPE, "content_type_missing",
		"the request has a body but no Content-Type" },
};

struct reply respond_media_cause(struct arena *a, enum media_cause cause)
{
	assert(cause < MEDIA_CAUSE_COUNT);
	struct reply reply = respond_cause(a, rows[cause].answer, (struct str){ NULL, 0 },
		str_of(rows[cause].name), str_of(rows[cause].explanation));

	/* RFC 9110 15.5.16: tells which codings are accepted. */
	if (cause == MEDIA_CONTENT_ENCODING)
		reply_header(&reply, STR("Accept-Encoding"), STR("identity"));
	return reply;
}

const char *media_cause_name(enum media_cause cause)
{
	return rows[cause].name;
}

static bool is_json(struct str content_type)
{
	struct str type;

	(void)str_cut(&content_type, ';', &type);
	return str_eq_nocase(str_trim(type), STR("application/json"));
}

/* Returns whether the body is sent as it is: no Content-Encoding, or only "identity" (RFC 9110 8.4). */
static bool is_identity_coding(const struct request *request)
{
	static const struct str name = STR_INIT("content-encoding");

	for (size_t i = 0; i < request->n_headers; i++)
		if (str_eq_nocase(request->headers[i].name, name) && request->headers[i].value.n > 0 &&
			!str_eq_nocase(request->headers[i].value, STR("identity")))
			return false;
	return true;
}

enum media_cause media_cause_of(const struct request *request)
{
	const struct str type = request_header(request, STR("content-type"));
	enum media_cause cause = MEDIA_CAUSE_COUNT;

	if (!is_identity_coding(request))
		cause = MEDIA_CONTENT_ENCODING;
	/* Without body and Content-Type, "email is required" helps more than a 415. */
	else if (!is_json(type) && (type.p || request->body.n > 0))
		cause = type.p ? MEDIA_CONTENT_TYPE : MEDIA_CONTENT_TYPE_MISSING;
	return cause;
}
