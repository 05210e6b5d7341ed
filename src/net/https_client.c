#include "net/https_client.h"

#include <stdlib.h>
#include <string.h>

#include <curl/curl.h>

#include "base/pool.h"
#include "net/host_scope.h"
#include "net/plaintext_guard.h"
#include "net/reply_body.h"

#define HEADERS_MAX 32

struct https_client {
	bool allow_private;
	struct pool *handles; /* libcurl easy handles, each with its open connections */
};

/* State of one call, used by libcurl's callbacks. */
struct https_exchange {
	const struct https_request *request;
	struct plaintext_guard guard;
	CURL *curl;
	struct curl_slist *headers; /* overwritten before they are freed: they may contain Authorization */
	struct reply_body body;
};

static enum err open_handle(void *arg, void **handle)
{
	(void)arg;
	*handle = curl_easy_init();
	return *handle != NULL ? OK : ERR_INTERNAL;
}

static void close_handle(void *handle)
{
	curl_easy_cleanup(handle);
}

enum err https_open(const struct https_conf *conf, struct https_client **out)
{
	struct https_client *client = calloc(1, sizeof(*client));
	enum err e;

	if (client == NULL)
		return ERR_INTERNAL;
	client->allow_private = conf->allow_private;
	e = pool_open(
		&(struct pool_conf){ .open = open_handle, .close = close_handle, .max = conf->calls_max },
		&client->handles);
	if (e != OK) {
		free(client);
		return e;
	}
	*out = client;
	return OK;
}

void https_close(struct https_client *client)
{
	if (client == NULL)
		return;
	pool_close(client->handles);
	free(client);
}

/* Returns the status of a response that was not received completely; 0: the status line is missing too. */
static int received_status(CURL *curl)
{
	long status = 0;

	return curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status) == CURLE_OK ? (int)status : 0;
}

/* Called before each piece of the body. At the first piece, decides whether to prune: only a 2xx response
 * is. */
static void begin_body(struct https_exchange *x)
{
	const struct https_request *const r = x->request;
	const int status = received_status(x->curl);

	if (x->body.received == 0 && r->n_keep > 0 && status >= 200 && status < 300)
		reply_body_prune(&x->body, r->keep, r->n_keep);
}

static size_t exchange_add_body(char *bytes, size_t size, size_t n, void *arg)
{
	struct https_exchange *x = arg;
	const size_t more = size * n;

	begin_body(x);
	return reply_body_add(&x->body, (struct str){ bytes, more }) ? more : 0;
}

static bool is_token(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] <= ' ' || s.p[i] >= 127 || s.p[i] == ':')
			return false;
	return s.n > 0;
}

static bool is_header_value(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] < ' ' || s.p[i] == 127)
			return false;
	return true;
}

static enum err add_header(struct https_exchange *x, const struct https_header *h)
{
	const size_t size = h->name.n + h->value.n + sizeof(": ");
	struct curl_slist *longer;
	char *line = malloc(size);

	if (line == NULL)
		return ERR_INTERNAL;
	memcpy(line, h->name.p, h->name.n);
	if (h->value.n > 0) {
		memcpy(line + h->name.n, ": ", 2);
		memcpy(line + h->name.n + 2, h->value.p, h->value.n);
		line[h->name.n + 2 + h->value.n] = '\0';
	} else {
		memcpy(line + h->name.n, ";", 2); /* libcurl's syntax for a header without a value */
	}
	longer = curl_slist_append(x->headers, line);
	explicit_bzero(line, size);
	free(line);
	if (longer == NULL)
		return ERR_INTERNAL;
	x->headers = longer;
	return OK;
}

static enum err check_request(const struct https_request *request)
{
	if (!is_token(str_of(request->method)) || request->n_headers > HEADERS_MAX || request->limit.ms <= 0)
		return ERR_INPUT;
	for (size_t i = 0; i < request->n_headers; i++)
		if (!is_token(request->headers[i].name) || !is_header_value(request->headers[i].value))
			return ERR_INPUT;
	return OK;
}

static enum err add_headers(struct https_exchange *x)
{
	for (size_t i = 0; i < x->request->n_headers; i++)
		TRY(add_header(x, &x->request->headers[i]));
	return OK;
}

static void exchange_finish(struct https_exchange *x)
{
	for (struct curl_slist *h = x->headers; h != NULL; h = h->next)
		explicit_bzero(h->data, strlen(h->data));
	curl_slist_free_all(x->headers);
	reply_body_finish(&x->body);
}

static void curlu_cleanup(CURLU **url)
{
	curl_url_cleanup(*url);
}

static void curl_text_cleanup(char **text)
{
	curl_free(*text);
}

/* Parses a URL without user and password; returns NULL if it is invalid. libcurl later gets the parsed URL
 * and not the text, so libcurl calls exactly the URL that was checked. */
