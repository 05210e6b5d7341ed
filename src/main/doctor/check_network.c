#include <inttypes.h>
#include <string.h>

#include "app/mail/health.h"
#include "mail/smtp_mailer.h"
#include "main/config/didit.h"
#include "main/config/setting.h"
#include "main/daemon/compose.h"
#include "main/daemon/database.h"
#include "main/doctor/checks.h"
#include "main/platform/system_clock.h"
#include "net/https_client.h"
#include "net/probe.h"
#include "provider/didit_client.h"
#include "provider/token_source.h"
#include "store/sqlite/instance_lock.h"

/* Time limit of one network call. It is shorter than the time limit of a check (5 s), so that the check can
 * still report what failed. */
#define CALL_LIMIT milliseconds(2500)
#define CERTIFICATE_LIMIT milliseconds(2000)
#define CERTIFICATE_DAYS_MIN 21 /* a certificate that expires in fewer days gets a warning */
#define METRICS_MAX ((size_t)1024 * 1024)
#define DAY_MS ((int64_t)24 * 60 * 60 * 1000)
/* Limits for the difference between this machine's clock and the provider's. kycd refuses provider events
 * whose time stamp differs from its clock by more than 300 s (provider/signature.h). */
#define CLOCK_ERROR_MS ((int64_t)300 * 1000)
#define CLOCK_WARNING_MS ((int64_t)30 * 1000)

bool doctor_report_certificate(struct doctor_ctx *ctx, struct str url)
{
	char at[MOMENT_RFC3339_SIZE];
	moment expires_at = { 0 };
	const enum err e = probe_certificate(url, CERTIFICATE_LIMIT, &expires_at);
	const int64_t left = expires_at.ms - system_now().ms;

	if (e == ERR_NOT_FOUND)
		doctor_report(ctx, FINDING_WARNING, "the expiry date of the certificate cannot be read");
	if (e != OK)
		return e == ERR_NOT_FOUND;
	moment_rfc3339(expires_at, at);
	if (left <= 0)
		doctor_report(ctx, FINDING_ERROR, "the certificate expired at %s: renew it", at);
	else
		doctor_report(ctx, left < CERTIFICATE_DAYS_MIN * DAY_MS ? FINDING_WARNING : FINDING_OK,
			"the certificate expires in %" PRId64 " days%s", left / DAY_MS,
			left < CERTIFICATE_DAYS_MIN * DAY_MS ? ": renew it" : "");
	return true;
}

static void report_provider_clock(struct doctor_ctx *ctx, moment provider_time)
{
	const int64_t difference = system_now().ms - provider_time.ms;
	const int64_t distance = difference < 0 ? -difference : difference;

	if (moment_is_unset(provider_time) || distance < CLOCK_WARNING_MS)
		return;
	doctor_report(ctx, distance < CLOCK_ERROR_MS ? FINDING_WARNING : FINDING_ERROR,
		"this machine's clock is %" PRId64
		" s %s the provider's: correct it; provider events are refused if "
		"the difference is above 300 s",
		distance / 1000, difference < 0 ? "behind" : "ahead of");
}

/* Reports that no server answers at the admin listener: either no server is running, or it uses another
 * address. */
static void report_no_server(struct doctor_ctx *ctx)
{
	const struct str at = ctx->config.admin_listen;
	struct str owner;

	if (database_is_file(&ctx->config) &&
		instance_lock_inspect(database_path(&ctx->config), &ctx->arena, &owner))
		doctor_report(ctx, FINDING_ERROR,
			"the database is locked by %.*s, but no server answers at %.*s: see the log of that process, and "
			"compare KYCD_ADMIN_LISTEN",
			STR_ARG(owner), STR_ARG(at));
	else
		doctor_report(
			ctx, FINDING_WARNING, "no server answers at %.*s: kycd is not running", STR_ARG(at));
}

/* Returns the metrics of the running server, or an empty string if they cannot be read. */
static struct str fetch_metrics(struct doctor_ctx *ctx)
{
	const struct https_conf conf = { .calls_max = 1, .allow_private = ctx->config.allow_weak };
	const struct https_request request = { .method = "GET",
		.url = arena_printf(&ctx->arena, "http://%.*s/metrics", STR_ARG(ctx->config.admin_listen)),
		.limit = CALL_LIMIT,
		.connect_limit = CALL_LIMIT,
		.reply_max = METRICS_MAX };
	struct https_client *https;
	struct https_reply reply;
	enum https_error error;

