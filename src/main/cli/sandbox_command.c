/* `kycd sandbox`: the sandbox alone, its API at the root. It needs no master key and no database but its own
 * file, and knows no tenant: nobody's standing can come of it but where somebody points a server at it. */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "crypto/digest.h"
#include "http/server.h"
#include "main/cli/command.h"
#include "main/config/setting.h"
#include "main/daemon/compose_sandbox.h"
#include "main/daemon/sandbox_control.h"
#include "main/platform/process.h"
#include "main/platform/system_clock.h"

#define LISTEN "127.0.0.1:8090"
#define DATABASE "sqlite:var/sandbox.db"
#define STOP_LIMIT seconds(10)

struct alone {
	struct runtime runtime; /* its arena and settings only */
	struct str listen, database, webhook, webhook_secret;
	struct str base_url;
	struct sandbox_runtime room;
	struct server *server;
};

static const struct {
	int status;
	const char *detail;
} refusals[REFUSAL_COUNT] = {
	[REFUSE_BAD_REQUEST] = { 400, "{\"detail\":\"Malformed request.\"}" },
	[REFUSE_TIMEOUT] = { 408, "{\"detail\":\"The request took too long.\"}" },
	[REFUSE_PAYLOAD] = { 413, "{\"detail\":\"The request is too large.\"}" },
	[REFUSE_HEADER] = { 431, "{\"detail\":\"The headers are too large.\"}" },
	[REFUSE_NOT_IMPLEMENTED] = { 501, "{\"detail\":\"Not implemented.\"}" },
	[REFUSE_VERSION] = { 505, "{\"detail\":\"Only HTTP/1.0 and HTTP/1.1.\"}" },
	[REFUSE_FULL] = { 503, "{\"detail\":\"Too many connections.\"}" },
};

static void add_headers(struct reply *reply)
{
	reply_header(reply, STR("Cache-Control"), STR("no-store"));
	reply_header(reply, STR("X-Content-Type-Options"), STR("nosniff"));
}

static void refuse(void *arg, enum refusal refusal, struct arena *a, struct reply *reply)
{
	(void)arg;
	(void)a;
	*reply = (struct reply){ .status = refusals[refusal].status,
		.content_type = "application/json",
		.body = str_of(refusals[refusal].detail) };
	if (refusal == REFUSE_FULL)
		reply_header(reply, STR("Retry-After"), STR("1"));
	add_headers(reply);
}

static void serve(void *arg, const struct request *request, struct arena *a, struct reply *reply)
{
	struct alone *const alone = arg;

	if (sandbox_control_serve(alone->room.sandbox, request, a, reply))
		add_headers(reply);
	else
		sandbox_serve(alone->room.sandbox, request, request->path, a, reply);
}

static void served(void *arg)
{
	struct alone *const alone = arg;

	sandbox_served(alone->room.sandbox);
}

static bool complain(const char *sentence)
{
	fprintf(stderr, "kycd: %s\n", sentence);
	return false;
}

static struct str given(const struct args *args, const char *name, struct str otherwise)
{
	const struct str value = args_text(args, name);

	return value.p ? value : otherwise;
}

/* 0 when they are right. */
static int read_args(struct alone *alone, const struct args *args)
{
	alone->listen = given(args, "--listen", STR(LISTEN));
	alone->database = given(args, "--database", STR(DATABASE));
	alone->webhook = args_text(args, "--webhook");
	alone->webhook_secret = args_text(args, "--webhook-secret");
	if (!alone->webhook.p != !alone->webhook_secret.p) {
		(void)complain("--webhook and --webhook-secret go together: give both, or none");
		return EXIT_USAGE;
	}
	if (!str_starts(alone->database, STR("sqlite:")) || alone->database.n == strlen("sqlite:")) {
		(void)complain("--database must be sqlite:FILE");
		return EXIT_USAGE;
	}
	return 0;
}

static bool listen_to(struct alone *alone)
{
	struct server_conf conf = { .serve = serve,
		.refuse = refuse,
		.served = served,
		.arg = alone,
		.ticks = system_ticks,
		.now = system_now };
	const struct config *const c = &alone->runtime.config;
	enum err e;

	conf.limits = (struct server_limits){ .header_bytes = (size_t)16 * 1024,
		.body_bytes = (size_t)64 * 1024,
		.request = seconds(10),
		.idle = seconds(60),
		.write = seconds(10),
		.connections = (size_t)c->max_connections,
		.connections_per_address = (size_t)c->max_connections_per_address };
	if (!listen_parts(alone->listen, &conf.host, &conf.port))
		return complain("--listen is not right: it must be HOST:PORT, such as " LISTEN);
	if (!host_is_loopback(conf.host) && !c->dev_open)
		return complain("--listen is not on loopback: the sandbox is open to everybody there (set "
				"KYCD_DEV_OPEN=1 to allow it)");
	e = server_open(&conf, &alone->server);
	if (e == OK)
		return true;
	fprintf(stderr, "kycd: --listen: cannot listen on %.*s: %s\n", STR_ARG(alone->listen),
		e == ERR_CONFLICT
			? "somebody else does; stop them or choose another port"
			: "it must be an address of this machine, and a port that this user may have");
	return false;
}

/* Links that people open: where all addresses are listened on, those of this machine. */
static bool name_itself(struct alone *alone)
{
	struct str host, port;
	bool is_six;

	if (!listen_parts(alone->listen, &host, &port))
		return false;
	if (str_eq(host, STR("0.0.0.0")))
		host = STR("127.0.0.1");
	else if (str_eq(host, STR("::")))
		host = STR("::1");
	is_six = str_has(host, ':') && host.p[0] != '[';
	alone->base_url = arena_printf(&alone->runtime.arena, "http://%s%.*s%s:%d", is_six ? "[" : "",
		STR_ARG(host), is_six ? "]" : "", server_port(alone->server));
	return alone->base_url.p || complain("no memory");
}

