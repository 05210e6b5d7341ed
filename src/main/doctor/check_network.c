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

/* Below a check's own limit, so that what was in the way can still be told. */
#define LOOK_LIMIT milliseconds(2500)
#define CERTIFICATE_LIMIT milliseconds(2000)
#define DAYS_LEFT 21
#define METRICS_MAX ((size_t)256 * 1024)
#define DAY_MS ((int64_t)24 * 60 * 60 * 1000)
/* Events whose time stamp is further off are refused (provider/signature.h); half a minute is worth a word.
 */
#define CLOCK_WRONG_MS ((int64_t)300 * 1000)
#define CLOCK_OFF_MS ((int64_t)30 * 1000)

/* False: no certificate is shown there. */
static bool judge_certificate(struct doctor_ctx *ctx, struct str url)
{
	char at[MOMENT_RFC3339_SIZE];
	moment ends = { 0 };
	const enum err e = probe_certificate(url, CERTIFICATE_LIMIT, &ends);
	const int64_t left = ends.ms - system_now().ms;

	if (e == ERR_NOT_FOUND)
		doctor_report(ctx, FINDING_WARNING, "when the certificate runs out cannot be read");
	if (e != OK)
		return e == ERR_NOT_FOUND;
	moment_rfc3339(ends, at);
	if (left <= 0)
		doctor_report(ctx, FINDING_ERROR, "the certificate ran out at %s: it must be renewed", at);
	else
		doctor_report(ctx, left < DAYS_LEFT * DAY_MS ? FINDING_WARNING : FINDING_OK,
			"the certificate has %" PRId64 " days left%s", left / DAY_MS,
			left < DAYS_LEFT * DAY_MS ? ": it must be renewed" : "");
	return true;
}

static void judge_time(struct doctor_ctx *ctx, moment theirs)
{
	const int64_t off = system_now().ms - theirs.ms;
	const int64_t far = off < 0 ? -off : off;

	if (moment_is_unset(theirs) || far < CLOCK_OFF_MS)
		return;
	doctor_report(ctx, far < CLOCK_WRONG_MS ? FINDING_WARNING : FINDING_ERROR,
		"our clock is %" PRId64 " s %s the provider's: set it; events are refused beyond 300 s",
		far / 1000, off < 0 ? "behind" : "ahead of");
}

static void judge_silence(struct doctor_ctx *ctx)
{
	const struct str at = ctx->config.admin_listen;
	struct str holder;

	if (database_is_file(&ctx->config) &&
		instance_lock_inspect(database_path(&ctx->config), &ctx->arena, &holder))
		doctor_report(ctx, FINDING_ERROR,
			"the database is held by %.*s, but none answers at %.*s: see its log, or compare "
			"KYCD_ADMIN_LISTEN",
			STR_ARG(holder), STR_ARG(at));
	else
		doctor_report(ctx, FINDING_WARNING, "none answers at %.*s: it does not run", STR_ARG(at));
}

