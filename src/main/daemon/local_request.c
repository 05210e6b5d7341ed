#include "main/daemon/local_request.h"

#include "api/core/answer.h"
#include "api/core/media_cause.h"
#include "net/host_scope.h"

/* Returns "127.0.0.1:8080" of "http://127.0.0.1:8080/path". */
static struct str authority_of(struct str url)
{
	struct str part = { NULL, 0 };

	for (int i = 0; i < 3; i++)
		if (!str_cut(&url, '/', &part) && i < 2)
			return (struct str){ NULL, 0 };
	return part;
}

/* Removes the port. The brackets of an IPv6 address stay. */
static struct str host_without_port(struct str authority)
{
	size_t n = authority.n;

	while (n > 0 && authority.p[n - 1] >= '0' && authority.p[n - 1] <= '9')
		n--;
	if (n > 0 && authority.p[n - 1] == ':')
		authority.n = n - 1;
	return authority;
}

static bool host_is_accepted(const struct local_hosts *hosts, struct str host)
{
	return hosts->any_host || host_scope_of(host_without_port(host)) == HOST_SCOPE_LOOPBACK ||
	       str_eq_nocase(host, authority_of(hosts->own_url));
}

static bool changes_something(const struct request *request)
{
	return request->method != METHOD_GET && request->method != METHOD_HEAD &&
	       request->method != METHOD_OPTIONS;
}

static bool refuse(struct arena *a, struct reply *reply, struct str message)
{
	*reply = respond_message(a, ANSWER_BAD_REQUEST, message);
	return false;
}

bool local_request_check(
	const struct local_hosts *hosts, const struct request *request, struct arena *a, struct reply *reply)
{
	const struct str host = request_header(request, STR("host"));
	const struct str origin = request_header(request, STR("origin"));

	if (host.n > 0 && !host_is_accepted(hosts, host))
		return refuse(a, reply,
			STR("Host is not a loopback host, so the request may come from a foreign web page: use 127.0.0.1 or localhost"));
	if (changes_something(request) && origin.p && !str_eq(origin, STR("null")) &&
		!str_eq_nocase(authority_of(origin), host))
		return refuse(a, reply,
			STR("Origin is foreign: call this route from this server's own pages or without a browser"));
	return true;
}

bool local_json_check(const struct request *request, struct arena *a, struct reply *reply)
{
	struct str rest = request_header(request, STR("content-type")), type = { NULL, 0 };
	const bool is_given = rest.p != NULL;

	if (str_eq(request_header(request, STR("origin")), STR("null")))
		return refuse(a, reply, STR("Origin is foreign: call this route without a browser"));
	(void)str_cut(&rest, ';', &type);
	if (is_given && str_eq_nocase(str_trim(type), STR("application/json")))
		return true;
	*reply = respond_media_cause(a, is_given ? MEDIA_CONTENT_TYPE : MEDIA_CONTENT_TYPE_MISSING);
	return false;
}