	if (!request.url.p || https_open(&conf, &https) != OK)
		return STR("");
	const enum err e = https_call(https, &request, &ctx->arena, &reply, &error);
	https_close(https);
	return e == OK ? reply.body : STR("");
}

/* Returns the value in the first line that starts with `name`, or 0 if there is no such line. */
static int64_t metric_value(struct str text, struct str name)
{
	struct str line;
	int64_t number = 0;

	while (text.n > 0) {
		(void)str_cut(&text, '\n', &line);
		if (!str_starts(line, name))
			continue;
		(void)str_number(str_from(line, name.n), INT64_MAX, &number);
		return number;
	}
	return 0;
}

static void report_running_server(struct doctor_ctx *ctx)
{
	const struct str metrics = fetch_metrics(ctx);
	const int64_t refused = metric_value(
		metrics, STR("kycd_requests_total{route=\"/webhooks/didit\",status=\"401\"} "));

	doctor_report(ctx, FINDING_OK, "the server is running and ready");
	if (metric_value(metrics, STR("kycd_provider_breaker_open ")) == 1)
		doctor_report(ctx, FINDING_WARNING,
			"the server treats the provider as down, because ten calls failed in a row; it tries one call "
			"every 5 s");
	if (refused > 0)
		doctor_report(ctx, FINDING_WARNING,
			"the server has refused %" PRId64
			" provider events since its start because of their signature or "
			"time: if the number grows, compare KYCD_DIDIT_WEBHOOK_SECRET with Didit's console",
			refused);
}

/* Checks the running server. If none is running, that is a warning and not an error, because the command may
 * be used before the first start. */
void doctor_check_server(struct doctor_ctx *ctx)
{
	const struct str at = ctx->config.admin_listen;
	const struct str url = arena_printf(&ctx->arena, "http://%.*s/health/ready", STR_ARG(at));
	struct probe_result probe;
	const enum err e = probe_http(url, ctx->config.allow_weak, CALL_LIMIT, &ctx->arena, &probe);

	if (e == ERR_INPUT || e == ERR_INTERNAL)
		doctor_report(ctx, FINDING_WARNING,
			"the server cannot be checked: KYCD_ADMIN_LISTEN cannot be called from here");
	else if (e != OK)
		report_no_server(ctx);
	else if (probe.status == 200)
		report_running_server(ctx);
	else
		doctor_report(ctx, FINDING_ERROR, "the server at %.*s is not ready (status %d): see its log",
			STR_ARG(at), probe.status);
}

static bool has_mail_server(struct doctor_ctx *ctx)
{
	if (ctx->config.smtp_url.n > 0)
		return true;
	doctor_report(ctx, ctx->config.dev ? FINDING_OK : FINDING_ERROR, "%s",
		ctx->config.dev ? "e-mails are captured in the development inbox"
				: "KYCD_SMTP_URL is not set: set it to the URL of your mail server");
	return false;
}

void doctor_check_relay(struct doctor_ctx *ctx)
{
	const struct config *const c = &ctx->config;
	const struct smtp_conf conf = {
		.url = c->smtp_url, .from = c->mail_from, .allow_plain_private = c->allow_weak
	};
	struct mailer *mailer;
	struct mail_report report = mail_report_of("");

	if (!has_mail_server(ctx))
		return;
	if (smtp_mailer_open(&conf, &mailer) != OK)
		doctor_report(ctx, FINDING_ERROR,
			"KYCD_SMTP_URL or KYCD_MAIL_FROM is invalid: run `kycd config check`");
	else if (mailer_probe(mailer, &ctx->arena, &report))
		doctor_report(ctx, FINDING_OK, "the mail server accepts our e-mails");
	else
		doctor_report(ctx, FINDING_ERROR, "the mail server accepts no e-mail (%s): %s",
			report.reply[0] != '\0' ? report.reply : report.reason, mail_advice(&report));
}

