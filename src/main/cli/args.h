/* The words of a command line: `--name value` or `--name=value`, `--flag`, and the rest in order. Against a
 * table of what the command takes. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

#define ARGS_OPTIONS 16
#define ARGS_WORDS 4

struct option {
	const char *name; /* "--group" */
	bool has_value;
};

struct args {
	const struct option *options;
	size_t n_options;
	bool given[ARGS_OPTIONS];
	const char *values[ARGS_OPTIONS];
	const char *words[ARGS_WORDS];
	size_t n_words;
};

/* False: stderr has been told that a word holds what a terminal would obey. Of all that passes, any may be
 * said again. */
bool args_are_printable(int argc, char **argv);
/* False: stderr has been told which word is wrong. `options` ends with a row without a name. */
bool args_read(int argc, char **argv, const struct option *options, struct args *out);
/* As it may be said again: a URL may hold a password. */
const char *args_word_masked(const char *word);
bool args_has(const struct args *args, const char *name);
/* p == NULL when it was not given. */
struct str args_text(const struct args *args, const char *name);
