#include "text/csv.h"

/* White space in front does not keep a spreadsheet from reading a formula. */
static bool is_formula(struct str field)
{
	size_t i = 0;

	while (i < field.n && field.p[i] == ' ')
		i++;
	return i < field.n && (str_has(STR("=+-@"), field.p[i]) || (unsigned char)field.p[i] < ' ');
}

static void write_field(struct buf *out, struct str field)
{
	buf_char(out, '"');
	if (is_formula(field))
		buf_char(out, '\'');
	for (size_t i = 0; i < field.n; i++) {
		if (field.p[i] == '"')
			buf_char(out, '"');
		buf_char(out, field.p[i]);
	}
	buf_char(out, '"');
}

void csv_line(struct buf *out, const struct str *fields, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (i > 0)
			buf_char(out, ',');
		write_field(out, fields[i]);
	}
	buf_add(out, STR("\r\n"));
}
