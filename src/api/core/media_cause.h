/* Why a request is answered 415: the values of `details.cause`. */
#pragma once

#include "api/core/answer.h"
#include "http/message.h"

enum media_cause {
	MEDIA_CONTENT_ENCODING, /* has an answer of its own: ANSWER_UNSUPPORTED_CONTENT_CODING */
	MEDIA_CONTENT_TYPE,
	MEDIA_CONTENT_TYPE_MISSING,
	MEDIA_CAUSE_COUNT
};

struct reply respond_media_cause(struct arena *a, enum media_cause cause);
/* "content_type" */
const char *media_cause_name(enum media_cause cause);
/* Returns why the headers do not describe a JSON body, or MEDIA_CAUSE_COUNT if they do. */
enum media_cause media_cause_of(const struct request *request);
