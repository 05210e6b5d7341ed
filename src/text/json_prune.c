#include "text/json_prune.h"

enum prune_state {
	IN_VALUE_START,
	IN_VALUE_OR_END, /* after `[` */
	IN_STRING,
	IN_SCALAR, /* a number, true, false or null */
	IN_KEY_START,
	IN_KEY_OR_END, /* after `{` */
	IN_KEY,
	IN_COLON,
	IN_COMMA_OR_END,
	IN_SKIPPED_START,
	IN_SKIPPED_STRING,
	IN_SKIPPED_SCALAR,
	IN_SKIPPED_CONTAINER,
	IN_DONE,
	IN_MALFORMED,
};

void json_prune_init(struct json_prune *p, const struct str *keys, size_t n_keys,
	void (*put)(void *arg, struct str bytes), void *arg)
{
	*p = (struct json_prune){
		.keys = keys, .n_keys = n_keys, .put = put, .arg = arg, .state = IN_VALUE_START
	};
}

static void prune_flush(struct json_prune *p)
{
	if (p->n_out > 0)
		p->put(p->arg, (struct str){ p->out, p->n_out });
	p->n_out = 0;
}

static void prune_put(struct json_prune *p, char c)
{
	if (p->n_out == sizeof(p->out))
		prune_flush(p);
	p->out[p->n_out++] = c;
	p->has_output = true;
}

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static bool starts_scalar(char c)
{
	return c == '-' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z');
}

static bool ends_scalar(char c)
{
	return is_space(c) || c == ',' || c == '}' || c == ']';
}

/* Writes the rest of the document unchanged. A `!` is written before it, so that the output is malformed even
 * if the members just before the malformed part were removed. */
static bool prune_fail(struct json_prune *p, char c)
{
	if (p->has_output)
		prune_put(p, '!');
	prune_put(p, c);
	p->state = IN_MALFORMED;
	return true;
}

static void end_value(struct json_prune *p)
{
	p->state = p->depth == 0 ? IN_DONE : IN_COMMA_OR_END;
}

static bool open_container(struct json_prune *p, char c)
{
	if (p->depth == JSON_PRUNE_DEPTH)
		return prune_fail(p, c);
	p->is_object[p->depth] = c == '{';
	p->has_member[p->depth] = false;
	p->depth++;
	p->state = c == '{' ? IN_KEY_OR_END : IN_VALUE_OR_END;
	prune_put(p, c);
	return true;
}

static bool close_container(struct json_prune *p, char c)
{
	if (c != (p->is_object[p->depth - 1] ? '}' : ']'))
		return prune_fail(p, c);
	p->depth--;
	prune_put(p, c);
	end_value(p);
	return true;
}

static bool take_value_start(struct json_prune *p, char c)
{
	if (c == '{' || c == '[')
		return open_container(p, c);
	if (c != '"' && !starts_scalar(c))
		return prune_fail(p, c);
	prune_put(p, c);
	p->state = c == '"' ? IN_STRING : IN_SCALAR;
	return true;
}

static bool take_skipped_start(struct json_prune *p, char c)
{
	const bool is_container = c == '{' || c == '[';

	if (c != '"' && !is_container && !starts_scalar(c))
		return prune_fail(p, c);
	p->skip_depth = is_container ? 1 : 0;
	p->state = c == '"' ? IN_SKIPPED_STRING : is_container ? IN_SKIPPED_CONTAINER : IN_SKIPPED_SCALAR;
	return true;
}

/* Returns whether `c` ends the string that is being read. */
static bool string_ends(struct json_prune *p, char c)
{
	const bool ends = c == '"' && !p->escaped;

	p->escaped = c == '\\' && !p->escaped;
	return ends;
}

/* Returns whether the member with the current key is kept. A key with an escape sequence is always kept,
 * because it may be equal to one of `keys`. */
static bool is_kept(const struct json_prune *p)
{
	const struct str key = { p->key, p->n_key };

	if (p->key_is_long || p->key_is_escaped)
		return !p->key_is_long;
	for (size_t i = 0; i < p->n_keys; i++)
		if (str_eq(key, p->keys[i]))
			return true;
	return false;
}

static void put_key(struct json_prune *p)
{
	if (p->has_member[p->depth - 1])
		prune_put(p, ',');
	p->has_member[p->depth - 1] = true;
	prune_put(p, '"');
	for (size_t i = 0; i < p->n_key; i++)
		prune_put(p, p->key[i]);
	prune_put(p, '"');
}

