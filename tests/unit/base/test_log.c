#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/lock.h"
#include "base/log.h"

struct last_log {
	char text[4096];
	size_t n, lines;
};

static void record_line(void *arg, struct str line)
{
	struct last_log *const c = arg;

	c->lines++;
	if (!str_copy_to(line, c->text, sizeof(c->text)))
		abort();
	c->n = line.n;
}

static moment fixed_clock(void)
{
	return (moment){ 1767607200042 };
}

static struct last_log last_log;

static int setup_sink(void **state maybe_unused)
{
	last_log = (struct last_log){ .n = 0 };
	log_sink_set(record_line, &last_log);
	log_clock_set(NULL);
	log_level_set(LOG_DEBUG);
	return 0;
}

static int teardown_sink(void **state maybe_unused)
{
	log_sink_set(NULL, NULL);
	log_clock_set(NULL);
	log_level_set(LOG_INFO);
	log_format_set(LOG_FORMAT_LOGFMT, false);
	return 0;
}

static void line_has_level_event_and_fields(void **state maybe_unused)
{
	log_event(LOG_INFO, "mail_sent", LOG_WORD("mail_id", "l_01"), LOG_NUMBER("tries", 2));
	assert_string_equal(last_log.text, "level=info event=mail_sent mail_id=l_01 tries=2\n");
	log_event(LOG_WARN, "ready");
	assert_string_equal(last_log.text, "level=warn event=ready\n");
	log_event(LOG_ERROR, "edges", LOG_NUMBER("least", INT64_MIN), LOG_NUMBER("most", INT64_MAX),
		LOG_WORD("none", ""));
	assert_string_equal(last_log.text,
		"level=error event=edges least=-9223372036854775808 most=9223372036854775807 none=\n");
	log_clock_set(fixed_clock);
	log_event(LOG_DEBUG, "timed");
	assert_string_equal(last_log.text, "time=2026-01-05T10:00:00.042Z level=debug event=timed\n");
	assert_int_equal(last_log.lines, 4);
}

static void lines_below_the_level_are_dropped(void **state maybe_unused)
{
	for (int least = LOG_DEBUG; least <= LOG_ERROR; least++) {
		log_level_set((enum log_level)least);
		for (int level = LOG_DEBUG; level <= LOG_ERROR; level++) {
			last_log.lines = 0;
			log_event((enum log_level)level, "ready");
			assert_int_equal(last_log.lines, level >= least ? 1 : 0);
		}
	}
}

static const struct escape_case {
	const char *word, *written;
} word_cases[] = {
	{ "plain-Word_1.2:3/4", "plain-Word_1.2:3/4" },
	{ "two words", "two_words" },
	{ "\"quoted\"", "_quoted_" },
	{ "a=b", "a_b" },
	{ "back\\slash", "back_slash" },
	{ "x\nlevel=error event=forged", "x_level_error_event_forged" },
	{ "x\r\n\t\v\x1b[31m\x7f", "x_____[31m_" },
	{ "Zo\xc3\xab", "Zo__" },
	{ "!~", "!~" },
};

static void unsafe_characters_in_words_are_replaced(void **state maybe_unused)
{
	for (size_t i = 0; i < array_len(word_cases); i++) {
		char expected[200];

		log_event(LOG_INFO, "seen", LOG_WORD("word", word_cases[i].word), LOG_NUMBER("after", 1));
		(void)snprintf(expected, sizeof(expected), "level=info event=seen word=%s after=1\n",
			word_cases[i].written);
		assert_string_equal(last_log.text, expected);
	}
}

static void each_byte_outside_the_safe_set_is_replaced(void **state maybe_unused)
{
	for (int byte = 1; byte < 256; byte++) {
		const char word[] = { (char)byte, '\0' };
		const bool kept = byte > ' ' && byte < 0x7f && strchr("\"=\\", byte) == NULL;

		log_event(LOG_INFO, "b", LOG_WORD("w", word));
		assert_int_equal(last_log.n, strlen("level=info event=b w=?\n"));
		assert_int_equal(last_log.text[last_log.n - 2], kept ? (char)byte : '_');
		assert_ptr_equal(strchr(last_log.text, '\n'), last_log.text + last_log.n - 1);
	}
}

static void long_words_are_truncated(void **state maybe_unused)
{
	static const size_t sizes[] = { 127, 128, 129, 5000 };

	for (size_t i = 0; i < array_len(sizes); i++) {
		char word[5001];
		const size_t kept = sizes[i] < 128 ? sizes[i] : 128;

		memset(word, 'w', sizes[i]);
		word[sizes[i]] = '\0';
		log_event(LOG_INFO, "b", LOG_WORD("w", word));
		assert_int_equal(last_log.n, strlen("level=info event=b w=\n") + kept);
	}
}

/* Logs fields that fill the line to its last byte, that leave one byte free, and that are one byte too long.
 */
