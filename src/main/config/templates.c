#include "main/config/templates.h"

#include <dirent.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "i18n/messages.h"
#include "text/language.h"

#define PATH_SIZE 4096
#define BYTE_ORDER_MARK STR("\xef\xbb\xbf")

struct template_reader {
	struct arena *arena;
	struct templates *templates;
	struct str *reason;
};

static enum err refuse_templates(const struct template_reader *reader, const char *format, ...)
	printf_like(2, 3);

/* Sets the reason why the templates are refused. Always returns ERR_INPUT. */
static enum err refuse_templates(const struct template_reader *reader, const char *format, ...)
{
	char sentence[PATH_SIZE + 512];
	va_list args;

	va_start(args, format);
	vsnprintf(sentence, sizeof(sentence), format, args);
	va_end(args);
	*reader->reason = arena_printf(reader->arena, "KYCD_MAIL_TEMPLATES: %s", sentence);
	if (!reader->reason->p)
		*reader->reason = STR("KYCD_MAIL_TEMPLATES: out of memory");
	return ERR_INPUT;
}

static int is_not_hidden(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

/* Calls `visit` for each entry of the folder `path`, sorted by name, and stops at the first error.
 * `description` is what `path` must be, for the error message. */
static enum err for_each_entry(const struct template_reader *reader, const char *path,
	const char *description,
	enum err (*visit)(
		const struct template_reader *reader, const char *folder, const char *name, void *arg),
	void *arg)
{
	struct dirent **entries = NULL;
	const int n = scandir(path, &entries, is_not_hidden, alphasort);
	enum err e = OK;

	if (n < 0)
		return refuse_templates(reader, "%s is not %s that this user may read", path, description);
	for (int i = 0; i < n; i++) {
		if (e == OK)
			e = visit(reader, path, entries[i]->d_name, arg);
		free(entries[i]);
	}
	free((void *)entries);
	return e;
}

/* Splits a file name such as "code.html" into template and part. Returns false if there is no such template
 * or part. */
static bool parse_file_name(const char *name, size_t *kind, size_t *part)
{
	struct str ending = str_of(name), first;

	if (!str_cut(&ending, '.', &first))
		return false;
	*kind = *part = 0;
	while (*kind < MAIL_KINDS && !str_eq(first, str_of(mail_names[*kind])))
		++*kind;
	while (*part < MAIL_PARTS && !str_eq(ending, str_of(mail_part_names[*part])))
		++*part;
	return *kind < MAIL_KINDS && *part < MAIL_PARTS;
}

/* Reads at most max + 1 bytes. The additional byte lets template_check detect a file that is too large. */
static bool read_template_file(
	const struct template_reader *reader, const char *path, size_t max, struct str *out)
{
	struct stat status;
	FILE *file;
	char *bytes;

	/* Only regular files are opened: opening a named pipe would block until another process writes to
	 * it. */
	if (stat(path, &status) != 0 || !S_ISREG(status.st_mode) || !(file = fopen(path, "re")))
		return false;
	const size_t size = (size_t)status.st_size <= max ? (size_t)status.st_size : max;
	bytes = arena_bytes(reader->arena, size + 1, 1);
	const size_t n = bytes ? fread(bytes, 1, size + 1, file) : 0;
	const bool failed = !bytes || ferror(file) != 0;
	fclose(file);
	*out = (struct str){ bytes, n };
	return !failed;
}

static enum err add_template_file(
	const struct template_reader *reader, const char *folder, const char *name, void *arg)
{
	struct template_language *const language = arg;
	struct template_fault fault = { .line = 1 };
	char path[PATH_SIZE];
	size_t kind, part;
	struct str text;

	if (snprintf(path, sizeof(path), "%s/%s", folder, name) >= (int)sizeof(path))
		return refuse_templates(reader, "%s: the path is too long", folder);
	if (!parse_file_name(name, &kind, &part))
		return refuse_templates(reader,
			"%s is not a template file: the files are code.subject, code.txt and code.html, and the "
			"same of link and verification_link",
			path);
	if (!read_template_file(reader, path, mail_part_sizes[part], &text))
		return refuse_templates(reader, "%s is not a file that this user may read", path);
	if (str_starts(text, BYTE_ORDER_MARK))
		text = str_from(text, BYTE_ORDER_MARK.n);
	if (template_check((enum mail_kind)kind, (enum mail_part)part, language->tag, text, reader->arena,
		    &fault) != OK)
		return refuse_templates(reader, "%s:%zu: %.*s", path, fault.line, STR_ARG(fault.sentence));
	language->parts[kind][part] = part == MAIL_SUBJECT ? str_trim(text) : text;
	return OK;
}

/* Returns the built-in language with this tag, in its standard spelling, or NULL if there is none. */
static const struct str *built_in_tag(struct str tag)
{
	for (size_t i = 0; i < LANGUAGES; i++)
		if (str_eq_nocase(tag, language_tags[i]))
			return &language_tags[i];
	return NULL;
}

/* Returns true if all parts of this template must exist: always for the template of the code e-mail,
 * otherwise if at least one part exists. An e-mail without a template is sent in the next best language. */
static bool is_required(const struct template_language *language, size_t kind)
{
	bool required = kind == MAIL_CODE;

	for (size_t part = 0; part < MAIL_PARTS; part++)
		required = required || language->parts[kind][part].p;
	return required;
}

/* Checks that each template of a language that is not built in has all its parts. A missing part would be
 * taken from a built-in template, in another language. */
static enum err check_no_part_missing(
	const struct template_reader *reader, const struct template_language *language, const char *path)
{
	for (size_t kind = 0; kind < MAIL_KINDS; kind++)
		for (size_t part = 0; part < MAIL_PARTS; part++)
			if (is_required(language, kind) && !language->parts[kind][part].p)
				return refuse_templates(reader,
					"%s/%s.%s is missing: a built-in part can replace it only in a "
					"language that kycd has e-mails in; give subject, txt and html",
					path, mail_names[kind], mail_part_names[part]);
	return OK;
}

static enum err add_language(
	const struct template_reader *reader, const char *folder, const char *name, void *arg)
{
	struct templates *const all = reader->templates;
	const struct str tag = str_of(name), *const built_in = built_in_tag(tag);
	char path[PATH_SIZE];

	(void)arg;
	if (snprintf(path, sizeof(path), "%s/%s", folder, name) >= (int)sizeof(path))
		return refuse_templates(reader, "%s: the path is too long", folder);
	if (!language_is_tag(tag))
		return refuse_templates(reader,
			"%s is not a language: name the folder by a language tag, such as en, pt-BR or it",
			path);
	if (all->n == TEMPLATE_LANGUAGES_MAX)
		return refuse_templates(reader, "%s is one language too many: at most %d are possible", path,
			TEMPLATE_LANGUAGES_MAX);
	for (size_t i = 0; i < all->n; i++)
		if (str_eq_nocase(all->languages[i].tag, tag))
			return refuse_templates(reader,
				"%s exists twice, in lower and upper case: keep one of the folders", path);
	struct template_language *const language = &all->languages[all->n++];
	language->tag = built_in ? *built_in : arena_copy(reader->arena, tag);
	if (!language->tag.p)
		return refuse_templates(reader, "out of memory");
	TRY(for_each_entry(reader, path, "a folder of e-mail templates", add_template_file, language));
	return built_in ? OK : check_no_part_missing(reader, language, path);
}

enum err templates_read(struct str folder, struct arena *a, const struct templates **out, struct str *why)
{
	const struct str path = arena_copy(a, folder);
	struct templates *const templates = arena_new(a, struct templates);
	const struct template_reader reader = { a, templates, why };

	*out = NULL;
	if (folder.n == 0)
		return OK;
	if (!path.p || !templates)
		return refuse_templates(&reader, "out of memory");
	TRY(for_each_entry(&reader, path.p, "a folder of language folders", add_language, NULL));
	*out = templates;
	return OK;
}
