#include "html/chart_svg.h"

#include <inttypes.h>

#include "base/buf.h"

/* Units of the drawing. */
#define HEIGHT 100
#define BAR_WIDTH 4
#define GAP 3 /* between columns */

static void add_escaped(struct buf *out, struct str text)
{
	for (size_t i = 0; i < text.n; i++) {
		switch (text.p[i]) {
		case '&':
			buf_add(out, STR("&amp;"));
			break;
		case '<':
			buf_add(out, STR("&lt;"));
			break;
		case '>':
			buf_add(out, STR("&gt;"));
			break;
		case '"':
			buf_add(out, STR("&quot;"));
			break;
		default:
			buf_char(out, text.p[i]);
		}
	}
}

int64_t chart_max(const struct chart *chart)
{
	int64_t max = 0;

	for (size_t i = 0; i < chart->n_columns; i++)
		for (size_t s = 0; s < chart->n_series; s++)
			if (chart->columns[i].values[s] > max)
				max = chart->columns[i].values[s];
	return max;
}

/* Returns value / max as a part of `length`. */
static int scaled(int64_t value, int64_t max, int length)
{
	if (value <= 0 || max <= 0)
		return 0;
	if (value >= max)
		return length;
	const int part = (int)((double)value / (double)max * length);

	return part < 1 ? 1 : part;
}

static void add_title(struct buf *out, const struct chart *chart, const struct chart_column *column)
{
	buf_add(out, STR("<title>"));
	add_escaped(out, column->label);
	for (size_t s = 0; s < chart->n_series; s++) {
		buf_printf(out, "%s %" PRId64 " ", s == 0 ? ":" : ",", column->values[s]);
		add_escaped(out, chart->series_names[s]);
	}
	buf_add(out, STR("</title>"));
}

static void add_column(struct buf *out, const struct chart *chart, size_t i, int64_t max)
{
	const struct chart_column *const column = &chart->columns[i];
	const int width = (int)chart->n_series * BAR_WIDTH;
	const int x = (int)i * (width + GAP);

	buf_add(out, STR("<g>"));
	add_title(out, chart, column);
	/* The title is shown wherever the pointer is in the column. */
	buf_printf(out, "<rect class=\"chart-none\" x=\"%d\" width=\"%d\" height=\"%d\"/>", x, width + GAP,
		HEIGHT);
	for (size_t s = 0; s < chart->n_series; s++) {
		const int height = scaled(column->values[s], max, HEIGHT);

		if (height > 0)
			buf_printf(out,
				"<rect class=\"chart-%zu\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\"/>", s,
				x + (int)s * BAR_WIDTH, HEIGHT - height, BAR_WIDTH, height);
	}
	buf_add(out, STR("</g>"));
}

enum err chart_columns_write(struct arena *a, const struct chart *chart, struct str *out)
{
	const int64_t max = chart_max(chart);
	struct buf text;

	if (chart->n_columns > CHART_COLUMNS_MAX || chart->n_series > CHART_SERIES_MAX)
		return ERR_INPUT;
	const int width = (int)chart->n_columns * ((int)chart->n_series * BAR_WIDTH + GAP);

	buf_init(&text, a);
	buf_add(&text, STR("<svg class=\"chart\" role=\"img\" aria-label=\""));
	add_escaped(&text, chart->label);
	buf_printf(&text, "\" viewBox=\"0 0 %d %d\" preserveAspectRatio=\"none\">", width > 0 ? width : 1,
		HEIGHT + 1);
	for (size_t i = 0; i < chart->n_columns; i++)
		add_column(&text, chart, i, max);
	buf_printf(&text, "<rect class=\"chart-axis\" y=\"%d\" width=\"%d\" height=\"1\"/></svg>", HEIGHT,
		width > 0 ? width : 1);
	return buf_done(&text, out);
}

enum err chart_bar_write(struct arena *a, int64_t value, int64_t max, size_t series, struct str *out)
{
	struct buf text;

	if (series >= CHART_SERIES_MAX)
		return ERR_INPUT;
	buf_init(&text, a);
	buf_printf(&text,
		"<svg class=\"chart-bar\" aria-hidden=\"true\" viewBox=\"0 0 %d 1\" preserveAspectRatio=\"none\">"
		"<rect class=\"chart-%zu\" width=\"%d\" height=\"1\"/></svg>",
		HEIGHT, series, scaled(value, max, HEIGHT));
	return buf_done(&text, out);
}
