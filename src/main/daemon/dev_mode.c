#include "main/daemon/dev_mode.h"

#include <stdio.h>

#include "main/config/database_text.h"
#include "main/config/didit.h"
#include "main/daemon/compose.h"
#include "main/daemon/inbox.h"
#include "main/daemon/local_request.h"
#include "main/daemon/sandbox_control.h"

#define CONSOLE_LINE_SIZE 160

struct dev_request {
	struct runtime *runtime;
	const struct request *request;
	struct arena *arena;
};

static struct reply handle_dev_request(struct dev_request *ctx)
{
	const struct request *const request = ctx->request;
	struct reply reply;

	if (sandbox_control_serve(ctx->runtime->sandbox.sandbox, request, ctx->arena, &reply))
		return reply;
	if (!inbox_has_path(request->path))
		return respond(ctx->arena, ANSWER_ROUTE_NOT_FOUND);
	if (request->method == METHOD_GET || request->method == METHOD_HEAD)
		return inbox_show(ctx->runtime, request, ctx->arena);
	reply = respond(ctx->arena, ANSWER_METHOD_NOT_ALLOWED);
	reply_header(&reply, STR("Allow"), STR("GET, HEAD"));
	return reply;
}

/* Callback of api_context.mounted: serves a request below /sandbox/. */
static void serve_sandbox_routes(
	void *arg, const struct request *request, struct arena *a, struct reply *reply)
{
	struct runtime *const runtime = arg;
	struct dev_request ctx = { runtime, request, a };
	const struct str mount = STR(SANDBOX_MOUNT);
	const struct local_hosts hosts = { runtime->config.public_url, runtime->config.dev_open };

	if (!local_request_check(&hosts, request, a, reply))
		return;
	if (runtime->sandbox.sandbox && str_starts(request->path, STR(SANDBOX_MOUNT "/"))) {
		sandbox_serve(runtime->sandbox.sandbox, request, str_from(request->path, mount.n), a, reply);
		return;
	}
	*reply = handle_dev_request(&ctx);
	reply_header(reply, STR("Cache-Control"), STR("no-store"));
	reply_header(reply, STR("X-Content-Type-Options"), STR("nosniff"));
}

/* Callback of api_context.served, called after the response was sent: from now on the sandbox may send the
 * events that the request caused. */
static void dev_mode_reply_sent(void *arg)
{
	struct runtime *const runtime = arg;

	if (runtime->sandbox.sandbox)
		sandbox_served(runtime->sandbox.sandbox);
}

void dev_mode_mount(struct runtime *runtime)
{
	runtime->public_api.mount = STR("/sandbox/");
	runtime->public_api.mounted = serve_sandbox_routes;
	runtime->public_api.served = dev_mode_reply_sent;
	runtime->public_api.mounted_arg = runtime;
}

/* Writes the line with the link that signs in to the console, once. It is empty if there is no console. */
static void write_console_line(const struct runtime *runtime, char out[CONSOLE_LINE_SIZE])
{
	const struct console_settings *const settings = &runtime->console.settings;

	out[0] = '\0';
	if (runtime->console.is_served)
		(void)snprintf(out, CONSOLE_LINE_SIZE, "  console    %.*s/console/dev/%.*s\n",
			STR_ARG(settings->site.origin), STR_ARG(settings->dev_token));
}

void dev_mode_print_intro(const struct runtime *runtime)
{
	char console[CONSOLE_LINE_SIZE];
	const struct str url = runtime->config.public_url;
	const int n = (int)url.n;
	const char *const p = url.p;
	const bool has_inbox = runtime->inbox != NULL;
	const struct str database = database_text_is_secret(runtime->config.database)
					    ? STR("as in KYCD_DATABASE")
					    : runtime->config.database;

	write_console_line(runtime, console);
	fprintf(stderr,
		"\n"
		"kycd is running in development mode. Do not use it for real people.\n"
		"%s\n"
		"\n"
		"  API        %.*s\n"
		"  API docs   %.*s/docs\n"
		"  e-mails    %.*s%s\n"
		"%s"
		"  metrics    http://%.*s/metrics\n"
		"  database   %.*s\n"
		"\n"
		"Try it:\n"
		"\n"
		"  curl -s %.*s/kyc/prepare -H 'content-type: application/json' -d '{\"email\":\"ana@example.com\"}'\n"
		"  curl -s %.*s/security/email/send-otp -H 'content-type: application/json' -d '{\"email\":\"ana@example.com\"}'\n"
		"\n"
		"The README has the commands for a complete check. Press Ctrl-C to stop.\n\n",
		runtime->sandbox.sandbox
			? "The sandbox verifies: no identity is really verified."
			: "A real provider is configured: it verifies people and may charge for it.",
		n, p, n, p, has_inbox ? n : 0, p,
		has_inbox ? "/sandbox/inbox" : "sent to the mail server of KYCD_SMTP_URL", console,
		STR_ARG(runtime->config.admin_listen), STR_ARG(database), n, p, n, p);
}