/* What the running server counts; nothing when it does not tell. */
static struct str ask_metrics(struct doctor_ctx *ctx)
{
	const struct https_conf conf = { .calls_max = 1, .allow_private = ctx->config.allow_weak };
	const struct https_request request = { .method = "GET",
		.url = arena_printf(&ctx->arena, "http://%.*s/metrics", STR_ARG(ctx->config.admin_listen)),
		.limit = LOOK_LIMIT,
		.connect_limit = LOOK_LIMIT,
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

/* The number behind the first row that begins so; 0 without one. */
static int64_t metric(struct str text, struct str row)
{
	struct str line;
	int64_t number = 0;

	while (text.n > 0) {
		(void)str_cut(&text, '\n', &line);
		if (!str_starts(line, row))
			continue;
		(void)str_number(str_from(line, row.n), INT64_MAX, &number);
		return number;
	}
	return 0;
}

static void judge_ready(struct doctor_ctx *ctx)
{
	const struct str counted = ask_metrics(ctx);
	const int64_t refused = metric(
		counted, STR("kycd_requests_total{route=\"/webhooks/didit\",status=\"401\"} "));

	doctor_report(ctx, FINDING_OK, "it runs, and is ready");
	if (metric(counted, STR("kycd_provider_breaker_open ")) == 1)
		doctor_report(ctx, FINDING_WARNING,
			"it takes the provider to be down: ten calls failed in a row, and one in 5 s is let through");
	if (refused > 0)
		doctor_report(ctx, FINDING_WARNING,
			"it refused %" PRId64
			" events since its start, by their signature or time: if more come, compare "
			"KYCD_DIDIT_WEBHOOK_SECRET with the provider's console",
			refused);
}

/* Beside a running server or without one: that is for the operator to know. */
void doctor_check_server(struct doctor_ctx *ctx)
{
	const struct str at = ctx->config.admin_listen;
	const struct str url = arena_printf(&ctx->arena, "http://%.*s/health/ready", STR_ARG(at));
	struct probe_result look;
	const enum err e = probe_http(url, ctx->config.allow_weak, LOOK_LIMIT, &ctx->arena, &look);

	if (e == ERR_INPUT || e == ERR_INTERNAL)
		doctor_report(ctx, FINDING_WARNING, "KYCD_ADMIN_LISTEN cannot be asked from here");
	else if (e != OK)
		judge_silence(ctx);
	else if (look.status == 200)
		judge_ready(ctx);
	else
		doctor_report(ctx, FINDING_ERROR, "what answers at %.*s is not ready (%d): see its log",
			STR_ARG(at), look.status);
}

static bool has_relay(struct doctor_ctx *ctx)
{
	if (ctx->config.smtp_url.n > 0)
		return true;
	doctor_report(ctx, ctx->config.dev ? FINDING_OK : FINDING_ERROR, "%s",
		ctx->config.dev ? "letters stay in the inbox" : "KYCD_SMTP_URL is not set");
	return false;
}

void doctor_check_relay(struct doctor_ctx *ctx)
{
	const struct config *const c = &ctx->config;
	const struct smtp_conf conf = {
		.url = c->smtp_url, .from = c->mail_from, .allow_plain_private = c->allow_weak
	};
	struct mailer *mailer;
	const char *why = "";

	if (!has_relay(ctx))
		return;
	if (smtp_mailer_open(&conf, &mailer) != OK)
		doctor_report(ctx, FINDING_ERROR, "KYCD_SMTP_URL or KYCD_MAIL_FROM is not of its form");
	else if (mailer_probe(mailer, &ctx->arena, &why))
		doctor_report(ctx, FINDING_OK, "the mail server takes letters of ours");
	else
		doctor_report(
			ctx, FINDING_ERROR, "no letter can be handed over (%s): %s", why, mail_advice(why));
}

/* A relay on loopback may well have none. */
void doctor_check_relay_certificate(struct doctor_ctx *ctx)
{
	if (ctx->config.smtp_url.n > 0 && !judge_certificate(ctx, ctx->config.smtp_url))
		doctor_report(ctx, FINDING_OK, "the mail server shows none");
}

static bool is_built_in(struct doctor_ctx *ctx)
{
	if (!config_uses_sandbox(&ctx->config, ctx->raw))
		return false;
	doctor_report(ctx, FINDING_OK, "it is the built-in sandbox, which lives in the server");
	return true;
}

static void judge_host(struct doctor_ctx *ctx, struct str url, const char *setting)
{
	struct probe_result look;
	const enum err e = probe_http(url, ctx->config.allow_weak, LOOK_LIMIT, &ctx->arena, &look);

	(void)judge_certificate(ctx, url);
	if (e == OK) {
		if (look.status >= 500)
			doctor_report(ctx, FINDING_WARNING, "it answers %d: the provider may be in trouble",
				look.status);
		else
			doctor_report(ctx, FINDING_OK, "it answers");
		judge_time(ctx, look.date);
	} else if (e == ERR_UPSTREAM) {
		doctor_report(ctx, FINDING_ERROR,
			"%s does not answer (%.*s): check the network, DNS and the firewall", setting,
			STR_ARG(look.error));
	} else {
		doctor_report(ctx, FINDING_ERROR, "%s may not be called: give an https address", setting);
	}
}

void doctor_check_provider(struct doctor_ctx *ctx)
{
	if (!is_built_in(ctx))
		judge_host(ctx, ctx->config.didit_base_url, "KYCD_DIDIT_BASE_URL");
}

void doctor_check_provider_auth(struct doctor_ctx *ctx)
{
	if (is_built_in(ctx))
		return;
	if (!didit_takes_tokens(&ctx->config))
		doctor_report(ctx, FINDING_OK, "%.*s needs no token", STR_ARG(ctx->config.didit_version));
	else
		judge_host(ctx, ctx->config.didit_auth_url, "KYCD_DIDIT_AUTH_URL");
}

/* A token is asked for and forgotten; no session is made. */
static enum err ask_token(struct doctor_ctx *ctx, enum provider_cause *cause)
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
	return token_get(source, system_ticks() + LOOK_LIMIT.ms, &token, cause);
}

static void judge_token(struct doctor_ctx *ctx)
{
	enum provider_cause cause = PROVIDER_OK;

	if (ask_token(ctx, &cause) == OK)
		doctor_report(ctx, FINDING_OK, "the provider gives us a token");
	else if (cause == PROVIDER_REFUSED)
		doctor_report(ctx, FINDING_ERROR,
			"the provider refuses KYCD_DIDIT_CLIENT_ID with KYCD_DIDIT_CLIENT_SECRET: compare them with "
			"its console");
	else if (cause == PROVIDER_OK)
		doctor_report(ctx, FINDING_ERROR,
			"KYCD_DIDIT_CLIENT_ID or KYCD_DIDIT_CLIENT_SECRET is empty or not of its form");
	else
		doctor_report(ctx, FINDING_ERROR, "KYCD_DIDIT_AUTH_URL gives no token (%s)",
			provider_cause_name(cause));
}

/* A list of at most one session is asked for and forgotten; nothing is made. */
static enum err ask_list(struct doctor_ctx *ctx, struct didit_request *x, enum provider_cause *cause)
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
		x->deadline = system_ticks() + LOOK_LIMIT.ms;
		e = didit_client_call(client, x, &ctx->arena, &answer, cause);
		didit_client_close(client);
	}
	https_close(conf.https);
	return e;
}

