#include "mail/smtp_delivery.h"

#include <stdio.h>
#include <string.h>

#include <curl/curl.h>

#include "mail/smtp_dialog.h"
#include "net/plaintext_guard.h"

#define CONNECT_LIMIT_MS 10000L
#define REPLY_LIMIT_S 28L
#define QUIT_LIMIT_S 1L
/* Mail servers close idle connections, so a connection that was idle for longer is not used again. */
#define IDLE_MAX_S 30L
#define ADDRESS_MAX 256

/* State of one delivery or probe. */
struct delivery {
	const struct smtp_config *config;
	enum smtp_tls_policy policy;
	duration left;
	struct str bytes; /* not sent yet */
	struct smtp_dialog dialog;
	struct plaintext_guard guard;
	bool reused; /* the connection has already carried another e-mail */
};

static size_t read_bytes(char *buffer, size_t size, size_t n, void *arg)
{
	struct delivery *d = arg;
	const size_t capacity = size * n;
	const size_t n_sent = d->bytes.n < capacity ? d->bytes.n : capacity;

	if (n_sent > 0)
		memcpy(buffer, d->bytes.p, n_sent);
	d->bytes = str_from(d->bytes, n_sent);
	return n_sent;
}

/* Replies are read by trace_dialog(); libcurl's own copy of them is discarded. */
static size_t discard_bytes(char *bytes, size_t size, size_t n, void *arg)
{
	(void)bytes;
	(void)arg;
	return size * n;
}

static int trace_dialog(CURL *curl, curl_infotype kind, char *bytes, size_t n, void *arg)
{
	struct delivery *d = arg;
	const struct str line = { bytes, n };

	if (kind == CURLINFO_HEADER_OUT)
		smtp_on_command(&d->dialog, line);
	else if (kind == CURLINFO_HEADER_IN)
		smtp_on_reply(&d->dialog, line);
	/* Without this limit, a server that does not reply to QUIT would hold the thread beyond the time
	 * limit. */
	if (kind == CURLINFO_HEADER_OUT && d->dialog.over)
		(void)curl_easy_setopt(curl, CURLOPT_SERVER_RESPONSE_TIMEOUT, QUIT_LIMIT_S);
	return 0;
}

#define SET(option, value) (ok = ok && curl_easy_setopt(curl, (option), (value)) == CURLE_OK)

static const long use_ssl_by_policy[] = {
	[SMTP_TLS_IMPLICIT] = CURLUSESSL_ALL,
	[SMTP_STARTTLS_REQUIRED] = CURLUSESSL_ALL,
	[SMTP_STARTTLS_OR_PRIVATE] = CURLUSESSL_ALL,
	[SMTP_STARTTLS_OPPORTUNISTIC] = CURLUSESSL_TRY,
	[SMTP_PLAINTEXT] = CURLUSESSL_NONE,
};

/* With a user, TLS is required even where the policy makes it optional: a password is sent unencrypted only
 * on loopback. */
static long use_ssl_for(const struct delivery *d)
{
	if (d->policy == SMTP_STARTTLS_OPPORTUNISTIC && d->config->user != NULL)
		return CURLUSESSL_ALL;
	return use_ssl_by_policy[d->policy];
}