static CURLU *parse_url(struct str url)
{
	char *text = strndup(url.p != NULL ? url.p : "", url.n);
	CURLU *u = curl_url();
	CURLUcode code = CURLUE_OUT_OF_MEMORY;

	if (text != NULL && u != NULL && strlen(text) == url.n)
		code = curl_url_set(u, CURLUPART_URL, text, CURLU_DISALLOW_USER | CURLU_PATH_AS_IS);
	free(text);
	if (code == CURLUE_OK)
		return u;
	curl_url_cleanup(u);
	return NULL;
}

static bool url_is_allowed(CURLU *url, bool allow_private, bool *plain)
{
	char *scheme cleanup_with(curl_text_cleanup) = NULL;
	char *host cleanup_with(curl_text_cleanup) = NULL;

	if (curl_url_get(url, CURLUPART_SCHEME, &scheme, 0) != CURLUE_OK ||
		curl_url_get(url, CURLUPART_HOST, &host, 0) != CURLUE_OK)
		return false;
	*plain = strcmp(scheme, "http") == 0;
	return *plain ? host_allows_plaintext(str_of(host), allow_private) : strcmp(scheme, "https") == 0;
}

bool url_parts(struct arena *a, struct str url, struct str *scheme, struct str *host, struct str *port)
{
	CURLU *u cleanup_with(curlu_cleanup) = parse_url(url);
	char *part[3] = { NULL, NULL, NULL };
	struct str copy[3];
	bool good = u != NULL && curl_url_get(u, CURLUPART_SCHEME, &part[0], 0) == CURLUE_OK &&
		    (strcmp(part[0], "http") == 0 || strcmp(part[0], "https") == 0) &&
		    curl_url_get(u, CURLUPART_HOST, &part[1], 0) == CURLUE_OK &&
		    curl_url_get(u, CURLUPART_PORT, &part[2], CURLU_DEFAULT_PORT) == CURLUE_OK;

	for (size_t i = 0; i < array_len(part); i++) {
		copy[i] = good ? arena_copy(a, str_of(part[i])) : (struct str){ NULL, 0 };
		good = good && copy[i].p != NULL;
		curl_free(part[i]);
	}
	if (!good)
		return false;
	*scheme = copy[0];
	*host = copy[1];
	*port = copy[2];
	return true;
}

#define SET(option, value) (ok = ok && curl_easy_setopt(curl, (option), (value)) == CURLE_OK)

static bool set_safety_options(CURL *curl, struct https_exchange *x)
{
	bool ok = plaintext_guard_install(curl, &x->guard);

	SET(CURLOPT_NOSIGNAL, 1L);
	SET(CURLOPT_PROTOCOLS_STR, "http,https");
	SET(CURLOPT_FOLLOWLOCATION, 0L);
	SET(CURLOPT_NOPROXY, "*");
	SET(CURLOPT_SSL_VERIFYPEER, 1L);
	SET(CURLOPT_SSL_VERIFYHOST, 2L);
	SET(CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	SET(CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	SET(CURLOPT_PATH_AS_IS, 1L);
	x->curl = curl;
	SET(CURLOPT_WRITEFUNCTION, exchange_add_body);
	SET(CURLOPT_WRITEDATA, x);
	SET(CURLOPT_MAXFILESIZE_LARGE, (curl_off_t)x->request->reply_max);
	SET(CURLOPT_USERAGENT, "kycd");
	return ok;
}

static bool set_request_options(CURL *curl, const struct https_exchange *x, CURLU *url, duration left)
{
	const struct https_request *r = x->request;
	const int64_t connect_limit = duration_is_shorter(r->connect_limit, left) ? r->connect_limit.ms
										  : left.ms;
	const bool reads = strcmp(r->method, "GET") == 0 || strcmp(r->method, "HEAD") == 0;
	bool ok = true;

	SET(CURLOPT_CURLU, url);
	SET(CURLOPT_TIMEOUT_MS, (long)left.ms);
	SET(CURLOPT_CONNECTTIMEOUT_MS, (long)connect_limit);
	SET(CURLOPT_HTTPHEADER, x->headers);
	if (r->body.p != NULL || !reads) {
		SET(CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)r->body.n);
		SET(CURLOPT_POSTFIELDS, r->body.p != NULL ? r->body.p : "");
	}
	if (strcmp(r->method, "HEAD") == 0)
		SET(CURLOPT_NOBODY, 1L);
	else
		SET(CURLOPT_CUSTOMREQUEST, r->method);
	/* libcurl may send a request twice on a reused connection; this is allowed for reads only. */
	if (!reads)
		SET(CURLOPT_FRESH_CONNECT, 1L);
	return ok;
}

static const struct {
	CURLcode code;
	enum https_error error;
} error_map[] = {
	{ CURLE_COULDNT_RESOLVE_HOST, HTTPS_HOST_NOT_FOUND }, { CURLE_COULDNT_CONNECT, HTTPS_CONNECT_FAILED },
	{ CURLE_SSL_CONNECT_ERROR, HTTPS_TLS }, { CURLE_PEER_FAILED_VERIFICATION, HTTPS_TLS },
	{ CURLE_SSL_CACERT_BADFILE, HTTPS_TLS }, { CURLE_SSL_CERTPROBLEM, HTTPS_TLS },
	{ CURLE_SSL_CIPHER, HTTPS_TLS }, { CURLE_SSL_ISSUER_ERROR, HTTPS_TLS },
	{ CURLE_OPERATION_TIMEDOUT, HTTPS_TIMEOUT }, { CURLE_FILESIZE_EXCEEDED, HTTPS_TOO_LARGE },
	{ CURLE_WEIRD_SERVER_REPLY, HTTPS_NOT_HTTP },
	{ CURLE_UNSUPPORTED_PROTOCOL, HTTPS_NOT_HTTP }, /* an HTTP/0.9 response, which has no headers */
};

static enum err call_error(CURLcode code, const struct https_exchange *x, enum https_error *error)
{
	*error = HTTPS_BROKEN;
	if (x->guard.refused) {
		*error = HTTPS_URL_REFUSED;
		return ERR_INPUT;
	}
	if (x->body.no_memory || code == CURLE_OUT_OF_MEMORY)
		return ERR_INTERNAL;
	for (size_t i = 0; i < array_len(error_map); i++)
		if (error_map[i].code == code)
			*error = error_map[i].error;
	if (x->body.too_large)
		*error = HTTPS_TOO_LARGE;
	return ERR_UPSTREAM;
}

static enum err copy_reply(CURL *curl, struct https_exchange *x, struct arena *a, struct https_reply *reply)
{
	struct https_reply r = { .status = 0 };
	struct str body;
	struct curl_header *retry = NULL;
	char *type = NULL;
	long status = 0;

	if (curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status) != CURLE_OK ||
		!reply_body_end(&x->body, &body))
		return ERR_INTERNAL;
	(void)curl_easy_getinfo(curl, CURLINFO_CONTENT_TYPE, &type);
	if (curl_easy_header(curl, "Retry-After", 0, CURLH_HEADER, -1, &retry) != CURLHE_OK)
		retry = NULL;
	r.status = (int)status;
	r.body = arena_copy(a, body);
	r.content_type = arena_copy(a, str_of(type));
	r.retry_after = arena_copy(a, str_of(retry != NULL ? retry->value : NULL));
	if (r.body.p == NULL || r.content_type.p == NULL || r.retry_after.p == NULL)
		return ERR_UPSTREAM;
	*reply = r;
	return OK;
}

