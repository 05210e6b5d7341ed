#include "mail/smtp_delivery.h"

#include <stdio.h>
#include <string.h>

#include <curl/curl.h>

#include "mail/smtp_dialog.h"
#include "net/plaintext_guard.h"

#define CONNECT_LIMIT_MS 10000L
#define REPLY_LIMIT_S 28L
#define QUIT_LIMIT_S 1L
/* A connection that was idle for longer than this is not used again, because mail servers close idle
 * connections. */
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
	bool reused;	    /* the connection has carried an earlier e-mail */
	smtp_logins logins; /* the login mechanisms allowed in this attempt */
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

/* Discards the replies that libcurl passes on, because trace_dialog() has already read them. */
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
	/* Without this shorter limit, a server that does not reply to QUIT would block the thread after the
	 * end of the delivery's time limit. */
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

/* Returns the TLS requirement for libcurl. With a user name, TLS is required even where the policy makes it
 * optional, so a password is sent unencrypted only on loopback. */
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

static bool set_server_options(CURL *curl, const struct delivery *d)
{
	const struct smtp_config *const config = d->config;
	char logins[SMTP_LOGINS_SIZE];
	bool ok = true;

	SET(CURLOPT_URL, config->url);
	if (config->user == NULL)
		return ok;
	smtp_logins_write(d->logins, logins);
	SET(CURLOPT_USERNAME, config->user);
	SET(CURLOPT_PASSWORD, config->password);
	SET(CURLOPT_LOGIN_OPTIONS, logins);
	if ((d->logins & smtp_logins_of_tokens()) != SMTP_LOGINS_NONE)
		SET(CURLOPT_XOAUTH2_BEARER, config->password);
	return ok;
}

static bool set_send_options(CURL *curl, struct delivery *d, struct curl_slist *to)
{
	bool ok = set_server_options(curl, d);

	SET(CURLOPT_MAIL_FROM, d->config->sender);
	SET(CURLOPT_MAIL_RCPT, to);
	SET(CURLOPT_UPLOAD, 1L);
	SET(CURLOPT_READFUNCTION, read_bytes);
	SET(CURLOPT_READDATA, d);
	return ok;
}

/* Sets the options of a probe. A probe uses a new connection, because a reused one may still work when the
 * server accepts no new ones. The connection is not reused, because a probe ends in the middle of a mail
 * transaction. */
