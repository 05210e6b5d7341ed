#include "app/mail/template_html.h"

/* The elements and attributes that are allowed in e-mails. All others are rejected with a message that names
 * them: pictures, links (but the one of a verification link), forms, scripts, and everything else that a mail
 * program would load or execute. */
static const char *const allowed_elements[] = { "html", "head", "meta", "title", "style", "body", "main",
	"header", "footer", "section", "article", "div", "span", "p", "h1", "h2", "h3", "h4", "h5", "h6",
	"strong", "b", "em", "i", "u", "small", "sup", "sub", "code", "pre", "blockquote", "br", "wbr", "hr",
	"ul", "ol", "li", "dl", "dt", "dd", "table", "caption", "thead", "tbody", "tfoot", "tr", "td", "th",
	"center", "font", "bdi", "bdo", "abbr" };
static const char *const allowed_attributes[] = { "lang", "dir", "charset", "name", "content", "media",
	"type", "style", "class", "id", "role", "title", "width", "height", "align", "valign", "cellpadding",
	"cellspacing", "border", "bgcolor", "color", "face", "size", "scope", "colspan", "rowspan" };

struct html_scanner {
	struct template_parser *parser;
	size_t at;
	bool in_link;	      /* the scanner is inside a tag <a …> */
	bool in_html;	      /* the scanner is inside the tag <html …> itself */
	struct str text_only; /* inside <style> or <title>, which contain only text: the name of that element;
				 elsewhere empty */
};

static bool is_listed(struct str name, const char *const *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (str_eq_nocase(name, str_of(list[i])))
			return true;
	return false;
}

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static struct str rest_of_text(const struct html_scanner *scanner)
{
	return str_from(scanner->parser->text, scanner->at);
}

static bool starts_nocase(struct str s, struct str with)
{
	return s.n >= with.n && str_eq_nocase((struct str){ s.p, with.n }, with);
}

/* Reads the name of an element or attribute. The name ends before the first character that cannot be part of
 * it. */
static struct str scan_name(struct html_scanner *scanner)
{
	const struct str rest = rest_of_text(scanner);
	size_t n = 0;

	while (n < rest.n && !is_space(rest.p[n]) && rest.p[n] != '/' && rest.p[n] != '>' &&
		rest.p[n] != '=' && rest.p[n] != '<')
		n++;
	scanner->at += n;
	return (struct str){ rest.p, n };
}

static void skip_spaces(struct html_scanner *scanner, bool slashes)
{
	while (scanner->at < scanner->parser->text.n &&
		(is_space(scanner->parser->text.p[scanner->at]) ||
			(slashes && scanner->parser->text.p[scanner->at] == '/')))
		scanner->at++;
}

/* Rejects an attribute's value that contains a placeholder, a tag or an entity. Entities could hide forbidden
 * CSS. */
static enum err check_value(struct html_scanner *scanner, size_t end, struct str name)
{
	for (size_t at = scanner->at; at < end; at++) {
		const char c = scanner->parser->text.p[at];

		if (c == '{' || c == '}')
			return template_fault_at(scanner->parser, at,
				"placeholders are allowed between elements only, not in the value of `%.*s`",
				STR_ARG(name));
		if (c == '<' || c == '>' || c == '&')
			return template_fault_at(scanner->parser, at,
				"`%c` in the value of `%.*s`: only plain text is allowed there", c,
				STR_ARG(name));
	}
	return OK;
}

/* Returns whether `tag` equals `longer` or is less specific: `de` for `de` and for `de-AT`. */
static bool is_same_or_wider(struct str tag, struct str longer)
{
	return starts_nocase(longer, tag) && (longer.n == tag.n || longer.p[tag.n] == '-');
}

/* A screen reader chooses its voice by `lang`, so `lang` must be the language of the text. `de` and `de-AT`
 * fit each other. */
static enum err check_language(struct html_scanner *scanner, struct str tag)
{
	const struct str expected = scanner->parser->language;

	if (expected.n == 0 || is_same_or_wider(expected, tag) ||
		(tag.n > 0 && is_same_or_wider(tag, expected)))
		return OK;
	return template_fault_at(scanner->parser, scanner->at,
		"lang=\"%.*s\" does not fit the folder: write lang=\"%.*s\"", STR_ARG(template_excerpt(tag)),
		STR_ARG(expected));
}

/* Reads an attribute's value, with or without quotes. */
static enum err scan_value(struct html_scanner *scanner, struct str name)
{
	const struct str text = scanner->parser->text;
	const char first = scanner->at < text.n ? text.p[scanner->at] : '\0';
	const bool quoted = first == '"' || first == '\'';
	size_t end;