static enum err perform(CURL *c, struct https_exchange *x, CURLU *url, duration left, enum https_error *error)
{
	CURLcode code;

	if (!set_safety_options(c, x) || !set_request_options(c, x, url, left))
		return ERR_INTERNAL;
	code = curl_easy_perform(c);
	return code == CURLE_OK ? OK : call_error(code, x, error);
}

/* libcurl stops at the header of a body that is too large, before it stores the length for getinfo. */
static int64_t announced_size(CURL *curl, const struct https_exchange *x)
{
	struct curl_header *length = NULL;
	int64_t size = (int64_t)x->body.received;

	if (curl_easy_header(curl, "Content-Length", 0, CURLH_HEADER, -1, &length) == CURLHE_OK)
		(void)str_number(str_of(length->value), INT64_MAX, &size);
	return size;
}

static enum err perform_with_pooled_handle(struct https_client *client, struct https_exchange *x, CURLU *url,
	struct arena *a, struct https_reply *reply, enum https_error *error)
{
	duration left = x->request->limit;
	void *curl;
	enum err e;

	TRY(pool_acquire(client->handles, &left, &curl));
	if (left.ms == 0) {
		pool_release(client->handles, curl);
		return ERR_BUSY;
	}
	e = perform(curl, x, url, left, error);
	if (e == OK) {
		e = copy_reply(curl, x, a, reply);
		*error = e == OK ? HTTPS_OK : HTTPS_TOO_LARGE;
	}
	if (e != OK)
		*reply = (struct https_reply){ .status = received_status(curl),
			.size = *error == HTTPS_TOO_LARGE ? announced_size(curl, x) : 0 };
	/* Resets the options, which point to this call's memory, but keeps connections and caches. */
	curl_easy_reset(curl);
	pool_release(client->handles, curl);
	return e;
}

enum err https_call(struct https_client *client, const struct https_request *request, struct arena *a,
	struct https_reply *reply, enum https_error *error)
{
	CURLU *url cleanup_with(curlu_cleanup) = parse_url(request->url);
	struct https_exchange x cleanup_with(exchange_finish) = { .request = request,
		.guard.allow_private = client->allow_private,
		.body.max = request->reply_max };

	*reply = (struct https_reply){ .status = 0 };
	*error = HTTPS_URL_REFUSED;
	if (url == NULL || !url_is_allowed(url, x.guard.allow_private, &x.guard.plain))
		return ERR_INPUT;
	*error = HTTPS_BROKEN;
	TRY(check_request(request));
	TRY(add_headers(&x));
	return perform_with_pooled_handle(client, &x, url, a, reply, error);
}
