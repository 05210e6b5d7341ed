#include "app/mail/template_html.h"

/* What a letter is made of. All else is refused by name: pictures, links, forms, scripts, anything that a
 * mail program would fetch, run or follow. */
static const char *const elements[] = { "html", "head", "meta", "title", "style", "body", "main", "header",
	"footer", "section", "article", "div", "span", "p", "h1", "h2", "h3", "h4", "h5", "h6", "strong", "b",
	"em", "i", "u", "small", "sup", "sub", "code", "pre", "blockquote", "br", "wbr", "hr", "ul", "ol",
	"li", "dl", "dt", "dd", "table", "caption", "thead", "tbody", "tfoot", "tr", "td", "th", "center",
	"font", "bdi", "bdo", "abbr" };
static const char *const attributes[] = { "lang", "dir", "charset", "name", "content", "media", "type",
	"style", "class", "id", "role", "title", "width", "height", "align", "valign", "cellpadding",
	"cellspacing", "border", "bgcolor", "color", "face", "size", "scope", "colspan", "rowspan" };

struct tags {
	struct template_parser *r;
	size_t at;
	bool in_html;	/* between < and > of <html> itself */
	struct str raw; /* the element whose end ends plain text: style or title; else empty */
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

static struct str rest_of(const struct tags *t)
{
	return str_from(t->r->text, t->at);
}

static bool begins(struct str s, struct str with)
{
	return s.n >= with.n && str_eq_nocase((struct str){ s.p, with.n }, with);
}

/* Up to what ends a name of an element or attribute. */
static struct str take_name(struct tags *t)
{
	const struct str rest = rest_of(t);
	size_t n = 0;

	while (n < rest.n && !is_space(rest.p[n]) && rest.p[n] != '/' && rest.p[n] != '>' &&
		rest.p[n] != '=' && rest.p[n] != '<')
		n++;
	t->at += n;
	return (struct str){ rest.p, n };
}

static void skip(struct tags *t, bool slashes)
{
	while (t->at < t->r->text.n &&
		(is_space(t->r->text.p[t->at]) || (slashes && t->r->text.p[t->at] == '/')))
		t->at++;
}

/* What may not stand in a value: names, other tags, and the entities that a style could hide its letters in.
 */
static enum err check_value(struct tags *t, size_t end, struct str name)
{
	for (size_t at = t->at; at < end; at++) {
		const char c = t->r->text.p[at];

		if (c == '{' || c == '}')
			return template_fault_at(t->r, at,
				"names may be filled in between elements only, not in the value of `%.*s`",
				STR_ARG(name));
		if (c == '<' || c == '>' || c == '&')
			return template_fault_at(t->r, at,
				"`%c` in the value of `%.*s`: only plain text may stand there", c,
				STR_ARG(name));
	}
	return OK;
}

static bool is_or_begins(struct str tag, struct str longer)
{
	return begins(longer, tag) && (longer.n == tag.n || longer.p[tag.n] == '-');
}

/* Who hears the letter would hear it in the wrong voice. `de` and `de-AT` fit each other. */
static enum err check_language(struct tags *t, struct str tag)
{
	const struct str wanted = t->r->language;

	if (wanted.n == 0 || is_or_begins(wanted, tag) || (tag.n > 0 && is_or_begins(tag, wanted)))
		return OK;
	return template_fault_at(t->r, t->at, "lang=\"%.*s\" does not fit the folder: write lang=\"%.*s\"",
		STR_ARG(template_shown(tag)), STR_ARG(wanted));
}

/* In quotes or without. */
static enum err take_value(struct tags *t, struct str name)
{
	const struct str text = t->r->text;
	const char first = t->at < text.n ? text.p[t->at] : '\0';
	const bool quoted = first == '"' || first == '\'';
	size_t end;

	t->at += quoted;
	end = t->at;
	while (end < text.n && (quoted ? text.p[end] != first : !is_space(text.p[end]) && text.p[end] != '>'))
		end++;
	TRY(check_value(t, end, name));
	if (t->in_html && str_eq_nocase(name, STR("lang")))
		TRY(check_language(t, str_trim((struct str){ text.p + t->at, end - t->at })));
	if (end == text.n)
		return template_fault_at(t->r, t->at, "the value of `%.*s` has no end", STR_ARG(name));
	t->at = quoted ? end + 1 : end;
	return OK;
}

static enum err take_attribute(struct tags *t)
{
	const size_t start = t->at;
	const struct str name = take_name(t);

	if (name.n == 0)
		return template_fault_at(
			t->r, start, "an element is not written right: <name attribute=\"value\">");
	if (!is_listed(name, attributes, array_len(attributes)) && !begins(name, STR("aria-")))
		return template_fault_at(t->r, start,
			"the attribute `%.*s` is not for letters: they hold no link, picture or script, and "
			"nothing from elsewhere",
			STR_ARG(template_shown(name)));
	skip(t, false);
	if (!begins(rest_of(t), STR("=")))
		return OK;
	t->at++;
	skip(t, false);
	return take_value(t, name);
}

/* Behind "<" or "</". */
static enum err take_element(struct tags *t, bool closing)
{
	const size_t start = t->at;
	const struct str name = take_name(t);

	if (!is_listed(name, elements, array_len(elements)))
		return template_fault_at(t->r, start,
			"<%.*s> is not for letters: they hold no link, picture, form or script, and nothing from "
			"elsewhere (a < that begins no element is written &lt;)",
			STR_ARG(template_shown(name)));
	t->in_html = str_eq_nocase(name, STR("html"));
	for (;;) {
		skip(t, true);
		if (t->at == t->r->text.n)
			return template_fault_at(
				t->r, start, "<%.*s has no end: >", STR_ARG(template_shown(name)));
		if (t->r->text.p[t->at] == '>')
			break;
		TRY(take_attribute(t));
	}
	t->at++;
	const bool is_raw = str_eq_nocase(name, STR("style")) || str_eq_nocase(name, STR("title"));
	t->raw = !closing && is_raw ? name : STR("");
	return OK;
}

static enum err take_markup(struct tags *t)
{
	const struct str rest = rest_of(t);
	const bool closing = begins(rest, STR("</"));

	if (t->raw.n > 0 && !(closing && begins(str_from(rest, 2), t->raw)))
		return template_fault_at(
			t->r, t->at, "`<` in <%.*s>: only plain text may stand there", STR_ARG(t->raw));
	if (begins(rest, STR("<!doctype html>"))) {
		t->at += STR("<!doctype html>").n;
		return OK;
	}
	if (begins(rest, STR("<!")) || begins(rest, STR("<?")))
		return template_fault_at(t->r, t->at,
			"only <!DOCTYPE html> may begin like that: comments would be sent to people");
	t->at += closing ? 2 : 1;
	return take_element(t, closing);
}

enum err template_html(struct template_parser *r)
{
	struct tags t = { .r = r };

	while (t.at < r->text.n) {
		const size_t from = t.at;

		while (t.at < r->text.n && r->text.p[t.at] != '<')
			t.at++;
		/* A style has braces of its own, and nothing is filled in there. */
		if (!str_eq_nocase(t.raw, STR("style")))
			TRY(template_names(r, from, t.at));
		if (t.at < r->text.n)
			TRY(take_markup(&t));
	}
	if (t.raw.n > 0)
		return template_fault_at(r, r->text.n, "<%.*s> has no end", STR_ARG(t.raw));
	return OK;
}
