#include "webhook/answer.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include <curl/curl.h>

#define RETRY_AFTER_MAX_S ((int64_t)10 * 86400)

static struct str header_of(CURL *curl, const char *name)
{
	struct curl_header *header = NULL;

	return curl_easy_header(curl, name, 0, CURLH_HEADER, -1, &header) == CURLHE_OK ? str_of(header->value)
										       : STR("");
}

static bool is_number(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] < '0' || s.p[i] > '9')
			return false;
	return s.n > 0;
}

/* Header values of libcurl end with a NUL. */
static int64_t date_of(struct str value)
{
	return value.n > 0 ? (int64_t)curl_getdate(value.p, NULL) : -1;
}

duration answer_retry_after(void *curl, moment now)
{
	const struct str value = header_of(curl, "Retry-After");
	int64_t s = RETRY_AFTER_MAX_S;

	if (is_number(value)) {
		/* A larger number leaves `s` unchanged. */
		(void)str_number(value, RETRY_AFTER_MAX_S, &s);
		return seconds(s);
	}

	const int64_t until = date_of(value);
	const int64_t date = date_of(header_of(curl, "Date"));

	if (until < 0)
		return seconds(0);
	s = until - (date >= 0 ? date : now.ms / 1000);
	return seconds(s < 0 ? 0 : s < RETRY_AFTER_MAX_S ? s : RETRY_AFTER_MAX_S);
}

/* Returns the length of the UTF-8 character at the start of `s`; 0: there is none. */
static size_t character_length(struct str s)
{
	for (size_t n = 1; n <= 4 && n <= s.n; n++)
		if (str_is_utf8((struct str){ s.p, n }))
			return n;
	return 0;
}

/* Returns whether `s` is the beginning of a UTF-8 character whose rest is missing. */
static bool is_cut_off(struct str s)
{
	const unsigned char first = (unsigned char)s.p[0];
	const size_t length = first < 0xc2 || first > 0xf4 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;

	for (size_t i = 1; i < s.n; i++)
		if (((unsigned char)s.p[i] & 0xc0) != 0x80)
			return false;
	return s.n < length;
}

static bool is_control(char c)
{
	return ((unsigned char)c < ' ' && c != '\t' && c != '\n') || c == 127;
}

static size_t copy_character(char *out, struct str from, size_t length)
{
	memcpy(out, from.p, length);
	return length;
}

struct str answer_excerpt(struct arena *a, struct str body)
{
	char *const text = arena_bytes(a, body.n + 1, 1);
	size_t n = 0;

	if (text == NULL)
		return STR("");
	for (struct str rest = body; rest.n > 0;) {
		const size_t length = character_length(rest);

		if (length == 0 && is_cut_off(rest))
			break;
		if (length == 0 || is_control(rest.p[0]))
			text[n++] = '?';
		else
			n += copy_character(text + n, rest, length);
		rest = str_from(rest, length > 0 ? length : 1);
	}
	return (struct str){ text, n };
}
