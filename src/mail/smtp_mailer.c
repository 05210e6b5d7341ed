#include "mail/smtp_mailer.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include <curl/curl.h>

#include "base/pool.h"
#include "mail/mime.h"
#include "mail/smtp_delivery.h"

/* port/mailer.h allows 30 s for one send. The rest of the 30 s is for waiting for the reply to QUIT after a
 * failure. */
#define SEND_LIMIT_MS 28000L
#define MESSAGE_BYTES_MAX ((size_t)1024 * 1024)

struct smtp_mailer {
	struct mailer base;
	char *url; /* without user and password */
	char *user, *password, *from, *reply_to, *ca_file;
	char *envelope_from;
	enum smtp_tls_policy policy;
	bool allow_private;
	smtp_logins logins;
	_Atomic smtp_logins refused_logins; /* see smtp_delivery.h */
	struct pool *handles;
};

static const struct mailer_ops smtp_mailer_ops;

static struct smtp_mailer *smtp_from_base(struct mailer *mailer)
{
	assert(mailer->ops == &smtp_mailer_ops);
	return container_of(mailer, struct smtp_mailer, base);
}

static struct smtp_config smtp_config_of(struct smtp_mailer *m)
{
	return (struct smtp_config){ .url = m->url,
		.user = m->user,
		.password = m->password != NULL ? m->password : "",
		.sender = m->envelope_from,
		.ca_file = m->ca_file,
		.policy = m->policy,
		.allow_private = m->allow_private,
		.logins = m->logins,
		.refused_logins = &m->refused_logins };
}

static enum err open_handle(void *arg, void **handle)
{
	(void)arg;
	*handle = curl_easy_init();
	return *handle != NULL ? OK : ERR_INTERNAL;
}

/* Sends the message with a CURL handle from the pool. */
static enum delivery_result send_with_pool(
	struct smtp_mailer *m, struct smtp_message message, struct arena *a, struct mail_report *report)
{
	const struct smtp_config config = smtp_config_of(m);
	enum delivery_result result = DELIVERY_RELAY_DOWN;
	void *handle;
	enum err e;

	message.left = milliseconds(SEND_LIMIT_MS);
	*report = mail_report_of("busy");
	e = pool_acquire(m->handles, &message.left, &handle);
	if (e != OK) {
		report->reason = e == ERR_BUSY ? "busy" : "memory";
		return DELIVERY_RELAY_DOWN;
	}
	if (message.left.ms > 0)
		result = smtp_deliver(handle, &config, &message, a, report);
	pool_release(m->handles, handle);
	return result;
}

static bool smtp_probe(struct mailer *mailer, struct arena *a, struct mail_report *report)
{
	const struct smtp_message nothing = { .to = STR("") };

	return send_with_pool(smtp_from_base(mailer), nothing, a, report) == DELIVERY_ACCEPTED;
}

static enum delivery_result smtp_send(struct mailer *mailer, const struct mail_message *message,
	struct arena *a, struct mail_report *report)
{
	struct smtp_mailer *m = smtp_from_base(mailer);
	struct smtp_message encoded = { .to = message->to, .text = message->text };
	struct arena message_arena;
	enum delivery_result result = DELIVERY_RELAY_DOWN;

	*report = mail_report_of("message");
	/* The encoded e-mail gets an arena of its own, because it may be larger than the space left in
	 * `a`. */
	arena_init(&message_arena, MESSAGE_BYTES_MAX);
	if (mime_write(&message_arena, message, str_of(m->from), str_of(m->reply_to), &encoded.bytes) == OK)
		result = send_with_pool(m, encoded, a, report);
	arena_finish(&message_arena);
	return result;
}

static void wipe_free(char *text)
{
	if (text != NULL)
		explicit_bzero(text, strlen(text));
	free(text);
}

static void smtp_close(struct mailer *mailer)
{
	struct smtp_mailer *m;

	if (mailer == NULL)
		return;
	m = smtp_from_base(mailer);
	pool_close(m->handles);
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
	.probe = smtp_probe,
	.close = smtp_close,
};

static char *copy_text(struct str s)
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

/* Returns whether the URL names port 0, on which a server cannot listen. */
static bool has_port_0(CURLU *url)
{
	char *port = NULL;
	const bool has = url_part(url, CURLUPART_PORT, 0, &port) && strcmp(port, "0") == 0;

	free(port);
	return has;
}