static bool tell_where(struct alone *alone)
{
	enum err e;

	if (!alone->webhook.p)
		return sandbox_unregister(alone->room.sandbox) == OK ||
		       complain("--database: cannot be written");
	e = sandbox_register(alone->room.sandbox, alone->webhook, alone->webhook_secret,
		alone->runtime.config.didit_version);
	if (e == ERR_INPUT)
		return complain(
			"--webhook is not right: it must be an http(s) URL, and the secret not empty");
	if (e == ERR_CONFLICT)
		return complain("--webhook is registered already, by a call to /v3/webhook/destinations/");
	return e == OK || complain("--webhook cannot be registered");
}

static bool build(struct alone *alone)
{
	struct sandbox_conf conf = { .clock = system_clock(),
		.random = system_random(),
		.brand = alone->runtime.config.brand,
		.allow_private = alone->runtime.config.allow_weak };

	if (!crypto_start())
		return complain("libsodium cannot be used on this machine");
	if (!listen_to(alone) || !name_itself(alone))
		return false;
	conf.base_url = alone->base_url;
	return compose_sandbox_alone(&conf, str_from(alone->database, strlen("sqlite:")), "--database",
		       &alone->runtime.arena, &alone->room) &&
	       tell_where(alone);
}

static void greet(const struct alone *alone)
{
	const struct str url = alone->base_url;
	const struct str version = alone->runtime.config.didit_version;

	fprintf(stderr,
		"\n"
		"A Didit that lives offline. Nobody is really being verified here.\n"
		"\n"
		"  API          %.*s  (v1, v2 and v3)\n"
		"  credentials  client id, client secret and API key are all: sandbox\n"
		"  outcomes     %.*s/v1/sandbox/scenarios/\n"
		"  webhook      %.*s\n"
		"  state        %.*s\n"
		"\n"
		"Point a server at it with KYCD_DIDIT_BASE_URL=%.*s (v1: KYCD_DIDIT_AUTH_URL, too)\n"
		"KYCD_DIDIT_API_KEY=sandbox KYCD_DIDIT_WORKFLOW_ID=00000000-0000-4000-8000-000000000008,\n"
		"its webhook here with --webhook http://127.0.0.1:8080/webhooks/didit (as %.*s). Or by hand:\n"
		"\n"
		"  curl -s %.*s/v3/session/ -H 'x-api-key: sandbox' -H 'content-type: application/json' \\\n"
		"    -d '{\"workflow_id\":\"00000000-0000-4000-8000-000000000008\",\"vendor_data\":\"user-1\"}'\n"
		"  curl -s %.*s/v3/sessions/ -H 'x-api-key: sandbox'\n"
		"\n"
		"Open the `url` of the answer, or POST {\"scenario\":\"approve\"} to it with /submit behind. Ctrl-C stops it.\n\n",
		STR_ARG(url), STR_ARG(url), alone->webhook.p ? (int)alone->webhook.n : 4,
		alone->webhook.p ? alone->webhook.p : "none", STR_ARG(alone->database), STR_ARG(url),
		STR_ARG(version), STR_ARG(url), STR_ARG(url));
}

static void give_up_waiting(int signal_number)
{
	(void)signal_number;
	_exit(EXIT_DONE);
}

static void stop(struct alone *alone)
{
	const int64_t started = system_ticks();

	signal(SIGALRM, give_up_waiting);
	alarm((unsigned)(STOP_LIMIT.ms / 1000));
	sandbox_stop(alone->room.sandbox);
	/* Calls that were cut hold the sandbox: it goes with the process. */
	if (!server_stop(alone->server,
		    moment_diff((moment){ system_ticks() }, (moment){ started + STOP_LIMIT.ms - 800 })))
		_exit(EXIT_DONE);
	log_event(LOG_INFO, "stopped", LOG_NUMBER("ms", system_ticks() - started));
}

static enum exit_code run(struct alone *alone)
{
	sigset_t stops;
	int signal_number = 0;

	sigemptyset(&stops);
	sigaddset(&stops, SIGTERM);
	sigaddset(&stops, SIGINT);
	sigaddset(&stops, SIGHUP);
	sigprocmask(SIG_BLOCK, &stops, NULL);
	log_clock_set(system_now);
	process_set_log_format(alone->runtime.config.log_format);
	process_set_log_level(alone->runtime.config.log);
	process_raise_fd_limit(alone->runtime.config.max_connections);
	if (!build(alone))
		return EXIT_FAILED;
	if (sandbox_start(alone->room.sandbox) != OK || server_start(alone->server) != OK) {
		(void)complain("the server's threads cannot be started");
		return EXIT_FAILED;
	}
	log_event(LOG_INFO, "ready", LOG_WORD("listen", alone->listen.p));
	greet(alone);
	while (sigwait(&stops, &signal_number) != 0)
		;
	stop(alone);
	return EXIT_DONE;
}

enum exit_code run_sandbox(
	const struct command *c, const struct args *args, const struct config_source *source)
{
	struct alone alone;
	enum exit_code code = EXIT_FAILED;
	int wrong;

	(void)c;
	memset(&alone, 0, sizeof(alone));
	wrong = read_args(&alone, args);
	if (wrong)
		return (enum exit_code)wrong;
	if (command_settings(&alone.runtime, source, NEED_NOTHING))
		code = run(&alone);
	server_close(alone.server);
	compose_sandbox_down(&alone.room);
	arena_finish(&alone.runtime.arena);
	return code;
}
