#include "main/args.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

static size_t find(const struct args *args, const char *name)
{
	size_t i = 0;

	while (i < args->n_options && strcmp(args->options[i].name, name) != 0)
		i++;
	return i;
}

static bool take_option(struct args *args, int argc, char **argv, int *i)
{
	const size_t at = find(args, argv[*i]);

	if (at == args->n_options) {
		fprintf(stderr, "kycd: unknown option %s\n", argv[*i]);
		return false;
	}
	if (args->given[at]) {
		fprintf(stderr, "kycd: %s is given twice\n", argv[*i]);
		return false;
	}
	args->given[at] = true;
	if (!args->options[at].has_value)
		return true;
	if (*i + 1 >= argc) {
		fprintf(stderr, "kycd: %s needs a value\n", argv[*i]);
		return false;
	}
	args->values[at] = argv[++*i];
	return true;
}

bool args_read(int argc, char **argv, const struct option *options, struct args *out)
{
	struct args args = { .options = options };

	while (options[args.n_options].name)
		args.n_options++;
	assert(args.n_options <= ARGS_OPTIONS);
	for (int i = 0; i < argc; i++) {
		if (argv[i][0] == '-' && argv[i][1] == '-') {
			if (!take_option(&args, argc, argv, &i))
				return false;
		} else if (args.n_words < ARGS_WORDS) {
			args.words[args.n_words++] = argv[i];
		} else {
			fprintf(stderr, "kycd: %s is one word too many\n", argv[i]);
			return false;
		}
	}
	*out = args;
	return true;
}

bool args_has(const struct args *args, const char *name)
{
	const size_t at = find(args, name);

	return at < args->n_options && args->given[at];
}

struct str args_text(const struct args *args, const char *name)
{
	const size_t at = find(args, name);

	return at < args->n_options && args->given[at] ? str_of(args->values[at]) : (struct str){ NULL, 0 };
}
