/* `kycd sandbox`: runs only the sandbox, with its API at the root path. It uses no master key, no tenants and
 * no database except its own file. It affects the KYC status of people only in a server that is configured to
 * use it as its provider. */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "crypto/digest.h"
#include "http/server.h"
#include "main/cli/command.h"
#include "main/config/database_text.h"
#include "main/config/setting.h"
#include "main/daemon/compose_sandbox.h"
#include "main/daemon/local_request.h"
#include "main/daemon/sandbox_control.h"
#include "main/platform/process.h"
#include "main/platform/system_clock.h"

#define DEFAULT_LISTEN "127.0.0.1:8090"
#define DEFAULT_DATABASE "sqlite:var/sandbox.db"
#define STOP_LIMIT seconds(10)

struct sandbox_server {
	struct runtime runtime; /* only the members `arena` and `config` are used */
	struct str listen, database, webhook, webhook_secret;
	struct str base_url;
	struct sandbox_runtime sandbox;
	struct server *http;
};

static const struct {
	int status;
	const char *detail;
} refusal_replies[REFUSAL_COUNT] = {
	[REFUSE_BAD_REQUEST] = { 400, "{\"detail\":\"Malformed request.\"}" },
	[REFUSE_TIMEOUT] = { 408, "{\"detail\":\"The request took too long.\"}" },
	[REFUSE_PAYLOAD] = { 413, "{\"detail\":\"The request is too large.\"}" },
	[REFUSE_HEADER] = { 431, "{\"detail\":\"The headers are too large.\"}" },
	[REFUSE_NOT_IMPLEMENTED] = { 501, "{\"detail\":\"Not implemented.\"}" },
	[REFUSE_VERSION] = { 505, "{\"detail\":\"Only HTTP/1.0 and HTTP/1.1.\"}" },
	[REFUSE_FULL] = { 503, "{\"detail\":\"Too many connections.\"}" },
};

static void add_security_headers(struct reply *reply)
{
	reply_header(reply, STR("Cache-Control"), STR("no-store"));
	reply_header(reply, STR("X-Content-Type-Options"), STR("nosniff"));
}

/* Callback of the HTTP server: builds the response to a request that the server refuses, in Didit's error
 * format. */
static void reply_refusal(void *arg, enum refusal refusal, struct arena *a, struct reply *reply)
{
	(void)arg;
	(void)a;
	*reply = (struct reply){ .status = refusal_replies[refusal].status,
		.content_type = "application/json",
		.body = str_of(refusal_replies[refusal].detail) };
	if (refusal == REFUSE_FULL)
		reply_header(reply, STR("Retry-After"), STR("1"));
	add_security_headers(reply);
}

static void serve_request(void *arg, const struct request *request, struct arena *a, struct reply *reply)
{
	struct sandbox_server *const server = arg;
	const struct local_hosts hosts = { server->base_url, server->runtime.config.dev_open };

	if (!local_request_check(&hosts, request, a, reply))
		add_security_headers(reply);
	else if (sandbox_control_serve(server->sandbox.sandbox, request, a, reply))
		add_security_headers(reply);
	else
		sandbox_serve(server->sandbox.sandbox, request, request->path, a, reply);
}

/* Callback of the HTTP server after the response was sent: from now on the sandbox may send the events that
 * the request caused. */
static void sandbox_reply_sent(void *arg)
{
	struct sandbox_server *const server = arg;

	sandbox_served(server->sandbox.sandbox);
}

/* Prints the reason on stderr. Always returns false. */
static bool sandbox_command_fail(const char *sentence)
{
	fprintf(stderr, "kycd: %s\n", sentence);
	return false;
}

static struct str option_or_default(const struct args *args, const char *name, struct str default_value)
{
	const struct str value = args_text(args, name);

	return value.p ? value : default_value;
}

/* Returns 0 if the arguments are valid. Otherwise prints what is wrong and returns EXIT_USAGE. */
static int read_sandbox_args(struct sandbox_server *server, const struct args *args)
{
	const char *fault;

	server->listen = option_or_default(args, "--listen", STR(DEFAULT_LISTEN));
	server->database = option_or_default(args, "--database", STR(DEFAULT_DATABASE));
	server->webhook = args_text(args, "--webhook");
	server->webhook_secret = args_text(args, "--webhook-secret");
	if (!server->webhook.p != !server->webhook_secret.p) {
		(void)sandbox_command_fail(
			"--webhook and --webhook-secret must be given together: give both or neither");
		return EXIT_USAGE;
	}
	if (!str_starts(server->database, STR("sqlite:")) || server->database.n == strlen("sqlite:")) {
		(void)sandbox_command_fail("--database must be sqlite:FILE, such as " DEFAULT_DATABASE);
		return EXIT_USAGE;
	}
	fault = database_file_fault(str_from(server->database, strlen("sqlite:")));
	if (fault)
		fprintf(stderr, "kycd: --database must be sqlite:FILE, with %s\n", fault);
	return fault ? EXIT_USAGE : 0;
}

