#include <stdio.h>

#include "domain/verification.h"
#include "main/cli/command.h"

/* An output format of the state machine: a header, a footer, and functions that print a status and each
 * status that may follow it. */
struct states_format {
	const char *header, *footer;
	void (*begin)(enum session_status s);
	void (*next)(enum session_status from, enum session_status to, bool first);
	void (*end)(enum session_status s);
};

static const char *status_kind(enum session_status s)
{
	return session_status_is_internal(s) ? "internal" : session_status_is_open(s) ? "open" : "final";
}

static void table_begin(enum session_status s)
{
	printf("%-15s %-13s %-8s", session_status_provider_name(s), session_status_api_name(s),
		status_kind(s));
}

static void table_next(enum session_status from, enum session_status to, bool first)
{
	(void)from;
	printf("%s%s", first ? "  " : ", ", session_status_provider_name(to));
}

static void table_end(enum session_status s)
{
	(void)s;
	printf("\n");
}

static void json_begin(enum session_status s)
{
	printf("%s{\"status\":\"%s\",\"word\":\"%s\",\"kind\":\"%s\",\"next\":[", s == 0 ? "[" : ",\n ",
		session_status_provider_name(s), session_status_api_name(s), status_kind(s));
}

static void json_next(enum session_status from, enum session_status to, bool first)
{
	(void)from;
	printf("%s\"%s\"", first ? "" : ",", session_status_provider_name(to));
}

static void json_end(enum session_status s)
{
	(void)s;
	printf("]}");
}

static void dot_begin(enum session_status s)
{
	printf("\t\"%s\" [label=\"%s\\n%s\"%s];\n", session_status_provider_name(s),
		session_status_provider_name(s), session_status_api_name(s),
		session_status_is_final(s)	? ", peripheries=2"
		: session_status_is_internal(s) ? ", style=dashed"
						: "");
}

/* Prints a transition. A transition from a final status is dashed, because only time or a manual decision at
 * the provider causes it. */
static void dot_next(enum session_status from, enum session_status to, bool first)
{
	(void)first;
	printf("\t\"%s\" -> \"%s\"%s;\n", session_status_provider_name(from),
		session_status_provider_name(to), session_status_is_final(from) ? " [style=dashed]" : "");
}

static void dot_end(enum session_status s)
{
	(void)s;
}

static const struct states_format table_format = { "status          data.status   kind      may become\n", "",
	table_begin, table_next, table_end };
static const struct states_format json_format = { "", "]\n", json_begin, json_next, json_end };
static const struct states_format dot_format = {
	"// Double border: final. Dashed: internal to kycd, or a change of a final status.\n"
	"digraph kyc {\n\trankdir=LR;\n\tnode [shape=box];\n",
	"}\n", dot_begin, dot_next, dot_end
};

enum exit_code run_states(
	const struct command *c, const struct args *args, const struct config_source *source)
{
	const struct states_format *const format = args_has(args, "--dot")    ? &dot_format
						   : args_has(args, "--json") ? &json_format
									      : &table_format;

	(void)c;
	(void)source;
	if (args_has(args, "--dot") && args_has(args, "--json")) {
		fprintf(stderr, "kycd: --dot and --json cannot be used together: give one of them\n");
		return EXIT_USAGE;
	}
	printf("%s", format->header);
	for (unsigned from = 0; from < STATUS_COUNT; from++) {
		bool first = true;

		format->begin((enum session_status)from);
		for (unsigned to = 0; to < STATUS_COUNT; to++) {
			if (!session_status_can_change_to((enum session_status)from, (enum session_status)to))
				continue;
			format->next((enum session_status)from, (enum session_status)to, first);
			first = false;
		}
		format->end((enum session_status)from);
	}
	printf("%s", format->footer);
	return EXIT_DONE;
}
