#include "main/config/config.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "main/config/injected.h"
#include "main/config/setting.h"
#include "main/config/value_text.h"
#include "text/json.h"

#define FILE_MAX ((size_t)64 * 1024)
#define PREFIX "KYCD_"
#define BYTE_ORDER_MARK STR("\xef\xbb\xbf")

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
	struct refusals *refusals;
};

/* Returns the reason why the text that was read from a file cannot be used, or NULL if it can. */
static const char *content_fault(FILE *file, struct str text)
{
	if (ferror(file))
		return strerror(errno);
	if (text.n > FILE_MAX)
		return "it is larger than 64 KiB";
	return str_is_utf8(text) && !str_has(text, '\0') ? NULL : "it is not UTF-8 text";
}

/* Reads the whole file. Because many settings may be in a file of their own, `out` takes only as much arena
 * memory as the file is long. Returns NULL, or the reason why the file cannot be used. */
static const char *read_content(FILE *file, struct arena *a, struct str *out)
{
	char *const bytes = malloc(FILE_MAX + 1);

	if (!bytes)
		return "out of memory";
	const struct str text = { bytes, fread(bytes, 1, FILE_MAX + 1, file) };
	const char *fault = content_fault(file, text);
	if (!fault) {
		*out = arena_copy(a, text);
		fault = out->p ? NULL : "out of memory";
	}
	explicit_bzero(bytes, text.n);
	free(bytes);
	return fault;
}

/* Reads a text file of at most FILE_MAX bytes. On failure `*reason` describes the error. Returns
 * ERR_NOT_FOUND only if the file does not exist. The caller may ignore a missing file, but not one that
 * cannot be read: its settings would be ignored without notice. */
static enum err read_file(struct arena *a, const char *path, struct str *out, const char **reason)
{
	FILE *const file = fopen(path, "re");

	*out = STR("");
	if (!file) {
		const enum err e = errno == ENOENT ? ERR_NOT_FOUND : ERR_INPUT;

		*reason = strerror(errno);
		return e;
	}
	*reason = read_content(file, a, out);
	fclose(file);
	return *reason ? ERR_INPUT : OK;
}

/* Refuses a NAME_FILE setting. If its value may be the secret itself, written there by mistake, the message
 * does not contain the value. */
static void refuse_value_file(
	struct config_loader *loader, const struct setting *setting, struct str path, const char *reason)
{
	struct arena *const a = loader->arena;
	const struct str line =
		value_text_may_be_secret(path)
			? arena_printf(a,
				  PREFIX
				  "%s_FILE cannot be read: its value may be the secret itself: it must be the path of a file",
				  setting->name)
			: arena_printf(a,
				  PREFIX
				  "%s_FILE cannot be read: %.*s: %s. It must be a file of at most 64 KiB of UTF-8 text that this user may read",
				  setting->name, STR_ARG(path), reason);

	refusals_add_line(loader->refusals, setting->name, line);
}

/* Reads the value of NAME_FILE. */
static void read_value_file(
	struct config_loader *loader, const struct setting *setting, struct str path, struct raw_value *out)
{
	const char *reason = value_text_clean(SETTING_TEXT, true, &path);

	out->text = STR("");
	out->path = arena_copy(loader->arena, path);
	if (!reason && !out->path.p)
		reason = "out of memory";
	if (reason || read_file(loader->arena, out->path.p, &out->text, &reason) != OK)
		refuse_value_file(loader, setting, path, reason);
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

/* Refuses an unknown setting. The message has its environment name, even if the setting is in the
 * configuration file (interface.md 2). */
static void refuse_unknown_name(struct config_loader *loader, struct str name, enum origin origin)
{
	struct buf line;
	struct str text = { NULL, 0 };

	buf_init(&line, loader->arena);
	buf_add(&line, STR(PREFIX));
	for (size_t i = 0; i < name.n; i++)
		buf_char(&line, (char)toupper((unsigned char)name.p[i]));
	if (origin == ORIGIN_FILE)
		buf_printf(&line, " (in %s)", loader->file);
	buf_add(&line, STR(" is not a known setting: see `kycd config show`"));
	if (buf_done(&line, &text) != OK)
		text.p = NULL;
	refusals_add_line(loader->refusals, NULL, text);
}

/* Stores the unconverted value of a setting. `origin` is the source that contains the setting. */
static void set_value(struct config_loader *loader, struct str name, struct str value, enum origin origin)
{
	bool is_file;
	const struct setting *const setting = find_setting(name, &is_file);

	if (!setting) {
		refuse_unknown_name(loader, name, origin);
		return;
	}
	struct raw_value *const slot = &loader->raw->values[setting - settings];
	if (slot->origin == origin && slot->is_file != is_file)
		refusals_add(loader->refusals, setting->name,
			"and its _FILE form are both set: set only one of them");
	else if (slot->origin == origin && origin == ORIGIN_FILE)
		refusals_add(loader->refusals, setting->name,
			"is set twice in the configuration file: keep one line");
	slot->is_file = is_file;
	slot->origin = origin;
	if (is_file)
		read_value_file(loader, setting, value, slot);
	else
		slot->text = value;
}

static bool has_no_upper_case(struct str name)
{
	for (size_t i = 0; i < name.n; i++)
		if (name.p[i] >= 'A' && name.p[i] <= 'Z')
			return false;
	return true;
}

/* Reads the settings in the text of kycd.conf. The text may begin with a byte order mark, which some editors
 * write. */
static void set_values_of_text(struct config_loader *loader, struct str text)
{
	struct str line, name;
	int number = 0;

	if (str_starts(text, BYTE_ORDER_MARK))
		text = str_from(text, BYTE_ORDER_MARK.n);
	while (text.n > 0) {
		number++;
		(void)str_cut(&text, '\n', &line);
		line = str_trim(line);
		if (str_has(line, '\r'))
			refusals_add_line(loader->refusals, NULL,
				arena_printf(loader->arena,
					"%s: line %d contains a carriage return: end lines with a newline",
					loader->file, number));
		if (line.n == 0 || line.p[0] == '#' || str_has(line, '\r'))
			continue;
		if (str_cut(&line, '=', &name) && has_no_upper_case(name))
			set_value(loader, str_trim(name), str_trim(line), ORIGIN_FILE);
		else
			refusals_add_line(loader->refusals, NULL,
				arena_printf(loader->arena,
					"%s: line %d must be `name = value`, with the name in lower case and without " PREFIX,
					loader->file, number));
	}
}

static enum err set_values_of_file(struct config_loader *loader, bool may_be_missing)
{
	struct str text;
	const char *reason;
	const enum err e = read_file(loader->arena, loader->file, &text, &reason);

