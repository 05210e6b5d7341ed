#include "app/letters.h"

#include <stdio.h>

#include "base/buf.h"
#include "text/encode.h"

/* Placeholders: {code} {brand} {minutes} {time} {sandbox}. In HTML all but {sandbox} are escaped. */
struct template
{
	const char *language, *subject, *text, *html, *sandbox_text, *sandbox_html;
};

static const struct template code_templates[] = {
	{
		.language = "en",
		.subject = "Your {brand} code, {time}",
		.text = "{code} is your code for {brand}.\n"
			"\n"
			"Type it where you asked for it, within {minutes} minutes of {time}; it works once. Tell it to\n"
			"nobody: nobody from {brand} will ever ask you for it.\n"
			"\n"
			"If this was not you, do nothing: without the code nobody gets any further.\n"
			"{sandbox}",
		.html = "<!DOCTYPE html>\n"
			"<html lang=\"en\" dir=\"ltr\"><head><meta charset=\"utf-8\">"
			"<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">"
			"<title>Your {brand} code</title></head>\n"
			"<body style=\"margin:0;padding:24px;font-family:sans-serif;font-size:16px;line-height:1.5\">\n"
			"<main style=\"max-width:32em;margin:0 auto\">\n"
			"<p><strong style=\"font-size:28px\">{code}</strong> is your code for {brand}.</p>\n"
			"<p>Type it where you asked for it, within {minutes} minutes of {time}; it works once. Tell it "
			"to nobody: nobody from {brand} will ever ask you for it.</p>\n"
			"<p>If this was not you, do nothing: without the code nobody gets any further.</p>\n"
			"{sandbox}</main>\n"
			"</body></html>\n",
		.sandbox_text = "\nThis letter comes from a sandbox: nobody is really being verified.\n",
		.sandbox_html = "<p>This letter comes from a sandbox: nobody is really being verified.</p>\n",
	},
};

struct fill {
	const struct code_letter *from;
	const struct template *template;
	char time[MOMENT_CLOCK_SIZE];
	char minutes[24];
	bool html;
};

static const struct template *nearest(struct str language)
{
	for (size_t i = 0; i < array_len(code_templates); i++)
		if (str_eq_nocase(language, str_of(code_templates[i].language)))
			return &code_templates[i];
	return &code_templates[0];
}

static void put(struct buf *out, const struct fill *fill, struct str value)
{
	if (fill->html)
		html_escape(out, value);
	else
		buf_add(out, value);
}

/* clang-format off */
static struct str fill_code(const struct fill *f)    { return f->from->code; }
static struct str fill_brand(const struct fill *f)   { return f->from->brand; }
static struct str fill_time(const struct fill *f)    { return str_of(f->time); }
static struct str fill_minutes(const struct fill *f) { return str_of(f->minutes); }

static const struct placeholder {
	const char *name;
	struct str (*value)(const struct fill *fill);
} placeholders[] = {
	{ "code",    fill_code },
	{ "brand",   fill_brand },
	{ "time",    fill_time },
	{ "minutes", fill_minutes },
};
/* clang-format on */

static void put_named(struct buf *out, const struct fill *fill, struct str name)
{
	for (size_t i = 0; i < array_len(placeholders); i++)
		if (str_eq(name, str_of(placeholders[i].name)))
			put(out, fill, placeholders[i].value(fill));
	if (str_eq(name, STR("sandbox")) && fill->from->sandbox)
		buf_add(out,
			str_of(fill->html ? fill->template->sandbox_html : fill->template->sandbox_text));
}

static enum err fill_in(const struct fill *fill, const char *pattern, struct arena *a, struct str *out)
{
	struct str rest = str_of(pattern), piece, name;
	struct buf text;

	buf_init(&text, a);
	while (str_cut(&rest, '{', &piece)) {
		buf_add(&text, piece);
		(void)str_cut(&rest, '}', &name);
		put_named(&text, fill, name);
	}
	buf_add(&text, piece);
	return buf_done(&text, out);
}

/* The effect's id in letters only: an id may hold six digits in a row, which would look like a code to a
 * phone. */
static enum err message_id(const struct code_letter *from, struct arena *a, struct str *out)
{
	char name[ID_SIZE];

	for (size_t i = 0; i < sizeof(name); i++) {
		const char c = from->effect->id.text[i];

		name[i] = (char)(c >= '0' && c <= '9' ? 'A' + (c - '0') : c);
	}
	*out = arena_printf(a, "%s@%.*s", name, STR_ARG(from->host));
	return out->p ? OK : ERR_INPUT;
}

enum err letters_code(const struct code_letter *from, struct arena *a, struct letter *out)
{
	const struct template *const template = nearest(from->language);
	struct fill fill = { .from = from, .template = template };
	struct letter letter = {
		.to = from->to, .language = str_of(template->language), .date = from->effect->created
	};

	moment_clock(from->effect->created, fill.time);
	snprintf(fill.minutes, sizeof(fill.minutes), "%lld", (long long)((from->life.ms + 59999) / 60000));
	TRY(fill_in(&fill, template->subject, a, &letter.subject));
	TRY(fill_in(&fill, template->text, a, &letter.text));
	TRY(message_id(from, a, &letter.message_id));
	fill.html = true;
	TRY(fill_in(&fill, template->html, a, &letter.html));
	*out = letter;
	return OK;
}
