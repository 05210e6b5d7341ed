#include "mail/smtp_mailer.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <curl/curl.h>

#include "mail/mime.h"
#include "mail/smtp_guard.h"
#include "mail/smtp_stage.h"
#include "net/address.h"
#include "net/pool.h"

/* port/mailer.h: at most 30 s. The good-bye after a failure is waited for beyond the time of the letter. */
#define LETTER_LIMIT_MS 28000L
#define CONNECT_LIMIT_MS 10000L
#define REPLY_LIMIT_S 28L
#define GOODBYE_LIMIT_S 1L
/* Servers hang up on who is idle: a connection is not used again after this long. */
#define IDLE_MAX_S 30L
#define LETTER_BYTES_MAX ((size_t)1024 * 1024)

struct smtp_mailer {
	struct mailer base;
	char *url; /* without user and password */
	char *user, *password, *from, *reply_to, *ca_file;
	char *envelope_from;
	enum smtp_guard guard;
	bool allow_private;
	struct pool *handles;
};

/* One letter while libcurl has it. */
struct delivery {
	const struct smtp_mailer *mailer;
	enum smtp_guard guard;
	span left;
	struct str bytes; /* what is still to be sent */
	struct smtp_talk talk;
	bool address_refused;
};

static const struct mailer_ops smtp_mailer_ops;

static struct smtp_mailer *mine(struct mailer *mailer)
{
	assert(mailer->ops == &smtp_mailer_ops);
	return container_of(mailer, struct smtp_mailer, base);
}

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

static int watch(CURL *curl, curl_infotype kind, char *bytes, size_t n, void *arg)
{
	struct delivery *d = arg;
	const struct str line = { bytes, n };

	if (kind == CURLINFO_HEADER_OUT)
		smtp_said(&d->talk, line);
	else if (kind == CURLINFO_HEADER_IN)
		smtp_heard(&d->talk, line);
	/* A server that refuses and then says nothing to QUIT would hold us beyond our time. */
	if (kind == CURLINFO_HEADER_OUT && d->talk.over)
		(void)curl_easy_setopt(curl, CURLOPT_SERVER_RESPONSE_TIMEOUT, GOODBYE_LIMIT_S);
	return 0;
}

