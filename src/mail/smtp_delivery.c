#include "mail/smtp_delivery.h"

#include <stdio.h>
#include <string.h>

#include <curl/curl.h>

#include "mail/smtp_dialog.h"
#include "net/plaintext_guard.h"

#define CONNECT_LIMIT_MS 10000L
#define REPLY_LIMIT_S 28L
#define GOODBYE_LIMIT_S 1L
/* Servers hang up on who is idle: a connection is not used again after this long. */
#define IDLE_MAX_S 30L
#define ADDRESS_MAX 256

/* One letter while libcurl has it. */
struct delivery {
	const struct smtp_config *config;
	enum smtp_tls_policy policy;
	duration left;
	struct str bytes; /* what is still to be sent */
	struct smtp_dialog dialog;
	struct plaintext_guard door;
	bool reused; /* on a connection that served before */
};

static size_t give_bytes(char *room, size_t size, size_t n, void *arg)
{
	struct delivery *d = arg;
	const size_t most = size * n;
	const size_t now = d->bytes.n < most ? d->bytes.n : most;

	if (now > 0)
		memcpy(room, d->bytes.p, now);
	d->bytes = str_from(d->bytes, now);
	return now;
}

/* What the server says to a question is looked at as it comes; nobody wants its text. */
static size_t drop_bytes(char *bytes, size_t size, size_t n, void *arg)
{
	(void)bytes;
	(void)arg;
	return size * n;
}

static int watch(CURL *curl, curl_infotype kind, char *bytes, size_t n, void *arg)
{
	struct delivery *d = arg;
	const struct str line = { bytes, n };

	if (kind == CURLINFO_HEADER_OUT)
		smtp_on_command(&d->dialog, line);
	else if (kind == CURLINFO_HEADER_IN)
		smtp_on_reply(&d->dialog, line);
	/* A server that refuses and then says nothing to QUIT would hold us beyond our time. */
	if (kind == CURLINFO_HEADER_OUT && d->dialog.over)
		(void)curl_easy_setopt(curl, CURLOPT_SERVER_RESPONSE_TIMEOUT, GOODBYE_LIMIT_S);
	return 0;
}

#define SET(option, value) (ok = ok && curl_easy_setopt(curl, (option), (value)) == CURLE_OK)

static const long use_ssl[] = {
	[SMTP_TLS_IMPLICIT] = CURLUSESSL_ALL,
	[SMTP_STARTTLS_REQUIRED] = CURLUSESSL_ALL,
	[SMTP_STARTTLS_OR_PRIVATE] = CURLUSESSL_ALL,
	[SMTP_STARTTLS_OPPORTUNISTIC] = CURLUSESSL_TRY,
	[SMTP_PLAINTEXT] = CURLUSESSL_NONE,
};

/* A password is never said in the clear, except to ourselves. */
static long tls_for(const struct delivery *d)
{
	if (d->policy == SMTP_STARTTLS_OPPORTUNISTIC && d->config->user != NULL)
		return CURLUSESSL_ALL;
	return use_ssl[d->policy];
}