static bool take_key(struct json_prune *p, char c)
{
	if (!string_ends(p, c)) {
		p->key_is_escaped = p->key_is_escaped || c == '\\';
		p->key_is_long = p->key_is_long || p->n_key == sizeof(p->key);
		if (!p->key_is_long)
			p->key[p->n_key++] = c;
		return true;
	}
	p->keeps = is_kept(p);
	if (p->keeps)
		put_key(p);
	p->state = IN_COLON;
	return true;
}

static bool take_key_start(struct json_prune *p, char c)
{
	if (c != '"')
		return prune_fail(p, c);
	p->n_key = 0;
	p->key_is_escaped = p->key_is_long = false;
	p->state = IN_KEY;
	return true;
}

static bool take_colon(struct json_prune *p, char c)
{
	if (c != ':')
		return prune_fail(p, c);
	if (p->keeps)
		prune_put(p, c);
	p->state = p->keeps ? IN_VALUE_START : IN_SKIPPED_START;
	return true;
}

static bool take_comma_or_end(struct json_prune *p, char c)
{
	if (c != ',')
		return close_container(p, c);
	/* Between members, put_key writes the comma; between elements of an array it is written here. */
	if (!p->is_object[p->depth - 1])
		prune_put(p, c);
	p->state = p->is_object[p->depth - 1] ? IN_KEY_START : IN_VALUE_START;
	return true;
}

static bool take_string(struct json_prune *p, char c)
{
	prune_put(p, c);
	if (string_ends(p, c))
		end_value(p);
	return true;
}

/* Processes one character in a scalar. Returns false if `c` does not belong to it; the caller then processes
 * `c` in the new state. */
static bool take_scalar(struct json_prune *p, char c)
{
	if (ends_scalar(c)) {
		end_value(p);
		return false;
	}
	if (p->state == IN_SCALAR)
		prune_put(p, c);
	return true;
}

static void end_skipped(struct json_prune *p)
{
	if (p->skip_depth > 0)
		p->state = IN_SKIPPED_CONTAINER;
	else
		end_value(p);
}

static bool take_skipped_string(struct json_prune *p, char c)
{
	if (string_ends(p, c))
		end_skipped(p);
	return true;
}

static bool take_skipped_container(struct json_prune *p, char c)
{
	if (c == '"') {
		p->state = IN_SKIPPED_STRING;
	} else if (c == '{' || c == '[') {
		p->skip_depth++;
	} else if (c == '}' || c == ']') {
		p->skip_depth--;
		end_skipped(p);
	}
	return true;
}

static bool take_or_end(struct json_prune *p, char c)
{
	if (c == '}' || c == ']')
		return close_container(p, c);
	return p->state == IN_KEY_OR_END ? take_key_start(p, c) : take_value_start(p, c);
}

static bool take_rest(struct json_prune *p, char c)
{
	prune_put(p, c);
	return true;
}

static const struct {
	bool (*take)(struct json_prune *p,
		/* Processes `c`. Returns false if `c` must be processed again in the new state. */
		char c);
	bool skips_spaces;
} prune_states[] = {
	[IN_VALUE_START] = { take_value_start, true },
	[IN_VALUE_OR_END] = { take_or_end, true },
	[IN_STRING] = { take_string, false },
	[IN_SCALAR] = { take_scalar, false },
	[IN_KEY_START] = { take_key_start, true },
	[IN_KEY_OR_END] = { take_or_end, true },
	[IN_KEY] = { take_key, false },
	[IN_COLON] = { take_colon, true },
	[IN_COMMA_OR_END] = { take_comma_or_end, true },
	[IN_SKIPPED_START] = { take_skipped_start, true },
	[IN_SKIPPED_STRING] = { take_skipped_string, false },
	[IN_SKIPPED_SCALAR] = { take_scalar, false },
	[IN_SKIPPED_CONTAINER] = { take_skipped_container, false },
	[IN_DONE] = { prune_fail, true },
	[IN_MALFORMED] = { take_rest, false },
};

void json_prune_push(struct json_prune *p, struct str bytes)
{
	for (size_t i = 0; i < bytes.n; i++) {
		const char c = bytes.p[i];

		if (is_space(c) && prune_states[p->state].skips_spaces)
			continue;
		while (!prune_states[p->state].take(p, c))
			if (is_space(c))
				break;
	}
}

void json_prune_end(struct json_prune *p)
{
	prune_flush(p);
}