	if (e == OK)
		set_values_of_text(loader, text);
	if (e == OK || (e == ERR_NOT_FOUND && may_be_missing))
		return OK;
	refusals_add_line(loader->refusals, NULL,
		arena_printf(loader->arena,
			"%s cannot be read: %s. It must be a file of at most 64 KiB of UTF-8 text that this user may read",
			loader->file, reason));
	return ERR_INPUT;
}

/* Counts an environment variable that the container platform has set. Such variables are ignored. */
static void count_injected(struct config_loader *loader, struct str name)
{
	struct raw_config *const raw = loader->raw;

	if (raw->n_injected++ == 0)
		raw->first_injected = arena_copy(loader->arena, name);
	if (!raw->first_injected.p)
		raw->first_injected = STR(PREFIX);
}

static void set_values_of_environment(struct config_loader *loader, char *const *environment)
{
	for (size_t i = 0; environment[i]; i++) {
		struct str value = str_of(environment[i]), name;
		bool is_file;

		if (!str_starts(value, STR(PREFIX)) || !str_cut(&value, '=', &name))
			continue;
		if (!find_setting(str_from(name, strlen(PREFIX)), &is_file) &&
			variable_is_injected(environment[i], environment))
			count_injected(loader, name);
		else
			set_value(loader, str_from(name, strlen(PREFIX)), value, ORIGIN_ENVIRONMENT);
	}
}

/* Removes quotes, white space and a byte order mark around the value. Returns NULL, or the reason why the
 * text is refused. */
static const char *clean_value(struct config_loader *loader, const struct setting *setting)
{
	struct raw_value *const value = &loader->raw->values[setting - settings];
	const bool in_file = value->origin == ORIGIN_FILE || value->is_file;
	const char *fault;

	if (value->origin <= ORIGIN_DEV)
		return NULL;
	fault = value_text_clean(setting->kind, in_file, &value->text);
	value->text = arena_copy(loader->arena, value->text);
	return !fault && !value->text.p ? "cannot be stored: out of memory" : fault;
}

/* Converts the texts of all settings to values. A refused setting gets its default value, so that the rules
 * about other settings can still be checked. */
static void convert_values(struct config_loader *loader, struct config *config)
{
	for (size_t i = 0; i < n_settings; i++) {
		const struct setting *const setting = &settings[i];
		const char *fault = clean_value(loader, setting);
		const char *const valid_form = fault ? NULL
						     : setting_read(setting, loader->raw->values[i].text,
							       loader->arena, config);

		if (valid_form) {
			const struct str sentence = arena_printf(
				loader->arena, "is invalid: it must be %s", valid_form);
			fault = sentence.p ? sentence.p : "is invalid";
		}
		if (!fault)
			continue;
		refusals_add(loader->refusals, setting->name, fault);
		if (setting_read(setting, str_of(setting->initial), loader->arena, config))
			refusals_add(loader->refusals, setting->name, "has an invalid default");
	}
}

enum err config_load(const struct config_source *source, struct arena *a, struct config *out,
	struct raw_config **raw, struct refusals *refusals)
{
	struct raw_config *const raw_values = arena_new(a, struct raw_config);
	struct config config = { .dev = source->dev };

	refusals_init(refusals, a);
	if (!raw_values) {
		refusals_add_line(refusals, NULL, STR("settings: out of memory"));
		return ERR_INTERNAL;
	}
	struct config_loader loader = { source->file ? source->file : "kycd.conf", a, raw_values, refusals };
	for (size_t i = 0; i < n_settings; i++)
		raw_values->values[i].text = str_of(settings[i].initial);
	TRY(set_values_of_file(&loader, source->file == NULL));
	set_values_of_environment(&loader, source->environment);
	if (source->dev)
		config_dev(raw_values);
	convert_values(&loader, &config);
	if (config_derive(&config, raw_values, a) != OK)
		refusals_add_line(refusals, NULL, STR("settings: out of memory"));
	config_validate(&config, raw_values, source->need, refusals);
	if (refusals->n > 0)
		return ERR_INPUT;
	*out = config;
	*raw = raw_values;
	return OK;
}

/* Returns the text to show for a setting. A secret is masked completely, so that not even its length is
 * visible. */
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
