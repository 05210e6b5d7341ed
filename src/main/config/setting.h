/* One setting: its row, its kind, how a text becomes a value. */
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
	const char *initial;  /* default */
	const char *argument; /* range "1-5" or choices "a|b" */
	size_t offset;	      /* in struct config */
};

extern const struct setting settings[];
extern const size_t n_settings;

/* Writes the value of `text` into the config at `setting->offset`. NULL when it is right, else what would be.
 */
const char *setting_read(
	const struct setting *setting, struct str text, struct arena *a, void *config) must_use;
/* Is the text nothing to be shown? */
bool setting_is_secret(const struct setting *setting, struct str text);
/* "127.0.0.1:8080", "[::1]:0" → host without brackets, and port. */
bool listen_parts(struct str address, struct str *host, struct str *port) must_use;
/* Loopback names and addresses. */
bool host_is_loopback(struct str host);
/* A language that there is (text/language.h), at most 35 characters. */
bool tag_is_valid(struct str tag);
