#include "http/scan.h"

#include <assert.h>
#include <string.h>

/* Maximum number of digits of a chunk size, including leading zeros. The limit prevents an overflow and also
 * endless zeros that would keep a connection busy. */
#define CHUNK_SIZE_DIGITS_MAX 8

enum state {
	START,
	START_LF,
	METHOD,
	TARGET_FIRST,
	TARGET,
	VERSION,
	VERSION_CR,
	LINE_LF,
	LINE,
	NAME,
	VALUE,
	END_LF,
	SIZE_FIRST,
	SIZE,
	EXTENSION,
	SIZE_LF,
	BYTES,
	BYTES_CR,
	BYTES_LF,
	DONE,
	REFUSED,
	STATE_COUNT
};

enum { TOKEN = 1, IN_TARGET = 2, TEXT = 4, HEX = 8 };

/* The kinds of each byte. TOKEN: tchar (RFC 9110 section 5.6.2). IN_TARGET: the characters that RFC 3986
 * allows in a request target, and brackets. TEXT: field content (RFC 9110 section 5.5) with obs-text. HEX:
 * hexadecimal digits. The one-letter macros keep the table narrow. */
#define T (TOKEN | IN_TARGET | TEXT)
#define H (T | HEX)
#define K (TOKEN | TEXT)
#define U (IN_TARGET | TEXT)
#define X TEXT
/* clang-format off */
static const uint8_t byte_kinds[256] = {
	0, 0, 0, 0, 0, 0, 0, 0, 0, X, 0, 0, 0, 0, 0, 0,
	0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
	X, T, X, K, T, T, T, T, U, U, T, T, U, T, T, U, /*  !"#$%&'()*+,-./ */
	H, H, H, H, H, H, H, H, H, H, U, U, X, U, X, U, /* 0123456789:;<=>? */
	U, H, H, H, H, H, H, T, T, T, T, T, T, T, T, T, /* @ABCDEFGHIJKLMNO */
	T, T, T, T, T, T, T, T, T, T, T, U, X, U, K, T, /* PQRSTUVWXYZ[\]^_ */
	K, H, H, H, H, H, H, T, T, T, T, T, T, T, T, T, /* `abcdefghijklmno */
	T, T, T, T, T, T, T, T, T, T, T, X, K, X, T, 0, /* pqrstuvwxyz{|}~. */
	X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X,
	X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X,
	X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X,
	X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X,
	X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X,
	X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X,
	X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X,
	X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X,
};

/* clang-format on */
#undef T
#undef H
#undef K
#undef U
#undef X

void scan_head(struct scan *s, size_t head_limit, size_t body_limit)
{
	*s = (struct scan){ .head_limit = head_limit, .body_limit = body_limit, .state = START };
}

void scan_chunks(struct scan *s)
{
	assert(s->state == DONE);
	s->counted = 0;
	s->lines = 0;
	s->state = SIZE_FIRST;
	s->digits = 0;
}

bool scan_at_start(const struct scan *s)
{
	return s->state == START;
}

static bool set_refusal(enum refusal why, enum refusal *out)
{
	*out = why;
	return false;
}

static bool enter_empty_line(struct scan *s, char c maybe_unused, enum refusal *why)
{
	return !s->skipped || set_refusal(REFUSE_BAD_REQUEST, why);
}

static bool enter_start(struct scan *s, char c maybe_unused, enum refusal *why maybe_unused)
{
	s->skipped = true;
	s->counted = 0;
	return true;
}

static bool enter_target(struct scan *s, char c maybe_unused, enum refusal *why maybe_unused)
{
	s->method_end = s->counted - 1;
	return true;
}

/* Checks "HTTP/" DIGIT "." DIGIT (RFC 9112 section 2.3); only versions 1.0 and 1.1 are accepted. Called for
 * the space before the version and for each byte of it. */
static bool enter_version(struct scan *s, char c, enum refusal *why)
{
	static const char form[] = " HTTP/0.0";
	const char want = form[s->digits++];

	if (c == ' ' && s->digits == 1)
		s->target_end = s->counted - 1;
	if (want == '0' ? c < '0' || c > '9' : c != want)
		return set_refusal(REFUSE_BAD_REQUEST, why);
	if (s->digits == sizeof(" HTTP/0") - 1)
		s->minor = c == '1' ? 0 : -1;
	if (s->digits < sizeof(form) - 1)
		return true;
	if (s->minor < 0 || c > '1')
		return set_refusal(REFUSE_VERSION, why);
	s->minor = c - '0';
	s->state = VERSION_CR;
	return true;
}

static bool enter_name(struct scan *s, char c maybe_unused, enum refusal *why)
{
	return ++s->lines <= REQUEST_HEADERS_MAX || set_refusal(REFUSE_HEADER, why);
}

static bool enter_chunk(struct scan *s, char c maybe_unused, enum refusal *why maybe_unused)
{
	s->digits = 0;
	return true;
}

