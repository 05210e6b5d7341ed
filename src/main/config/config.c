#include "main/config/config.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "main/config/setting.h"
#include "text/json.h"

#define FILE_MAX ((size_t)64 * 1024)
#define PREFIX "KYCD_"

static const char *const origin_words[] = {
	[ORIGIN_DEFAULT] = "default",
	[ORIGIN_DEV] = "dev",
	[ORIGIN_FILE] = "file",
	[ORIGIN_ENVIRONMENT] = "environment",
};

struct load {
	const char *file; /* of kycd.conf, as refusals name it */
	struct arena *arena;
	struct raw_config *raw;
	struct str *why;
};

/* As large as what the file holds: there are many secrets that may stand in files of their own. */
static enum err read_file(struct arena *a, const char *path, struct str *out)
{
	FILE *const file = fopen(path, "re");
	char *const bytes = malloc(FILE_MAX + 1);

	/* One that may not be looked at is no file to do without: its settings would be missed in silence. */
	if (!file || !bytes) {
		const bool missing = !file && errno == ENOENT;

		if (file)
			fclose(file);
		free(bytes);
		return missing ? ERR_NOT_FOUND : ERR_INPUT;
	}
	const size_t n = fread(bytes, 1, FILE_MAX + 1, file);
	const bool broken = ferror(file) != 0 || n > FILE_MAX;
	const struct str copy = broken ? (struct str){ NULL, 0 } : arena_copy(a, (struct str){ bytes, n });
	fclose(file);
	explicit_bzero(bytes, n);
	free(bytes);
	if (!copy.p)
		return ERR_INPUT;
	*out = copy;
	return OK;
}

/* The secret in a file: one newline at its end is cut. */
static enum err value_of_file(
	struct load *load, const struct setting *setting, struct str path, struct raw_value *out)
{
	out->path = arena_copy(load->arena, path);
	if (!out->path.p || read_file(load->arena, out->path.p, &out->text) != OK) {
		*load->why = arena_printf(load->arena,
			PREFIX
			"%s_FILE cannot be read: give a file of at most 64 KiB that this user may read",
			setting->name);
		return ERR_INPUT;
	}
	if (str_ends(out->text, STR("\n")))
		out->text.n--;
	return OK;
}

static const struct setting *find_setting(struct str name, bool *is_file)
{
	for (size_t i = 0; i < n_settings; i++) {
		struct str rest = name;
		const struct str known = str_of(settings[i].name);

		*is_file = name.n == known.n + 5 && str_eq_nocase(str_from(name, known.n), STR("_FILE"));
		if (*is_file)
			rest.n -= 5;
		if (str_eq_nocase(rest, known))
			return &settings[i];
	}
	return NULL;
}

/* By the name that the environment would give it, wherever it stands (interface.md 2). */
static enum err refuse_name(struct load *load, struct str name, enum origin origin)
{
	struct buf upper;
	struct str shown;

	buf_init(&upper, load->arena);
	for (size_t i = 0; i < name.n; i++)
		buf_char(&upper, (char)toupper((unsigned char)name.p[i]));
	buf_char(&upper, '\0');
	TRY(buf_done(&upper, &shown));
	const struct str said = origin != ORIGIN_FILE
					? STR("is no setting: see `kycd config show`")
					: arena_printf(load->arena,
						  "stands in %s, but is no setting: see `kycd config show`",
						  load->file);
	return config_refuse(
		load->arena, load->why, shown.p, said.p ? said.p : "stands in the file, but is no setting");
}

static enum err take(struct load *load, struct str name, struct str value, enum origin origin)
{
	bool is_file;
	const struct setting *const setting = find_setting(name, &is_file);

	if (!setting)
		return refuse_name(load, name, origin);
	struct raw_value *const slot = &load->raw->values[setting - settings];
	if (slot->origin == origin && slot->is_file != is_file)
		return config_refuse(load->arena, load->why, setting->name,
			"and its _FILE form are both set: set one of them");
	if (slot->origin == origin && origin == ORIGIN_FILE)
		return config_refuse(
			load->arena, load->why, setting->name, "stands in the file twice: keep one line");
	slot->is_file = is_file;
	slot->origin = origin;
	if (is_file)
		return value_of_file(load, setting, value, slot);
	slot->text = arena_copy(load->arena, value);
	return slot->text.p ? OK : ERR_INPUT;
}

static bool is_lower(struct str name)
{
	for (size_t i = 0; i < name.n; i++)
		if (name.p[i] >= 'A' && name.p[i] <= 'Z')
			return false;
	return true;
}

