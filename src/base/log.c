#include "base/log.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/attr.h"
#include "base/lock.h"

#define LINE_SIZE 1024
#define MESSAGE_MAX 128
/* Each of its bytes behind a backslash, and the quotes. */
#define QUOTED_MAX ((size_t)2 * MESSAGE_MAX + 2)
/* Stands for the fields that the line had no room for. */
#define CUT " cut=1"
#define CUT_SIZE (sizeof(CUT) - 1)

static const char *const level_words[] = {
	[LOG_DEBUG] = "debug",
	[LOG_INFO] = "info",
	[LOG_WARN] = "warn",
	[LOG_ERROR] = "error",
};

static _Atomic int least_level = LOG_INFO;
static moment (*clock_now)(void);
static void (*line_sink)(void *arg, struct str line);
static void *line_sink_arg;
/* Only a sink needs it, so that it gets one line at a time; lines to stderr are whole because each is one
 * write. */
static struct lock sink_turn = { PTHREAD_MUTEX_INITIALIZER };

struct line {
	char text[LINE_SIZE];
	size_t n;
	bool full;
};

static char harmless(char c)
{
	if (c > ' ' && c <= '~' && c != '"' && c != '=' && c != '\\')
		return c;
	return '_';
}

static size_t write_word(const char *word, size_t n, char *out)
{
	for (size_t i = 0; i < n; i++)
		out[i] = harmless(word[i]);
	return n;
}

/* Of the character that a sentence begins with; 0: it is none. */
static size_t char_length(const char *p, size_t n)
{
	const unsigned char first = (unsigned char)p[0];
	const size_t wanted = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;

	return wanted <= n && str_is_utf8((struct str){ p, wanted }) ? wanted : 0;
}

/* U+0080 to U+009F, which terminals take for commands too, come as two bytes. */
static bool is_control(const char *p, size_t n)
{
	const unsigned char first = (unsigned char)p[0];

	return first < ' ' || first == 0x7f || (n == 2 && first == 0xc2 && (unsigned char)p[1] < 0xa0);
}

/* What ends neither the line nor the quotes stays as it is. Room for QUOTED_MAX. */
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

/* A character that the cut would halve goes as a whole. */
static size_t cut_length(const char *word)
{
	size_t n = strnlen(word, MESSAGE_MAX);

	if (n < MESSAGE_MAX)
		return n;
	while (n > MESSAGE_MAX - 3 && ((unsigned char)word[n] & 0xc0) == 0x80)
		n--;
	return n;
}

/* ` key=word`, or nothing when there is no room left for it with the mark and the final newline. */
static void line_add(struct line *l, const char *key, const char *word, bool quoted)
{
	char value[QUOTED_MAX];
	const size_t key_n = strnlen(key, MESSAGE_MAX);
	const size_t value_n = quoted ? write_quoted(word, cut_length(word), value)
				      : write_word(word, strnlen(word, MESSAGE_MAX), value);
	const size_t gap = l->n > 0 ? 1 : 0;

	if (l->full || gap + key_n + 1 + value_n > LINE_SIZE - CUT_SIZE - 1 - l->n) {
		l->full = true;
		return;
	}
	if (gap > 0)
		l->text[l->n++] = ' ';
	l->n += write_word(key, key_n, l->text + l->n);
	l->text[l->n++] = '=';
	memcpy(l->text + l->n, value, value_n);
	l->n += value_n;
}

static void line_end(struct line *l)
{
	if (l->full) {
		memcpy(l->text + l->n, CUT, CUT_SIZE);
		l->n += CUT_SIZE;
	}
	l->text[l->n++] = '\n';
}

static void line_send(const struct line *l)
{
	ssize_t written;

	if (line_sink != NULL) {
		lock_acquire(&sink_turn);
		line_sink(line_sink_arg, (struct str){ l->text, l->n });
		lock_release(&sink_turn);
		return;
	}
	do
		written = write(STDERR_FILENO, l->text, l->n);
	while (written < 0 && errno == EINTR);
}

void log_write(enum log_level level, const char *what, const struct log_field *fields, size_t n)
{
	struct line l = { .n = 0, .full = false };
	char number[24];

	if ((int)level < least_level)
		return;
	if (clock_now != NULL) {
		char text[MOMENT_RFC3339_SIZE];

		moment_rfc3339(clock_now(), text);
		line_add(&l, "time", text, false);
	}
	line_add(&l, "level", level_words[level], false);
	line_add(&l, "fact", what, false);
	for (size_t i = 0; i < n; i++) {
		if (fields[i].key == NULL)
			continue;
		(void)snprintf(number, sizeof(number), "%lld", (long long)fields[i].number);
		line_add(&l, fields[i].key, fields[i].word != NULL ? fields[i].word : number,
			fields[i].quoted);
	}
	line_end(&l);
	line_send(&l);
}

void log_level_set(enum log_level level)
{
	least_level = (int)level;
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
