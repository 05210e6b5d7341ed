/* Draws charts in SVG as trusted markup. The shapes have classes (`chart-0`, `chart-1` by series), whose
 * colours a style sheet sets for both colour schemes. The drawing stretches to the width of its element, so
 * it contains no text except titles, which browsers show for the shape under the pointer; the page shows the
 * same numbers in a table. Thread-safe. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

#define CHART_SERIES_MAX 2
/* Number of columns at most: more would be narrower than a pixel on a phone. */
#define CHART_COLUMNS_MAX 120

struct chart_column {
	struct str label; /* for example a day */
	int64_t values[CHART_SERIES_MAX];
};

struct chart {
	struct str label;		/* what the chart shows, for assistive technology */
	const struct str *series_names; /* for titles, for example "approved" */
	size_t n_series;
	const struct chart_column *columns;
	size_t n_columns;
};

/* Returns the largest value; 0 if all are 0 or less. */
int64_t chart_max(const struct chart *chart);
/* Sets `out` to an <svg> element with a group of bars for each column. Values below 0 are drawn as 0, and
 * other values are at least one unit high, so that none looks like 0. ERR_INPUT: too many columns or series,
 * or the drawing does not fit into the arena. */
enum err chart_columns_write(struct arena *a, const struct chart *chart, struct str *out) must_use;
/* Sets `out` to an <svg> element with one horizontal bar, for a row of a table. It is hidden from assistive
 * technology, because the row contains the number. */
enum err chart_bar_write(
	struct arena *a, int64_t value, int64_t max, size_t series, struct str *out) must_use;
