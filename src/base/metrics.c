#include "base/metrics.h"

#include <assert.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "base/attr.h"

enum kind { COUNTER, GAUGE, HISTOGRAM, COLLECTED };

static const char *const kind_names[] = {
	[COUNTER] = "counter",
	[GAUGE] = "gauge",
	[HISTOGRAM] = "histogram",
	[COLLECTED] = "gauge",
};

struct family {
	enum kind kind;
	struct str name;
	const char *labels[2];
	const char *help;
};

static const struct family families[METRIC_COUNT] = {
#define METRIC(name, kind, text, label1, label2, help) { kind, STR_INIT(text), { label1, label2 }, help },
	METRICS(METRIC)
#undef METRIC
};

/* A bucket of a histogram, with its upper bound in two forms. */
struct bucket {
	int64_t end;	  /* in the unit of observations: microseconds or a count */
	const char *text; /* value of Prometheus's label `le`: seconds or a count */
};

/* clang-format off */
static const struct bucket time_buckets[] = {
	{ 100, "0.0001" }, { 250, "0.00025" }, { 500, "0.0005" },
	{ 1000, "0.001" }, { 2500, "0.0025" }, { 5000, "0.005" },
	{ 10000, "0.01" }, { 25000, "0.025" }, { 50000, "0.05" },
	{ 100000, "0.1" }, { 250000, "0.25" }, { 500000, "0.5" },
	{ 1000000, "1" }, { 2500000, "2.5" }, { 5000000, "5" },
	{ 10000000, "10" },
};
static const struct bucket size_buckets[] = {
	{ 1, "1" }, { 2, "2" }, { 4, "4" }, { 8, "8" }, { 16, "16" },
	{ 32, "32" }, { 64, "64" }, { 128, "128" }, { 256, "256" },
};
/* clang-format on */

struct scale {
	const struct bucket *buckets;
	size_t n;
	bool is_time;
};

/* The number of values that each family has room for. A histogram uses one cell per bucket (not cumulative),
 * one for observations above the last bucket, and one for the sum of all observations. */
#define CELLS ((size_t)METRIC_ROWS * METRIC_COLUMNS)
static_assert(array_len(time_buckets) + 2 <= CELLS && array_len(size_buckets) + 2 <= CELLS,
	"a family has enough cells for each histogram");

static _Atomic int64_t cells[METRIC_COUNT][CELLS];
static const char *_Atomic label_texts[METRIC_COUNT][2][METRIC_ROWS];
static const size_t label_value_counts[2] = { METRIC_ROWS, METRIC_COLUMNS };

static struct scale scale_of(const struct family *f)
{
	if (str_ends(f->name, STR("_seconds")))
		return (struct scale){ time_buckets, array_len(time_buckets), true };
	return (struct scale){ size_buckets, array_len(size_buckets), false };
}

static void cell_add(_Atomic int64_t *cell, int64_t n)
{
	atomic_fetch_add_explicit(cell, n, memory_order_relaxed);
}

static int64_t cell_read(_Atomic int64_t *cell)
{
	return atomic_load_explicit(cell, memory_order_relaxed);
}

/* Returns the position of a label value in the cells. It is 0 if the family does not have this label, and the
 * last position if `index` is too large. */
static size_t label_index(const struct family *f, int which, size_t index)
{
	if (f->labels[which] == NULL)
		return 0;
	return index < label_value_counts[which] ? index : label_value_counts[which] - 1;
}

static _Atomic int64_t *cell_of(enum metric m, size_t label1, size_t label2)
{
	const struct family *f = &families[m];

	return &cells[m][label_index(f, 0, label1) * METRIC_COLUMNS + label_index(f, 1, label2)];
}

void metric_label(enum metric m, int which, size_t index, const char *text)
{
	const struct family *f = &families[m];

	assert((which == 0 || which == 1) && f->labels[which] != NULL);
	label_texts[m][which][label_index(f, which, index)] = index < label_value_counts[which] ? text
												: "other";
}

void metric_add(enum metric m, size_t label1, size_t label2, int64_t n)
{
	assert(families[m].kind == GAUGE || (families[m].kind == COUNTER && n >= 0));
	cell_add(cell_of(m, label1, label2), n);
}

void metric_set(enum metric m, int64_t value)
{
	assert(families[m].kind == GAUGE);
	atomic_store_explicit(&cells[m][0], value, memory_order_relaxed);
}

void metric_observe(enum metric m, int64_t value)
{
	const struct scale scale = scale_of(&families[m]);
	const int64_t observed = value > 0 ? value : 0;
	size_t at = 0;

	assert(families[m].kind == HISTOGRAM);
	while (at < scale.n && observed > scale.buckets[at].end)
		at++;
	cell_add(&cells[m][at], 1);
	cell_add(&cells[m][scale.n + 1], observed);
}