/* Checks the mail server's certificate. A mail server on loopback may have none, so a missing one is no
 * error. */
void doctor_check_relay_certificate(struct doctor_ctx *ctx)
{
	if (ctx->config.smtp_url.n > 0 && !doctor_report_certificate(ctx, ctx->config.smtp_url))
		doctor_report(ctx, FINDING_OK, "the mail server presents no certificate");
}

/* Returns whether the provider is the built-in sandbox, and reports it if so. A sandbox needs no further
 * checks. */
static bool is_built_in_sandbox(struct doctor_ctx *ctx)
{
	if (!config_uses_sandbox(&ctx->config, ctx->raw))
		return false;
	doctor_report(ctx, FINDING_OK, "the provider is the sandbox that is built into the server");
	return true;
}

static void report_provider_host(struct doctor_ctx *ctx, struct str url, const char *setting)
{
	struct probe_result probe;
	const enum err e = probe_http(url, ctx->config.allow_weak, CALL_LIMIT, &ctx->arena, &probe);

	(void)doctor_report_certificate(ctx, url);
	if (e == OK) {
		if (probe.status >= 500)
			doctor_report(ctx, FINDING_WARNING,
				"%s answers with status %d: the provider may have an outage", setting,
				probe.status);
		else
			doctor_report(ctx, FINDING_OK, "%s answers", setting);
		report_provider_clock(ctx, probe.date);
	} else if (e == ERR_UPSTREAM) {
		doctor_report(ctx, FINDING_ERROR,
			"%s does not answer (%.*s): check the network, DNS and the firewall", setting,
			STR_ARG(probe.error));
	} else {
		doctor_report(ctx, FINDING_ERROR, "%s must not be called over plain http: use an https URL",
			setting);
	}
}

void doctor_check_provider(struct doctor_ctx *ctx)
{
	if (!is_built_in_sandbox(ctx))
		report_provider_host(ctx, ctx->config.didit_base_url, "KYCD_DIDIT_BASE_URL");
}

void doctor_check_provider_auth(struct doctor_ctx *ctx)
{
	if (is_built_in_sandbox(ctx))
		return;
	if (!didit_takes_tokens(&ctx->config))
		doctor_report(ctx, FINDING_OK, "version %.*s of the API needs no access token",
			STR_ARG(ctx->config.didit_version));
	else
		report_provider_host(ctx, ctx->config.didit_auth_url, "KYCD_DIDIT_AUTH_URL");
}

/* Requests an access token and discards it. Creates no session. */
static enum err request_token(struct doctor_ctx *ctx, struct provider_failure *failure)
{
	const struct config *const c = &ctx->config;
	const struct https_conf https = { .calls_max = 1, .allow_private = c->allow_weak };
	struct token_conf conf = { .auth_url = c->didit_auth_url,
		.client_id = c->didit_client_id,
		.client_secret = c->didit_client_secret,
		.clock = system_clock() };
	struct token token cleanup_with(token_wipe) = { .serial = 0 };
	struct token_source *source;

	TRY(https_open(&https, &conf.https));
	TRY(token_open(&conf, &source));
	return token_get(source, system_ticks() + CALL_LIMIT.ms, &token, failure);
}

static void report_client_credentials(struct doctor_ctx *ctx)
{
	struct provider_failure failure = { .cause = PROVIDER_OK };

	if (request_token(ctx, &failure) == OK)
		doctor_report(ctx, FINDING_OK, "the provider issues an access token");
	else if (failure.cause == PROVIDER_REFUSED)
		doctor_report(ctx, FINDING_ERROR,
			"the provider refuses KYCD_DIDIT_CLIENT_ID with KYCD_DIDIT_CLIENT_SECRET: compare them with "
			"Didit's console");
	else if (failure.cause == PROVIDER_OK)
		doctor_report(ctx, FINDING_ERROR,
			"KYCD_DIDIT_CLIENT_ID or KYCD_DIDIT_CLIENT_SECRET is empty or invalid: copy them from Didit's "
			"console");
	else
		doctor_report(ctx, FINDING_ERROR,
			"KYCD_DIDIT_AUTH_URL issues no access token (%s%s%s): check the network and the setting",
			provider_cause_name(failure.cause), failure.reason ? ", " : "",
			provider_reason_name(failure.reason));
}

