#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "http/scan.h"

#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"

/* The characters that RFC 9110, sections 5.6.2 and 5.5, and RFC 3986 allow. In a target, brackets are
 * accepted too. */
static const char tchars[] = "!#$%&'*+-.^_`|~" LETTERS;
static const char target_chars[] = "-._~!$&'()*+,;=:@/?%[]" LETTERS;

static bool contains(const char *set, int c)
{
	return c != 0 && strchr(set, c) != NULL;
}

static bool is_accepted(const char *front, int c, const char *back)
{
	struct scan s;
	enum refusal why;
	const char byte = (char)c;
	size_t used;

	scan_head(&s, 1000, 1000);
	assert_int_equal(scan_bytes(&s, front, strlen(front), &used, &why), SCAN_MORE);
	if (scan_bytes(&s, &byte, 1, &used, &why) == SCAN_REFUSED) {
		assert_int_equal(used, 0);
		assert_int_equal(why, c >= '2' && c <= '9' ? REFUSE_VERSION : REFUSE_BAD_REQUEST);
		return false;
	}
	assert_int_equal(used, 1);
	return scan_bytes(&s, back, strlen(back), &used, &why) == SCAN_DONE;
}

static void each_byte_is_accepted_or_rejected_in_each_part(void **state maybe_unused)
{
	for (int c = 0; c < 256; c++) {
		const bool text = c == '\t' || (c >= ' ' && c != 0x7f);

		if (is_accepted("G", c, "T / HTTP/1.1\r\n\r\n") != contains(tchars, c))
			fail_msg("method: %d", c);
		if (is_accepted("GET /", c, "x HTTP/1.1\r\n\r\n") != contains(target_chars, c))
			fail_msg("target: %d", c);
		if (is_accepted("GET / HTTP/1.1\r\nx", c, "y:z\r\n\r\n") != (contains(tchars, c) || c == ':'))
			fail_msg("name: %d", c);
		if (is_accepted("GET / HTTP/1.1\r\nx:", c, "z\r\n\r\n") != text)
			fail_msg("value: %d", c);
		if (is_accepted("GET / HTTP/1.", c, "\r\n\r\n") != (c == '0' || c == '1'))
			fail_msg("version: %d", c);
	}
}

static void positions_are_recorded(void **state maybe_unused)
{
	static const char text[] = "\r\nPATCH /abc?d HTTP/1.0\r\na:b\r\nc:\r\n\r\nrest";
	struct scan s;
	enum refusal why;
	size_t used;

	scan_head(&s, 1000, 1000);
	assert_true(scan_at_start(&s));
	assert_int_equal(scan_bytes(&s, text, 2, &used, &why), SCAN_MORE);
	assert_true(scan_at_start(&s));
	assert_int_equal(scan_bytes(&s, text + 2, sizeof(text) - 3, &used, &why), SCAN_DONE);
	assert_false(scan_at_start(&s));
	assert_int_equal(used, sizeof(text) - 3 - 4);
	assert_int_equal(s.counted, used);
	assert_int_equal(s.method_end, 5);
	assert_int_equal(s.target_end, 12);
	assert_int_equal(s.minor, 0);
	assert_int_equal(s.lines, 2);
}

static void end_of_a_chunked_body_is_found(void **state maybe_unused)
{
	static const char request_head[] = "P / HTTP/1.1\r\n\r\n",
			  body[] = "2;x\r\nab\r\n0\r\na:b\r\n\r\nrest";
	struct scan s;
	enum refusal why;
	size_t used;

	scan_head(&s, 1000, 2);
	assert_int_equal(scan_bytes(&s, request_head, sizeof(request_head) - 1, &used, &why), SCAN_DONE);
	scan_chunks(&s);
	assert_int_equal(scan_bytes(&s, body, sizeof(body) - 1, &used, &why), SCAN_DONE);
	assert_int_equal(used, sizeof(body) - 1 - 4);
	assert_int_equal(s.body, 2);
	scan_head(&s, 1000, 1);
	assert_int_equal(scan_bytes(&s, request_head, sizeof(request_head) - 1, &used, &why), SCAN_DONE);
	scan_chunks(&s);
	assert_int_equal(scan_bytes(&s, body, sizeof(body) - 1, &used, &why), SCAN_REFUSED);
	assert_int_equal(why, REFUSE_PAYLOAD);
	assert_int_equal(used, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_byte_is_accepted_or_rejected_in_each_part),
		cmocka_unit_test(positions_are_recorded),
		cmocka_unit_test(end_of_a_chunked_body_is_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
