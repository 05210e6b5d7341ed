/* Explains why a text is no e-mail address. */
#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "text/email.h"
#include "text/input_cause.h"
#include "text/unicode.h"

#define LOCAL_MAX 64
#define LABEL_MAX 63

static bool has_control(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (((unsigned char)s.p[i] < ' ' && s.p[i] != '\t') || s.p[i] == 0x7F)
			return true;
	return false;
}

static bool is_ascii(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] >= 0x80)
			return false;
	return true;
}

/* Returns whether the text contains a space. Spaces outside of ASCII count as well: U+00A0, U+2000 to U+200A,
 * U+202F, U+3000. */
static bool has_space(struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		const struct str rest = str_from(s, i);
		const unsigned char third = rest.n > 2 ? (unsigned char)rest.p[2] : 0;

		if (s.p[i] == ' ' || s.p[i] == '\t' || str_starts(rest, STR("\xC2\xA0")) ||
			str_starts(rest, STR("\xE3\x80\x80")))
			return true;
		if (str_starts(rest, STR("\xE2\x80")) && ((third >= 0x80 && third <= 0x8A) || third == 0xAF))
			return true;
	}
	return false;
}

static bool is_too_long(struct str text, struct str local, struct str domain)
{
	struct str label;
	bool more = true;

	if (text.n > EMAIL_MAX || local.n > LOCAL_MAX)
		return true;
	while (more) {
		more = str_cut(&domain, '.', &label);
		if (label.n > LABEL_MAX)
			return true;
	}
	return false;
}

static bool is_ip_address(struct str domain)
{
	struct str label;

	if (str_starts(domain, STR("[")))
		return true;
	while (str_cut(&domain, '.', &label))
		;
	for (size_t i = 0; i < label.n; i++)
		if (label.p[i] < '0' || label.p[i] > '9')
			return false;
	return label.n > 0;
}

static bool is_local_part(struct str s)
{
	bool after_dot = true;

	for (size_t i = 0; i < s.n; i++) {
		if ((after_dot && s.p[i] == '.') || str_has(STR("()<>[]:;\\,\""), s.p[i]))
			return false;
		after_dot = s.p[i] == '.';
	}
	return !after_dot;
}

enum input_cause input_cause_of_email(struct str text)
{
	struct str domain = unicode_trim(text), local;
	const struct str trimmed = domain;

	if (!str_is_utf8(trimmed))
		return CAUSE_ENCODING;
	if (has_control(trimmed))
		return CAUSE_CONTROL_CHARACTER;
	if (str_has(trimmed, '<') || str_has(trimmed, '>'))
		return CAUSE_DISPLAY_NAME;
	if (str_has(trimmed, '"'))
		return CAUSE_QUOTED_LOCAL;
	if (has_space(trimmed))
		return CAUSE_SPACE;
	if (!str_cut(&domain, '@', &local) || str_has(domain, '@'))
		return CAUSE_AT_SIGN;
	if (is_too_long(trimmed, local, domain))
		return CAUSE_TOO_LONG;
	if (!is_ascii(local))
		return CAUSE_NON_ASCII_LOCAL;
	if (!is_local_part(local))
		return CAUSE_LOCAL_PART;
	if (is_ip_address(domain))
		return CAUSE_IP_ADDRESS;
	return str_has(domain, '.') ? CAUSE_DOMAIN : CAUSE_NO_DOT;
}
