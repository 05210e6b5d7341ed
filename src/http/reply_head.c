#include "http/reply_head.h"

#include <assert.h>
#include <string.h>

#include "base/str.h"

/* Upper limit in bytes for the status line, Date, Content-Length, Connection and the empty line. */
#define FIXED_SIZE ((size_t)256)

bool reply_has_length(int status)
{
	return status >= 200 && status != 204 && status != 304;
}

static struct str content_type(const struct reply *reply)
{
	return str_of(reply->content_type);
}

size_t reply_head_room(const struct reply *reply)
{
	size_t n = FIXED_SIZE + content_type(reply).n;

	for (size_t i = 0; i < reply->n_headers; i++)
		n += reply->headers[i].name.n + reply->headers[i].value.n + sizeof(": \r\n");
	return n;
}

static char *put_text(char *out, struct str s)
{
	if (s.n > 0)
		memcpy(out, s.p, s.n);
	return out + s.n;
}

static char *put_number(char *out, size_t number)
{
	char digits[20];
	size_t n = 0;

	do {
		digits[n++] = (char)('0' + number % 10);
		number /= 10;
	} while (number > 0);
	while (n > 0)
		*out++ = digits[--n];
	return out;
}

static char *put_header(char *out, struct str name, struct str value)
{
	out = put_text(out, name);
	out = put_text(out, STR(": "));
	out = put_text(out, value);
	return put_text(out, STR("\r\n"));
}

static char *put_connection(char *out, const struct reply_options *options)
{
	if (!options->keep_alive)
		return put_header(out, STR("Connection"), STR("close"));
	return options->is_http10 ? put_header(out, STR("Connection"), STR("keep-alive")) : out;
}

size_t reply_head_write(const struct reply *reply, const struct reply_options *options, char *out)
{
	char *p = put_text(out, STR("HTTP/1.1 "));

	assert(reply->status >= 200 && reply->status <= 599);
	p = put_number(p, (size_t)reply->status);
	p = put_text(p, STR(" "));
	p = put_text(p, http_reason(reply->status));
	p = put_text(p, STR("\r\n"));
	p = put_header(p, STR("Date"), str_of(options->date));
	if (reply->content_type != NULL)
		p = put_header(p, STR("Content-Type"), content_type(reply));
	if (reply_has_length(reply->status)) {
		p = put_text(p, STR("Content-Length: "));
		p = put_number(p, reply->content_type != NULL ? reply->body.n : 0);
		p = put_text(p, STR("\r\n"));
	}
	for (size_t i = 0; i < reply->n_headers; i++)
		p = put_header(p, reply->headers[i].name, reply->headers[i].value);
	p = put_connection(p, options);
	p = put_text(p, STR("\r\n"));
	return (size_t)(p - out);
}
