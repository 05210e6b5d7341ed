#include "sandbox/decision/pdf.h"

#include "base/buf.h"

#define OBJECTS 5

/* Writes a PDF string. Parentheses and backslashes must be escaped (ISO 32000-1 section 7.3.4.2). */
static void put_pdf_string(struct buf *out, struct str line)
{
	for (size_t i = 0; i < line.n; i++) {
		const char c = line.p[i];

		if (c == '(' || c == ')' || c == '\\')
			buf_char(out, '\\');
		buf_char(out, c >= ' ' && c <= '~' ? c : '?');
	}
}

static enum err must_use write_page_content(
	struct arena *a, const struct str *lines, size_t n, struct str *out)
{
	struct buf content;

	buf_init(&content, a);
	buf_add(&content, STR("BT /F1 12 Tf 16 TL 56 780 Td\n"));
	for (size_t i = 0; i < n; i++) {
		buf_char(&content, '(');
		put_pdf_string(&content, lines[i]);
		buf_add(&content, STR(") Tj T*\n"));
	}
	buf_add(&content, STR("ET\n"));
	return buf_done(&content, out);
}

enum err pdf_write(struct arena *a, const struct str *lines, size_t n, struct str *out)
{
	static const char page[] = "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 5 0 R"
				   " /Resources << /Font << /F1 4 0 R >> >> >>";
	static const char *const objects[OBJECTS] = {
		"<< /Type /Catalog /Pages 2 0 R >>", "<< /Type /Pages /Kids [3 0 R] /Count 1 >>", page,
		"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
		NULL, /* the page content, written below */
	};
	size_t offsets[OBJECTS];
	struct str content;
	struct buf pdf;

	TRY(write_page_content(a, lines, n, &content));
	buf_init(&pdf, a);
	buf_add(&pdf, STR("%PDF-1.4\n"));
	for (size_t i = 0; i < OBJECTS; i++) {
		offsets[i] = pdf.n;
		buf_printf(&pdf, "%zu 0 obj\n", i + 1);
		if (objects[i])
			buf_add(&pdf, str_of(objects[i]));
		else
			buf_printf(&pdf, "<< /Length %zu >>\nstream\n%.*sendstream", content.n,
				STR_ARG(content));
		buf_add(&pdf, STR("\nendobj\n"));
	}

	const size_t xref_offset = pdf.n;

	buf_printf(&pdf, "xref\n0 %d\n0000000000 65535 f \n", OBJECTS + 1);
	for (size_t i = 0; i < OBJECTS; i++)
		buf_printf(&pdf, "%010zu 00000 n \n", offsets[i]);
	buf_printf(&pdf, "trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%zu\n%%%%EOF\n", OBJECTS + 1,
		xref_offset);
	return buf_done(&pdf, out);
}