static size_t hex_value(char c)
{
	return (size_t)(c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
}

static bool enter_size(struct scan *s, char c, enum refusal *why)
{
	if (++s->digits > CHUNK_SIZE_DIGITS_MAX)
		return set_refusal(REFUSE_BAD_REQUEST, why);
	s->chunk = s->chunk * 16 + hex_value(c);
	return s->chunk <= s->body_limit - s->body || set_refusal(REFUSE_PAYLOAD, why);
}

/* A chunk of size 0 is the last chunk; trailers follow it. */
static bool enter_bytes(struct scan *s, char c maybe_unused, enum refusal *why maybe_unused)
{
	if (s->chunk == 0)
		s->state = LINE;
	return true;
}

/* Transitions of a state. A byte of the kinds `loop_kinds` does not change the state; the byte `end_byte`
 * leads to the state `after_end`, a byte of the kinds `start_kinds` to the state `after_start`. Any other
 * byte makes the request invalid. In states that are `counted`, bytes count towards head_limit. `enter`, if
 * not NULL, is called after each transition into the state, with the byte `c` that caused it. */
/* clang-format off */
static const struct state_rule {
	uint8_t loop_kinds;
	char end_byte;
	uint8_t after_end; /* enum state */
	uint8_t start_kinds;
	uint8_t after_start;
	bool counted;
	bool (*enter)(struct scan *s, char c, enum refusal *why);
} rules[STATE_COUNT] = {
	/* Columns: loop_kinds, end_byte, after_end, start_kinds, after_start, counted, enter. */
	[START] =        { 0,         '\r', START_LF,     TOKEN,     METHOD,    true,  enter_start },
	[START_LF] =     { 0,         '\n', START,        0,         0,         true,  enter_empty_line },
	[METHOD] =       { TOKEN,     ' ',  TARGET_FIRST, 0,         0,         true,  NULL },
	[TARGET_FIRST] = { 0,         0,    REFUSED,      IN_TARGET, TARGET,    true,  enter_target },
	[TARGET] =       { IN_TARGET, ' ',  VERSION,      0,         0,         true,  NULL },
	[VERSION] =      { 0,         0,    REFUSED,      TEXT,      VERSION,   true,  enter_version },
	[VERSION_CR] =   { 0,         '\r', LINE_LF,      0,         0,         true,  NULL },
	[LINE_LF] =      { 0,         '\n', LINE,         0,         0,         true,  NULL },
	[LINE] =         { 0,         '\r', END_LF,       TOKEN,     NAME,      true,  NULL },
	[NAME] =         { TOKEN,     ':',  VALUE,        0,         0,         true,  enter_name },
	[VALUE] =        { TEXT,      '\r', LINE_LF,      0,         0,         true,  NULL },
	[END_LF] =       { 0,         '\n', DONE,         0,         0,         true,  NULL },
	[SIZE_FIRST] =   { 0,         0,    REFUSED,      HEX,       SIZE,      false, enter_chunk },
	[SIZE] =         { 0,         '\r', SIZE_LF,      HEX,       SIZE,      false, enter_size },
	[EXTENSION] =    { TEXT,      '\r', SIZE_LF,      0,         0,         true,  NULL },
	[SIZE_LF] =      { 0,         '\n', BYTES,        0,         0,         false, NULL },
	[BYTES] =        { 0,         0,    REFUSED,      0,         0,         false, enter_bytes },
	[BYTES_CR] =     { 0,         '\r', BYTES_LF,     0,         0,         false, NULL },
	[BYTES_LF] =     { 0,         '\n', SIZE_FIRST,   0,         0,         false, NULL },
};
/* clang-format on */

static bool scan_byte(struct scan *s, char c, enum refusal *why)
{
	const enum state from = s->state;
	const struct state_rule *const state_rule = &rules[from];
	bool (*enter)(struct scan * s, char c, enum refusal *why);

	if (state_rule->counted)
		s->counted++;
	if (state_rule->start_kinds & byte_kinds[(unsigned char)c])
		s->state = state_rule->after_start;
	else if (c == state_rule->end_byte && state_rule->end_byte != 0)
		s->state = state_rule->after_end;
	else if (from == SIZE && c == ';')
		s->state = EXTENSION;
	else
		return set_refusal(REFUSE_BAD_REQUEST, why);
	enter = rules[s->state].enter;
	return enter == NULL || enter(s, c, why);
}

static size_t skip_chunk_bytes(struct scan *s, size_t n)
{
	const size_t taken = n < s->chunk ? n : s->chunk;

	s->body += taken;
	s->chunk -= taken;
	if (s->chunk == 0)
		s->state = BYTES_CR;
	return taken;
}

/* Skips bytes from `p` on that do not change the state, within the limit of counted bytes. Returns the number
 * of bytes skipped. */
static size_t skip_run(struct scan *s, const char *p, size_t n)
{
	const uint8_t loop_kinds = rules[s->state].loop_kinds;
	const size_t left = s->head_limit - s->counted, limit = n < left ? n : left;
	size_t run = 0;

	if (loop_kinds == 0)
		return 0;
	while (run < limit && (byte_kinds[(unsigned char)p[run]] & loop_kinds))
		run++;
	s->counted += run;
	return run;
}

enum scan_verdict scan_bytes(struct scan *s, const char *p, size_t n, size_t *used, enum refusal *why)
{
	size_t at = 0;
	bool accepted = true;

	while (at < n && accepted && s->state != DONE) {
		if (s->state == BYTES) {
			at += skip_chunk_bytes(s, n - at);
			continue;
		}
		at += skip_run(s, p + at, n - at);
		if (at == n)
			break;
		if (rules[s->state].counted && s->counted == s->head_limit)
			accepted = set_refusal(REFUSE_HEADER, why);
		else
			accepted = scan_byte(s, p[at], why);
		at += accepted;
	}
	*used = at;
	if (!accepted)
		s->state = REFUSED;
	return !accepted ? SCAN_REFUSED : s->state == DONE ? SCAN_DONE : SCAN_MORE;
}
