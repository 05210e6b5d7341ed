/* Tests of the drawing of QR codes: the drawn path has exactly the black modules of libqrencode's matrix, and
 * the border is white. tests/e2e/verify_devices.test.mjs reads the drawing in a browser with a decoder. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <qrencode.h>
#include <stdlib.h>
#include <string.h>

#include "base/attr.h"
#include "html/qr_svg.h"

#define BORDER 4
#define WIDEST 128

static struct arena arena;

struct raster {
	bool black[WIDEST][WIDEST];
	int size;
};

/* Asserts that `*p` starts with `text` and moves behind it. */
static void skip_text(const char **p, const char *text)
{
	assert_memory_equal(*p, text, strlen(text));
	*p += strlen(text);
}

/* Returns the number at `*p` and moves behind it. */
static int number(const char **p)
{
	char *end;
	const long value = strtol(*p, &end, 10);

	assert_ptr_not_equal(end, *p);
	*p = end;
	return (int)value;
}

/* Draws the path of an SVG as qr_svg_write() writes it: M, m and h commands only. */
static void rasterise(struct str svg, struct raster *out)
{
	const char *p = svg.p;
	int x = 0, y = 0;

	memset(out, 0, sizeof(*out));
	skip_text(&p, "<svg viewBox=\"0 0 ");
	out->size = number(&p);
	assert_true(out->size <= WIDEST);
	p = strstr(svg.p, " d=\"");
	assert_non_null(p);
	p += 4;
	while (*p != '"') {
		const char command = *p++;
		const int length = number(&p);

		switch (command) {
		case 'M':
			x = length;
			y = number(&p);
			skip_text(&p, ".5");
			break;
		case 'm':
			x += length;
			skip_text(&p, " 0");
			break;
		default:
			assert_int_equal(command, 'h');
			for (int i = 0; i < length; i++)
				out->black[y][x++] = true;
		}
	}
	assert_string_equal(p, "\"/></svg>");
}

static void compare_with_matrix(const struct raster *drawn, struct str text, QRecLevel level)
{
	QRcode *const code = QRcode_encodeData((int)text.n, (const unsigned char *)text.p, 0, level);

	assert_non_null(code);
	assert_int_equal(drawn->size, code->width + 2 * BORDER);
	for (int y = 0; y < drawn->size; y++)
		for (int x = 0; x < drawn->size; x++) {
			const int column = x - BORDER, row = y - BORDER;
			const bool inside = column >= 0 && row >= 0 && column < code->width &&
					    row < code->width;
			const bool black = inside && (code->data[row * code->width + column] & 1) != 0;
			assert_int_equal(drawn->black[y][x], black);
		}
	QRcode_free(code);
}

static void drawing_has_the_modules_of_the_code(void **state)
{
	static struct raster drawn;
	char text[QR_TEXT_MAX + 1];

	(void)state;
	for (size_t n = 1; n <= QR_TEXT_MAX; n += n < 64 ? 1 : 16) {
		struct str svg;
		for (size_t i = 0; i < n; i++)
			text[i] = "https://kyc.example.com/verify/aBcD09-_"[i * 7 % 39];
		text[n] = '\0';
		arena_reset(&arena);
		assert_int_equal(qr_svg_write(&arena, (struct str){ text, n }, &svg), OK);
		assert_true(svg.n <= (size_t)12 * 1024);
		rasterise(svg, &drawn);
		compare_with_matrix(&drawn, (struct str){ text, n }, n <= 256 ? QR_ECLEVEL_M : QR_ECLEVEL_L);
	}
}

static void text_that_is_too_long_or_empty_is_refused(void **state)
{
	char text[QR_TEXT_MAX + 1];
	struct str svg;

	(void)state;
	memset(text, 'a', sizeof(text));
	assert_int_equal(qr_svg_write(&arena, (struct str){ text, sizeof(text) }, &svg), ERR_INPUT);
	assert_int_equal(qr_svg_write(&arena, (struct str){ text, QR_TEXT_MAX }, &svg), OK);
	assert_int_equal(qr_svg_write(&arena, (struct str){ text, 0 }, &svg), ERR_INPUT);
	assert_int_equal(qr_svg_write(&arena, (struct str){ NULL, 0 }, &svg), ERR_INPUT);
	assert_int_equal(qr_svg_write(&arena, (struct str){ "a\0b", 3 }, &svg), ERR_INPUT);
}

/* Bytes that mean something in markup are part of the code, never of the markup. */
static void text_does_not_appear_in_the_markup(void **state)
{
	struct str svg;

	(void)state;
	assert_int_equal(qr_svg_write(&arena, STR("\"><script>alert(1)</script>"), &svg), OK);
	assert_null(memmem(svg.p, svg.n, "script", 6));
}

static void full_arena_is_reported(void **state)
{
	struct arena small;
	struct str svg;

	(void)state;
	arena_init(&small, 1024);
	assert_int_equal(qr_svg_write(&small, STR("https://kyc.example.com/verify/abc"), &svg), ERR_INPUT);
	arena_finish(&small);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(drawing_has_the_modules_of_the_code),
		cmocka_unit_test(text_that_is_too_long_or_empty_is_refused),
		cmocka_unit_test(text_does_not_appear_in_the_markup),
		cmocka_unit_test(full_arena_is_reported),
	};

	arena_init(&arena, (size_t)1024 * 1024);
	const int failed = cmocka_run_group_tests(tests, NULL, NULL);
	arena_finish(&arena);
	return failed;
}