static enum err take_lines(struct load *load, struct str text)
{
	struct str line, name;
	int number = 0;

	while (text.n > 0) {
		number++;
		(void)str_cut(&text, '\n', &line);
		line = str_trim(line);
		if (line.n == 0 || line.p[0] == '#')
			continue;
		if (!str_cut(&line, '=', &name) || !is_lower(name)) {
			*load->why = arena_printf(load->arena,
				"%s: line %d is not `name = value`, the name in small letters and without " PREFIX,
				load->file, number);
			return ERR_INPUT;
		}
		TRY(take(load, str_trim(name), str_trim(line), ORIGIN_FILE));
	}
	return OK;
}

static enum err take_file(struct load *load, bool may_be_missing)
{
	struct str text;
	const enum err e = read_file(load->arena, load->file, &text);

	if (e == OK)
		return take_lines(load, text);
	if (e == ERR_NOT_FOUND && may_be_missing)
		return OK;
	*load->why = arena_printf(load->arena,
		"%s cannot be read: it must be a file of at most 64 KiB that this user may read", load->file);
	return ERR_INPUT;
}

static enum err take_environment(struct load *load, char *const *environment)
{
	for (size_t i = 0; environment[i]; i++) {
		struct str value = str_of(environment[i]), name;

		if (!str_starts(value, STR(PREFIX)) || !str_cut(&value, '=', &name))
			continue;
		TRY(take(load, str_from(name, strlen(PREFIX)), value, ORIGIN_ENVIRONMENT));
	}
	return OK;
}

static enum err read_values(struct load *load, struct config *config)
{
	for (size_t i = 0; i < n_settings; i++) {
		const char *const right = setting_read(
			&settings[i], load->raw->values[i].text, load->arena, config);

		if (!right)
			continue;
		const struct str said = arena_printf(load->arena, "is not right: it must be %s", right);
		return config_refuse(
			load->arena, load->why, settings[i].name, said.p ? said.p : "is not right");
	}
	return OK;
}

enum err config_load(const struct config_source *source, struct arena *a, struct config *out,
	struct raw_config **raw, struct str *why)
{
	struct raw_config *const made = arena_new(a, struct raw_config);
	struct config config = { .dev = source->dev };

	*why = STR("settings: out of memory");
	if (!made)
		return ERR_INTERNAL;
	struct load load = { source->file ? source->file : "kycd.conf", a, made, why };
	for (size_t i = 0; i < n_settings; i++)
		made->values[i].text = str_of(settings[i].initial);
	TRY(take_file(&load, source->file == NULL));
	TRY(take_environment(&load, source->environment));
	if (source->dev)
		config_dev(made);
	TRY(read_values(&load, &config));
	TRY(config_derive(&config, made, a));
	TRY(config_validate(&config, made, source->need, a, why));
	*out = config;
	*raw = made;
	return OK;
}

/* A secret is masked whole: its length would be something too. */
static struct str shown(const struct setting *setting, const struct raw_value *value)
{
	return setting_is_secret(setting, value->text) ? STR("********") : value->text;
}

static void show_line(const struct setting *setting, const struct raw_value *value, FILE *out)
{
	const struct str text = shown(setting, value);

	fprintf(out, PREFIX "%-28s %-40.*s %s%s\n", setting->name, STR_ARG(text), origin_words[value->origin],
		value->is_file ? " (_FILE)" : "");
}

static void show_object(const struct setting *setting, const struct raw_value *value, FILE *out)
{
	struct arena a;
	struct buf text;
	struct json_writer w;
	struct str name, object;

	arena_init(&a, ARENA_CALL_LIMIT);
	name = arena_printf(&a, PREFIX "%s", setting->name);
	buf_init(&text, &a);
	json_writer_init(&w, &text);
	json_begin_object(&w);
	json_field_text(&w, "name", name);
	json_field_text(&w, "value", shown(setting, value));
	json_field_text(&w, "origin", str_of(origin_words[value->origin]));
	json_end_object(&w);
	if (buf_done(&text, &object) == OK)
		fprintf(out, "%.*s", STR_ARG(object));
	arena_finish(&a);
}

void config_show(const struct raw_config *raw, FILE *out, bool json)
{
	for (size_t i = 0; i < n_settings; i++) {
		if (!json) {
			show_line(&settings[i], &raw->values[i], out);
			continue;
		}
		fputs(i > 0 ? ",\n " : "[", out);
		show_object(&settings[i], &raw->values[i], out);
	}
	if (json)
		fputs("]\n", out);
}
