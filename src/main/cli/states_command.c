#include <stdio.h>

#include "domain/verification.h"
#include "main/cli/command.h"

/* One way of writing the state machine: what stands before and behind all, a line for each status, and a word
 * for each that may follow it. */
struct notation {
	const char *before, *behind;
	void (*begin)(enum session_status s);
	void (*next)(enum session_status from, enum session_status to, bool first);
	void (*end)(enum session_status s);
};

static const char *kind_word(enum session_status s)
{
	return session_status_is_internal(s) ? "ours" : session_status_is_open(s) ? "open" : "final";
}

static void table_begin(enum session_status s)
{
	printf("%-15s %-13s %-5s", session_status_provider_name(s), session_status_api_name(s), kind_word(s));
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
		session_status_provider_name(s), session_status_api_name(s), kind_word(s));
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

/* What leaves a final status is done by hand at the provider's, or by time. */
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

static const struct notation table = { "status          data.status   kind   may become\n", "", table_begin,
	table_next, table_end };
static const struct notation json = { "", "]\n", json_begin, json_next, json_end };
static const struct notation dot = {
	"// Double frame: final. Dashed: ours, or done by hand at the provider's.\n"
	"digraph kyc {\n\trankdir=LR;\n\tnode [shape=box];\n",
	"}\n", dot_begin, dot_next, dot_end
};

enum exit_code run_states(
	const struct command *c, const struct args *args, const struct config_source *source)
{
	const struct notation *const notation = args_has(args, "--dot")	   ? &dot
						: args_has(args, "--json") ? &json
									   : &table;

	(void)c;
	(void)source;
	if (args_has(args, "--dot") && args_has(args, "--json")) {
		fprintf(stderr, "kycd: --dot and --json are two forms of the same: give one\n");
		return EXIT_USAGE;
	}
	printf("%s", notation->before);
	for (unsigned from = 0; from < STATUS_COUNT; from++) {
		bool first = true;

		notation->begin((enum session_status)from);
		for (unsigned to = 0; to < STATUS_COUNT; to++) {
			if (!session_status_can_change_to((enum session_status)from, (enum session_status)to))
				continue;
			notation->next((enum session_status)from, (enum session_status)to, first);
			first = false;
		}
		notation->end((enum session_status)from);
	}
	printf("%s", notation->behind);
	return EXIT_DONE;
}
