#include "mail/smtp_reply.h"

#include <assert.h>
#include <string.h>

#include "base/buf.h"
#include "text/encode.h"
#include "text/ip.h"

#define REMOVED STR("[removed]")
#define NUMBER_MIN 3 /* shortest number of the e-mail that is removed, in characters */
#define WORD_MIN 4   /* shortest word with a digit of the e-mail that is removed, in characters */

struct redaction {
	struct str text;
	bool hidden[SMTP_REPLY_MAX]; /* by byte */
};

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool is_alnum(char c)
{
	return is_digit(c) || (lower(c) >= 'a' && lower(c) <= 'z') || (unsigned char)c >= 0x80;
}

static bool is_base64_char(char c)
{
	return (is_alnum(c) && (unsigned char)c < 0x80) || c == '+' || c == '/';
}

/* Returns whether `c` may occur in a local part without quotes (RFC 5321 section 4.1.2, RFC 6531). */
static bool is_local_char(char c)
{
	return is_alnum(c) || (c != '\0' && strchr("!#$%&'*+-/=?^_`{|}~.", c) != NULL);
}

/* Returns whether `c` may occur in a domain or in an address literal, such as [IPv6:2001:db8::1]. */
static bool is_domain_char(char c)
{
	return is_alnum(c) || (c != '\0' && strchr(".-_:[]", c) != NULL);
}

static bool is_ip6_char(char c)
{
	return is_digit(c) || (lower(c) >= 'a' && lower(c) <= 'f') || c == ':' || c == '.';
}

static void hide(struct redaction *r, size_t from, size_t to)
{
	for (size_t i = from; i < to; i++)
		r->hidden[i] = true;
}

/* Splits the text into the longest runs of characters for which `belongs` is true, and hides each run for
 * which `judge` returns true. */
static void hide_runs(struct redaction *r, bool (*belongs)(char c),
	bool (*judge)(struct str run, const struct smtp_private *parts), const struct smtp_private *parts)
{
	for (size_t i = 0, end; i < r->text.n; i = end + 1) {
		end = i;
		while (end < r->text.n && belongs(r->text.p[end]))
			end++;
		if (end > i && judge((struct str){ r->text.p + i, end - i }, parts))
			hide(r, i, end);
	}
}

static void hide_address_at(struct redaction *r, size_t at)
{
	const char *const p = r->text.p;
	size_t from = at, to = at + 1;

	if (from > 0 && p[from - 1] == '"') {
		for (from--; from > 0; from--)
			if (p[from - 1] == '"')
				break;
		from -= from > 0;
	}
	while (from > 0 && is_local_char(p[from - 1]))
		from--;
	while (to < r->text.n && is_domain_char(p[to]))
		to++;
	while (p[to - 1] == ':' || p[to - 1] == '.')
		to--; /* the reply's own punctuation */
	hide(r, from, to);
}

static bool matches_at(struct str text, size_t at, struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (lower(text.p[at + i]) != lower(s.p[i]))
			return false;
	return !(at > 0 && is_alnum(s.p[0]) && is_alnum(text.p[at - 1])) &&
	       !(at + s.n < text.n && is_alnum(s.p[s.n - 1]) && is_alnum(text.p[at + s.n]));
}

/* Hides each occurrence of `s` that is not part of a longer word. */
static void hide_text(struct redaction *r, struct str s)
{
	for (size_t i = 0; s.n > 0 && i + s.n <= r->text.n; i++)
		if (matches_at(r->text, i, s))
			hide(r, i, i + s.n);
}

/* Hides the address, its local part with and without the "+tag", and its domain. */
static void hide_parts_of_address(struct redaction *r, struct str address)
{
	struct str domain = address, local, name;

	hide_text(r, address);
	if (!str_cut(&domain, '@', &local))
		return;
	hide_text(r, domain);
	hide_text(r, local);
	(void)str_cut(&local, '+', &name);
	hide_text(r, name);
}

/* Returns the length of the IPv4 address at the start of the text, or 0 if there is none. */
static size_t ip4_length(struct str text)
{
	size_t n = 0;

	for (int part = 0; part < 4; part++) {
		const size_t start = n;

		while (n < text.n && n - start < 4 && is_digit(text.p[n]))
			n++;
		if (n == start || n - start > 3)
			return 0;
		if (part < 3 && (n == text.n || text.p[n++] != '.'))
			return 0;
	}
	return n;
}

