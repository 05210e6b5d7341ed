#include "app/mail/template.h"

#include "app/mail/template_html.h"
#include "text/digit_input.h"

const char *const mail_names[MAIL_KINDS] = { [MAIL_CODE] = "code", [MAIL_LINK] = "join" };
const char *const mail_part_names[MAIL_PARTS] = {
	[MAIL_SUBJECT] = "subject", [MAIL_TEXT] = "txt", [MAIL_HTML] = "html"
};
const size_t mail_part_sizes[MAIL_PARTS] = {
	[MAIL_SUBJECT] = 200, [MAIL_TEXT] = (size_t)16 * 1024, [MAIL_HTML] = (size_t)16 * 1024
};

/* How often a part may name something: names are longer than their placeholders. */
static const size_t names_max[MAIL_PARTS] = { [MAIL_SUBJECT] = 4, [MAIL_TEXT] = 32, [MAIL_HTML] = 32 };

static enum err check_bytes(struct template_parser *r)
{
	struct str rest = r->text, line;

	for (size_t at = 0; rest.n > 0; at = r->text.n - rest.n) {
		(void)str_cut(&rest, '\n', &line);
		if (!str_is_utf8(line))
			return template_fault_at(r, at, "is not UTF-8: save the file in that coding");
		for (size_t i = 0; i < line.n; i++) {
			const unsigned char c = (unsigned char)line.p[i];
			const bool line_end = c == '\r' && i + 1 == line.n;

			if ((c < ' ' && c != '\t' && !line_end) || c == 127)
				return template_fault_at(r, at + i,
					"holds a control character: only tabs and line ends may stand there");
		}
	}
	return OK;
}

static enum err check_size(struct template_parser *r, enum mail_part part)
{
	if (r->text.n > mail_part_sizes[part])
		return template_fault_at(
			r, 0, "is too large: it may have at most %zu bytes", mail_part_sizes[part]);
	if (str_trim(r->text).n == 0)
		return template_fault_at(
			r, 0, "is empty: write a text, or remove the file to have the built-in one");
	return OK;
}

/* A phone would offer it as the code. */
static enum err check_numbers(struct template_parser *r)
{
	for (size_t i = 0; i < r->text.n; i++)
		if (digit_input_prefix(str_from(r->text, i)) >= AUTOFILL_DIGITS)
			return template_fault_at(r, i,
				"holds six digits in a row, which a phone may take for the code: put spaces "
				"between them, or letters into a colour");
	return OK;
}

/* What mail programs make links of, or load. Without regard to case. */
static const struct {
	struct str text;
	bool html_only;
} elsewhere[] = {
	{ STR_INIT("://"), false },
	{ STR_INIT("www."), false },
	{ STR_INIT("mailto:"), false },
	{ STR_INIT("tel:"), true },
	{ STR_INIT("javascript:"), true },
	{ STR_INIT("url("), true },
	{ STR_INIT("src("), true },
	{ STR_INIT("image("), true },
	{ STR_INIT("image-set("), true },
	{ STR_INIT("@import"), true },
	{ STR_INIT("@font-face"), true },
	{ STR_INIT("expression("), true },
	/* could write any of the above in other letters */
	{ STR_INIT("\\"), true },
};

static enum err check_elsewhere(struct template_parser *r, bool html)
{
	for (size_t at = 0; at < r->text.n; at++) {
		for (size_t i = 0; i < array_len(elsewhere); i++) {
			const struct str wanted = elsewhere[i].text;

			if ((elsewhere[i].html_only && !html) || r->text.n - at < wanted.n ||
				!str_eq_nocase((struct str){ r->text.p + at, wanted.n }, wanted))
				continue;
			return template_fault_at(r, at,
				"`%s` is not for letters: they hold no link and nothing from elsewhere",
				wanted.p);
		}
	}
	return OK;
}

static enum err check_subject(struct template_parser *r)
{
	for (size_t i = 0; i + 1 < r->text.n; i++)
		if (r->text.p[i] == '\n')
			return template_fault_at(r, i + 1, "is a second line: a subject has one line");
	if (str_has(r->text, '\t'))
		return template_fault_at(r, 0, "holds a tab: a subject has spaces");
	return template_names(r, 0, r->text.n);
}

static enum err check_part(struct template_parser *r, enum mail_part part)
{
	TRY(check_size(r, part));
	TRY(check_bytes(r));
	if (part == MAIL_SUBJECT)
		TRY(check_subject(r));
	else if (part == MAIL_TEXT)
		TRY(template_names(r, 0, r->text.n));
	else
		TRY(template_html(r));
	TRY(check_elsewhere(r, part == MAIL_HTML));
	TRY(check_numbers(r));
	if (part != MAIL_SUBJECT && template_lacks(r))
		return template_fault_at(
			r, 0, "has no {%s}: nobody could go on without it", template_lacks(r));
	if (r->n_names > names_max[part])
		return template_fault_at(
			r, 0, "has too many {names}: it may have at most %zu", names_max[part]);
	return OK;
}

enum err template_check(enum mail_kind mail, enum mail_part part, struct str language, struct str text,
	struct arena *a, struct template_fault *out)
{
	struct template_parser r = {
		.mail = mail, .language = language, .text = text, .arena = a, .fault = out
	};

	const enum err e = check_part(&r, part);
	return e == ERR_INPUT && !out->sentence.p ? ERR_INTERNAL : e;
}
