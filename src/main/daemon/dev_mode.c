#include "main/daemon/dev_mode.h"

#include <stdio.h>

#include "main/config/database_text.h"
#include "main/config/didit.h"
#include "main/daemon/compose.h"
#include "main/daemon/inbox.h"
#include "main/daemon/sandbox_control.h"

struct dev_request {
	struct runtime *runtime;
	const struct request *request;
	struct arena *arena;
};

static struct reply show_inbox(struct dev_request *ctx)
{
	return inbox_show(ctx->runtime, ctx->request, ctx->arena);
}

static struct reply answer_visit(struct dev_request *ctx)
{
	const struct request *const request = ctx->request;
	struct reply reply;

	if (sandbox_control_serve(ctx->runtime->sandbox.sandbox, request, ctx->arena, &reply))
		return reply;
	if (!str_eq(request->path, STR("/sandbox/inbox")))
		return respond(ctx->arena, ANSWER_ROUTE_NOT_FOUND);
	if (request->method == METHOD_GET || request->method == METHOD_HEAD)
		return show_inbox(ctx);
	reply = respond(ctx->arena, ANSWER_METHOD_NOT_ALLOWED);
	reply_header(&reply, STR("Allow"), STR("GET, HEAD"));
	return reply;
}

static void serve_mounted(void *arg, const struct request *request, struct arena *a, struct reply *reply)
{
	struct runtime *const runtime = arg;
	struct dev_request ctx = { runtime, request, a };
	const struct str mount = STR(SANDBOX_MOUNT);

	if (runtime->sandbox.sandbox && str_starts(request->path, STR(SANDBOX_MOUNT "/"))) {
		sandbox_serve(runtime->sandbox.sandbox, request, str_from(request->path, mount.n), a, reply);
		return;
	}
	*reply = answer_visit(&ctx);
	reply_header(reply, STR("Cache-Control"), STR("no-store"));
	reply_header(reply, STR("X-Content-Type-Options"), STR("nosniff"));
}

static void served(void *arg)
{
	struct runtime *const runtime = arg;

	if (runtime->sandbox.sandbox)
		sandbox_served(runtime->sandbox.sandbox);
}

void dev_mode_mount(struct runtime *runtime)
{
	runtime->public_api.mount = STR("/sandbox/");
	runtime->public_api.mounted = serve_mounted;
	runtime->public_api.served = served;
	runtime->public_api.mounted_arg = runtime;
}

void dev_mode_print_intro(const struct runtime *runtime)
{
	const struct str url = runtime->config.public_url;
	const int n = (int)url.n;
	const char *const p = url.p;
	const struct str database = database_text_is_secret(runtime->config.database)
					    ? STR("the one of KYCD_DATABASE")
					    : runtime->config.database;

	fprintf(stderr,
		"\n"
		"kycd is running in dev mode. Nobody is really being verified here.\n"
		"\n"
		"  API        %.*s\n"
		"  read it    %.*s/docs\n"
		"  inbox      %.*s/sandbox/inbox\n"
		"  metrics    http://%.*s/metrics\n"
		"  database   %.*s\n"
		"\n"
		"Try it:\n"
		"\n"
		"  curl -s %.*s/kyc/prepare -H 'content-type: application/json' -d '{\"email\":\"ana@example.com\"}'\n"
		"  curl -s %.*s/security/email/send-otp -H 'content-type: application/json' -d '{\"email\":\"ana@example.com\"}'\n"
		"\n"
		"The README's lines go the whole way. Ctrl-C stops it.\n\n",
		n, p, n, p, n, p, STR_ARG(runtime->config.admin_listen), STR_ARG(database), n, p, n, p);
}
