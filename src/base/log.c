#include "base/log.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/attr.h"
#include "base/lock.h"

#define LINE_SIZE 1024
/* Length of the syslog priority in front of a line, e.g. "<3>" (sd-daemon(3)). */
#define PRIORITY_SIZE 3
#define WORD_MAX 128
#define SENTENCE_MAX 256
/* Maximum length of a quoted text: a backslash before each byte, and 2 quotes. */
#define QUOTED_MAX ((size_t)2 * SENTENCE_MAX + 2)
/* Appended to a line from which fields were left out because it was too long. */
static const struct str truncation_marks[] = {
	[LOG_FORMAT_LOGFMT] = STR_INIT(" cut=1"),
	[LOG_FORMAT_JSON] = STR_INIT(",\"cut\":1}"),
};

static const char *const level_names[] = {
	[LOG_DEBUG] = "debug",
	[LOG_INFO] = "info",
	[LOG_WARN] = "warn",
	[LOG_ERROR] = "error",
};

/* Priorities of syslog(3). */
static const char priorities[] = {
	[LOG_DEBUG] = '7',
	[LOG_INFO] = '6',
	[LOG_WARN] = '4',
	[LOG_ERROR] = '3',
};

static _Atomic int min_level = LOG_INFO;
static enum log_format line_format = LOG_FORMAT_LOGFMT;
static bool has_priority;
static moment (*clock_now)(void);
static void (*line_sink)(void *arg, struct str line);
static void *line_sink_arg;
/* Makes calls of the sink (for tests) one after the other. Lines to stderr need no lock because each one is a
 * single write(2). */
static struct lock sink_lock = { PTHREAD_MUTEX_INITIALIZER };

enum value_kind {
	VALUE_WORD,	/* written without quotes in logfmt, with quotes in JSON */
	VALUE_SENTENCE, /* written with quotes */
	VALUE_NUMBER,	/* written without quotes */
};

struct line {
	char text[LINE_SIZE];
	size_t n;
	bool has_fields, full;
};

static char word_char(char c)
{
	if (c > ' ' && c <= '~' && c != '"' && c != '=' && c != '\\')
		return c;
	return '_';
}

static size_t write_word(const char *word, size_t n, char *out)
{
	for (size_t i = 0; i < n; i++)
		out[i] = word_char(word[i]);
	return n;
}

/* Length in bytes of the UTF-8 character at `p`; 0: not valid UTF-8. */
static size_t char_length(const char *p, size_t n)
{
	const unsigned char first = (unsigned char)p[0];
	const size_t wanted = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;

	return wanted <= n && str_is_utf8((struct str){ p, wanted }) ? wanted : 0;
}

/* Returns whether the character is a control character: an ASCII one, or U+0080 to U+009F (two bytes in
 * UTF-8), which terminals also interpret. */
static bool is_control(const char *p, size_t n)
{
	const unsigned char first = (unsigned char)p[0];

	return first < ' ' || first == 0x7f || (n == 2 && first == 0xc2 && (unsigned char)p[1] < 0xa0);
}

/* Writes a text with quotes around it: escapes quotes and backslashes, and replaces control characters and
 * invalid UTF-8 by `_`. `out` has at least QUOTED_MAX bytes. Returns the number of bytes written. */
static size_t write_quoted(const char *word, size_t n, char *out)
{
	size_t written = 0;

	out[written++] = '"';
	for (size_t i = 0, length; i < n; i += length) {
		length = char_length(word + i, n - i);
		if (length == 0 || is_control(word + i, length)) {
			length = length > 0 ? length : 1;
			out[written++] = '_';
			continue;
		}
		if (word[i] == '"' || word[i] == '\\')
			out[written++] = '\\';
		memcpy(out + written, word + i, length);
		written += length;
	}
	out[written++] = '"';
	return written;
}

/* Length of the text, truncated to SENTENCE_MAX bytes without splitting a UTF-8 character. */
static size_t truncated_length(const char *word)
{
	size_t n = strnlen(word, SENTENCE_MAX);

	if (n < SENTENCE_MAX)
		return n;
	while (n > SENTENCE_MAX - 3 && ((unsigned char)word[n] & 0xc0) == 0x80)
		n--;
	return n;
}