static curl_socket_t open_socket(void *arg, curlsocktype purpose, struct curl_sockaddr *address)
{
	struct delivery *d = arg;
	(void)purpose;
	if (smtp_guard_is_weak(d->guard) && !address_bears_plain(&address->addr, d->mailer->allow_private)) {
		d->address_refused = true;
		return CURL_SOCKET_BAD;
	}
	return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

#define SET(option, value) (ok = ok && curl_easy_setopt(curl, (option), (value)) == CURLE_OK)

static const long use_ssl[] = {
	[SMTP_TLS_FROM_START] = CURLUSESSL_ALL,
	[SMTP_TLS_DEMANDED] = CURLUSESSL_ALL,
	[SMTP_TLS_OR_PRIVATE] = CURLUSESSL_ALL,
	[SMTP_TLS_IF_OFFERED] = CURLUSESSL_TRY,
	[SMTP_PLAIN] = CURLUSESSL_NONE,
};

static bool set_guards(CURL *curl, struct delivery *d)
{
	const struct smtp_mailer *m = d->mailer;
	const bool checked = d->guard != SMTP_TLS_IF_OFFERED;
	bool ok = true;

	SET(CURLOPT_NOSIGNAL, 1L);
	SET(CURLOPT_PROTOCOLS_STR, "smtp,smtps");
	SET(CURLOPT_NOPROXY, "*");
	SET(CURLOPT_USE_SSL, use_ssl[d->guard]);
	SET(CURLOPT_SSL_VERIFYPEER, checked ? 1L : 0L);
	SET(CURLOPT_SSL_VERIFYHOST, checked ? 2L : 0L);
	SET(CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	if (m->ca_file != NULL)
		SET(CURLOPT_CAINFO, m->ca_file);
	SET(CURLOPT_OPENSOCKETFUNCTION, open_socket);
	SET(CURLOPT_OPENSOCKETDATA, d);
	SET(CURLOPT_VERBOSE, 1L);
	SET(CURLOPT_DEBUGFUNCTION, watch);
	SET(CURLOPT_DEBUGDATA, d);
	SET(CURLOPT_TIMEOUT_MS, (long)d->left.ms);
	SET(CURLOPT_CONNECTTIMEOUT_MS, CONNECT_LIMIT_MS);
	SET(CURLOPT_SERVER_RESPONSE_TIMEOUT, REPLY_LIMIT_S);
	SET(CURLOPT_MAXAGE_CONN, IDLE_MAX_S);
	return ok;
}

static bool set_letter(CURL *curl, struct delivery *d, struct curl_slist *to)
{
	const struct smtp_mailer *m = d->mailer;
	bool ok = true;

	SET(CURLOPT_URL, m->url);
	if (m->user != NULL) {
		SET(CURLOPT_USERNAME, m->user);
		SET(CURLOPT_PASSWORD, m->password != NULL ? m->password : "");
	}
	SET(CURLOPT_MAIL_FROM, m->envelope_from);
	SET(CURLOPT_MAIL_RCPT, to);
	SET(CURLOPT_UPLOAD, 1L);
	SET(CURLOPT_READFUNCTION, give_bytes);
	SET(CURLOPT_READDATA, d);
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
	if (d->address_refused)
		return "address";
	if (d->talk.refusal > 0) {
		const struct str number = arena_printf(a, "%d", d->talk.refusal);

		if (number.p != NULL)
			return number.p;
	}
	for (size_t i = 0; i < array_len(words); i++)
		if (words[i].code == code)
			return words[i].why;
	return "broken";
}

static CURLcode attempt(CURL *curl, struct delivery *d, struct str to)
{
	char address[256];
	struct curl_slist *list;
	CURLcode code = CURLE_OUT_OF_MEMORY;
	curl_off_t spent = 0;

	if (!str_copy_to(to, address, sizeof(address)))
		return CURLE_SEND_ERROR;
	if (d->left.ms <= 0) /* to libcurl a limit of 0 is none */
		return CURLE_OPERATION_TIMEDOUT;
	list = curl_slist_append(NULL, address);
	if (list != NULL && set_guards(curl, d) && set_letter(curl, d, list))
		code = curl_easy_perform(curl);
	curl_slist_free_all(list);
	(void)curl_easy_getinfo(curl, CURLINFO_TOTAL_TIME_T, &spent);
	d->left.ms -= spent / 1000;
	/* Keeps the connection; forgets the options, so the pointers into this letter and the password. */
	curl_easy_reset(curl);
	return code;
}

static bool tls_failed(CURLcode code)
{
	return code == CURLE_USE_SSL_FAILED || code == CURLE_SSL_CONNECT_ERROR ||
	       code == CURLE_PEER_FAILED_VERIFICATION;
}

static enum letter_fate deliver(
	CURL *curl, struct delivery *d, struct str to, struct arena *a, const char **why)
{
	CURLcode code = attempt(curl, d, to);

	/* Nothing of the letter was said yet. */
	if (tls_failed(code) && d->guard == SMTP_TLS_OR_PRIVATE) {
		*d = (struct delivery){
			.mailer = d->mailer, .guard = SMTP_TLS_IF_OFFERED, .left = d->left, .bytes = d->bytes
		};
		code = attempt(curl, d, to);
	}
	if (code == CURLE_OK) {
		*why = "accepted";
		return LETTER_ACCEPTED;
	}
	*why = why_not(code, d, a);
	return smtp_fate(&d->talk);
}

static enum letter_fate send_lent(
	struct smtp_mailer *m, struct str bytes, struct str to, struct arena *a, const char **why)
{
	struct delivery d = {
		.mailer = m, .guard = m->guard, .bytes = bytes, .left = milliseconds(LETTER_LIMIT_MS)
	};
	enum letter_fate fate;
	void *lent;
	CURL *curl;

	if (pool_borrow(m->handles, &d.left, &lent) != OK) {
		*why = "busy";
		return LETTER_STUCK;
	}
	curl = lent != NULL ? lent : curl_easy_init();
	if (curl == NULL) {
		pool_return(m->handles, NULL);
		*why = "memory";
		return LETTER_STUCK;
	}
	fate = deliver(curl, &d, to, a, why);
	pool_return(m->handles, curl);
	return fate;
}

static enum letter_fate smtp_send(
	struct mailer *mailer, const struct letter *letter, struct arena *a, const char **why)
{
	struct smtp_mailer *m = mine(mailer);
	struct str bytes;
	struct arena own;
	enum letter_fate fate = LETTER_STUCK;

	*why = "letter";
	/* Of its own: a letter in bytes may be larger than what the caller's call has left. */
	arena_init(&own, LETTER_BYTES_MAX);
	if (mime_write(&own, letter, str_of(m->from), str_of(m->reply_to), &bytes) == OK)
		fate = send_lent(m, bytes, letter->to, a, why);
	arena_finish(&own);
	return fate;
}

static void wipe_free(char *text)
{
	if (text != NULL)
		explicit_bzero(text, strlen(text));
	free(text);
}

static void close_connection(void *curl)
{
	(void)curl_easy_setopt(curl, CURLOPT_SERVER_RESPONSE_TIMEOUT, GOODBYE_LIMIT_S);
	curl_easy_cleanup(curl);
}

static void smtp_close(struct mailer *mailer)
{
	struct smtp_mailer *m;

	if (mailer == NULL)
		return;
	m = mine(mailer);
	pool_close(m->handles, close_connection);
	wipe_free(m->password);
	wipe_free(m->user);
	free(m->url);
	free(m->from);
	free(m->reply_to);
	free(m->ca_file);
	free(m->envelope_from);
	free(m);
}

static const struct mailer_ops smtp_mailer_ops = {
	.send = smtp_send,
	.close = smtp_close,
};

static char *copy(struct str s)
{
	return s.p != NULL && memchr(s.p, 0, s.n) == NULL ? strndup(s.p, s.n) : NULL;
}

static bool url_part(CURLU *url, CURLUPart part, unsigned int flags, char **out)
{
	char *text = NULL;
	const bool found = curl_url_get(url, part, &text, flags) == CURLUE_OK;

	if (found)
		*out = strdup(text);
	if (text != NULL)
		explicit_bzero(text, strlen(text));
	curl_free(text);
	return found && *out != NULL;
}

/* Takes the URL apart: user and password by themselves, the rest as it is called. */
static enum err take_url(struct smtp_mailer *m, CURLU *url, const struct smtp_conf *conf)
{
	char *scheme = NULL, *host = NULL, *path = NULL;
	const bool whole = url_part(url, CURLUPART_SCHEME, 0, &scheme) &&
			   url_part(url, CURLUPART_HOST, 0, &host) && url_part(url, CURLUPART_PATH, 0, &path);
	const bool smtps = whole && strcmp(scheme, "smtps") == 0;
	bool good = whole && (smtps || strcmp(scheme, "smtp") == 0) && strcmp(path, "/") == 0;

	(void)url_part(url, CURLUPART_USER, CURLU_URLDECODE, &m->user);
	(void)url_part(url, CURLUPART_PASSWORD, CURLU_URLDECODE, &m->password);
	good = good && curl_url_set(url, CURLUPART_USER, NULL, 0) == CURLUE_OK &&
	       curl_url_set(url, CURLUPART_PASSWORD, NULL, 0) == CURLUE_OK &&
	       url_part(url, CURLUPART_URL, 0, &m->url);
	if (good)
		m->guard = smtp_guard_for(&(const struct smtp_place){ .host = str_of(host),
			.smtps = smtps,
			.allow_private = conf->allow_plain_private,
			.own_ca = conf->ca_file.n > 0 });
	free(scheme);
	free(host);
	free(path);
	return good ? OK : ERR_INPUT;
}

static enum err read_url(struct smtp_mailer *m, const struct smtp_conf *conf)
{
	char *text = copy(conf->url);
	CURLU *url = curl_url();
	enum err e = ERR_INPUT;

	if (text != NULL && url != NULL && curl_url_set(url, CURLUPART_URL, text, 0) == CURLUE_OK)
		e = take_url(m, url, conf);
	wipe_free(text);
	curl_url_cleanup(url);
	return e;
}

static enum err fill(struct smtp_mailer *m, const struct smtp_conf *conf)
{
	struct str address;

	if (conf->reply_to.n > 0 && !mailbox_address(conf->reply_to, &address))
		return ERR_INPUT;
	if (!mailbox_address(conf->from, &address))
		return ERR_INPUT;
	TRY(read_url(m, conf));
	m->allow_private = conf->allow_plain_private;
	m->from = copy(conf->from);
	m->envelope_from = copy(address);
	m->reply_to = conf->reply_to.n > 0 ? copy(conf->reply_to) : NULL;
	m->ca_file = conf->ca_file.n > 0 ? copy(conf->ca_file) : NULL;
	if (m->from == NULL || m->envelope_from == NULL)
		return ERR_INTERNAL;
	return pool_open(SMTP_CONNECTIONS, &m->handles);
}

enum err smtp_mailer_open(const struct smtp_conf *conf, struct mailer **out)
{
	struct smtp_mailer *m = calloc(1, sizeof(*m));
	enum err e;

	if (m == NULL)
		return ERR_INTERNAL;
	m->base.ops = &smtp_mailer_ops;
	e = fill(m, conf);
	if (e != OK) {
		smtp_close(&m->base);
		return e;
	}
	*out = &m->base;
	return OK;
}
