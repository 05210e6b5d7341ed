#include "webhook/transfer.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "text/ip_reach.h"
#include "webhook/answer.h"

/* More bytes of headers than any useful answer has. */
#define HEAD_MAX ((size_t)64 * 1024)
/* A connection that was idle for longer than this is not used again, because servers close idle connections.
 */
#define IDLE_MAX_S 20L
#define CONNECTION_AGE_MAX_S 300L
#define HEADER_SIZE 256 /* id, timestamp and signatures are shorter */

static void wipe_free(char *text)
{
	if (text != NULL)
		explicit_bzero(text, strlen(text));
	free(text);
}

static bool add_to_list(struct curl_slist **list, const char *text)
{
	struct curl_slist *const longer = curl_slist_append(*list, text);

	if (longer != NULL)
		*list = longer;
	return longer != NULL;
}

static bool add_header(struct transfer *t, const char *name, struct str value)
{
	char line[HEADER_SIZE];
	const int n = snprintf(line, sizeof(line), "%s: %.*s", name, STR_ARG(value));

	return n > 0 && (size_t)n < sizeof(line) && add_to_list(&t->headers, line);
}

static bool add_headers(struct transfer *t, const struct webhook_transfer *request)
{
	char timestamp[24];

	(void)snprintf(timestamp, sizeof(timestamp), "%" PRId64, request->timestamp);
	/* "Expect:" stops libcurl from waiting for 100 Continue. */
	return add_header(t, "content-type", STR("application/json")) &&
	       add_header(t, "user-agent", STR("kycd/" KYCD_VERSION)) &&
	       add_header(t, "webhook-id", request->id) &&
	       add_header(t, "webhook-timestamp", str_of(timestamp)) &&
	       add_header(t, "webhook-signature", request->signature) && add_to_list(&t->headers, "Expect:");
}

struct transfer *transfer_new(const struct webhook_transfer *request, const struct transfer_conf *conf,
	uint64_t ticket, int64_t ticks)
{
	struct transfer *const t = calloc(1, sizeof(*t));

	if (t == NULL)
		return NULL;
	t->ticket = ticket;
	t->started = ticks;
	t->conf = conf;
	t->result.owner = request->owner;
	t->url_text = strndup(request->url.p != NULL ? request->url.p : "", request->url.n);
	t->body = strndup(request->body.p != NULL ? request->body.p : "", request->body.n);
	if (t->url_text == NULL || t->body == NULL || !add_headers(t, request)) {
		transfer_free(t);
		return NULL;
	}
	t->body_length = strlen(t->body);
	if (strlen(t->url_text) != request->url.n ||
		endpoint_url_parse(str_of(t->url_text), &t->url) != ENDPOINT_URL_NONE)
		transfer_fail(t, WEBHOOK_ERROR_URL_REFUSED, ticks);
	return t;
}

void transfer_free(struct transfer *t)
{
	if (t == NULL)
		return;
	if (t->curl != NULL)
		curl_easy_cleanup(t->curl);
	if (t->dns != NULL)
		(void)curl_share_cleanup(t->dns);
	curl_slist_free_all(t->headers);
	curl_slist_free_all(t->addresses);
	wipe_free(t->url_text);
	wipe_free(t->body);
	explicit_bzero(t->excerpt, sizeof(t->excerpt));
	free(t);
}

static bool may_be_sent_to(const struct transfer *t, const struct resolved *resolved)
{
	for (size_t i = 0; i < resolved->n; i++)
		if (!destination_is_allowed(&t->conf->rules, &resolved->ips[i], t->url.port, t->url.is_plain))
			return false;
	return true;
}

/* Writes the addresses in libcurl's form: HOST:PORT:ADDRESS,ADDRESS… */
static bool list_addresses(struct transfer *t, const struct resolved *resolved)
{
	char text[ENDPOINT_URL_MAX + RESOLVED_MAX * (IP_TEXT_SIZE + 3)];
	size_t n = (size_t)snprintf(text, sizeof(text), "%.*s:%d:", STR_ARG(t->url.host), t->url.port);

	for (size_t i = 0; i < resolved->n; i++) {
		char ip[IP_TEXT_SIZE];

		ip_write(&resolved->ips[i], ip);
		n += (size_t)snprintf(text + n, sizeof(text) - n,
			ip_is_v4(&resolved->ips[i]) ? "%s%s" : "%s[%s]", i > 0 ? "," : "", ip);
	}
	return add_to_list(&t->addresses, text);
}

