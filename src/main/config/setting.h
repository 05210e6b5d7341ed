/* The table of settings, and the conversion of a setting's text to a value in `struct config`. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

enum setting_kind {
	SETTING_TEXT,
	SETTING_SECRET,
	SETTING_LINE,
	SETTING_MAILBOX,
	SETTING_TAG,
	SETTING_URL,
	SETTING_ADDRESS,
	SETTING_NETS,
	SETTING_DATABASE,
	SETTING_CHOICE,
	SETTING_FLAG,
	SETTING_NUMBER,
	SETTING_DURATION,
	SETTING_TRIES,
	SETTING_RETENTION,
	SETTING_KINDS
};

struct setting {
	const char *name; /* without KYCD_ */
	enum setting_kind kind;
	const char *initial;  /* default, as text */
	const char *argument; /* range "1-5" or choices "a|b" */
	size_t offset;	      /* in struct config */
};

extern const struct setting settings[];
extern const size_t n_settings;

/* Converts `text` and writes the value into `config` (a struct config) at `setting->offset`. Returns NULL if
 * the text is valid, else the form that it must have, worded to follow "must be ". */
const char *setting_read(
	const struct setting *setting, struct str text, struct arena *a, void *config) must_use;
/* Returns true if the text must not be shown because it is a secret or contains one. */
bool setting_is_secret(const struct setting *setting, struct str text);
/* Splits a text such as "127.0.0.1:8080" or "[::1]:0" into the host, without brackets, and the port. Returns
 * false if it is malformed. */
bool listen_parts(struct str address, struct str *host, struct str *port) must_use;
/* Returns true if the host is `localhost` or a loopback address. */
bool host_is_loopback(struct str host);
/* Returns true if `tag` is a language tag of at most 35 characters whose language is registered
 * (text/language.h). */
bool tag_is_valid(struct str tag);