/* Requests a list of at most one session and discards it. Creates nothing. */
static enum err request_session_list(
	struct doctor_ctx *ctx, struct didit_request *request, struct provider_failure *failure)
{
	const struct config *const c = &ctx->config;
	const struct https_conf https = { .calls_max = 1, .allow_private = c->allow_weak };
	struct didit_client_conf conf = {
		.base_url = c->didit_base_url, .api_key = c->didit_api_key, .clock = system_clock()
	};
	const struct json_value *answer cleanup_with(json_cleanup) = NULL;
	struct didit_client *client;
	enum err e;

	TRY(https_open(&https, &conf.https));
	e = didit_client_open(&conf, &client);
	if (e == OK) {
		request->deadline = system_ticks() + CALL_LIMIT.ms;
		e = didit_client_call(client, request, &ctx->arena, &answer, failure);
		didit_client_close(client);
	}
	https_close(conf.https);
	return e;
}

static void report_api_key(struct doctor_ctx *ctx)
{
	struct didit_request request = { .method = "GET", .path = STR("/v3/sessions/?limit=1") };
	struct provider_failure failure = { .cause = PROVIDER_OK };

	if (ctx->config.didit_api_key.n == 0)
		doctor_report(ctx, FINDING_ERROR,
			"KYCD_DIDIT_API_KEY is not set: copy the API key from Didit's console");
	else if (request_session_list(ctx, &request, &failure) == OK)
		doctor_report(ctx, FINDING_OK, "the provider accepts KYCD_DIDIT_API_KEY");
	else if (failure.cause == PROVIDER_REFUSED || failure.cause == PROVIDER_CREDITS)
		doctor_report(ctx, FINDING_ERROR,
			"the provider refuses KYCD_DIDIT_API_KEY (%d): compare it with Didit's console; it needs the scopes "
			"read:sessions and write:sessions",
			request.status);
	else if (failure.cause == PROVIDER_OK)
		doctor_report(ctx, FINDING_ERROR,
			"KYCD_DIDIT_API_KEY is invalid: copy the API key from Didit's console");
	else
		doctor_report(ctx, FINDING_ERROR,
			"KYCD_DIDIT_BASE_URL returns no list of sessions (%s%s%s): check the network and the setting",
			provider_cause_name(failure.cause), failure.reason ? ", " : "",
			provider_reason_name(failure.reason));
}

void doctor_check_provider_login(struct doctor_ctx *ctx)
{
	if (is_built_in_sandbox(ctx))
		return;
	if (didit_takes_tokens(&ctx->config))
		report_client_credentials(ctx);
	else
		report_api_key(ctx);
}

static void report_public_url_target(struct doctor_ctx *ctx, struct str url)
{
	const struct str ready = arena_printf(&ctx->arena, "%.*s/health/ready", STR_ARG(url));
	struct probe_result probe;
	const enum err e = probe_http(ready, ctx->config.allow_weak, CALL_LIMIT, &ctx->arena, &probe);

	if (e == OK && probe.status == 200)
		doctor_report(ctx, FINDING_OK, "KYCD_PUBLIC_URL leads to a server that is ready");
	else if (e == OK)
		doctor_report(ctx, FINDING_WARNING,
			"%.*s answers with status %d from here: check that it leads to this server",
			STR_ARG(ready), probe.status);
	else
		doctor_report(ctx, FINDING_WARNING,
			"%.*s cannot be reached from here (%.*s): try it from outside", STR_ARG(ready),
			STR_ARG(probe.error));
}

void doctor_check_public_url(struct doctor_ctx *ctx)
{
	const struct str url = ctx->config.public_url;
	struct str scheme, host, port;

	if (url_parts(&ctx->arena, url, &scheme, &host, &port) && !str_eq(scheme, STR("https")) &&
		!host_is_loopback(host))
		doctor_report(ctx, FINDING_WARNING,
			"KYCD_PUBLIC_URL is plain http: links and provider events can be read in transit; use an https "
			"URL");
	else
		(void)doctor_report_certificate(ctx, url);
	report_public_url_target(ctx, url);
}
