#include "base/metrics.h"

#include <assert.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "base/attr.h"

enum kind { COUNTER, GAUGE, OPTIONAL, HISTOGRAM, COLLECTED, COLLECTED_COUNTER };

static const char *const kind_names[] = {
	[COUNTER] = "counter",
	[GAUGE] = "gauge",
	[OPTIONAL] = "gauge",
	[HISTOGRAM] = "histogram",
	[COLLECTED] = "gauge",
	[COLLECTED_COUNTER] = "counter",
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

/* The cells of a family: one row per value of the first label. A row of a histogram has one cell per bucket
 * (not cumulative), one for observations above the last bucket, and one for the sum of all observations. */
#define CELLS ((size_t)METRIC_ROWS * METRIC_COLUMNS)
static_assert(array_len(time_buckets) + 2 <= METRIC_COLUMNS && array_len(size_buckets) + 2 <= METRIC_COLUMNS,
	"a row has enough cells for each histogram");

static _Atomic int64_t cells[METRIC_COUNT][CELLS];
/* Which values of OPTIONAL families have been set. */
static atomic_bool is_set[METRIC_COUNT][METRIC_ROWS];
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
	metric_set_at(m, 0, value);
}

void metric_set_at(enum metric m, size_t label1, int64_t value)
{
	const struct family *f = &families[m];

	assert((f->kind == GAUGE && f->labels[0] == NULL) || (f->kind == OPTIONAL && f->labels[1] == NULL));
	atomic_store_explicit(cell_of(m, label1, 0), value, memory_order_relaxed);
	atomic_store(&is_set[m][label_index(f, 0, label1)], true);
}

void metric_unset(enum metric m, size_t label1)
{
	assert(families[m].kind == OPTIONAL);
	atomic_store(&is_set[m][label_index(&families[m], 0, label1)], false);
}

void metric_observe(enum metric m, int64_t value)
{
	metric_observe_at(m, 0, value);
}

void metric_observe_at(enum metric m, size_t label1, int64_t value)
{
	_Atomic int64_t *const row = cell_of(m, label1, 0);
	const struct scale scale = scale_of(&families[m]);
	const int64_t observed = value > 0 ? value : 0;
	size_t at = 0;

	assert(families[m].kind == HISTOGRAM);
	while (at < scale.n && observed > scale.buckets[at].end)
		at++;
	cell_add(&row[at], 1);
	cell_add(&row[scale.n + 1], observed);
}

int64_t metric_read(enum metric m, size_t label1, size_t label2)
{
	const struct scale scale = scale_of(&families[m]);
	int64_t n = 0;

	if (families[m].kind != HISTOGRAM)
		return cell_read(cell_of(m, label1, label2));
	for (size_t i = 0; i <= scale.n; i++)
		n += cell_read(cell_of(m, label1, 0) + i);
	return n;
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

/* Writes a name and its label, if the family has one. */
static void print_name(struct buf *out, const struct family *f, const char *suffix, const char *label)
{
	buf_printf(out, "%s%s", f->name.p, suffix);
	if (label == NULL)
		return;
	buf_char(out, '{');
	print_label(out, f->labels[0], label);
	buf_char(out, '}');
}

static void print_bucket(
	struct buf *out, const struct family *f, const char *label, const char *end, int64_t n)
{
	buf_printf(out, "%s_bucket{", f->name.p);
	if (label != NULL) {
		print_label(out, f->labels[0], label);
		buf_char(out, ',');
	}
	buf_printf(out, "le=\"%s\"} %lld\n", end, (long long)n);
}

/* The total count is computed from the buckets that are printed, so that the count and the buckets agree even
 * while other threads add observations. `label` is NULL if the family has no label. */
static void print_histogram(struct buf *out, enum metric m, size_t row, const char *label)
{
	const struct family *f = &families[m];
	const struct scale scale = scale_of(f);
	_Atomic int64_t *const cell = cell_of(m, row, 0);
	const int64_t sum = cell_read(&cell[scale.n + 1]);
	int64_t n = 0;

	for (size_t i = 0; i < scale.n; i++) {
		n += cell_read(&cell[i]);
		print_bucket(out, f, label, scale.buckets[i].text, n);
	}
	n += cell_read(&cell[scale.n]);
	print_bucket(out, f, label, "+Inf", n);
	print_name(out, f, "_sum", label);
	if (scale.is_time)
		buf_printf(out, " %lld.%06lld\n", (long long)(sum / 1000000), (long long)(sum % 1000000));
	else
		buf_printf(out, " %lld\n", (long long)sum);
	print_name(out, f, "_count", label);
	buf_printf(out, " %lld\n", (long long)n);
}

static void print_pair(
	struct buf *out, const struct family *f, const char *label1, const char *label2, int64_t value)
{
	buf_add(out, f->name);
	buf_char(out, '{');
	print_label(out, f->labels[0], label1);
	if (label2 != NULL) {
		buf_char(out, ',');
		print_label(out, f->labels[1], label2);
	}
	buf_printf(out, "} %lld\n", (long long)value);
}

static void print_row(struct buf *out, enum metric m, size_t row)
{
	const struct family *f = &families[m];
	const char *const text1 = label_texts[m][0][row];

	for (size_t column = 0; column < (f->labels[1] != NULL ? METRIC_COLUMNS : 1); column++) {
		const char *const text2 = label_texts[m][1][column];

		if (f->labels[1] == NULL || text2 != NULL)
			print_pair(out, f, text1, text2, cell_read(cell_of(m, row, column)));
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
	print_pair(out, f, label, NULL, value);
}

void metric_print_collected_pair(
	struct buf *out, enum metric m, const char *label1, const char *label2, int64_t value)
{
	assert(families[m].kind == COLLECTED_COUNTER && families[m].labels[1] != NULL);
	print_pair(out, &families[m], label1, label2, value);
}

/* Prints the values with one value of the first label; `label` is NULL for a family without labels. */
static void print_values(struct buf *out, enum metric m, size_t row, const char *label)
{
	const struct family *f = &families[m];

	if (f->kind == OPTIONAL && !atomic_load(&is_set[m][row]))
		return;
	if (f->kind == HISTOGRAM) {
		print_histogram(out, m, row, label);
	} else if (label == NULL) {
		print_name(out, f, "", NULL);
		buf_printf(out, " %lld\n", (long long)metric_read(m, 0, 0));
	} else {
		print_row(out, m, row);
	}
}

static void print_family(struct buf *out, enum metric m)
{
	metric_print_header(out, m);
	if (families[m].labels[0] == NULL) {
		print_values(out, m, 0, NULL);
		return;
	}
	for (size_t row = 0; row < METRIC_ROWS; row++) {
		if (label_texts[m][0][row] != NULL)
			print_values(out, m, row, label_texts[m][0][row]);
	}
}

void metrics_print(struct buf *out)
{
	for (int m = 0; m < METRIC_COUNT; m++)
		if (families[m].kind != COLLECTED && families[m].kind != COLLECTED_COUNTER)
			print_family(out, (enum metric)m);
}

void metrics_reset(void)
{
	for (int m = 0; m < METRIC_COUNT; m++) {
		for (size_t i = 0; i < CELLS; i++)
			atomic_store_explicit(&cells[m][i], 0, memory_order_relaxed);
		for (size_t i = 0; i < METRIC_ROWS; i++)
			atomic_store(&is_set[m][i], false);
	}
}
