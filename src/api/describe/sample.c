#include "api/describe/sample.h"

#include <string.h>

#include "base/attr.h"

/* How a language writes values. */
struct notation {
	char quote;
	const char *escaped_quote, *escaped_backslash;
	const char *yes, *no, *none;
};

static const struct notation notations[SAMPLE_LANGUAGES] = {
	[SAMPLE_CURL] = { '\'', "'\\''", "\\", "true", "false", "null" },
	[SAMPLE_NODE] = { '"', "\\\"", "\\\\", "true", "false", "null" },
	[SAMPLE_PYTHON] = { '"', "\\\"", "\\\\", "True", "False", "None" },
};

struct sample {
	struct buf *out;
	const struct notation *notation;
	const struct sample_call *call;
};

static void add(const struct sample *s, const char *text)
{
	buf_add(s->out, str_of(text));
}

static void add_escaped(const struct sample *s, struct str text)
{
	for (size_t i = 0; i < text.n; i++) {
		if (text.p[i] == s->notation->quote)
			add(s, s->notation->escaped_quote);
		else if (text.p[i] == '\\')
			add(s, s->notation->escaped_backslash);
		else
			buf_char(s->out, text.p[i]);
	}
}

static void add_quoted(const struct sample *s, struct str text)
{
	buf_char(s->out, s->notation->quote);
	add_escaped(s, text);
	buf_char(s->out, s->notation->quote);
}

/* Adds true, false or null as the language writes them, and any other JSON token unchanged. Returns the
 * number of characters. */
static size_t add_token(const struct sample *s, struct str json)
{
	const struct {
		struct str json;
		const char *text;
	} words[] = { { STR("true"), s->notation->yes }, { STR("false"), s->notation->no },
		{ STR("null"), s->notation->none } };

	for (size_t i = 0; i < array_len(words); i++) {
		if (!str_starts(json, words[i].json))
			continue;
		add(s, words[i].text);
		return words[i].json.n;
	}
	buf_char(s->out, json.p[0]);
	return 1;
}

/* Adds indented JSON as a literal of the language. `margin` stands before each line but the first. The
 * escapes in JSON's texts have the same meaning in JavaScript and Python. */
static void add_literal(const struct sample *s, struct str json, const char *margin)
{
	bool in_text = false;

	for (size_t i = 0; i < json.n;) {
		if (in_text && json.p[i] == '\\' && i + 1 < json.n)
			buf_char(s->out, json.p[i++]);
		else if (json.p[i] == '"')
			in_text = !in_text;
		else if (!in_text) {
			const char c = json.p[i];

			i += add_token(s, str_from(json, i));
			add(s, c == '\n' ? margin : "");
			continue;
		}
		buf_char(s->out, json.p[i++]);
	}
}

/* Adds the body for a shell, whose quotes keep every other character. */
static void add_shell_body(const struct sample *s)
{
	add(s, " \\\n  -d ");
	add_quoted(s, s->call->body);
}

static bool needs_no_quotes(struct str text)
{
	for (size_t i = 0; i < text.n; i++) {
		const char c = text.p[i];

		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
			    strchr(":/._-", c)))
			return false;
	}
	return true;
}

static void write_curl(const struct sample *s)
{
	const struct sample_call *const call = s->call;
	const bool is_usual = str_eq(call->method, call->body.n > 0 ? STR("POST") : STR("GET"));

	add(s, "curl -s ");
	if (!is_usual)
		buf_printf(s->out, "-X %.*s ", STR_ARG(call->method));
	add(s, call->n_query > 0 ? "--get " : "");
	if (needs_no_quotes(call->url))
		buf_add(s->out, call->url);
	else
		add_quoted(s, call->url);
	for (size_t i = 0; i < call->n_query; i++) {
		buf_printf(s->out, " \\\n  --data-urlencode '%.*s=", STR_ARG(call->query[i].name));
		add_escaped(s, call->query[i].value);
		add(s, "'");
	}
	if (call->has_key)
		add(s, " \\\n  -H \"x-api-key: $KYCD_API_KEY\"");
	if (call->body.n > 0) {
		add(s, " \\\n  -H 'Content-Type: application/json'");
		add_shell_body(s);
	}
}

/* Adds the parameters of the query as the members of an object or dictionary. */
static void add_query_members(const struct sample *s)
{
	for (size_t i = 0; i < s->call->n_query; i++) {
		add(s, i > 0 ? ", " : "");
		add_quoted(s, s->call->query[i].name);
		add(s, ": ");
		add_quoted(s, s->call->query[i].value);
	}
}

