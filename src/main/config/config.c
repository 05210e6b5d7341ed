#include "main/config/config.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "main/config/injected.h"
#include "main/config/setting.h"
#include "text/json.h"

#define FILE_MAX ((size_t)64 * 1024)
#define PREFIX "KYCD_"

static const char *const origin_names[] = {
	[ORIGIN_DEFAULT] = "default",
	[ORIGIN_DEV] = "dev",
	[ORIGIN_FILE] = "file",
	[ORIGIN_ENVIRONMENT] = "environment",
};

struct config_loader {
	const char *file; /* path of the configuration file, used in error messages */
	struct arena *arena;
	struct raw_config *raw;
	struct str *reason;
};

/* Reads a file of at most FILE_MAX bytes. The result in the arena is only as large as the content, because
 * many settings may have a file of their own. */
static enum err read_file(struct arena *a, const char *path, struct str *out)
{
	FILE *const file = fopen(path, "re");
	char *const bytes = malloc(FILE_MAX + 1);

	/* Only a file that does not exist may be skipped. A file that exists but cannot be read is an error:
	 * its settings would otherwise be ignored without notice. */
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

/* Reads the value of NAME_FILE. One newline at the end of the file is removed. */
static enum err read_value_file(
	struct config_loader *loader, const struct setting *setting, struct str path, struct raw_value *out)
{
	out->path = arena_copy(loader->arena, path);
	if (!out->path.p || read_file(loader->arena, out->path.p, &out->text) != OK) {
		*loader->reason = arena_printf(loader->arena,
			PREFIX
			"%s_FILE cannot be read: it must be a file of at most 64 KiB that this user may read",
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

/* Refuses an unknown setting. The message has its environment name, also if it stands in the file
 * (interface.md 2). */
static enum err refuse_unknown_name(struct config_loader *loader, struct str name, enum origin origin)
{
	struct buf upper;
	struct str shown;

	buf_init(&upper, loader->arena);
	for (size_t i = 0; i < name.n; i++)
		buf_char(&upper, (char)toupper((unsigned char)name.p[i]));
	buf_char(&upper, '\0');
	TRY(buf_done(&upper, &shown));
	const struct str sentence =
		origin != ORIGIN_FILE
			? STR("is not a known setting: see `kycd config show`")
			: arena_printf(loader->arena,
				  "(in %s) is not a known setting: see `kycd config show`", loader->file);
	return config_refuse(loader->arena, loader->reason, shown.p,
		sentence.p ? sentence.p : "(in the configuration file) is not a known setting");
}

/* Stores one value; `origin` says which source it comes from. */
static enum err set_value(struct config_loader *loader, struct str name, struct str value, enum origin origin)
{
	bool is_file;
	const struct setting *const setting = find_setting(name, &is_file);

	if (!setting)
		return refuse_unknown_name(loader, name, origin);
	struct raw_value *const slot = &loader->raw->values[setting - settings];
	if (slot->origin == origin && slot->is_file != is_file)
		return config_refuse(loader->arena, loader->reason, setting->name,
			"and its _FILE form are both set: set only one of them");
	if (slot->origin == origin && origin == ORIGIN_FILE)
		return config_refuse(loader->arena, loader->reason, setting->name,
			"is set twice in the configuration file: keep one line");
	slot->is_file = is_file;
	slot->origin = origin;
	if (is_file)
		return read_value_file(loader, setting, value, slot);
	slot->text = arena_copy(loader->arena, value);
	return slot->text.p ? OK : ERR_INPUT;
}

static bool has_no_upper_case(struct str name)
{
	for (size_t i = 0; i < name.n; i++)
		if (name.p[i] >= 'A' && name.p[i] <= 'Z')
			return false;
	return true;
}

static enum err set_values_of_text(struct config_loader *loader, struct str text)
{
	struct str line, name;
	int number = 0;

	while (text.n > 0) {
		number++;
		(void)str_cut(&text, '\n', &line);
		line = str_trim(line);
		if (line.n == 0 || line.p[0] == '#')
			continue;
		if (!str_cut(&line, '=', &name) || !has_no_upper_case(name)) {
			*loader->reason = arena_printf(loader->arena,
				"%s: line %d must be `name = value`, with the name in lower case and without " PREFIX,
				loader->file, number);
			return ERR_INPUT;
		}
		TRY(set_value(loader, str_trim(name), str_trim(line), ORIGIN_FILE));
	}
	return OK;
}

static enum err set_values_of_file(struct config_loader *loader, bool may_be_missing)
{
	struct str text;
	const enum err e = read_file(loader->arena, loader->file, &text);

	if (e == OK)
		return set_values_of_text(loader, text);
	if (e == ERR_NOT_FOUND && may_be_missing)
		return OK;
	*loader->reason = arena_printf(loader->arena,
		"%s cannot be read: it must be a file of at most 64 KiB that this user may read",
		loader->file);
	return ERR_INPUT;
}

/* Counts a variable of the container platform, which is ignored. */
static enum err count_injected(struct config_loader *loader, struct str name)
{
	struct raw_config *const raw = loader->raw;

	if (raw->n_injected++ == 0)
		raw->first_injected = arena_copy(loader->arena, name);
	return raw->first_injected.p ? OK : ERR_INPUT;
}

static enum err set_values_of_environment(struct config_loader *loader, char *const *environment)
{
	for (size_t i = 0; environment[i]; i++) {
		struct str value = str_of(environment[i]), name;
		bool is_file;

		if (!str_starts(value, STR(PREFIX)) || !str_cut(&value, '=', &name))
			continue;
		if (!find_setting(str_from(name, strlen(PREFIX)), &is_file) &&
			variable_is_injected(environment[i], environment)) {
			TRY(count_injected(loader, name));
			continue;
		}
		TRY(set_value(loader, str_from(name, strlen(PREFIX)), value, ORIGIN_ENVIRONMENT));
	}
	return OK;
}

static enum err convert_values(struct config_loader *loader, struct config *config)
{
	for (size_t i = 0; i < n_settings; i++) {
		const char *const valid_form = setting_read(
			&settings[i], loader->raw->values[i].text, loader->arena, config);

		if (!valid_form)
			continue;
		const struct str sentence = arena_printf(
			loader->arena, "is invalid: it must be %s", valid_form);
		return config_refuse(loader->arena, loader->reason, settings[i].name,
			sentence.p ? sentence.p : "is invalid");
	}
	return OK;
}

enum err config_load(const struct config_source *source, struct arena *a, struct config *out,
	struct raw_config **raw, struct str *why)
{
	struct raw_config *const raw_values = arena_new(a, struct raw_config);
	struct config config = { .dev = source->dev };

	*why = STR("settings: out of memory");
	if (!raw_values)
		return ERR_INTERNAL;
	struct config_loader loader = { source->file ? source->file : "kycd.conf", a, raw_values, why };
	for (size_t i = 0; i < n_settings; i++)
		raw_values->values[i].text = str_of(settings[i].initial);
	TRY(set_values_of_file(&loader, source->file == NULL));
	TRY(set_values_of_environment(&loader, source->environment));
	if (source->dev)
		config_dev(raw_values);
	TRY(convert_values(&loader, &config));
	TRY(config_derive(&config, raw_values, a));
	TRY(config_validate(&config, raw_values, source->need, a, why));
	*out = config;
	*raw = raw_values;
	return OK;
}

/* The text to show. A secret is masked completely, so that not even its length is visible. */
static struct str masked_text(const struct setting *setting, const struct raw_value *value)
{
	return setting_is_secret(setting, value->text) ? STR("********") : value->text;
}

static void print_setting_line(const struct setting *setting, const struct raw_value *value, FILE *out)
{
	const struct str text = masked_text(setting, value);

	fprintf(out, PREFIX "%-28s %-40.*s %s%s\n", setting->name, STR_ARG(text), origin_names[value->origin],
		value->is_file ? " (_FILE)" : "");
}

static void print_setting_json(const struct setting *setting, const struct raw_value *value, FILE *out)
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
	json_field_text(&w, "value", masked_text(setting, value));
	json_field_text(&w, "origin", str_of(origin_names[value->origin]));
	json_end_object(&w);
	if (buf_done(&text, &object) == OK)
		fprintf(out, "%.*s", STR_ARG(object));
	arena_finish(&a);
}

void config_show(const struct raw_config *raw, FILE *out, bool json)
{
	for (size_t i = 0; i < n_settings; i++) {
		if (!json) {
			print_setting_line(&settings[i], &raw->values[i], out);
			continue;
		}
		fputs(i > 0 ? ",\n " : "[", out);
		print_setting_json(&settings[i], &raw->values[i], out);
	}
	if (json)
		fputs("]\n", out);
}