static void line_that_is_too_long_ends_with_cut(void **state maybe_unused)
{
	/* A line has at most 1,024 bytes, of which "level=info event=f", " cut=1" and the newline take some.
	 */
	const size_t room = 1024 - 18 - 7;
	struct log_field fields[8];
	char words_of[8][129];

	for (int more = -1; more <= 1; more++) {
		size_t left = room;

		for (size_t i = 0; i < array_len(fields); i++) {
			/* Each field consists of " k=" and a word. The last word fills the remaining space.
			 */
			const size_t n = i + 1 < array_len(fields) ? 122 : (size_t)((int)left - 3 + more);

			assert_true(n <= 128);
			memset(words_of[i], 'w', n);
			words_of[i][n] = '\0';
			fields[i] = LOG_WORD("k", words_of[i]);
			left -= n + 3;
		}
		log_write(LOG_INFO, "f", fields, array_len(fields));
		if (more <= 0) {
			assert_int_equal(last_log.n, (size_t)(1024 - 6 + more));
			assert_null(strstr(last_log.text, "cut"));
		} else {
			assert_int_equal(last_log.n, 18 + 7 * 125 + strlen(" cut=1\n"));
			assert_string_equal(last_log.text + last_log.n - 7, " cut=1\n");
		}
	}
}

static const struct escape_case sentence_cases[] = {
	{ "", "" },
	{ "look at KYCD_LISTEN=127.0.0.1:0", "look at KYCD_LISTEN=127.0.0.1:0" },
	{ "say \"it\"", "say \\\"it\\\"" },
	{ "back\\slash", "back\\\\slash" },
	{ "x\nlevel=error\r\t\x1b[31m\x7f", "x_level=error___[31m_" },
	{ "Zo\xc3\xab \xe2\x82\xac \xf0\x9f\x98\x80", "Zo\xc3\xab \xe2\x82\xac \xf0\x9f\x98\x80" },
	{ "\xc3", "_" },
	{ "\xc3 x", "_ x" },
	{ "\xabx\xff", "_x_" },
	{ "\xc0\xaf", "__" },
	{ "\xed\xa0\x80", "___" },
	{ "\xf4\x90\x80\x80", "____" },
	{ "\xc2\x9b"
	  "31m\xc2\xa0",
		"_31m\xc2\xa0" },
};

static void sentences_are_quoted_and_escaped(void **state maybe_unused)
{
	for (size_t i = 0; i < array_len(sentence_cases); i++) {
		char expected[200];

		log_event(LOG_INFO, "f", LOG_TEXT("do", sentence_cases[i].word), LOG_NUMBER("n", 1));
		(void)snprintf(expected, sizeof(expected), "level=info event=f do=\"%s\" n=1\n",
			sentence_cases[i].written);
		assert_string_equal(last_log.text, expected);
	}
}

/* A sentence is truncated after at most 256 bytes, between two characters. Escaping may then double its
 * length. */
static void long_sentences_are_truncated_between_characters(void **state maybe_unused)
{
	static const struct {
		const char *unit;
		size_t in_front, units, written;
	} long_ones[] = {
		{ " ", 0, 255, 255 },
		{ " ", 0, 256, 256 },
		{ " ", 0, 257, 256 },
		{ "\"", 0, 300, 512 },
		{ "\xc3\xab", 0, 128, 256 },
		{ "\xc3\xab", 0, 129, 256 },
		{ "\xc3\xab", 1, 128, 255 },
		{ "\xf0\x9f\x98\x80", 1, 64, 253 },
		{ "\xf0\x9f\x98\x80", 3, 64, 255 },
		{ "\x80", 0, 300, 253 },
	};

	for (size_t i = 0; i < array_len(long_ones); i++) {
		const size_t unit = strlen(long_ones[i].unit);
		char sentence[400];
		size_t n = long_ones[i].in_front;

		memset(sentence, 'x', n);
		for (size_t k = 0; k < long_ones[i].units; k++, n += unit)
			memcpy(sentence + n, long_ones[i].unit, unit);
		sentence[n] = '\0';
		log_event(LOG_INFO, "f", LOG_TEXT("do", sentence));
		assert_int_equal(last_log.n, strlen("level=info event=f do=\"\"\n") + long_ones[i].written);
	}
}

static void fields_after_a_truncation_are_left_out(void **state maybe_unused)
{
	struct log_field fields[10];
	char word[129];

	memset(word, 'w', 128);
	word[128] = '\0';
	for (size_t i = 0; i < 9; i++)
		fields[i] = LOG_WORD("k", word);
	fields[9] = LOG_NUMBER("n", 1);
	log_write(LOG_INFO, "f", fields, array_len(fields));
	assert_null(strstr(last_log.text, " n=1"));
	assert_string_equal(last_log.text + last_log.n - 7, " cut=1\n");
	assert_true(last_log.n <= 1024);
}

static void lines_go_to_stderr_without_a_sink(void **state maybe_unused)
{
	const char expected[] = "level=info event=out n=1\n";
	char got[200] = "";
	int ends[2], old;
	ssize_t n;

	log_sink_set(NULL, NULL);
	assert_int_equal(pipe(ends), 0);
	old = dup(STDERR_FILENO);
	assert_true(old >= 0);
	assert_true(dup2(ends[1], STDERR_FILENO) >= 0);
	log_event(LOG_INFO, "out", LOG_NUMBER("n", 1));
	assert_true(dup2(old, STDERR_FILENO) >= 0);
	assert_int_equal(close(ends[1]), 0);
	n = read(ends[0], got, sizeof(got) - 1);
	assert_int_equal(n, sizeof(expected) - 1);
	assert_string_equal(got, expected);
	assert_int_equal(close(ends[0]) + close(old), 0);
}

