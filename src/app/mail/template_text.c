#include "app/mail/template_text.h"

#include <stdarg.h>
#include <stdio.h>

#include "text/placeholders.h"

#define SENTENCE_MAX 300
#define NAME_SHOWN_MAX 32

/* What may be named in a letter; the first ones must be, in text and HTML. app/mail/templates fills them in.
 */
#define NAMES_MAX 8
static const struct {
	const char *names[NAMES_MAX];
	size_t n_needed;
	const char *list;
} known[MAIL_KINDS] = {
	[MAIL_CODE] = { { "code", "digits", "brand", "minutes", "time", "language", "sandbox" }, 1,
		"{code} {digits} {brand} {minutes} {time} {language} {sandbox}" },
	[MAIL_LINK] = { { "code", "wallet", "digits", "brand", "minutes", "time", "language", "sandbox" }, 2,
		"{code} {wallet} {digits} {brand} {minutes} {time} {language} {sandbox}" },
};

enum err template_fault_at(struct template_parser *r, size_t at, const char *format, ...)
{
	char sentence[SENTENCE_MAX];
	va_list args;

	va_start(args, format);
	vsnprintf(sentence, sizeof(sentence), format, args);
	va_end(args);
	r->fault->line = 1;
	for (size_t i = 0; i < at && i < r->text.n; i++)
		r->fault->line += r->text.p[i] == '\n';
	r->fault->sentence = arena_copy(r->arena, str_of(sentence));
	return ERR_INPUT;
}

/* Which of the letter's names this is; NAMES_MAX: none. */
static size_t find_name(enum mail_kind mail, struct str name)
{
	for (size_t i = 0; i < NAMES_MAX; i++)
		if (known[mail].names[i] && str_eq(name, str_of(known[mail].names[i])))
			return i;
	return NAMES_MAX;
}

struct str template_shown(struct str text)
{
	if (text.n > NAME_SHOWN_MAX)
		text.n = NAME_SHOWN_MAX;
	while (text.n > 0 && !str_is_utf8(text))
		text.n--;
	return text;
}

static enum err fault_brace(struct template_parser *r, size_t at, struct str from)
{
	struct str line;

	(void)str_cut(&from, '\n', &line);
	line = template_shown(line);
	return template_fault_at(r, at, "`%.*s` names nothing that is known here: braces are for %s",
		STR_ARG(line), known[r->mail].list);
}

enum err template_names(struct template_parser *r, size_t from, size_t to)
{
	struct str rest = { r->text.p + from, to - from }, before, name;
	bool more = true;

	while (more) {
		const char *const start = rest.p;

		more = placeholder_next(&rest, &before, &name);
		for (size_t i = 0; i < before.n; i++)
			if (before.p[i] == '{' || before.p[i] == '}')
				return fault_brace(r, (size_t)(start + i - r->text.p), str_from(before, i));
		if (!more)
			break;
		const size_t found = find_name(r->mail, name);
		if (found == NAMES_MAX)
			return fault_brace(
				r, (size_t)(name.p - 1 - r->text.p), (struct str){ name.p - 1, name.n + 2 });
		r->seen |= 1U << found;
		r->n_names++;
	}
	return OK;
}

const char *template_lacks(const struct template_parser *r)
{
	for (size_t i = 0; i < known[r->mail].n_needed; i++)
		if (!(r->seen & 1U << i))
			return known[r->mail].names[i];
	return NULL;
}
