/* One line per event, logfmt or JSON, to stderr (or a test's sink). A field is a key that stands in the
 * source with a number, a fixed word or an opaque id: there is no field for free text from outside, so a
 * secret or an address has no way in. Safe from any thread; a line is one write of at most 1 KiB: fields that
 * do not fit are left out, and `cut=1` says so. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/moment.h"
#include "base/str.h"

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR };
enum log_format { LOG_FORMAT_LOGFMT, LOG_FORMAT_JSON };

struct log_field {
	const char *key;
	/* NULL: `number` counts. Cut at 128 bytes. Characters outside [!-~] and `"=\` are replaced by `_`. */
	const char *word;
	int64_t number;
	/* The word is a sentence, in quotes: `"` and `\` get a backslash, control characters and what is not
	 * UTF-8 become `_`, all else stays. */
	bool quoted;
};

#define LOG_WORD(key, word) ((struct log_field){ (key), (word), 0, false })
#define LOG_NUMBER(key, number) ((struct log_field){ (key), NULL, (number), false })
#define LOG_TEXT(key, text) ((struct log_field){ (key), (text), 0, true })

/* `event` is a literal: log_event(LOG_INFO, "mail", LOG_WORD("mail_id", id.text), LOG_NUMBER("tries", 2)).
 */
#define log_event(level, event, ...)                                                                         \
	log_write((level), "" event, (const struct log_field[]){ { NULL, NULL, 0, false }, ##__VA_ARGS__ },  \
		sizeof((const struct log_field[]){ { NULL, NULL, 0, false }, ##__VA_ARGS__ }) /              \
			sizeof(struct log_field))

void log_write(enum log_level level, const char *event, const struct log_field *fields, size_t n);

/* Lines below `level` are dropped. May be called again while running (SIGHUP). */
void log_level_set(enum log_level level);
/* How lines look; `with_priority` puts "<N>" before each, the syslog priority that systemd's journal reads
 * from a service's stderr. Set once, before the first thread. The default is logfmt without priorities. */
void log_format_set(enum log_format format, bool with_priority);
/* Where the time of a line comes from; without it lines have none. Set once, before the first thread. */
void log_clock_set(moment (*now)(void));
/* Where lines go, for tests; NULL is stderr. `line` has its final newline. */
void log_sink_set(void (*sink)(void *arg, struct str line), void *arg);
