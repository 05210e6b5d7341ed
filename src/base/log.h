/* Structured log: one line per event, in logfmt or JSON, to stderr (or to a test's sink). Keys are literals
 * in the source; values are numbers, fixed words or opaque ids. Text from outside is not logged, so that
 * secrets and addresses cannot get into the log; exceptions are single words of the provider, such as a
 * status that kycd does not know (provider_word_copy in port/provider_failure.h), and replies of the mail
 * server without their private parts (mail/smtp_reply). Thread-safe. A line is a single write of at most
 * 1 KiB; if fields do not fit, they are left out and the line ends with `cut=1`. */
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
	/* The value as text; if NULL, the value is `number`. Truncated to 128 bytes. Characters outside [!-~]
	 * and the characters `"=\` are replaced by `_`. */
	const char *word;
	int64_t number;
	/* `word` is a sentence and is written in quotes: `"` and `\` are escaped by a backslash, control
	 * characters and invalid UTF-8 become `_`, everything else is unchanged. Truncated to 256 bytes. */
	bool quoted;
};

#define LOG_WORD(key, word) ((struct log_field){ (key), (word), 0, false })
#define LOG_NUMBER(key, number) ((struct log_field){ (key), NULL, (number), false })
#define LOG_TEXT(key, text) ((struct log_field){ (key), (text), 0, true })

/* Writes one line. `event` is a string literal, e.g. log_event(LOG_INFO, "mail", LOG_WORD("mail_id",
 * id.text), LOG_NUMBER("tries", 2)). */
#define log_event(level, event, ...)                                                                         \
	log_write((level), "" event, (const struct log_field[]){ { NULL, NULL, 0, false }, ##__VA_ARGS__ },  \
		sizeof((const struct log_field[]){ { NULL, NULL, 0, false }, ##__VA_ARGS__ }) /              \
			sizeof(struct log_field))

void log_write(enum log_level level, const char *event, const struct log_field *fields, size_t n);

/* Drops lines below `level`. May be called at any time, e.g. when the settings are reloaded. */
void log_level_set(enum log_level level);
/* Sets the format of lines. `with_priority` puts "<N>" before each line, where N is the syslog priority that
 * systemd's journal reads from a service's stderr. Called once, before the first thread starts. The default
 * is logfmt without priorities. */
void log_format_set(enum log_format format, bool with_priority);
/* Sets the clock for the field `time`. If no clock is set, lines have no time. Called once, before the first
 * thread starts. */
void log_clock_set(moment (*now)(void));
/* For tests: sends lines to `sink` instead of stderr; NULL selects stderr again. `line` includes the
 * newline. */
void log_sink_set(void (*sink)(void *arg, struct str line), void *arg);