static void log_many_lines(void *arg maybe_unused)
{
	for (int i = 0; i < 500; i++)
		log_event(LOG_INFO, "turn", LOG_NUMBER("i", i));
}

/* The sink counts the lines without a lock of its own, so concurrent calls would lose some. */
static void sink_is_called_by_one_thread_at_a_time(void **state maybe_unused)
{
	struct thread threads[4] = { 0 };

	for (size_t i = 0; i < array_len(threads); i++)
		assert_int_equal(thread_start(&threads[i], log_many_lines, NULL), OK);
	for (size_t i = 0; i < array_len(threads); i++)
		thread_join(&threads[i]);
	assert_int_equal(last_log.lines, 2000);
}

static void json_lines_have_the_same_fields(void **state maybe_unused)
{
	log_format_set(LOG_FORMAT_JSON, false);
	log_event(LOG_INFO, "mail_sent", LOG_WORD("mail_id", "l_01"), LOG_NUMBER("tries", 2),
		LOG_TEXT("reason", "a \"quoted\" \\ text"));
	assert_string_equal(last_log.text,
		"{\"level\":\"info\",\"event\":\"mail_sent\",\"mail_id\":\"l_01\",\"tries\":2,"
		"\"reason\":\"a \\\"quoted\\\" \\\\ text\"}\n");
	log_clock_set(fixed_clock);
	log_event(LOG_WARN, "ready");
	assert_string_equal(last_log.text,
		"{\"time\":\"2026-01-05T10:00:00.042Z\",\"level\":\"warn\",\"event\":\"ready\"}\n");
}

static void truncated_json_line_is_valid(void **state maybe_unused)
{
	char word[129];

	memset(word, 'x', sizeof(word) - 1);
	word[sizeof(word) - 1] = '\0';
	log_format_set(LOG_FORMAT_JSON, true);
	log_event(LOG_ERROR, "full", LOG_WORD("a", word), LOG_WORD("b", word), LOG_WORD("c", word),
		LOG_WORD("d", word), LOG_WORD("e", word), LOG_WORD("f", word), LOG_WORD("g", word),
		LOG_WORD("h", word));
	assert_true(last_log.n <= 1024);
	assert_memory_equal(last_log.text, "<3>{\"level\":", 12);
	assert_string_equal(last_log.text + last_log.n - 10, ",\"cut\":1}\n");
}

static void lines_start_with_their_syslog_priority(void **state maybe_unused)
{
	static const struct {
		enum log_level level;
		const char *line;
	} rows[] = {
		{ LOG_DEBUG, "<7>level=debug event=e\n" },
		{ LOG_INFO, "<6>level=info event=e\n" },
		{ LOG_WARN, "<4>level=warn event=e\n" },
		{ LOG_ERROR, "<3>level=error event=e\n" },
	};

	log_format_set(LOG_FORMAT_LOGFMT, true);
	for (size_t i = 0; i < array_len(rows); i++) {
		log_event(rows[i].level, "e");
		assert_string_equal(last_log.text, rows[i].line);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(line_has_level_event_and_fields, setup_sink, teardown_sink),
		cmocka_unit_test_setup_teardown(lines_below_the_level_are_dropped, setup_sink, teardown_sink),
		cmocka_unit_test_setup_teardown(json_lines_have_the_same_fields, setup_sink, teardown_sink),
		cmocka_unit_test_setup_teardown(truncated_json_line_is_valid, setup_sink, teardown_sink),
		cmocka_unit_test_setup_teardown(
			lines_start_with_their_syslog_priority, setup_sink, teardown_sink),
		cmocka_unit_test_setup_teardown(
			unsafe_characters_in_words_are_replaced, setup_sink, teardown_sink),
		cmocka_unit_test_setup_teardown(
			each_byte_outside_the_safe_set_is_replaced, setup_sink, teardown_sink),
		cmocka_unit_test_setup_teardown(long_words_are_truncated, setup_sink, teardown_sink),
		cmocka_unit_test_setup_teardown(
			line_that_is_too_long_ends_with_cut, setup_sink, teardown_sink),
		cmocka_unit_test_setup_teardown(sentences_are_quoted_and_escaped, setup_sink, teardown_sink),
		cmocka_unit_test_setup_teardown(
			long_sentences_are_truncated_between_characters, setup_sink, teardown_sink),
		cmocka_unit_test_setup_teardown(
			fields_after_a_truncation_are_left_out, setup_sink, teardown_sink),
		cmocka_unit_test_setup_teardown(lines_go_to_stderr_without_a_sink, setup_sink, teardown_sink),
		cmocka_unit_test_setup_teardown(
			sink_is_called_by_one_thread_at_a_time, setup_sink, teardown_sink),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