static bool open_listener(struct sandbox_server *server)
{
	struct server_conf conf = { .serve = serve_request,
		.refuse = reply_refusal,
		.served = sandbox_reply_sent,
		.arg = server,
		.ticks = system_ticks,
		.now = system_now };
	const struct config *const c = &server->runtime.config;
	enum err e;

	conf.limits = (struct server_limits){ .header_bytes = (size_t)16 * 1024,
		.body_bytes = (size_t)64 * 1024,
		.request = seconds(10),
		.idle = seconds(60),
		.write = seconds(10),
		.connections = (size_t)c->max_connections,
		.connections_per_address = (size_t)c->max_connections_per_address };
	if (!listen_parts(server->listen, &conf.host, &conf.port))
		return sandbox_command_fail(
			"--listen is invalid: it must be HOST:PORT, such as " DEFAULT_LISTEN);
	if (!host_is_loopback(conf.host) && !c->dev_open)
		return sandbox_command_fail(
			"--listen is not a loopback address, so other machines could use the sandbox: use 127.0.0.1 "
			"(or set KYCD_DEV_OPEN=1)");
	e = server_open(&conf, &server->http);
	if (e == OK)
		return true;
	fprintf(stderr, "kycd: --listen: cannot listen on %.*s: %s\n", STR_ARG(server->listen),
		e == ERR_CONFLICT
			? "another program uses this address: stop it, or choose another port"
			: "it must be an address of this machine, and a port that this user may have");
	return false;
}

/* Sets the base URL of links that people open. If the listen address is a wildcard address, the URL has the
 * loopback address. */
static bool set_base_url(struct sandbox_server *server)
{
	struct str host, port;
	bool is_ipv6;

	if (!listen_parts(server->listen, &host, &port))
		return false;
	if (str_eq(host, STR("0.0.0.0")))
		host = STR("127.0.0.1");
	else if (str_eq(host, STR("::")))
		host = STR("::1");
	is_ipv6 = str_has(host, ':') && host.p[0] != '[';
	server->base_url = arena_printf(&server->runtime.arena, "http://%s%.*s%s:%d", is_ipv6 ? "[" : "",
		STR_ARG(host), is_ipv6 ? "]" : "", server_port(server->http));
	return server->base_url.p || sandbox_command_fail("out of memory");
}

/* Registers the URL of --webhook as the destination of events. Without --webhook, removes the destination
 * that an earlier start registered. */
static bool set_webhook(struct sandbox_server *server)
{
	enum err e;

	if (!server->webhook.p)
		return sandbox_unregister(server->sandbox.sandbox) == OK ||
		       sandbox_command_fail(
			       "--database cannot be written: check its folder and the free space");
	e = sandbox_register(server->sandbox.sandbox, server->webhook, server->webhook_secret,
		server->runtime.config.didit_version);
	if (e == ERR_INPUT)
		return sandbox_command_fail(
			"--webhook is invalid: it must be an http or https URL, and --webhook-secret must not be empty");
	if (e == ERR_CONFLICT)
		return sandbox_command_fail(
			"--webhook is registered already by a call to /v3/webhook/destinations/: delete that destination, or omit "
			"--webhook");
	return e == OK ||
	       sandbox_command_fail(
		       "--webhook cannot be registered: too many destinations exist, or --database cannot be written");
}

static bool build_sandbox_server(struct sandbox_server *server)
{
	struct sandbox_conf conf = { .clock = system_clock(),
		.random = system_random(),
		.brand = server->runtime.config.brand,
		.allow_private = server->runtime.config.allow_weak };

	if (!crypto_start())
		return sandbox_command_fail("libsodium cannot be initialised on this machine");
	if (!open_listener(server) || !set_base_url(server))
		return false;
	conf.base_url = server->base_url;
	return compose_sandbox_open(&conf, str_from(server->database, strlen("sqlite:")), "--database",
		       &server->runtime.arena, &server->sandbox) &&
	       set_webhook(server);
}

