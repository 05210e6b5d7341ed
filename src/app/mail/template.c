#include "app/mail/template.h"

#include "app/mail/template_html.h"
#include "text/digit_input.h"

const char *const mail_names[MAIL_KINDS] = {
	[MAIL_CODE] = "code", [MAIL_LINK] = "link", [MAIL_VERIFICATION_LINK] = "verification_link"
};
const char *const mail_part_names[MAIL_PARTS] = {
	[MAIL_SUBJECT] = "subject", [MAIL_TEXT] = "txt", [MAIL_HTML] = "html"
};
const size_t mail_part_sizes[MAIL_PARTS] = {
	[MAIL_SUBJECT] = 200, [MAIL_TEXT] = (size_t)16 * 1024, [MAIL_HTML] = (size_t)16 * 1024
};

/* Maximum number of placeholders in each part. It limits the size of the e-mail, because values can be longer
 * than their placeholders. */
static const size_t placeholders_max[MAIL_PARTS] = { [MAIL_SUBJECT] = 4, [MAIL_TEXT] = 32, [MAIL_HTML] = 32 };

static enum err check_bytes(struct template_parser *parser)
{
	struct str rest = parser->text, line;

	for (size_t at = 0; rest.n > 0; at = parser->text.n - rest.n) {
		(void)str_cut(&rest, '\n', &line);
		if (!str_is_utf8(line))
			return template_fault_at(
				parser, at, "is not UTF-8: save the file with UTF-8 encoding");
		for (size_t i = 0; i < line.n; i++) {
			const unsigned char c = (unsigned char)line.p[i];
			const bool line_end = c == '\r' && i + 1 == line.n;

			if ((c < ' ' && c != '\t' && !line_end) || c == 127)
				return template_fault_at(parser, at + i,
					"holds a control character: only tabs and line ends are allowed");
		}
	}
	return OK;
}

static enum err check_size(struct template_parser *parser, enum mail_part part)
{
	if (parser->text.n > mail_part_sizes[part])
		return template_fault_at(
			parser, 0, "is too large: it may have at most %zu bytes", mail_part_sizes[part]);
	if (str_trim(parser->text).n == 0)
		return template_fault_at(
			parser, 0, "is empty: write a text, or remove the file to use the built-in text");
	return OK;
}

/* Rejects six digits in a row, because a phone would offer them to the user as the code. */
static enum err check_digits(struct template_parser *parser)
{
	for (size_t i = 0; i < parser->text.n; i++)
		if (digit_input_prefix(str_from(parser->text, i)) >= AUTOFILL_DIGITS)
			return template_fault_at(parser, i,
				"holds six digits in a row, which a phone may offer as the code: put spaces "
				"between them, write colours with letters or as rgb()");
	return OK;
}

/* Texts that a template must not contain, because mail programs turn them into links or load something for
 * them. They are compared without regard to case. */
static const struct {
	struct str text;
	bool html_only;
} forbidden_texts[] = {
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
	/* a backslash could spell any of these texts with CSS escapes */
	{ STR_INIT("\\"), true },
};

static enum err check_forbidden_texts(struct template_parser *parser, bool html)
{
	for (size_t at = 0; at < parser->text.n; at++) {
		for (size_t i = 0; i < array_len(forbidden_texts); i++) {
			const struct str forbidden = forbidden_texts[i].text;

			if ((forbidden_texts[i].html_only && !html) || parser->text.n - at < forbidden.n ||
				!str_eq_nocase((struct str){ parser->text.p + at, forbidden.n }, forbidden))
				continue;
			return template_fault_at(parser, at,
				"`%s` is not allowed in e-mails: they must not hold links or load anything",
				forbidden.p);
		}
	}
	return OK;
}

static enum err check_subject(struct template_parser *parser)
{
	for (size_t i = 0; i + 1 < parser->text.n; i++)
		if (parser->text.p[i] == '\n')
			return template_fault_at(parser, i + 1, "is a second line: a subject has one line");
	if (str_has(parser->text, '\t'))
		return template_fault_at(parser, 0, "holds a tab: use spaces in a subject");
	return template_check_placeholders(parser, 0, parser->text.n);
}

static enum err check_part(struct template_parser *parser, enum mail_part part)
{
	TRY(check_size(parser, part));
	TRY(check_bytes(parser));
	if (part == MAIL_SUBJECT)
		TRY(check_subject(parser));
	else if (part == MAIL_TEXT)
		TRY(template_check_placeholders(parser, 0, parser->text.n));
	else
		TRY(template_check_html(parser));
	TRY(check_forbidden_texts(parser, part == MAIL_HTML));
	TRY(check_digits(parser));
	if (part != MAIL_SUBJECT && template_missing_placeholder(parser))
		return template_fault_at(parser, 0, "has no {%s}: add it, the recipient needs it",
			template_missing_placeholder(parser));
	if (part == MAIL_HTML && parser->mail == MAIL_VERIFICATION_LINK && !parser->has_link)
		return template_fault_at(
			parser, 0, "has no <a href=\"{url}\">: add it, the recipient needs the link");
	if (parser->n_placeholders > placeholders_max[part])
		return template_fault_at(parser, 0, "has too many {placeholders}: it may have at most %zu",
			placeholders_max[part]);
	return OK;
}

enum err template_check(enum mail_kind mail, enum mail_part part, struct str language, struct str text,
	struct arena *a, struct template_fault *out)
{
	struct template_parser parser = {
		.mail = mail, .language = language, .text = text, .arena = a, .fault = out
	};

	const enum err e = check_part(&parser, part);
	return e == ERR_INPUT && !out->sentence.p ? ERR_INTERNAL : e;
}