/* Checks the address again that a socket is opened for. */
static curl_socket_t open_checked_socket(void *arg, curlsocktype purpose, struct curl_sockaddr *address)
{
	struct transfer *const t = arg;

	(void)purpose;
	if (!destination_sockaddr_is_allowed(&t->conf->rules, &address->addr, t->url.is_plain)) {
		t->refused = true;
		return CURL_SOCKET_BAD;
	}
	if (t->conf->reroute != NULL)
		t->conf->reroute(t->conf->reroute_arg, &address->addr);
	return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

static size_t read_head(char *bytes, size_t size, size_t n, void *arg)
{
	struct transfer *const t = arg;

	(void)bytes;
	t->head_bytes += size * n;
	t->has_long_head = t->head_bytes > HEAD_MAX;
	return t->has_long_head ? 0 : size * n;
}

/* Stops the reading when the excerpt is full, so that an endless body ends. */
static size_t read_body(char *bytes, size_t size, size_t n, void *arg)
{
	struct transfer *const t = arg;
	const size_t more = size * n, room = sizeof(t->excerpt) - t->excerpt_length;
	const size_t kept = more < room ? more : room;

	memcpy(t->excerpt + t->excerpt_length, bytes, kept);
	t->excerpt_length += kept;
	t->is_excerpt_full = t->excerpt_length == sizeof(t->excerpt);
	return t->is_excerpt_full ? 0 : more;
}

#define SET(option, value) (ok = ok && curl_easy_setopt(curl, (option), (value)) == CURLE_OK)

static bool set_safety_options(CURL *curl, struct transfer *t)
{
	bool ok = true;

	SET(CURLOPT_NOSIGNAL, 1L);
	SET(CURLOPT_PROTOCOLS_STR, t->url.is_plain ? "http" : "https");
	SET(CURLOPT_FOLLOWLOCATION, 0L);
	SET(CURLOPT_PROXY, "");
	SET(CURLOPT_NOPROXY, "*");
	SET(CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
	SET(CURLOPT_SSL_VERIFYPEER, 1L);
	SET(CURLOPT_SSL_VERIFYHOST, 2L);
	SET(CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	if (t->conf->ca_file != NULL)
		SET(CURLOPT_CAINFO, t->conf->ca_file);
	SET(CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	SET(CURLOPT_PATH_AS_IS, 1L);
	SET(CURLOPT_MAXAGE_CONN, IDLE_MAX_S);
	SET(CURLOPT_MAXLIFETIME_CONN, CONNECTION_AGE_MAX_S);
	SET(CURLOPT_OPENSOCKETFUNCTION, open_checked_socket);
	SET(CURLOPT_OPENSOCKETDATA, t);
	SET(CURLOPT_SHARE, t->dns);
	SET(CURLOPT_RESOLVE, t->addresses);
	return ok;
}

static bool set_request_options(CURL *curl, struct transfer *t, duration spent)
{
	const duration connect_limit = milliseconds(t->conf->connect_limit.ms - spent.ms);
	bool ok = true;

	SET(CURLOPT_TIMEOUT_MS, (long)(t->conf->limit.ms - spent.ms));
	/* libcurl treats a limit of 0 as none. */
	SET(CURLOPT_CONNECTTIMEOUT_MS, (long)(connect_limit.ms > 0 ? connect_limit.ms : 1));
	SET(CURLOPT_URL, t->url_text);
	SET(CURLOPT_POST, 1L);
	SET(CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)t->body_length);
	SET(CURLOPT_POSTFIELDS, t->body);
	SET(CURLOPT_HTTPHEADER, t->headers);
	SET(CURLOPT_HEADERFUNCTION, read_head);
	SET(CURLOPT_HEADERDATA, t);
	SET(CURLOPT_WRITEFUNCTION, read_body);
	SET(CURLOPT_WRITEDATA, t);
	SET(CURLOPT_PRIVATE, t);
	return ok;
}

static bool make_handle(struct transfer *t, const struct resolved *resolved, duration spent)
{
	t->dns = curl_share_init();
	t->curl = curl_easy_init();
	return t->dns != NULL && t->curl != NULL &&
	       curl_share_setopt(t->dns, CURLSHOPT_SHARE, CURL_LOCK_DATA_DNS) == CURLSHE_OK &&
	       (t->url.is_literal || list_addresses(t, resolved)) && set_safety_options(t->curl, t) &&
	       set_request_options(t->curl, t, spent);
}

bool transfer_prepare(struct transfer *t, const struct resolved *resolved, int64_t ticks)
{
	const duration spent = milliseconds(ticks - t->started);
	enum webhook_error error = WEBHOOK_ERROR_NONE;

	if (resolved->n == 0)
		error = WEBHOOK_ERROR_NAME_NOT_RESOLVED;
	else if (!may_be_sent_to(t, resolved))
		error = WEBHOOK_ERROR_ADDRESS_REFUSED;
	else if (!duration_is_shorter(spent, t->conf->limit))
		error = WEBHOOK_ERROR_TIMEOUT;
	else if (!make_handle(t, resolved, spent))
		error = WEBHOOK_ERROR_INTERNAL;
	else
		return true;
	transfer_fail(t, error, ticks);
	return false;
}

static const struct {
	CURLcode code;
	enum webhook_error error;
} error_map[] = {
	{ CURLE_COULDNT_RESOLVE_HOST, WEBHOOK_ERROR_NAME_NOT_RESOLVED },
	{ CURLE_COULDNT_CONNECT, WEBHOOK_ERROR_CONNECT_FAILED },
	{ CURLE_SSL_CONNECT_ERROR, WEBHOOK_ERROR_TLS_FAILED },
	{ CURLE_PEER_FAILED_VERIFICATION, WEBHOOK_ERROR_TLS_FAILED },
	{ CURLE_SSL_CACERT_BADFILE, WEBHOOK_ERROR_TLS_FAILED },
	{ CURLE_SSL_CERTPROBLEM, WEBHOOK_ERROR_TLS_FAILED },
	{ CURLE_SSL_CIPHER, WEBHOOK_ERROR_TLS_FAILED },
	{ CURLE_SSL_ISSUER_ERROR, WEBHOOK_ERROR_TLS_FAILED },
	{ CURLE_OPERATION_TIMEDOUT, WEBHOOK_ERROR_TIMEOUT },
	{ CURLE_OUT_OF_MEMORY, WEBHOOK_ERROR_INTERNAL },
};

static enum webhook_error error_of(const struct transfer *t, CURLcode code)
{
	if (t->refused)
		return WEBHOOK_ERROR_ADDRESS_REFUSED;
	if (code == CURLE_OK || t->is_excerpt_full) {
		const int status = t->result.http_status;

		return status >= 300 && status < 400 ? WEBHOOK_ERROR_REDIRECT : WEBHOOK_ERROR_NONE;
	}
	for (size_t i = 0; i < array_len(error_map); i++)
		if (error_map[i].code == code)
			return error_map[i].error;
	return WEBHOOK_ERROR_BAD_RESPONSE;
}

/* Returns whether the server's address is in a listed network, or is not known. */
static bool is_listed_server(const struct transfer *t)
{
	char *address = NULL;
	struct ip ip;

	return curl_easy_getinfo(t->curl, CURLINFO_PRIMARY_IP, &address) != CURLE_OK || address == NULL ||
	       !ip_read(str_of(address), &ip) || ip_reach_of(&ip, &t->conf->rules.listed) == IP_REACH_LISTED;
}

void transfer_end(struct transfer *t, CURLcode code, moment now, int64_t ticks)
{
	long status = 0;

	if (curl_easy_getinfo(t->curl, CURLINFO_RESPONSE_CODE, &status) == CURLE_OK)
		t->result.http_status = (int)status;
	t->result.retry_after = answer_retry_after(t->curl, now);
	if (is_listed_server(t))
		t->excerpt_length = 0;
	transfer_fail(t, error_of(t, code), ticks);
}

void transfer_fail(struct transfer *t, enum webhook_error error, int64_t ticks)
{
	t->state = TRANSFER_ENDED;
	t->result.error = error;
	t->result.took = milliseconds(ticks - t->started);
}

struct webhook_transfer_result transfer_result(const struct transfer *t, struct arena *a)
{
	struct webhook_transfer_result result = t->result;

	result.excerpt = answer_excerpt(a, (struct str){ t->excerpt, t->excerpt_length });
	return result;
}