static void print_intro(const struct sandbox_server *server)
{
	const struct str url = server->base_url;
	const struct str version = server->runtime.config.didit_version;

	fprintf(stderr,
		"\n"
		"The kycd sandbox is running: a local simulation of Didit. Do not use it for real people.\n"
		"\n"
		"  API          %.*s  (v1, v2 and v3)\n"
		"  credentials  client id, client secret and API key are all: sandbox\n"
		"  scenarios    %.*s/v1/sandbox/scenarios/\n"
		"  webhook      %.*s\n"
		"  state        %.*s\n"
		"\n"
		"To use it with a kycd server, set KYCD_DIDIT_BASE_URL=%.*s (for v1 also KYCD_DIDIT_AUTH_URL),\n"
		"KYCD_DIDIT_API_KEY=sandbox and KYCD_DIDIT_WORKFLOW_ID=00000000-0000-4000-8000-000000000008 there,\n"
		"and start this sandbox with --webhook http://127.0.0.1:8080/webhooks/didit (events are sent as %.*s).\n"
		"To call it directly:\n"
		"\n"
		"  curl -s %.*s/v3/session/ -H 'x-api-key: sandbox' -H 'content-type: application/json' \\\n"
		"    -d '{\"workflow_id\":\"00000000-0000-4000-8000-000000000008\",\"vendor_data\":\"user-1\"}'\n"
		"  curl -s %.*s/v3/sessions/ -H 'x-api-key: sandbox'\n"
		"\n"
		"Open the `url` of the response in a browser, or POST {\"scenario\":\"approve\"} to that URL with /submit\n"
		"appended. Press Ctrl-C to stop.\n\n",
		STR_ARG(url), STR_ARG(url), server->webhook.p ? (int)server->webhook.n : 4,
		server->webhook.p ? server->webhook.p : "none", STR_ARG(server->database), STR_ARG(url),
		STR_ARG(version), STR_ARG(url), STR_ARG(url));
}

/* Handler of SIGALRM: ends the process when STOP_LIMIT has passed. */
static void sandbox_exit_at_stop_limit(int signal_number)
{
	(void)signal_number;
	_exit(EXIT_DONE);
}

static void stop_sandbox_server(struct sandbox_server *server)
{
	const int64_t started = system_ticks();

	signal(SIGALRM, sandbox_exit_at_stop_limit);
	alarm((unsigned)(STOP_LIMIT.ms / 1000));
	sandbox_stop(server->sandbox.sandbox);
	/* Requests that have not ended in time still use the sandbox, so the sandbox cannot be closed: end
	 * the process at once. */
	if (!server_stop(server->http,
		    moment_diff((moment){ system_ticks() }, (moment){ started + STOP_LIMIT.ms - 800 })))
		_exit(EXIT_DONE);
	log_event(LOG_INFO, "stopped", LOG_NUMBER("ms", system_ticks() - started));
}

static enum exit_code run_sandbox_server(struct sandbox_server *server)
{
	sigset_t signals;
	int signal_number = 0;

	sigemptyset(&signals);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGHUP);
	sigprocmask(SIG_BLOCK, &signals, NULL);
	log_clock_set(system_now);
	process_set_log_format(server->runtime.config.log_format);
	process_set_log_level(server->runtime.config.log);
	process_raise_fd_limit(server->runtime.config.max_connections);
	if (!build_sandbox_server(server))
		return EXIT_FAILED;
	if (sandbox_start(server->sandbox.sandbox) != OK || server_start(server->http) != OK) {
		(void)sandbox_command_fail(
			"the threads of the sandbox cannot be started: check the limits of threads and memory");
		return EXIT_FAILED;
	}
	log_event(LOG_INFO, "ready", LOG_WORD("listen", server->listen.p));
	print_intro(server);
	while (sigwait(&signals, &signal_number) != 0)
		;
	stop_sandbox_server(server);
	return EXIT_DONE;
}

enum exit_code run_sandbox(
	const struct command *c, const struct args *args, const struct config_source *source)
{
	struct sandbox_server server;
	enum exit_code code = EXIT_FAILED;
	int usage_error;

	(void)c;
	memset(&server, 0, sizeof(server));
	usage_error = read_sandbox_args(&server, args);
	if (usage_error)
		return (enum exit_code)usage_error;
	if (command_settings(&server.runtime, source, NEED_NOTHING))
		code = run_sandbox_server(&server);
	server_close(server.http);
	compose_sandbox_down(&server.sandbox);
	arena_finish(&server.runtime.arena);
	return code;
}