	scanner->at += quoted;
	end = scanner->at;
	while (end < text.n && (quoted ? text.p[end] != first : !is_space(text.p[end]) && text.p[end] != '>'))
		end++;
	TRY(check_value(scanner, end, name));
	if (scanner->in_html && str_eq_nocase(name, STR("lang")))
		TRY(check_language(
			scanner, str_trim((struct str){ text.p + scanner->at, end - scanner->at })));
	if (end == text.n)
		return template_fault_at(
			scanner->parser, scanner->at, "the value of `%.*s` has no end", STR_ARG(name));
	scanner->at = quoted ? end + 1 : end;
	return OK;
}

/* Reads the attribute `href` from its "=" on. Its only possible value is "{url}". */
static enum err scan_href(struct html_scanner *scanner)
{
	static const struct str value = STR_INIT("=\"{url}\"");

	if (!str_starts(rest_of_text(scanner), value))
		return template_fault_at(
			scanner->parser, scanner->at, "the only link that is allowed is <a href=\"{url}\">");
	scanner->at += value.n;
	scanner->parser->has_link = true;
	template_count_placeholder(scanner->parser, STR("url"));
	return OK;
}

static enum err scan_attribute(struct html_scanner *scanner)
{
	const size_t start = scanner->at;
	const struct str name = scan_name(scanner);

	if (name.n == 0)
		return template_fault_at(scanner->parser, start,
			"an element is not written right: write <name attribute=\"value\">");
	if (scanner->in_link && str_eq_nocase(name, STR("href")))
		return scan_href(scanner);
	if (!is_listed(name, allowed_attributes, array_len(allowed_attributes)) &&
		!starts_nocase(name, STR("aria-")))
		return template_fault_at(scanner->parser, start,
			"the attribute `%.*s` is not allowed in e-mails: they must not hold links, pictures or "
			"scripts, or load anything",
			STR_ARG(template_excerpt(name)));
	skip_spaces(scanner, false);
	if (!starts_nocase(rest_of_text(scanner), STR("=")))
		return OK;
	scanner->at++;
	skip_spaces(scanner, false);
	return scan_value(scanner, name);
}

/* Reads an element from its name on. The caller has read the "<" or "</" before the name. */
static enum err scan_element(struct html_scanner *scanner, bool closing)
{
	const size_t start = scanner->at;
	const struct str name = scan_name(scanner);

	const bool is_link = scanner->parser->mail == MAIL_VERIFICATION_LINK && str_eq_nocase(name, STR("a"));

	if (!is_link && !is_listed(name, allowed_elements, array_len(allowed_elements)))
		return template_fault_at(scanner->parser, start,
			"<%.*s> is not allowed in e-mails: they must not hold links, pictures, forms or scripts, or "
			"load anything (write &lt; for a < that begins no element)",
			STR_ARG(template_excerpt(name)));
	scanner->in_html = str_eq_nocase(name, STR("html"));
	scanner->in_link = is_link && !closing;
	for (;;) {
		skip_spaces(scanner, true);
		if (scanner->at == scanner->parser->text.n)
			return template_fault_at(scanner->parser, start, "<%.*s has no end: add >",
				STR_ARG(template_excerpt(name)));
		if (scanner->parser->text.p[scanner->at] == '>')
			break;
		TRY(scan_attribute(scanner));
	}
	scanner->at++;
	const bool is_raw = str_eq_nocase(name, STR("style")) || str_eq_nocase(name, STR("title"));
	scanner->text_only = !closing && is_raw ? name : STR("");
	return OK;
}

static enum err scan_markup(struct html_scanner *scanner)
{
	const struct str rest = rest_of_text(scanner);
	const bool closing = starts_nocase(rest, STR("</"));

	if (scanner->text_only.n > 0 && !(closing && starts_nocase(str_from(rest, 2), scanner->text_only)))
		return template_fault_at(scanner->parser, scanner->at,
			"`<` in <%.*s>: only plain text is allowed there", STR_ARG(scanner->text_only));
	if (starts_nocase(rest, STR("<!doctype html>"))) {
		scanner->at += STR("<!doctype html>").n;
		return OK;
	}
	if (starts_nocase(rest, STR("<!")) || starts_nocase(rest, STR("<?")))
		return template_fault_at(scanner->parser, scanner->at,
			"only <!DOCTYPE html> may begin with <! or <?: remove comments, they would be sent");
	scanner->at += closing ? 2 : 1;
	return scan_element(scanner, closing);
}

enum err template_check_html(struct template_parser *parser)
{
	struct html_scanner scanner = { .parser = parser };

	while (scanner.at < parser->text.n) {
		const size_t from = scanner.at;

		while (scanner.at < parser->text.n && parser->text.p[scanner.at] != '<')
			scanner.at++;
		/* CSS has braces of its own; placeholders are not replaced inside <style>. */
		if (!str_eq_nocase(scanner.text_only, STR("style")))
			TRY(template_check_placeholders(parser, from, scanner.at));
		if (scanner.at < parser->text.n)
			TRY(scan_markup(&scanner));
	}
	if (scanner.text_only.n > 0)
		return template_fault_at(
			parser, parser->text.n, "<%.*s> has no end", STR_ARG(scanner.text_only));
	return OK;
}
