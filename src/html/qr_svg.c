#include "html/qr_svg.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include <qrencode.h>

#include "base/buf.h"

/* Width of the white border in modules (ISO/IEC 18004, 6.3.8). */
#define QUIET_ZONE 4

/* A matrix of modules; the lowest bit of each byte is 1 for black. */
struct matrix {
	const unsigned char *modules;
	int width;
};

static bool is_black(const struct matrix *matrix, int x, int y)
{
	return (matrix->modules[y * matrix->width + x] & 1) != 0;
}

/* Returns the column after the run of equal modules that starts at column `x`. */
static int run_end(const struct matrix *matrix, int x, int y)
{
	const bool black = is_black(matrix, x, y);

	while (x < matrix->width && is_black(matrix, x, y) == black)
		x++;
	return x;
}

/* Draws the black runs of a row as lines of width 1 along the middle of the row. The first run has an
 * absolute position, the others are relative to the end of the one before. */
static void write_row(struct buf *out, const struct matrix *matrix, int y)
{
	int drawn = -1; /* column after the last run that was drawn */

	for (int x = 0, end; x < matrix->width; x = end) {
		end = run_end(matrix, x, y);
		if (!is_black(matrix, x, y))
			continue;
		if (drawn < 0)
			buf_printf(out, "M%d %d.5", x + QUIET_ZONE, y + QUIET_ZONE);
		else
			buf_printf(out, "m%d 0", x - drawn);
		buf_printf(out, "h%d", end - x);
		drawn = end;
	}
}

static void write_svg(struct buf *out, const struct matrix *matrix)
{
	const int size = matrix->width + 2 * QUIET_ZONE;

	buf_printf(out,
		"<svg viewBox=\"0 0 %d %d\" aria-hidden=\"true\" focusable=\"false\" "
		"shape-rendering=\"crispEdges\"><rect width=\"%d\" height=\"%d\" fill=\"#fff\"/>"
		"<path stroke=\"#000\" d=\"",
		size, size, size, size);
	for (int y = 0; y < matrix->width; y++)
		write_row(out, matrix, y);
	buf_add(out, STR("\"/></svg>"));
}

/* Level M corrects 15 % of the code, which is enough for a screen. A longer text gets level L (7 %), so that
 * its modules do not become too small. */
static QRecLevel correction_level(size_t n)
{
	return n <= 256 ? QR_ECLEVEL_M : QR_ECLEVEL_L;
}

enum err qr_svg_write(struct arena *a, struct str text, struct str *out)
{
	struct buf svg;

	if (text.n == 0 || text.n > QR_TEXT_MAX || str_has(text, '\0'))
		return ERR_INPUT;
	QRcode *const code = QRcode_encodeData(
		(int)text.n, (const unsigned char *)text.p, 0, correction_level(text.n));
	if (code == NULL)
		return errno == ENOMEM ? ERR_INTERNAL : ERR_INPUT;
	const struct matrix matrix = { code->data, code->width };
	buf_init(&svg, a);
	write_svg(&svg, &matrix);
	QRcode_free(code);
	return buf_done(&svg, out);
}
