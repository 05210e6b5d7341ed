#include "text/email.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include <idn2.h>

#include "text/unicode.h"

/* Maximum length of the input in bytes. It is larger than EMAIL_MAX because a domain in Unicode can be longer
 * than its ASCII form. */
#define EMAIL_INPUT_MAX 1024
#define LOCAL_MAX 64 /* RFC 5321 4.5.3.1.1 */
#define LABEL_MAX 63 /* RFC 1035 2.3.4 */

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_letter_or_digit(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || is_digit(c);
}

/* RFC 5322 3.2.3 */
static bool is_atext(char c)
{
	return is_letter_or_digit(c) || (c != '\0' && strchr("!#$%&'*+-/=?^_`{|}~", c) != NULL);
}

/* Returns whether `s` is a dot-string of RFC 5321 4.1.2: atoms with single dots between them. */
static bool is_local_part(struct str s)
{
	bool after_atom = false;

	if (s.n > LOCAL_MAX)
		return false;
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '.' ? !after_atom : !is_atext(s.p[i]))
			return false;
		after_atom = s.p[i] != '.';
	}
	return after_atom;
}

/* Returns whether `s` consists of letters, digits and inner hyphens only (RFC 5321 4.1.2). libidn2 also
 * rejects most other characters, but this check does not rely on it. */
static bool is_label(struct str s)
{
	if (s.n == 0 || s.n > LABEL_MAX || s.p[0] == '-' || s.p[s.n - 1] == '-')
		return false;
	for (size_t i = 0; i < s.n; i++)
		if (!is_letter_or_digit(s.p[i]) && s.p[i] != '-')
			return false;
	return true;
}

static bool is_all_digits(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!is_digit(s.p[i]))
			return false;
	return true;
}

/* No top-level domain consists of digits only (RFC 3696 section 2). So a domain whose last label is a number
 * is an IPv4 address or a mistake, and is rejected. */
static bool is_domain(struct str s)
{
	struct str label;
	bool has_dot = false;

	while (str_cut(&s, '.', &label)) {
		has_dot = true;
		if (!is_label(label))
			return false;
	}
	return has_dot && is_label(label) && !is_all_digits(label);
}

static void to_lower(char *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (p[i] >= 'A' && p[i] <= 'Z')
			p[i] = (char)(p[i] - 'A' + 'a');
}

static void free_idn(char *const *text)
{
	idn2_free(*text);
}

/* Converts a domain to its ASCII form with libidn2. Returns a NUL-terminated text that the caller frees with
 * idn2_free; on failure returns NULL and sets `e`. */
static char *idn_ascii(const char *domain, int flags, enum err *e)
{
	char *ascii = NULL;
	const int rc = idn2_to_ascii_8z(domain, &ascii, IDN2_NONTRANSITIONAL | flags);

	if (rc == IDN2_OK)
		return ascii;
	*e = rc == IDN2_MALLOC ? ERR_INTERNAL : ERR_INPUT;
	return NULL;
}

/* Returns whether the domain is ASCII without two hyphens in a row (such as "xn--"). IDNA does not change
 * such a domain except for its case (RFC 5890 2.3.1), so libidn2 is not needed. */
static bool needs_no_idna(struct str domain)
{
	for (size_t i = 0; i < domain.n; i++)
		if ((unsigned char)domain.p[i] >= 0x80 ||
			(i > 0 && domain.p[i] == '-' && domain.p[i - 1] == '-'))
			return false;
	return true;
}

/* Converts the domain to its ASCII form. With STD3 rules, libidn2 (2.3.3) removes forbidden characters
 * instead of rejecting the domain, so "exam ple.com" would become another, valid domain. Therefore libidn2 is
 * called both with and without STD3 rules, and the results must be equal. */
static enum err ascii_domain(struct arena *a, struct str domain, struct str *out)
{
	const struct str text = arena_copy(a, domain);
	enum err e = OK;

	if (!text.p)
		return ERR_INTERNAL;
	if (needs_no_idna(domain)) {
		if (!is_domain(domain))
			return ERR_INPUT;
		*out = text;
		return OK;
	}
	char *const ascii cleanup_with(free_idn) = idn_ascii(text.p, 0, &e);
	char *const strict cleanup_with(free_idn) = idn_ascii(text.p, IDN2_USE_STD3_ASCII_RULES, &e);
	TRY(e);
	if (strcmp(ascii, strict) != 0 || !is_domain(str_of(ascii)))
		return ERR_INPUT;
	const struct str copy = arena_copy(a, str_of(ascii));
	if (!copy.p)
		return ERR_INTERNAL;
	*out = copy;
	return OK;
}

enum err email_normalise(struct arena *a, struct str raw, struct str *out)
{
	struct str domain = unicode_trim(raw), local;

	/* libidn2 takes NUL-terminated texts, so a NUL inside the domain must be rejected first. */
	if (domain.n > EMAIL_INPUT_MAX || str_has(domain, '\0') || !str_is_utf8(domain))
		return ERR_INPUT;
	if (!str_cut(&domain, '@', &local) || !is_local_part(local))
		return ERR_INPUT;
	TRY(ascii_domain(a, domain, &domain));
	if (local.n + 1 + domain.n > EMAIL_MAX)
		return ERR_INPUT;

	char *const text = arena_bytes(a, local.n + 1 + domain.n + 1, 1);
	if (!text)
		return ERR_INTERNAL;
	memcpy(text, local.p, local.n);
	text[local.n] = '@';
	memcpy(text + local.n + 1, domain.p, domain.n);
	to_lower(text, local.n + 1 + domain.n);
	*out = (struct str){ text, local.n + 1 + domain.n };
	return OK;
}
