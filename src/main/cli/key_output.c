#include "main/cli/key_output.h"

#include <stdio.h>

#include "base/arena.h"
#include "base/buf.h"
#include "text/json.h"

/* A time that is not set becomes "-". */
static void format_time(moment t, char out[MOMENT_RFC3339_SIZE])
{
	if (moment_is_unset(t))
		(void)snprintf(out, MOMENT_RFC3339_SIZE, "-");
	else
		moment_rfc3339(t, out);
}

/* The rate 0, which means that the rate in the settings applies, becomes "-". */
static void format_rate(int64_t n, char out[24])
{
	if (n == 0)
		(void)snprintf(out, 24, "-");
	else
		(void)snprintf(out, 24, "%lld", (long long)n);
}

static void print_line(const struct api_key *key, const char *tenant)
{
	char created[MOMENT_RFC3339_SIZE], expires[MOMENT_RFC3339_SIZE], revoked[MOMENT_RFC3339_SIZE],
		used[MOMENT_RFC3339_SIZE], minute[24], second[24], scopes[SCOPE_NAMES_SIZE];

	format_time(key->created_at, created);
	format_time(key->expires_at, expires);
	format_time(key->revoked_at, revoked);
	format_time(key->last_used_at, used);
	format_rate(key->rate_per_minute, minute);
	format_rate(key->rate_per_second, second);
	scope_set_write(key->scopes, ',', scopes);
	printf("%-8s  %-16s  created %s  expires %-24s  revoked %-24s  last used %-24s  per minute %s, per "
	       "second %s  scopes %s  from %s  %s\n",
		key->id.text, tenant, created, expires, revoked, used, minute, second, scopes,
		key->allow_from[0] != '\0' ? key->allow_from : "-", key->label);
}

static void put_time(struct json_writer *w, const char *name, moment t)
{
	char text[MOMENT_RFC3339_SIZE];

	moment_rfc3339(t, text);
	if (moment_is_unset(t))
		json_field_null(w, name);
	else
		json_field_text(w, name, str_of(text));
}

static void put_rate(struct json_writer *w, const char *name, int64_t n)
{
	if (n == 0)
		json_field_null(w, name);
	else
		json_field_int(w, name, n);
}

/* Writes the parts of a text that are separated by commas as a list. */
static void put_list(struct json_writer *w, const char *name, struct str list)
{
	struct str part;

	json_key(w, name);
	json_begin_array(w);
	while (list.n > 0) {
		(void)str_cut(&list, ',', &part);
		json_put_text(w, part);
	}
	json_end_array(w);
}

static void write_json(struct json_writer *w, const struct api_key *key, const char *tenant)
{
	char scopes[SCOPE_NAMES_SIZE];

	scope_set_write(key->scopes, ',', scopes);
	json_begin_object(w);
	json_field_text(w, "id", str_of(key->id.text));
	json_field_text(w, "tenant", str_of(tenant));
	json_field_text(w, "label", str_of(key->label));
	put_time(w, "created_at", key->created_at);
	put_time(w, "expires_at", key->expires_at);
	put_time(w, "revoked_at", key->revoked_at);
	put_time(w, "last_used", key->last_used_at);
	put_rate(w, "rate_per_minute", key->rate_per_minute);
	put_rate(w, "rate_per_second", key->rate_per_second);
	put_list(w, "scopes", str_of(scopes));
	put_list(w, "allow_from", str_of(key->allow_from));
	json_end_object(w);
}

void key_print(const struct api_key *key, const char *tenant, bool json)
{
	struct arena a;
	struct buf text;
	struct json_writer w;
	struct str body;

	if (!json) {
		print_line(key, tenant);
		return;
	}
	arena_init(&a, ARENA_CALL_LIMIT);
	buf_init(&text, &a);
	json_writer_init(&w, &text);
	write_json(&w, key, tenant);
	if (buf_done(&text, &body) == OK)
		printf("%.*s", STR_ARG(body));
	arena_finish(&a);
}
