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
	struct str *why;
};

static enum err refuse(const struct template_reader *kv, const char *format, ...) printf_like(2, 3);

/* Always ERR_INPUT. */
static enum err refuse(const struct template_reader *kv, const char *format, ...)
{
	char sentence[PATH_SIZE + 512];
	va_list args;

	va_start(args, format);
	vsnprintf(sentence, sizeof(sentence), format, args);
	va_end(args);
	*kv->why = arena_printf(kv->arena, "KYCD_MAIL_TEMPLATES: %s", sentence);
	if (!kv->why->p)
		*kv->why = STR("KYCD_MAIL_TEMPLATES: out of memory");
	return ERR_INPUT;
}

static int is_shown(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

/* What a folder holds, in the order of the names; `act` is called for each until one is refused. */
static enum err each_entry(const struct template_reader *kv, const char *path, const char *what,
	enum err (*act)(const struct template_reader *kv, const char *folder, const char *name, void *arg),
	void *arg)
{
	struct dirent **entries = NULL;
	const int n = scandir(path, &entries, is_shown, alphasort);
	enum err e = OK;

	if (n < 0)
		return refuse(kv, "%s is not %s that this user may read", path, what);
	for (int i = 0; i < n; i++) {
		if (e == OK)
			e = act(kv, path, entries[i]->d_name, arg);
		free(entries[i]);
	}
	free((void *)entries);
	return e;
}

/* "code.html"; false when it is no letter of ours. */
static bool split_name(const char *name, size_t *letter, size_t *part)
{
	struct str ending = str_of(name), head;

	if (!str_cut(&ending, '.', &head))
		return false;
	*letter = *part = 0;
	while (*letter < MAIL_KINDS && !str_eq(head, str_of(mail_names[*letter])))
		++*letter;
	while (*part < MAIL_PARTS && !str_eq(ending, str_of(mail_part_names[*part])))
		++*part;
	return *letter < MAIL_KINDS && *part < MAIL_PARTS;
}

/* One byte more than is allowed, so that the check sees what is too large. */
static bool read_bytes(const struct template_reader *kv, const char *path, size_t max, struct str *out)
{
	struct stat status;
	FILE *file;
	char *bytes;

	/* A pipe would wait for somebody to write. */
	if (stat(path, &status) != 0 || !S_ISREG(status.st_mode) || !(file = fopen(path, "re")))
		return false;
	const size_t size = (size_t)status.st_size <= max ? (size_t)status.st_size : max;
	bytes = arena_bytes(kv->arena, size + 1, 1);
	const size_t n = bytes ? fread(bytes, 1, size + 1, file) : 0;
	const bool broken = !bytes || ferror(file) != 0;
	fclose(file);
	*out = (struct str){ bytes, n };
	return !broken;
}

static enum err take_file(const struct template_reader *kv, const char *folder, const char *name, void *arg)
{
	struct template_language *const language = arg;
	struct template_fault fault = { .line = 1 };
	char path[PATH_SIZE];
	size_t letter, part;
	struct str text;

	if (snprintf(path, sizeof(path), "%s/%s", folder, name) >= (int)sizeof(path))
		return refuse(kv, "%s: the path is too long", folder);
	if (!split_name(name, &letter, &part))
		return refuse(kv,
			"%s is no letter: the files are code.subject, code.txt and code.html, and join.subject, "
			"join.txt and join.html",
			path);
	if (!read_bytes(kv, path, mail_part_sizes[part], &text))
		return refuse(kv, "%s is not a file that this user may read", path);
	if (str_starts(text, BYTE_ORDER_MARK))
		text = str_from(text, BYTE_ORDER_MARK.n);
	if (template_check((enum mail_kind)letter, (enum mail_part)part, language->tag, text, kv->arena,
		    &fault) != OK)
		return refuse(kv, "%s:%zu: %.*s", path, fault.line, STR_ARG(fault.sentence));
	language->parts[letter][part] = part == MAIL_SUBJECT ? str_trim(text) : text;
	return OK;
}

/* Ours by its own spelling; NULL: we do not speak it. */
static const struct str *our_tag(struct str tag)
{
	for (size_t i = 0; i < LANGUAGES; i++)
		if (str_eq_nocase(tag, language_tags[i]))
			return &language_tags[i];
	return NULL;
}

/* The letter with a code is in every language; without the others, those are in the next best one. */
static bool is_wanted(const struct template_language *language, size_t letter)
{
	bool any = letter == MAIL_CODE;

	for (size_t part = 0; part < MAIL_PARTS; part++)
		any = any || language->parts[letter][part].p;
	return any;
}

/* Half a letter of ours beside half of theirs would be in two languages. */
static enum err check_whole(
	const struct template_reader *kv, const struct template_language *language, const char *path)
{
	for (size_t letter = 0; letter < MAIL_KINDS; letter++)
		for (size_t part = 0; part < MAIL_PARTS; part++)
			if (is_wanted(language, letter) && !language->parts[letter][part].p)
				return refuse(kv,
					"%s/%s.%s is missing: only in en, pt-BR and es the built-in letter can "
					"fill in for it; give all of subject, txt and html",
					path, mail_names[letter], mail_part_names[part]);
	return OK;
}

static enum err take_language(
	const struct template_reader *kv, const char *folder, const char *name, void *arg)
{
	struct templates *const all = kv->templates;
	const struct str tag = str_of(name), *const ours = our_tag(tag);
	char path[PATH_SIZE];

	(void)arg;
	if (snprintf(path, sizeof(path), "%s/%s", folder, name) >= (int)sizeof(path))
		return refuse(kv, "%s: the path is too long", folder);
	if (!language_is_tag(tag))
		return refuse(kv,
			"%s is no language: a folder is called by a language tag, such as en, pt-BR, es or de",
			path);
	if (all->n == TEMPLATE_LANGUAGES_MAX)
		return refuse(
			kv, "%s is one language too many: %d are the limit", path, TEMPLATE_LANGUAGES_MAX);
	for (size_t i = 0; i < all->n; i++)
		if (str_eq_nocase(all->languages[i].tag, tag))
			return refuse(kv, "%s is there twice, in small and capital letters: keep one", path);
	struct template_language *const language = &all->languages[all->n++];
	language->tag = ours ? *ours : arena_copy(kv->arena, tag);
	if (!language->tag.p)
		return refuse(kv, "out of memory");
	TRY(each_entry(kv, path, "a folder of letters", take_file, language));
	return ours ? OK : check_whole(kv, language, path);
}

enum err templates_read(struct str folder, struct arena *a, const struct templates **out, struct str *why)
{
	const struct str path = arena_copy(a, folder);
	struct templates *const templates = arena_new(a, struct templates);
	const struct template_reader kv = { a, templates, why };

	*out = NULL;
	if (folder.n == 0)
		return OK;
	if (!path.p || !templates)
		return refuse(&kv, "out of memory");
	TRY(each_entry(&kv, path.p, "a folder of languages", take_language, NULL));
	*out = templates;
	return OK;
}
