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
