#include "app/mail/template_text.h"

#include <stdarg.h>
#include <stdio.h>

#include "text/placeholders.h"

#define SENTENCE_MAX 300
#define EXCERPT_MAX 32

/* The placeholders of each e-mail, which app/mail/templates fills in. Text and HTML must contain the first
 * `n_required` of them. */
#define PLACEHOLDERS_MAX 8
static const struct {
	const char *names[PLACEHOLDERS_MAX];
	size_t n_required;
	const char *list;
} placeholders[MAIL_KINDS] = {
	[MAIL_CODE] = { { "code", "digits", "brand", "minutes", "time", "language", "sandbox" }, 1,
		"{code} {digits} {brand} {minutes} {time} {language} {sandbox}" },
	[MAIL_LINK] = { { "code", "wallet", "digits", "brand", "minutes", "time", "language", "sandbox" }, 2,
		"{code} {wallet} {digits} {brand} {minutes} {time} {language} {sandbox}" },
	[MAIL_VERIFICATION_LINK] = { { "url", "brand", "date", "time", "language", "sandbox" }, 1,
		"{url} {brand} {date} {time} {language} {sandbox}" },
};

enum err template_fault_at(struct template_parser *parser, size_t at, const char *format, ...)
{
	char sentence[SENTENCE_MAX];
	va_list args;

	va_start(args, format);
	vsnprintf(sentence, sizeof(sentence), format, args);
	va_end(args);
	parser->fault->line = 1;
	for (size_t i = 0; i < at && i < parser->text.n; i++)
		parser->fault->line += parser->text.p[i] == '\n';
	parser->fault->sentence = arena_copy(parser->arena, str_of(sentence));
	return ERR_INPUT;
}

/* Returns the index of the placeholder of this name; PLACEHOLDERS_MAX if there is none. */
static size_t find_placeholder(enum mail_kind mail, struct str name)
{
	for (size_t i = 0; i < PLACEHOLDERS_MAX; i++)
		if (placeholders[mail].names[i] && str_eq(name, str_of(placeholders[mail].names[i])))
			return i;
	return PLACEHOLDERS_MAX;
}

struct str template_excerpt(struct str text)
{
	if (text.n > EXCERPT_MAX)
		text.n = EXCERPT_MAX;
	while (text.n > 0 && !str_is_utf8(text))
		text.n--;
	return text;
}

static enum err fault_unknown_brace(struct template_parser *parser, size_t at, struct str from)
{
	struct str line;

	(void)str_cut(&from, '\n', &line);
	line = template_excerpt(line);
	return template_fault_at(parser, at, "`%.*s` is not a known placeholder: braces are only for %s",
		STR_ARG(line), placeholders[parser->mail].list);
}

void template_count_placeholder(struct template_parser *parser, struct str name)
{
	parser->seen |= 1U << find_placeholder(parser->mail, name);
	parser->n_placeholders++;
}

enum err template_check_placeholders(struct template_parser *parser, size_t from, size_t to)
{
	struct str rest = { parser->text.p + from, to - from }, before, name;
	bool more = true;

	while (more) {
		const char *const start = rest.p;

		more = placeholder_next(&rest, &before, &name);
		for (size_t i = 0; i < before.n; i++)
			if (before.p[i] == '{' || before.p[i] == '}')
				return fault_unknown_brace(
					parser, (size_t)(start + i - parser->text.p), str_from(before, i));
		if (!more)
			break;
		const size_t found = find_placeholder(parser->mail, name);
		if (found == PLACEHOLDERS_MAX)
			return fault_unknown_brace(parser, (size_t)(name.p - 1 - parser->text.p),
				(struct str){ name.p - 1, name.n + 2 });
		template_count_placeholder(parser, name);
	}
	return OK;
}

const char *template_missing_placeholder(const struct template_parser *parser)
{
	for (size_t i = 0; i < placeholders[parser->mail].n_required; i++)
		if (!(parser->seen & 1U << i))
			return placeholders[parser->mail].names[i];
	return NULL;
}