int64_t metric_read(enum metric m, size_t label1, size_t label2)
{
	const struct scale scale = scale_of(&families[m]);
	int64_t n = 0;

	if (families[m].kind != HISTOGRAM)
		return cell_read(cell_of(m, label1, label2));
	for (size_t i = 0; i <= scale.n; i++)
		n += cell_read(&cells[m][i]);
	return n;
}

/* The total count is computed from the buckets that are printed, so that the count and the buckets agree even
 * while other threads add observations. */
static void print_histogram(struct buf *out, enum metric m)
{
	const struct family *f = &families[m];
	const struct scale scale = scale_of(f);
	const int64_t sum = cell_read(&cells[m][scale.n + 1]);
	int64_t n = 0;

	for (size_t i = 0; i < scale.n; i++) {
		n += cell_read(&cells[m][i]);
		buf_printf(
			out, "%s_bucket{le=\"%s\"} %lld\n", f->name.p, scale.buckets[i].text, (long long)n);
	}
	n += cell_read(&cells[m][scale.n]);
	buf_printf(out, "%s_bucket{le=\"+Inf\"} %lld\n", f->name.p, (long long)n);
	if (scale.is_time)
		buf_printf(out, "%s_sum %lld.%06lld\n", f->name.p, (long long)(sum / 1000000),
			(long long)(sum % 1000000));
	else
		buf_printf(out, "%s_sum %lld\n", f->name.p, (long long)sum);
	buf_printf(out, "%s_count %lld\n", f->name.p, (long long)n);
}

/* Prints a label. Prometheus text format 0.0.4 requires that backslash, quote and newline are escaped in its
 * value. */
static void print_label(struct buf *out, const char *label, const char *value)
{
	buf_printf(out, "%s=\"", label);
	for (const char *c = value; *c != '\0'; c++) {
		if (*c == '\\' || *c == '"')
			buf_char(out, '\\');
		if (*c == '\n')
			buf_add(out, STR("\\n"));
		else
			buf_char(out, *c);
	}
	buf_char(out, '"');
}

static void print_row(struct buf *out, enum metric m, size_t row)
{
	const struct family *f = &families[m];
	const char *const text1 = label_texts[m][0][row];

	for (size_t column = 0; column < (f->labels[1] != NULL ? METRIC_COLUMNS : 1); column++) {
		const char *const text2 = label_texts[m][1][column];
		const int64_t value = cell_read(cell_of(m, row, column));

		if (f->labels[1] != NULL && (text2 == NULL))
			continue;
		buf_add(out, f->name);
		buf_char(out, '{');
		print_label(out, f->labels[0], text1);
		if (f->labels[1] != NULL) {
			buf_char(out, ',');
			print_label(out, f->labels[1], text2);
		}
		buf_printf(out, "} %lld\n", (long long)value);
	}
}

void metric_print_header(struct buf *out, enum metric m)
{
	const struct family *f = &families[m];

	buf_printf(out, "# HELP %s %s\n# TYPE %s %s\n", f->name.p, f->help, f->name.p, kind_names[f->kind]);
}

void metric_print_collected(struct buf *out, enum metric m, const char *label, int64_t value)
{
	const struct family *f = &families[m];

	assert(f->kind == COLLECTED && f->labels[0] != NULL && f->labels[1] == NULL);
	buf_add(out, f->name);
	buf_char(out, '{');
	print_label(out, f->labels[0], label);
	buf_printf(out, "} %lld\n", (long long)value);
}

static void print_family(struct buf *out, enum metric m)
{
	const struct family *f = &families[m];

	metric_print_header(out, m);
	if (f->kind == HISTOGRAM) {
		print_histogram(out, m);
		return;
	}
	if (f->labels[0] == NULL) {
		buf_printf(out, "%s %lld\n", f->name.p, (long long)metric_read(m, 0, 0));
		return;
	}
	for (size_t row = 0; row < METRIC_ROWS; row++) {
		if (label_texts[m][0][row] != NULL)
			print_row(out, m, row);
	}
}

void metrics_print(struct buf *out)
{
	for (int m = 0; m < METRIC_COUNT; m++)
		if (families[m].kind != COLLECTED)
			print_family(out, (enum metric)m);
}

void metrics_reset(void)
{
	for (int m = 0; m < METRIC_COUNT; m++) {
		for (size_t i = 0; i < CELLS; i++)
			atomic_store_explicit(&cells[m][i], 0, memory_order_relaxed);
	}
}