static bool set_guards(CURL *curl, struct delivery *d)
{
	const char *const ca_file = d->config->ca_file;
	const bool checked = d->policy != SMTP_STARTTLS_OPPORTUNISTIC;
	bool ok;

	d->door = (struct plaintext_guard){ smtp_tls_policy_is_weak(d->policy), d->config->allow_private,
		false };
	ok = plaintext_guard_install(curl, &d->door);
	SET(CURLOPT_NOSIGNAL, 1L);
	SET(CURLOPT_PROTOCOLS_STR, "smtp,smtps");
	SET(CURLOPT_NOPROXY, "*");
	SET(CURLOPT_USE_SSL, tls_for(d));
	SET(CURLOPT_SSL_VERIFYPEER, checked ? 1L : 0L);
	SET(CURLOPT_SSL_VERIFYHOST, checked ? 2L : 0L);
	SET(CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	if (ca_file != NULL)
		SET(CURLOPT_CAINFO, ca_file);
	SET(CURLOPT_VERBOSE, 1L);
	SET(CURLOPT_DEBUGFUNCTION, watch);
	SET(CURLOPT_DEBUGDATA, d);
	SET(CURLOPT_TIMEOUT_MS, (long)d->left.ms);
	SET(CURLOPT_CONNECTTIMEOUT_MS, CONNECT_LIMIT_MS);
	SET(CURLOPT_SERVER_RESPONSE_TIMEOUT, REPLY_LIMIT_S);
	SET(CURLOPT_MAXAGE_CONN, IDLE_MAX_S);
	return ok;
}

static bool set_way(CURL *curl, const struct smtp_config *config)
{
	bool ok = true;

	SET(CURLOPT_URL, config->url);
	if (config->user != NULL) {
		SET(CURLOPT_USERNAME, config->user);
		SET(CURLOPT_PASSWORD, config->password);
	}
	return ok;
}

static bool set_letter(CURL *curl, struct delivery *d, struct curl_slist *to)
{
	bool ok = set_way(curl, d->config);

	SET(CURLOPT_MAIL_FROM, d->config->sender);
	SET(CURLOPT_MAIL_RCPT, to);
	SET(CURLOPT_UPLOAD, 1L);
	SET(CURLOPT_READFUNCTION, give_bytes);
	SET(CURLOPT_READDATA, d);
	return ok;
}

/* On a connection of its own: it ends in the middle of a letter, and a kept one may still live where no new
 * one is let in. */
static bool set_question(CURL *curl, struct delivery *d, const char *command)
{
	bool ok = set_way(curl, d->config);

	SET(CURLOPT_CUSTOMREQUEST, command);
	SET(CURLOPT_WRITEFUNCTION, drop_bytes);
	SET(CURLOPT_FRESH_CONNECT, 1L);
	SET(CURLOPT_FORBID_REUSE, 1L);
	return ok;
}

static const struct {
	CURLcode code;
	const char *why;
} words[] = {
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

static const char *why_not(CURLcode code, const struct delivery *d, struct arena *a)
{
	if (d->door.refused)
		return "address";
	if (d->dialog.refusal > 0) {
		const struct str number = arena_printf(a, "%d", d->dialog.refusal);

		if (number.p != NULL)
			return number.p;
	}
	for (size_t i = 0; i < array_len(words); i++)
		if (words[i].code == code)
			return words[i].why;
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

static CURLcode send_to(CURL *curl, struct delivery *d, const char *address)
{
	struct curl_slist *const list = curl_slist_append(NULL, address);
	CURLcode code = CURLE_OUT_OF_MEMORY;

	if (list != NULL && set_guards(curl, d) && set_letter(curl, d, list))
		code = perform(curl, d);
	curl_slist_free_all(list);
	return code;
}

static CURLcode ask(CURL *curl, struct delivery *d)
{
	char command[ADDRESS_MAX + 32];
	CURLcode code = CURLE_OUT_OF_MEMORY;

	if ((size_t)snprintf(command, sizeof(command), "MAIL FROM:<%s>", d->config->sender) >=
		sizeof(command))
		return CURLE_SEND_ERROR;
	if (set_guards(curl, d) && set_question(curl, d, command))
		code = perform(curl, d);
	return code == CURLE_OK && d->dialog.refusal > 0 ? CURLE_WEIRD_SERVER_REPLY : code;
}

static CURLcode attempt(CURL *curl, struct delivery *d, struct str to)
{
	char address[ADDRESS_MAX];
	CURLcode code;

	if (!str_copy_to(to, address, sizeof(address)))
		return CURLE_SEND_ERROR;
	if (d->left.ms <= 0) /* to libcurl a limit of 0 is none */
		return CURLE_OPERATION_TIMEDOUT;
	code = to.n > 0 ? send_to(curl, d, address) : ask(curl, d);
	/* Keeps the connection; forgets the options, so the pointers into this letter and the password. */
	curl_easy_reset(curl);
	return code;
}

static bool tls_failed(CURLcode code)
{
	return code == CURLE_USE_SSL_FAILED || code == CURLE_SSL_CONNECT_ERROR ||
	       code == CURLE_PEER_FAILED_VERIFICATION;
}

static CURLcode again(CURL *curl, struct delivery *d, struct str to, enum smtp_tls_policy policy)
{
	*d = (struct delivery){ .config = d->config, .policy = policy, .left = d->left, .bytes = d->bytes };
	return attempt(curl, d, to);
}

enum delivery_result smtp_deliver(void *curl, const struct smtp_config *config,
	const struct smtp_message *message, struct arena *a, const char **why)
{
	struct delivery d = {
		.config = config, .policy = config->policy, .left = message->left, .bytes = message->bytes
	};
	CURLcode code = attempt(curl, &d, message->to);

	/* In both cases nothing was said of whom the letter is for. A server may hang up on a connection that
	 * it has had enough of (RFC 5321 3.8): a new one knows more. */
	if (code != CURLE_OK && d.reused && d.dialog.stage < SMTP_RCPT)
		code = again(curl, &d, message->to, d.policy);
	if (tls_failed(code) && d.policy == SMTP_STARTTLS_OR_PRIVATE)
		code = again(curl, &d, message->to, SMTP_STARTTLS_OPPORTUNISTIC);
	if (code == CURLE_OK) {
		*why = "accepted";
		return DELIVERY_ACCEPTED;
	}
	*why = why_not(code, &d, a);
	return smtp_delivery_result(&d.dialog);
}

void smtp_quit(void *curl)
{
	(void)curl_easy_setopt(curl, CURLOPT_SERVER_RESPONSE_TIMEOUT, GOODBYE_LIMIT_S);
	curl_easy_cleanup(curl);
}