static void add_node_url(const struct sample *s)
{
	if (s->call->n_query == 0) {
		add_quoted(s, s->call->url);
		return;
	}
	add(s, "\"");
	add_escaped(s, s->call->url);
	add(s, "?\" + new URLSearchParams({ ");
	add_query_members(s);
	add(s, " })");
}

static void add_node_headers(const struct sample *s)
{
	const struct sample_call *const call = s->call;

	if (!call->has_key && call->body.n == 0)
		return;
	add(s, "  headers: {\n");
	if (call->has_key)
		add(s, "    \"x-api-key\": process.env.KYCD_API_KEY,\n");
	if (call->body.n > 0)
		add(s, "    \"content-type\": \"application/json\",\n");
	add(s, "  },\n");
}

/* Adds the second argument of fetch(), which a GET without a key does not have. */
static void add_node_options(const struct sample *s)
{
	const struct sample_call *const call = s->call;
	const bool is_get = str_eq(call->method, STR("GET"));

	if (is_get && !call->has_key)
		return;
	add(s, ", {\n");
	if (!is_get)
		buf_printf(s->out, "  method: \"%.*s\",\n", STR_ARG(call->method));
	add_node_headers(s);
	if (call->body.n > 0) {
		add(s, "  body: JSON.stringify(");
		add_literal(s, call->body, "  ");
		add(s, "),\n");
	}
	add(s, "}");
}

static void write_node(const struct sample *s)
{
	const struct sample_call *const call = s->call;

	add(s, "const response = await fetch(");
	add_node_url(s);
	add_node_options(s);
	add(s, call->is_json ? ");\nconsole.log(response.status, await response.json());"
			     : ");\nconsole.log(response.status, await response.text());");
}

static void add_python_imports(const struct sample *s)
{
	const struct {
		bool is_used;
		const char *module;
	} modules[] = {
		{ s->call->is_json || s->call->body.n > 0, "json" },
		{ s->call->has_key, "os" },
		{ true, "urllib.error" },
		{ s->call->n_query > 0, "urllib.parse" },
		{ true, "urllib.request" },
	};

	for (size_t i = 0; i < array_len(modules); i++)
		if (modules[i].is_used)
			buf_printf(s->out, "import %s\n", modules[i].module);
}

static void add_python_url(const struct sample *s)
{
	add(s, "    \"");
	add_escaped(s, s->call->url);
	if (s->call->n_query > 0) {
		add(s, "?\" + urllib.parse.urlencode({");
		add_query_members(s);
		add(s, "}),\n");
	} else {
		add(s, "\",\n");
	}
}

static void write_python(const struct sample *s)
{
	const struct sample_call *const call = s->call;

	add_python_imports(s);
	add(s, "\nrequest = urllib.request.Request(\n");
	add_python_url(s);
	buf_printf(s->out, "    method=\"%.*s\",\n", STR_ARG(call->method));
	if (call->has_key || call->body.n > 0)
		add(s, "    headers={\n");
	if (call->has_key)
		add(s, "        \"x-api-key\": os.environ[\"KYCD_API_KEY\"],\n");
	if (call->body.n > 0)
		add(s, "        \"content-type\": \"application/json\",\n");
	if (call->has_key || call->body.n > 0)
		add(s, "    },\n");
	if (call->body.n > 0) {
		add(s, "    data=json.dumps(");
		add_literal(s, call->body, "    ");
		add(s, ").encode(),\n");
	}
	add(s, ")\ntry:\n    response = urllib.request.urlopen(request)\n"
	       "except urllib.error.HTTPError as error:\n    response = error\n");
	add(s, call->is_json ? "print(response.status, json.load(response))"
			     : "print(response.status, response.read().decode())");
}

static const struct {
	const char *name, *word;
	void (*write)(const struct sample *s);
} languages[SAMPLE_LANGUAGES] = {
	[SAMPLE_CURL] = { "curl", "curl", write_curl },
	[SAMPLE_NODE] = { "Node.js", "node", write_node },
	[SAMPLE_PYTHON] = { "Python", "python", write_python },
};

const char *sample_language_name(enum sample_language language)
{
	return languages[language].name;
}

const char *sample_language_word(enum sample_language language)
{
	return languages[language].word;
}

void write_sample(struct buf *out, enum sample_language language, const struct sample_call *call)
{
	languages[language].write(&(struct sample){ out, &notations[language], call });
}