static void hide_ip4(struct redaction *r)
{
	for (size_t i = 0; i < r->text.n; i++)
		if (i == 0 || !is_digit(r->text.p[i - 1]))
			hide(r, i, i + ip4_length(str_from(r->text, i)));
}

/* Returns whether the run is an IPv6 address. It may begin with the end of a prefix such as "IPv6:", of which
 * only some characters can belong to the run. */
static bool is_ip6(struct str run, const struct smtp_private *parts)
{
	struct ip ip;
	struct str first;

	(void)parts;
	while (run.n > 0 && (run.p[run.n - 1] == ':' || run.p[run.n - 1] == '.'))
		run.n--;
	if (memchr(run.p, ':', run.n) == NULL)
		return false;
	return ip_read(run, &ip) || (str_cut(&run, ':', &first) && ip_read(run, &ip));
}

static bool contains(struct str text, struct str s)
{
	return s.n > 0 && text.n > 0 && memmem(text.p, text.n, s.p, s.n) != NULL;
}

/* Returns whether the run is base64 that contains the user name or the password. Servers repeat malformed
 * lines of an AUTH exchange, which contain both in base64. */
static bool is_login_line(struct str run, const struct smtp_private *parts)
{
	unsigned char bytes[SMTP_REPLY_MAX] = { 0 };
	const size_t n = run.n * 3 / 4;
	const struct str decoded = { (const char *)bytes, n };
	const bool found = base64_read(run, bytes, n) &&
			   (contains(decoded, parts->user) || contains(decoded, parts->password));

	explicit_bzero(bytes, sizeof(bytes));
	return found;
}

static bool is_number_of_content(struct str run, const struct smtp_private *parts)
{
	return run.n >= NUMBER_MIN && contains(parts->content, run);
}

static bool is_word_of_content(struct str run, const struct smtp_private *parts)
{
	bool has_digit = false;

	for (size_t i = 0; i < run.n; i++)
		has_digit = has_digit || is_digit(run.p[i]);
	return has_digit && run.n >= WORD_MIN && contains(parts->content, run);
}

static struct str visible_text(const struct redaction *r, struct arena *a)
{
	struct str out;
	struct buf b;

	buf_init(&b, a);
	for (size_t i = 0; i < r->text.n; i++) {
		if (!r->hidden[i])
			buf_char(&b, r->text.p[i]);
		else if (i == 0 || !r->hidden[i - 1])
			buf_add(&b, REMOVED);
	}
	return buf_done(&b, &out) == OK ? out : STR("");
}

struct str smtp_reply_redact(struct arena *a, struct str text, const struct smtp_private *parts)
{
	struct redaction r = { .text = text };

	assert(text.n <= SMTP_REPLY_MAX);
	for (size_t i = 0; i < text.n; i++)
		if (text.p[i] == '@')
			hide_address_at(&r, i);
	hide_parts_of_address(&r, parts->recipient);
	hide_parts_of_address(&r, parts->user);
	hide_text(&r, parts->password);
	hide_ip4(&r);
	hide_runs(&r, is_ip6_char, is_ip6, parts);
	hide_runs(&r, is_base64_char, is_login_line, parts);
	hide_runs(&r, is_digit, is_number_of_content, parts);
	hide_runs(&r, is_alnum, is_word_of_content, parts);
	return visible_text(&r, a);
}

struct str smtp_reply_status(struct str text)
{
	size_t n = 0;

	/* The status is class "." subject "." detail, followed by a space. The class has one digit, the
	 * others have one to three. */
	for (int part = 0; part < 3; part++) {
		const size_t start = n;

		while (n < text.n && is_digit(text.p[n]))
			n++;
		if (n == start || n - start > (part == 0 ? 1U : 3U))
			return STR("");
		if (part < 2 && (n == text.n || text.p[n++] != '.'))
			return STR("");
	}
	return n == text.n || text.p[n] == ' ' ? (struct str){ text.p, n } : STR("");
}
