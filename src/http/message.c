#include "http/message.h"

#include <assert.h>

#include "base/attr.h"

struct reason {
	int status;
	struct str text;
};

/* Reason phrases from RFC 9110 section 15, and from RFC 6585 for 428 to 431. */
/* clang-format off */
static const struct reason reasons[] = {
	{ 200, STR_INIT("OK") },
	{ 201, STR_INIT("Created") },
	{ 202, STR_INIT("Accepted") },
	{ 204, STR_INIT("No Content") },
	{ 301, STR_INIT("Moved Permanently") },
	{ 302, STR_INIT("Found") },
	{ 303, STR_INIT("See Other") },
	{ 304, STR_INIT("Not Modified") },
	{ 307, STR_INIT("Temporary Redirect") },
	{ 308, STR_INIT("Permanent Redirect") },
	{ 400, STR_INIT("Bad Request") },
	{ 401, STR_INIT("Unauthorized") },
	{ 402, STR_INIT("Payment Required") },
	{ 403, STR_INIT("Forbidden") },
	{ 404, STR_INIT("Not Found") },
	{ 405, STR_INIT("Method Not Allowed") },
	{ 406, STR_INIT("Not Acceptable") },
	{ 408, STR_INIT("Request Timeout") },
	{ 409, STR_INIT("Conflict") },
	{ 410, STR_INIT("Gone") },
	{ 412, STR_INIT("Precondition Failed") },
	{ 413, STR_INIT("Content Too Large") },
	{ 415, STR_INIT("Unsupported Media Type") },
	{ 422, STR_INIT("Unprocessable Content") },
	{ 429, STR_INIT("Too Many Requests") },
	{ 431, STR_INIT("Request Header Fields Too Large") },
	{ 500, STR_INIT("Internal Server Error") },
	{ 501, STR_INIT("Not Implemented") },
	{ 502, STR_INIT("Bad Gateway") },
	{ 503, STR_INIT("Service Unavailable") },
	{ 504, STR_INIT("Gateway Timeout") },
	{ 505, STR_INIT("HTTP Version Not Supported") },
};

static const struct str method_names[METHOD_COUNT] = {
	[METHOD_GET] = STR_INIT("GET"),
	[METHOD_HEAD] = STR_INIT("HEAD"),
	[METHOD_POST] = STR_INIT("POST"),
	[METHOD_PUT] = STR_INIT("PUT"),
	[METHOD_PATCH] = STR_INIT("PATCH"),
	[METHOD_DELETE] = STR_INIT("DELETE"),
	[METHOD_OPTIONS] = STR_INIT("OPTIONS"),
	[METHOD_OTHER] = STR_INIT("OTHER"),
};
/* clang-format on */

struct str request_header(const struct request *r, struct str name)
{
	for (size_t i = 0; i < r->n_headers; i++) {
		if (str_eq_nocase(r->headers[i].name, name))
			return r->headers[i].value;
	}
	return (struct str){ NULL, 0 };
}

size_t request_header_count(const struct request *r, struct str name)
{
	size_t n = 0;

	for (size_t i = 0; i < r->n_headers; i++) {
		if (str_eq_nocase(r->headers[i].name, name))
			n++;
	}
	return n;
}

void reply_header(struct reply *reply, struct str name, struct str value)
{
	assert(reply->n_headers < REPLY_HEADERS_MAX);
	assert(!str_has(value, '\r') && !str_has(value, '\n'));
	reply->headers[reply->n_headers++] = (struct header){ name, value };
}

bool reply_has_header(const struct reply *reply, struct str name)
{
	for (size_t i = 0; i < reply->n_headers; i++) {
		if (str_eq_nocase(reply->headers[i].name, name))
			return true;
	}
	return false;
}

struct str method_name(enum method m)
{
	assert(m < METHOD_COUNT);
	return method_names[m];
}

struct str http_reason(int status)
{
	for (size_t i = 0; i < array_len(reasons); i++) {
		if (reasons[i].status == status)
			return reasons[i].text;
	}
	return STR("Status");
}
