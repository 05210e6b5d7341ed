#include "net/probe.h"

#include <stdlib.h>
#include <string.h>

#include <curl/curl.h>

#include "net/host_scope.h"
#include "net/plaintext_guard.h"

#define BODY_MAX ((size_t)64 * 1024)

struct probe_transfer {
	struct plaintext_guard guard;
	size_t n;
	char error_text[CURL_ERROR_SIZE];
};

static void curl_finish(CURL **curl)
{
	curl_easy_cleanup(*curl);
}

static void url_finish(CURLU **url)
{
	curl_url_cleanup(*url);
}

static void text_finish(char **text)
{
	curl_free(*text);
}

static size_t count_and_discard(char *bytes, size_t size, size_t n, void *arg)
{
	struct probe_transfer *const transfer = arg;

	(void)bytes;
	transfer->n += size * n;
	return transfer->n <= BODY_MAX ? size * n : 0;
}

static CURLU *parse_url(struct str url)
{
	char *text = url.n > 0 ? strndup(url.p, url.n) : NULL;
	CURLU *u = text != NULL ? curl_url() : NULL;
	bool good = u != NULL && strlen(text) == url.n &&
		    curl_url_set(u, CURLUPART_URL, text, 0) == CURLUE_OK &&
		    curl_url_set(u, CURLUPART_USER, NULL, 0) == CURLUE_OK &&
		    curl_url_set(u, CURLUPART_PASSWORD, NULL, 0) == CURLUE_OK;

	if (text != NULL)
		explicit_bzero(text, url.n);
	free(text);
	if (good)
		return u;
	curl_url_cleanup(u);
	return NULL;
}

static bool has_scheme(CURLU *url, const char *scheme)
{
	char *text cleanup_with(text_finish) = NULL;

	return curl_url_get(url, CURLUPART_SCHEME, &text, 0) == CURLUE_OK && strcmp(text, scheme) == 0;
}

static bool url_is_allowed(CURLU *url, struct probe_transfer *transfer)
{
	char *host cleanup_with(text_finish) = NULL;

	transfer->guard.plain = has_scheme(url, "http");
	if (!transfer->guard.plain)
		return has_scheme(url, "https");
	return curl_url_get(url, CURLUPART_HOST, &host, 0) == CURLUE_OK &&
	       host_allows_plaintext(str_of(host), transfer->guard.allow_private);
}

#define SET(option, value) (ok = ok && curl_easy_setopt(curl, (option), (value)) == CURLE_OK)

static bool set_connection_options(CURL *curl, CURLU *url, duration limit)
{
	bool ok = true;

	SET(CURLOPT_CURLU, url);
	SET(CURLOPT_NOSIGNAL, 1L);
	SET(CURLOPT_NOPROXY, "*");
	SET(CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	SET(CURLOPT_TIMEOUT_MS, (long)limit.ms);
	SET(CURLOPT_CONNECTTIMEOUT_MS, (long)limit.ms);
	SET(CURLOPT_SERVER_RESPONSE_TIMEOUT, (long)(limit.ms / 1000 + 1));
	SET(CURLOPT_USERAGENT, "kycd");
	return ok;
}

static bool set_get_options(CURL *curl, struct probe_transfer *transfer)
{
	bool ok = plaintext_guard_install(curl, &transfer->guard);

	SET(CURLOPT_PROTOCOLS_STR, "http,https");
	SET(CURLOPT_FOLLOWLOCATION, 0L);
	SET(CURLOPT_PATH_AS_IS, 1L);
	SET(CURLOPT_WRITEFUNCTION, count_and_discard);
	SET(CURLOPT_WRITEDATA, transfer);
	SET(CURLOPT_ERRORBUFFER, transfer->error_text);
	return ok;
}

static moment moment_of(const char *text)
{
	const int64_t s = (int64_t)curl_getdate(text, NULL);

	return (moment){ s > 0 ? s * 1000 : 0 };
}

enum err probe_http(
	struct str url, bool allow_private, duration limit, struct arena *a, struct probe_result *out)
{
	struct probe_transfer transfer = { .guard.allow_private = allow_private };
	CURLU *u cleanup_with(url_finish) = parse_url(url);
	CURL *curl cleanup_with(curl_finish) = curl_easy_init();
	struct curl_header *date = NULL;
	long status = 0;
	CURLcode code;

	*out = (struct probe_result){ .error = STR("") };
	if (u == NULL || curl == NULL || limit.ms <= 0 || !url_is_allowed(u, &transfer))
		return ERR_INPUT;
	if (!set_connection_options(curl, u, limit) || !set_get_options(curl, &transfer))
		return ERR_INTERNAL;
	code = curl_easy_perform(curl);
	(void)curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
	/* If the body exceeds BODY_MAX, count_and_discard aborts the transfer. The response still counts. */
	if (code != CURLE_OK && !(status > 0 && transfer.n > BODY_MAX)) {
		out->error = arena_copy(a, str_of(transfer.error_text[0] != '\0' ? transfer.error_text
										 : curl_easy_strerror(code)));
		return ERR_UPSTREAM;
	}
	out->status = (int)status;
	if (curl_easy_header(curl, "Date", 0, CURLH_HEADER, -1, &date) == CURLHE_OK)
		out->date = moment_of(date->value);
	return OK;
}

static bool set_handshake_options(CURL *curl)
{
	bool ok = true;

	SET(CURLOPT_PROTOCOLS_STR, "https,smtp,smtps");
	SET(CURLOPT_USE_SSL, (long)CURLUSESSL_ALL);
	/* Verification is off, because the dates of the certificate are needed even if it is not trusted.
	 * That is safe because no request is sent on the connection. */
	SET(CURLOPT_SSL_VERIFYPEER, 0L);
	SET(CURLOPT_SSL_VERIFYHOST, 0L);
	SET(CURLOPT_CERTINFO, 1L);
	SET(CURLOPT_CONNECT_ONLY, 1L);
	return ok;
}

static enum err read_certificate_end(CURL *curl, moment *ends)
{
	static const char key[] = "Expire date:";
	struct curl_certinfo *all = NULL;

	if (curl_easy_getinfo(curl, CURLINFO_CERTINFO, &all) != CURLE_OK || all == NULL ||
		all->num_of_certs < 1)
		return ERR_UPSTREAM;
	for (const struct curl_slist *line = all->certinfo[0]; line != NULL; line = line->next) {
		if (strncmp(line->data, key, sizeof(key) - 1) != 0)
			continue;
		*ends = moment_of(line->data + sizeof(key) - 1);
		return moment_is_unset(*ends) ? ERR_NOT_FOUND : OK;
	}
	return ERR_NOT_FOUND;
}

enum err probe_certificate(struct str url, duration limit, moment *ends)
{
	CURLU *u cleanup_with(url_finish) = parse_url(url);
	CURL *curl cleanup_with(curl_finish) = curl_easy_init();

	if (u == NULL || curl == NULL || limit.ms <= 0 || has_scheme(u, "http"))
		return ERR_INPUT;
	if (!set_connection_options(curl, u, limit) || !set_handshake_options(curl))
		return ERR_INTERNAL;
	return curl_easy_perform(curl) == CURLE_OK ? read_certificate_end(curl, ends) : ERR_UPSTREAM;
}