static void judge_key(struct doctor_ctx *ctx)
{
	struct didit_request x = { .method = "GET", .path = STR("/v3/sessions/?limit=1") };
	enum provider_cause cause = PROVIDER_OK;

	if (ctx->config.didit_api_key.n == 0)
		doctor_report(ctx, FINDING_ERROR,
			"KYCD_DIDIT_API_KEY is not set: give the API key from its console");
	else if (ask_list(ctx, &x, &cause) == OK)
		doctor_report(ctx, FINDING_OK, "the provider takes our API key");
	else if (cause == PROVIDER_REFUSED || cause == PROVIDER_CREDITS)
		doctor_report(ctx, FINDING_ERROR,
			"the provider refuses KYCD_DIDIT_API_KEY (%d): compare it with its console, and its scopes: "
			"read:sessions and write:sessions are needed",
			x.status);
	else if (cause == PROVIDER_OK)
		doctor_report(ctx, FINDING_ERROR, "KYCD_DIDIT_API_KEY is not of its form");
	else
		doctor_report(ctx, FINDING_ERROR, "KYCD_DIDIT_BASE_URL gives no list of sessions (%s)",
			provider_cause_name(cause));
}

void doctor_check_provider_login(struct doctor_ctx *ctx)
{
	if (is_built_in(ctx))
		return;
	if (didit_takes_tokens(&ctx->config))
		judge_token(ctx);
	else
		judge_key(ctx);
}

static void judge_reach(struct doctor_ctx *ctx, struct str url)
{
	const struct str ready = arena_printf(&ctx->arena, "%.*s/health/ready", STR_ARG(url));
	struct probe_result look;
	const enum err e = probe_http(ready, ctx->config.allow_weak, LOOK_LIMIT, &ctx->arena, &look);

	if (e == OK && look.status == 200)
		doctor_report(ctx, FINDING_OK, "it leads to a server that is ready");
	else if (e == OK)
		doctor_report(ctx, FINDING_WARNING, "%.*s answers %d from here: does it lead to us?",
			STR_ARG(ready), look.status);
	else
		doctor_report(ctx, FINDING_WARNING,
			"%.*s cannot be reached from here (%.*s): try it from outside", STR_ARG(ready),
			STR_ARG(look.error));
}

void doctor_check_public_url(struct doctor_ctx *ctx)
{
	const struct str url = ctx->config.public_url;
	struct str scheme, host, port;

	if (url_parts(&ctx->arena, url, &scheme, &host, &port) && !str_eq(scheme, STR("https")) &&
		!host_is_loopback(host))
		doctor_report(ctx, FINDING_WARNING,
			"KYCD_PUBLIC_URL is plain http: links and events go readable over the network; give an https "
			"address");
	else
		(void)judge_certificate(ctx, url);
	judge_reach(ctx, url);
}
