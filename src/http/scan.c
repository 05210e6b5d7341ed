#include "http/scan.h"

#include <assert.h>
#include <string.h>

/* Chunk sizes have at most this many digits, leading zeros too: a size is then a number without overflow, and
 * zeros are no way to hold a connection. */
#define SIZE_DIGITS_MAX 8

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

/* Bytes by kind: tchar (RFC 9110 5.6.2); what RFC 3986 lets stand in a target, and brackets; field content
 * (RFC 9110 5.5) with obs-text; hexadecimal digits. */
#define T (TOKEN | IN_TARGET | TEXT)
#define H (T | HEX)
#define K (TOKEN | TEXT)
#define U (IN_TARGET | TEXT)
#define X TEXT
/* clang-format off */
static const uint8_t kinds[256] = {
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

static bool refuse(enum refusal why, enum refusal *out)
{
	*out = why;
	return false;
}

static bool enter_skip(struct scan *s, char c maybe_unused, enum refusal *why)
{
	return !s->skipped || refuse(REFUSE_BAD_REQUEST, why);
}

static bool enter_skipped(struct scan *s, char c maybe_unused, enum refusal *why maybe_unused)
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

/* "HTTP/" DIGIT "." DIGIT (RFC 9112 section 2.3), and then only the two that we speak. Comes here for the
 * space in front of it and for each byte of it. */
static bool enter_version(struct scan *s, char c, enum refusal *why)
{
	static const char form[] = " HTTP/0.0";
	const char want = form[s->digits++];

	if (c == ' ' && s->digits == 1)
		s->target_end = s->counted - 1;
	if (want == '0' ? c < '0' || c > '9' : c != want)
		return refuse(REFUSE_BAD_REQUEST, why);
	if (s->digits == sizeof(" HTTP/0") - 1)
		s->minor = c == '1' ? 0 : -1;
	if (s->digits < sizeof(form) - 1)
		return true;
	if (s->minor < 0 || c > '1')
		return refuse(REFUSE_VERSION, why);
	s->minor = c - '0';
	s->state = VERSION_CR;
	return true;
}

static bool enter_name(struct scan *s, char c maybe_unused, enum refusal *why)
{
	return ++s->lines <= REQUEST_HEADERS_MAX || refuse(REFUSE_HEADER, why);
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
	if (++s->digits > SIZE_DIGITS_MAX)
		return refuse(REFUSE_BAD_REQUEST, why);
	s->chunk = s->chunk * 16 + hex_value(c);
	return s->chunk <= s->body_limit - s->body || refuse(REFUSE_PAYLOAD, why);
}

/* The chunk of no bytes is the last; trailers follow it. */
static bool enter_bytes(struct scan *s, char c maybe_unused, enum refusal *why maybe_unused)
{
	if (s->chunk == 0)
		s->state = LINE;
	return true;
}

/* In a state, bytes of the kind `stay` change nothing; `sign` leads to `next`, a byte of the kind `first` to
 * `into`. What is in none of them breaks the request. Counted bytes are limited with the head. `enter` is
 * what else it means to come into the state by the byte `c`. */
/* clang-format off */
static const struct rule {
	uint8_t stay;
	char sign;
	uint8_t next; /* enum state */
	uint8_t first;
	uint8_t into;
	bool counted;
	bool (*enter)(struct scan *s, char c, enum refusal *why);
} rules[STATE_COUNT] = {
	/*                 stay       sign  next          first      into       counted */
	[START] =        { 0,         '\r', START_LF,     TOKEN,     METHOD,    true,  enter_skipped },
	[START_LF] =     { 0,         '\n', START,        0,         0,         true,  enter_skip },
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

static bool turn(struct scan *s, char c, enum refusal *why)
{
	const enum state from = s->state;
	const struct rule *const rule = &rules[from];
	bool (*enter)(struct scan * s, char c, enum refusal *why);

	if (rule->counted)
		s->counted++;
	if (rule->first & kinds[(unsigned char)c])
		s->state = rule->into;
	else if (c == rule->sign && rule->sign != 0)
		s->state = rule->next;
	else if (from == SIZE && c == ';')
		s->state = EXTENSION;
	else
		return refuse(REFUSE_BAD_REQUEST, why);
	enter = rules[s->state].enter;
	return enter == NULL || enter(s, c, why);
}

static size_t take_content(struct scan *s, size_t n)
{
	const size_t taken = n < s->chunk ? n : s->chunk;

	s->body += taken;
	s->chunk -= taken;
	if (s->chunk == 0)
		s->state = BYTES_CR;
	return taken;
}

/* How many bytes from `p` on change nothing, within the limit of counted bytes. */
static size_t take_run(struct scan *s, const char *p, size_t n)
{
	const uint8_t stay = rules[s->state].stay;
	const size_t left = s->head_limit - s->counted, most = n < left ? n : left;
	size_t run = 0;

	if (stay == 0)
		return 0;
	while (run < most && (kinds[(unsigned char)p[run]] & stay))
		run++;
	s->counted += run;
	return run;
}

enum scan_verdict scan_bytes(struct scan *s, const char *p, size_t n, size_t *used, enum refusal *why)
{
	size_t at = 0;
	bool fine = true;

	while (at < n && fine && s->state != DONE) {
		if (s->state == BYTES) {
			at += take_content(s, n - at);
			continue;
		}
		at += take_run(s, p + at, n - at);
		if (at == n)
			break;
		if (rules[s->state].counted && s->counted == s->head_limit)
			fine = refuse(REFUSE_HEADER, why);
		else
			fine = turn(s, p[at], why);
		at += fine;
	}
	*used = at;
	if (!fine)
		s->state = REFUSED;
	return !fine ? SCAN_REFUSED : s->state == DONE ? SCAN_DONE : SCAN_MORE;
}