static bool set_connection_options(CURL *curl, struct delivery *d)
{
	const char *const ca_file = d->config->ca_file;
	const bool checked = d->policy != SMTP_STARTTLS_OPPORTUNISTIC;
	bool ok;

	d->guard = (struct plaintext_guard){ smtp_tls_policy_is_weak(d->policy), d->config->allow_private,
		false };
	ok = plaintext_guard_install(curl, &d->guard);
	SET(CURLOPT_NOSIGNAL, 1L);
	SET(CURLOPT_PROTOCOLS_STR, "smtp,smtps");
	SET(CURLOPT_NOPROXY, "*");
	SET(CURLOPT_USE_SSL, use_ssl_for(d));
	SET(CURLOPT_SSL_VERIFYPEER, checked ? 1L : 0L);
	SET(CURLOPT_SSL_VERIFYHOST, checked ? 2L : 0L);
	SET(CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	if (ca_file != NULL)
		SET(CURLOPT_CAINFO, ca_file);
	SET(CURLOPT_VERBOSE, 1L);
	SET(CURLOPT_DEBUGFUNCTION, trace_dialog);
	SET(CURLOPT_DEBUGDATA, d);
	SET(CURLOPT_TIMEOUT_MS, (long)d->left.ms);
	SET(CURLOPT_CONNECTTIMEOUT_MS, CONNECT_LIMIT_MS);
	SET(CURLOPT_SERVER_RESPONSE_TIMEOUT, REPLY_LIMIT_S);
	SET(CURLOPT_MAXAGE_CONN, IDLE_MAX_S);
	return ok;
}

static bool set_server_options(CURL *curl, const struct smtp_config *config)
{
	bool ok = true;

	SET(CURLOPT_URL, config->url);
	if (config->user != NULL) {
		SET(CURLOPT_USERNAME, config->user);
		SET(CURLOPT_PASSWORD, config->password);
	}
	return ok;
}

static bool set_send_options(CURL *curl, struct delivery *d, struct curl_slist *to)
{
	bool ok = set_server_options(curl, d->config);

	SET(CURLOPT_MAIL_FROM, d->config->sender);
	SET(CURLOPT_MAIL_RCPT, to);
	SET(CURLOPT_UPLOAD, 1L);
	SET(CURLOPT_READFUNCTION, read_bytes);
	SET(CURLOPT_READDATA, d);
	return ok;
}

/* The probe uses a connection of its own: it ends in the middle of a mail transaction, and a reused
 * connection may still work when the server accepts no new ones. */
static bool set_probe_options(CURL *curl, struct delivery *d, const char *command)
{
	bool ok = set_server_options(curl, d->config);

	SET(CURLOPT_CUSTOMREQUEST, command);
	SET(CURLOPT_WRITEFUNCTION, discard_bytes);
	SET(CURLOPT_FRESH_CONNECT, 1L);
	SET(CURLOPT_FORBID_REUSE, 1L);
	return ok;
}

static const struct {
	CURLcode code;
	const char *reason;
} reasons[] = {
	{ CURLE_COULDNT_RESOLVE_HOST, "resolve" },
	{ CURLE_COULDNT_CONNECT, "connect" },
	{ CURLE_OPERATION_TIMEDOUT, "timeout" },
	{ CURLE_USE_SSL_FAILED, "starttls" },
	{ CURLE_SSL_CONNECT_ERROR, "tls" },
	{ CURLE_PEER_FAILED_VERIFICATION, "certificate" },
	{ CURLE_SSL_CACERT_BADFILE, "certificate" },
	{ CURLE_LOGIN_DENIED, "login" },
	{ CURLE_OUT_OF_MEMORY, "memory" },
};

static const char *failure_reason(CURLcode code, const struct delivery *d, struct arena *a)
{
	if (d->guard.refused)
		return "address";
	if (d->dialog.refusal > 0) {
		const struct str number = arena_printf(a, "%d", d->dialog.refusal);

		if (number.p != NULL)
			return number.p;
	}
	for (size_t i = 0; i < array_len(reasons); i++)
		if (reasons[i].code == code)
			return reasons[i].reason;
	return "broken";
}

static CURLcode perform(CURL *curl, struct delivery *d)
{
	const CURLcode code = curl_easy_perform(curl);
	curl_off_t spent = 0;
	long connects = 0;

	(void)curl_easy_getinfo(curl, CURLINFO_TOTAL_TIME_T, &spent);
	(void)curl_easy_getinfo(curl, CURLINFO_NUM_CONNECTS, &connects);
	d->left.ms -= spent / 1000;
	d->reused = connects == 0;
	return code;
}

static CURLcode send_message(CURL *curl, struct delivery *d, const char *address)
{
	struct curl_slist *const list = curl_slist_append(NULL, address);
	CURLcode code = CURLE_OUT_OF_MEMORY;

	if (list != NULL && set_connection_options(curl, d) && set_send_options(curl, d, list))
		code = perform(curl, d);
	curl_slist_free_all(list);
	return code;
}

static CURLcode send_probe(CURL *curl, struct delivery *d)
{
	char command[ADDRESS_MAX + 32];
	CURLcode code = CURLE_OUT_OF_MEMORY;

	if ((size_t)snprintf(command, sizeof(command), "MAIL FROM:<%s>", d->config->sender) >=
		sizeof(command))
		return CURLE_SEND_ERROR;
	if (set_connection_options(curl, d) && set_probe_options(curl, d, command))
		code = perform(curl, d);
	return code == CURLE_OK && d->dialog.refusal > 0 ? CURLE_WEIRD_SERVER_REPLY : code;
}

static CURLcode try_once(CURL *curl, struct delivery *d, struct str to)
{
	char address[ADDRESS_MAX];
	CURLcode code;

	if (!str_copy_to(to, address, sizeof(address)))
		return CURLE_SEND_ERROR;
	if (d->left.ms <= 0) /* libcurl reads a limit of 0 as no limit */
		return CURLE_OPERATION_TIMEDOUT;
	code = to.n > 0 ? send_message(curl, d, address) : send_probe(curl, d);
	/* Keeps the connection, but drops the options: they point to this e-mail and to the password. */
	curl_easy_reset(curl);
	return code;
}

static bool is_tls_error(CURLcode code)
{
	return code == CURLE_USE_SSL_FAILED || code == CURLE_SSL_CONNECT_ERROR ||
	       code == CURLE_PEER_FAILED_VERIFICATION;
}

static CURLcode retry_with_policy(CURL *curl, struct delivery *d, struct str to, enum smtp_tls_policy policy)
{
	*d = (struct delivery){ .config = d->config, .policy = policy, .left = d->left, .bytes = d->bytes };
	return try_once(curl, d, to);
}

enum delivery_result smtp_deliver(void *curl, const struct smtp_config *config,
	const struct smtp_message *message, struct arena *a, const char **why)
{
	struct delivery d = {
		.config = config, .policy = config->policy, .left = message->left, .bytes = message->bytes
	};
	CURLcode code = try_once(curl, &d, message->to);

	/* In both cases the recipient was not sent yet, so a second try cannot deliver twice. A server may
	 * close a reused connection at any time (RFC 5321 section 3.8). */
	if (code != CURLE_OK && d.reused && d.dialog.stage < SMTP_RCPT)
		code = retry_with_policy(curl, &d, message->to, d.policy);
	if (is_tls_error(code) && d.policy == SMTP_STARTTLS_OR_PRIVATE)
		code = retry_with_policy(curl, &d, message->to, SMTP_STARTTLS_OPPORTUNISTIC);
	if (code == CURLE_OK) {
		*why = "accepted";
		return DELIVERY_ACCEPTED;
	}
	*why = failure_reason(code, &d, a);
	return smtp_delivery_result(&d.dialog);
}

void smtp_quit(void *curl)
{
	(void)curl_easy_setopt(curl, CURLOPT_SERVER_RESPONSE_TIMEOUT, QUIT_LIMIT_S);
	curl_easy_cleanup(curl);
}