static bool set_probe_options(CURL *curl, struct delivery *d, const char *command)
{
	bool ok = set_server_options(curl, d);

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

/* Returns whether the server refused the sender because the client did not log in. libcurl skips the login if
 * the server offers none. Such a server then refuses MAIL FROM with 530 (RFC 4954 section 6) or with a
 * security status, 5.7.x (RFC 3463 section 3.8). */
static bool is_refused_without_login(const struct delivery *d)
{
	const struct str status = smtp_reply_status(str_of(d->dialog.text));

	return d->config->user != NULL && !d->reused && d->dialog.stage == SMTP_MAIL &&
	       d->dialog.tried == SMTP_LOGINS_NONE &&
	       (d->dialog.refusal == 530 || str_starts(status, STR("5.7.")));
}

static const char *failure_reason(CURLcode code, const struct delivery *d, struct arena *a)
{
	if (d->guard.refused)
		return "address";
	if (is_refused_without_login(d))
		return "login";
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

static const char *text_or_empty(struct str s)
{
	return s.p != NULL ? s.p : "";
}

static struct mail_report failure_report(
	CURLcode code, const struct delivery *d, const struct smtp_message *message, struct arena *a)
{
	const struct smtp_private parts = { message->to, str_of(d->config->user), str_of(d->config->password),
		message->text };
	const struct str text = str_of(d->dialog.text);
	struct mail_report report = mail_report_of(failure_reason(code, d, a));
	const bool no_login = d->dialog.stage == SMTP_AUTH || strcmp(report.reason, "login") == 0;

	report.step = smtp_stage_name(d->dialog.stage);
	if (no_login)
		report.login_offer = d->dialog.offer[0] != '\0'
					     ? text_or_empty(arena_copy(a, str_of(d->dialog.offer)))
					     : "none";
	if (d->dialog.refusal == 0)
		return report;
	report.enhanced_status = text_or_empty(arena_copy(a, smtp_reply_status(text)));
	report.reply = text_or_empty(arena_printf(
		a, "%d %s", d->dialog.refusal, text_or_empty(smtp_reply_redact(a, text, &parts))));
	return report;
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
	if (d->left.ms <= 0) /* libcurl treats a limit of 0 as no limit */
		return CURLE_OPERATION_TIMEDOUT;
	code = to.n > 0 ? send_message(curl, d, address) : send_probe(curl, d);
	/* Keeps the connection but clears the options, because they point to this e-mail and to the
	 * password. */
	curl_easy_reset(curl);
	return code;
}

static bool is_tls_error(CURLcode code)
{
	return code == CURLE_USE_SSL_FAILED || code == CURLE_SSL_CONNECT_ERROR ||
	       code == CURLE_PEER_FAILED_VERIFICATION;
}

static CURLcode retry_with(CURL *curl, struct delivery *d, const struct smtp_message *message,
	enum smtp_tls_policy policy, smtp_logins logins)
{
	*d = (struct delivery){ .config = d->config,
		.policy = policy,
		.left = d->left,
		.bytes = message->bytes,
		.logins = logins };
	return try_once(curl, d, message->to);
}

/* Returns whether the login was refused. The reply 421 does not count, because it only announces that the
 * server closes the connection (RFC 5321 section 3.8). */
static bool login_failed(CURLcode code, const struct delivery *d)
{
	if (code == CURLE_OK || code == CURLE_OPERATION_TIMEDOUT || d->dialog.refusal == 421)
		return false;
	return code == CURLE_LOGIN_DENIED || d->dialog.stage == SMTP_AUTH;
}

/* Tries the other login mechanisms as long as the server refuses the one that was used. A server may offer
 * mechanisms for which it does not store the password in the right form, or which it forbids for this
 * user. */
static CURLcode try_other_logins(
	CURL *curl, struct delivery *d, const struct smtp_message *message, CURLcode code)
{
	const struct smtp_config *const config = d->config;
	smtp_logins tried = SMTP_LOGINS_NONE;

	while (login_failed(code, d)) {
		tried |= d->dialog.tried != SMTP_LOGINS_NONE ? d->dialog.tried : d->logins;

		const smtp_logins next = config->logins & ~tried & smtp_logins_named(str_of(d->dialog.offer));
		if (next == SMTP_LOGINS_NONE)
			return code;
		code = retry_with(curl, d, message, d->policy, next);
	}
	if (tried != SMTP_LOGINS_NONE && code == CURLE_OK)
		atomic_store(config->refused_logins, tried);
	return code;
}

static CURLcode try_all(CURL *curl, struct delivery *d, const struct smtp_message *message)
{
	CURLcode code = try_once(curl, d, message->to);

	/* Two failures are retried once: a reused connection that the server has closed (RFC 5321 section
	 * 3.8), and TLS that fails where the policy allows a fallback. RCPT was not sent before either, so a
	 * retry cannot deliver the e-mail twice. */
	if (code != CURLE_OK && d->reused && d->dialog.stage < SMTP_RCPT)
		code = retry_with(curl, d, message, d->policy, d->logins);
	if (is_tls_error(code) && d->policy == SMTP_STARTTLS_OR_PRIVATE)
		code = retry_with(curl, d, message, SMTP_STARTTLS_OPPORTUNISTIC, d->logins);
	return try_other_logins(curl, d, message, code);
}

enum delivery_result smtp_deliver(void *curl, const struct smtp_config *config,
	const struct smtp_message *message, struct arena *a, struct mail_report *report)
{
	const smtp_logins usual = config->logins & ~atomic_load(config->refused_logins);
	struct delivery d = { .config = config,
		.policy = config->policy,
		.left = message->left,
		.bytes = message->bytes,
		.logins = usual != SMTP_LOGINS_NONE ? usual : config->logins };
	const CURLcode code = try_all(curl, &d, message);

	if (code == CURLE_OK) {
		*report = mail_report_of("accepted");
		return DELIVERY_ACCEPTED;
	}
	*report = failure_report(code, &d, message, a);
	return smtp_delivery_result(&d.dialog);
}

void smtp_quit(void *curl)
{
	(void)curl_easy_setopt(curl, CURLOPT_SERVER_RESPONSE_TIMEOUT, QUIT_LIMIT_S);
	curl_easy_cleanup(curl);
}