static bool has_gsasl(void)
{
	const curl_version_info_data *const version = curl_version_info(CURLVERSION_NOW);

	return (version->features & CURL_VERSION_GSASL) != 0;
}

/* Moves the login mechanisms from the URL's options into `m`. Returns false if one of them cannot be used.
 * libcurl also treats the rest of a password after an unescaped `;` as options. */
static bool set_logins(struct smtp_mailer *m, CURLU *url)
{
	char *options = NULL;
	bool good = true;

	m->logins = smtp_logins_default();
	if (url_part(url, CURLUPART_OPTIONS, 0, &options))
		good = smtp_logins_read(str_of(options), &m->logins) &&
		       (has_gsasl() || (m->logins & smtp_logins_of_gsasl()) == SMTP_LOGINS_NONE) &&
		       curl_url_set(url, CURLUPART_OPTIONS, NULL, 0) == CURLUE_OK;
	wipe_free(options);
	return good;
}

/* Checks the URL, moves the user, password and login mechanisms from it into `m`, and chooses the TLS
 * policy. */
static enum err set_url(struct smtp_mailer *m, CURLU *url, const struct smtp_conf *conf)
{
	char *scheme = NULL, *host = NULL, *path = NULL;
	const bool complete = url_part(url, CURLUPART_SCHEME, 0, &scheme) &&
			      url_part(url, CURLUPART_HOST, 0, &host) &&
			      url_part(url, CURLUPART_PATH, 0, &path);
	const bool smtps = complete && strcmp(scheme, "smtps") == 0;
	bool good = complete && (smtps || strcmp(scheme, "smtp") == 0) && strcmp(path, "/") == 0 &&
		    !has_port_0(url);

	(void)url_part(url, CURLUPART_USER, CURLU_URLDECODE, &m->user);
	(void)url_part(url, CURLUPART_PASSWORD, CURLU_URLDECODE, &m->password);
	good = good && set_logins(m, url) && curl_url_set(url, CURLUPART_USER, NULL, 0) == CURLUE_OK &&
	       curl_url_set(url, CURLUPART_PASSWORD, NULL, 0) == CURLUE_OK &&
	       url_part(url, CURLUPART_URL, 0, &m->url);
	if (good)
		m->policy = smtp_tls_policy_for(&(const struct smtp_server){ .host = str_of(host),
			.smtps = smtps,
			.allow_private = conf->allow_plain_private,
			.own_ca = conf->ca_file.n > 0 });
	free(scheme);
	free(host);
	free(path);
	return good ? OK : ERR_INPUT;
}

static enum err parse_url(struct smtp_mailer *m, const struct smtp_conf *conf)
{
	char *text = copy_text(conf->url);
	CURLU *url = curl_url();
	enum err e = ERR_INPUT;

	if (text != NULL && url != NULL && curl_url_set(url, CURLUPART_URL, text, 0) == CURLUE_OK)
		e = set_url(m, url, conf);
	wipe_free(text);
	curl_url_cleanup(url);
	return e;
}

static enum err smtp_mailer_init(struct smtp_mailer *m, const struct smtp_conf *conf)
{
	struct str address;

	if (conf->reply_to.n > 0 && !mailbox_address(conf->reply_to, &address))
		return ERR_INPUT;
	if (!mailbox_address(conf->from, &address))
		return ERR_INPUT;
	TRY(parse_url(m, conf));
	m->allow_private = conf->allow_plain_private;
	m->from = copy_text(conf->from);
	m->envelope_from = copy_text(address);
	m->reply_to = conf->reply_to.n > 0 ? copy_text(conf->reply_to) : NULL;
	m->ca_file = conf->ca_file.n > 0 ? copy_text(conf->ca_file) : NULL;
	if (m->from == NULL || m->envelope_from == NULL)
		return ERR_INTERNAL;
	return pool_open(
		&(struct pool_conf){ .open = open_handle, .close = smtp_quit, .max = SMTP_CONNECTIONS },
		&m->handles);
}

enum err smtp_mailer_open(const struct smtp_conf *conf, struct mailer **out)
{
	struct smtp_mailer *m = calloc(1, sizeof(*m));
	enum err e;

	if (m == NULL)
		return ERR_INTERNAL;
	m->base.ops = &smtp_mailer_ops;
	e = smtp_mailer_init(m, conf);
	if (e != OK) {
		smtp_close(&m->base);
		return e;
	}
	*out = &m->base;
	return OK;
}