static size_t write_json_text(const char *word, size_t n, char *out)
{
	out[0] = '"';
	n = write_word(word, n, out + 1);
	out[1 + n] = '"';
	return n + 2;
}

static size_t write_value(const char *word, enum value_kind kind, char *out)
{
	if (kind == VALUE_SENTENCE)
		return write_quoted(word, truncated_length(word), out);
	if (kind == VALUE_WORD && line_format == LOG_FORMAT_JSON)
		return write_json_text(word, strnlen(word, WORD_MAX), out);
	return write_word(word, strnlen(word, WORD_MAX), out);
}

/* Appends ` key=value` to the line, or `,"key":value` in JSON. If the field does not fit together with the
 * truncation mark and the newline, this and all later fields are left out. */
static void line_add_field(struct line *l, const char *key, const char *word, enum value_kind kind)
{
	const bool json = line_format == LOG_FORMAT_JSON;
	char value[QUOTED_MAX];
	const size_t key_n = strnlen(key, WORD_MAX), value_n = write_value(word, kind, value);

	/* Number of punctuation bytes: before the field, around the key, and between key and value. */
	const size_t marks = json ? 4 : l->has_fields ? 2 : 1;

	if (l->full || marks + key_n + value_n > LINE_SIZE - truncation_marks[line_format].n - 1 - l->n) {
		l->full = true;
		return;
	}
	if (json)
		l->text[l->n++] = l->has_fields ? ',' : '{';
	else if (l->has_fields)
		l->text[l->n++] = ' ';
	l->has_fields = true;
	if (json)
		l->text[l->n++] = '"';
	l->n += write_word(key, key_n, l->text + l->n);
	if (json)
		l->text[l->n++] = '"';
	l->text[l->n++] = json ? ':' : '=';
	memcpy(l->text + l->n, value, value_n);
	l->n += value_n;
}

static void line_begin(struct line *l, enum log_level level)
{
	*l = (struct line){ .n = 0 };
	if (!has_priority)
		return;
	l->text[0] = '<';
	l->text[1] = priorities[level];
	l->text[2] = '>';
	l->n = PRIORITY_SIZE;
}

static void line_end(struct line *l)
{
	if (l->full) {
		memcpy(l->text + l->n, truncation_marks[line_format].p, truncation_marks[line_format].n);
		l->n += truncation_marks[line_format].n;
	} else if (line_format == LOG_FORMAT_JSON) {
		l->text[l->n++] = '}';
	}
	l->text[l->n++] = '\n';
}

static void line_send(const struct line *l)
{
	ssize_t written;

	if (line_sink != NULL) {
		lock_acquire(&sink_lock);
		line_sink(line_sink_arg, (struct str){ l->text, l->n });
		lock_release(&sink_lock);
		return;
	}
	do
		written = write(STDERR_FILENO, l->text, l->n);
	while (written < 0 && errno == EINTR);
}

void log_write(enum log_level level, const char *event, const struct log_field *fields, size_t n)
{
	struct line l;
	char number[24];

	if ((int)level < min_level)
		return;
	line_begin(&l, level);
	if (clock_now != NULL) {
		char text[MOMENT_RFC3339_SIZE];

		moment_rfc3339(clock_now(), text);
		line_add_field(&l, "time", text, VALUE_WORD);
	}
	line_add_field(&l, "level", level_names[level], VALUE_WORD);
	line_add_field(&l, "event", event, VALUE_WORD);
	for (size_t i = 0; i < n; i++) {
		if (fields[i].key == NULL)
			continue;
		(void)snprintf(number, sizeof(number), "%lld", (long long)fields[i].number);
		line_add_field(&l, fields[i].key, fields[i].word != NULL ? fields[i].word : number,
			fields[i].word == NULL ? VALUE_NUMBER
			: fields[i].quoted     ? VALUE_SENTENCE
					       : VALUE_WORD);
	}
	line_end(&l);
	line_send(&l);
}

void log_level_set(enum log_level level)
{
	min_level = (int)level;
}

void log_format_set(enum log_format format, bool with_priority)
{
	line_format = format;
	has_priority = with_priority;
}

void log_clock_set(moment (*now)(void))
{
	clock_now = now;
}

void log_sink_set(void (*sink)(void *arg, struct str line), void *arg)
{
	line_sink = sink;
	line_sink_arg = arg;
}
