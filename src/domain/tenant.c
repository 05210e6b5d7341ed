#include "domain/tenant.h"

#include <assert.h>
#include <stddef.h>
#include <string.h>

#define NAME_MAX_LENGTH 63
#define DISPLAY_NAME_MAX 40 /* characters */

static_assert(NAME_MAX_LENGTH < TENANT_NAME_SIZE, "a name fits its column");
static_assert(DISPLAY_NAME_MAX * 4 < DISPLAY_NAME_SIZE, "a display name fits its column");
static_assert(1 + ID_LENGTH < TENANT_NAME_SIZE, "the group of a tenant alone fits its column");

/* What a mail program, a page or a terminal would not show as a character (Unicode 15: Cc, Cf, Zl, Zp, Co and
 * the noncharacters), and what it shows as nothing or as room (Zs and the fillers). */
enum shown { SHOWN_NEVER, SHOWN_BLANK };

/* clang-format off */
static const struct {
	uint32_t from, to;
	enum shown shown;
} unprintable[] = {
	{ 0x0000,   0x001f,   SHOWN_NEVER },
	{ 0x0020,   0x0020,   SHOWN_BLANK },
	{ 0x007f,   0x009f,   SHOWN_NEVER },
	{ 0x00a0,   0x00a0,   SHOWN_BLANK },
	{ 0x00ad,   0x00ad,   SHOWN_NEVER },
	{ 0x034f,   0x034f,   SHOWN_BLANK },
	{ 0x0600,   0x0605,   SHOWN_NEVER },
	{ 0x061c,   0x061c,   SHOWN_NEVER },
	{ 0x06dd,   0x06dd,   SHOWN_NEVER },
	{ 0x070f,   0x070f,   SHOWN_NEVER },
	{ 0x0890,   0x0891,   SHOWN_NEVER },
	{ 0x08e2,   0x08e2,   SHOWN_NEVER },
	{ 0x115f,   0x1160,   SHOWN_BLANK },
	{ 0x1680,   0x1680,   SHOWN_BLANK },
	{ 0x17b4,   0x17b5,   SHOWN_BLANK },
	{ 0x180b,   0x180d,   SHOWN_BLANK },
	{ 0x180e,   0x180e,   SHOWN_NEVER },
	{ 0x180f,   0x180f,   SHOWN_BLANK },
	{ 0x2000,   0x200a,   SHOWN_BLANK },
	{ 0x200b,   0x200f,   SHOWN_NEVER },
	{ 0x2028,   0x202e,   SHOWN_NEVER },
	{ 0x202f,   0x202f,   SHOWN_BLANK },
	{ 0x205f,   0x205f,   SHOWN_BLANK },
	{ 0x2060,   0x206f,   SHOWN_NEVER },
	{ 0x2800,   0x2800,   SHOWN_BLANK },
	{ 0x3000,   0x3000,   SHOWN_BLANK },
	{ 0x3164,   0x3164,   SHOWN_BLANK },
	{ 0xe000,   0xf8ff,   SHOWN_NEVER },
	{ 0xfdd0,   0xfdef,   SHOWN_NEVER },
	{ 0xfe00,   0xfe0f,   SHOWN_BLANK },
	{ 0xfeff,   0xfeff,   SHOWN_NEVER },
	{ 0xffa0,   0xffa0,   SHOWN_BLANK },
	{ 0xfff0,   0xfffb,   SHOWN_NEVER },
	{ 0x110bd,  0x110bd,  SHOWN_NEVER },
	{ 0x110cd,  0x110cd,  SHOWN_NEVER },
	{ 0x13430,  0x1343f,  SHOWN_NEVER },
	{ 0x1bca0,  0x1bca3,  SHOWN_NEVER },
	{ 0x1d173,  0x1d17a,  SHOWN_NEVER },
	{ 0xe0000,  0xe00ff,  SHOWN_NEVER },
	{ 0xe0100,  0xe01ef,  SHOWN_BLANK },
	{ 0xe01f0,  0xe0fff,  SHOWN_NEVER },
	{ 0xf0000,  0x10ffff, SHOWN_NEVER },
};
/* clang-format on */

static bool name_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

bool tenant_name_is_valid(struct str name)
{
	if (name.n == 0 || name.n > NAME_MAX_LENGTH || name.p[0] == '-')
		return false;
	for (size_t i = 0; i < name.n; i++) {
		if (!name_char(name.p[i]) && name.p[i] != '-')
			return false;
	}
	return true;
}

/* Takes the first character off well-formed UTF-8. */
static uint32_t take_char(struct str *s)
{
	const unsigned char first = (unsigned char)s->p[0];
	const size_t n = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
	uint32_t c = n == 1 ? first : first & (0x7fU >> n);

	for (size_t i = 1; i < n; i++)
		c = c << 6 | ((unsigned char)s->p[i] & 0x3f);
	*s = str_from(*s, n);
	return c;
}

/* False: it is never shown. */
static bool look_up(uint32_t c, bool *blank)
{
	*blank = false;
	if ((c & 0xfffe) == 0xfffe)
		return false;
	for (size_t i = 0; i < array_len(unprintable); i++) {
		if (c < unprintable[i].from || c > unprintable[i].to)
			continue;
		*blank = unprintable[i].shown == SHOWN_BLANK;
		return *blank;
	}
	return true;
}

bool display_name_is_valid(struct str name)
{
	size_t n_chars = 0, n_blank = 0;

	if (name.n == 0 || name.n >= DISPLAY_NAME_SIZE || !str_is_utf8(name))
		return false;
	for (struct str rest = name; rest.n > 0; n_chars++) {
		bool blank;

		if (!look_up(take_char(&rest), &blank))
			return false;
		n_blank += blank;
	}
	return n_chars <= DISPLAY_NAME_MAX && n_blank < n_chars;
}

void tenant_set_own_group(struct tenant *t)
{
	/* '@' is in no name, so nobody can join by asking for this group. */
	t->group_name[0] = '@';
	memcpy(t->group_name + 1, t->id.text, ID_SIZE);
}

bool tenant_has_own_group(const struct tenant *t)
{
	return t->group_name[0] == '@';
}

enum key_verdict key_check(const struct api_key *key, moment now)
{
	/* Revoking is never planned ahead: a mark from a clock that runs before ours counts at once. */
	if (!moment_is_unset(key->revoked_at))
		return KEY_REVOKED;
	if (!moment_is_unset(key->expires_at) && !moment_is_before(now, key->expires_at))
		return KEY_EXPIRED;
	return KEY_GOOD;
}
