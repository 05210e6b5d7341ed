#include "text/language.h"

#include <string.h>

#include "base/attr.h"

#define TAG_MAX 35   /* RFC 5646 section 4.4.1 */
#define SUBTAG_MAX 8 /* RFC 5646 section 2.1 */
#define WEIGHT_ONE 1000

/* The codes of ISO 639-1 in alphabetical order. */
static const char iso_639_1_codes[] =
	"aa ab ae af ak am an ar as av ay az ba be bg bh bi bm bn bo br bs ca ce ch co cr cs cu cv cy da de dv "
	"dz ee el en eo es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz ia id ie ig "
	"ii ik io is it iu ja jv ka kg ki kj kk kl km kn ko kr ks ku kv kw ky la lb lg li ln lo lt lu lv mg mh "
	"mi mk ml mn mr ms mt my na nb nd ne ng nl nn no nr nv ny oc oj om or os pa pi pl ps pt qu rm rn ro ru "
	"rw sa sc sd se sg si sk sl sm sn so sq sr ss st su sv sw ta te tg th ti tk tl tn to tr ts tt tw ty ug "
	"uk ur uz ve vi vo wa wo xh yi yo za zh zu ";

static char normalised_char(char c)
{
	if (c == '_')
		return '-';
	return (char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
}

static bool is_letter(char c)
{
	return normalised_char(c) >= 'a' && normalised_char(c) <= 'z';
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool tags_match(struct str a, struct str b)
{
	size_t i = 0;

	while (i < a.n && i < b.n && normalised_char(a.p[i]) == normalised_char(b.p[i]))
		i++;
	return i == a.n && i == b.n;
}

/* Returns the tag without its last subtag; empty if it has only one. */
static struct str tag_without_last_subtag(struct str tag)
{
	while (tag.n > 0 && normalised_char(tag.p[tag.n - 1]) != '-')
		tag.n--;
	return (struct str){ tag.p, tag.n > 0 ? tag.n - 1 : 0 };
}

static struct str primary_subtag(struct str tag)
{
	size_t n = 0;

	while (n < tag.n && normalised_char(tag.p[n]) != '-')
		n++;
	return (struct str){ tag.p, n };
}

size_t language_nearest(struct str tag, const struct str *offered, size_t n)
{
	for (struct str range = tag; range.n > 0; range = tag_without_last_subtag(range))
		for (size_t i = 0; i < n; i++)
			if (tags_match(range, offered[i]))
				return i;
	for (size_t i = 0; i < n; i++)
		if (tags_match(primary_subtag(tag), primary_subtag(offered[i])))
			return i;
	return n;
}

size_t language_choose(const struct str *preferred, size_t n_preferred, const struct str *offered, size_t n)
{
	size_t found = n;

	for (size_t i = 0; i < n_preferred && found == n; i++)
		found = language_nearest(preferred[i], offered, n);
	return found;
}

/* Weight of an Accept-Language item in thousandths: 800 for "q=0.8", 1000 without parameters. 0 means "not
 * acceptable" and is also returned for malformed parameters. */
static int weight_of(struct str parameters)
{
	int weight = 0;

	parameters = str_trim(parameters);
	if (parameters.n == 0)
		return WEIGHT_ONE;
	if (!str_starts(parameters, STR("q=")) && !str_starts(parameters, STR("Q=")))
		return 0;
	parameters = str_trim(str_from(parameters, 2));
	if (parameters.n == 0 || parameters.n > 5 || (parameters.p[0] != '0' && parameters.p[0] != '1') ||
		(parameters.n > 1 && parameters.p[1] != '.'))
		return 0;
	for (size_t i = 0, unit = WEIGHT_ONE; i < parameters.n; i++) {
		if (i == 1)
			continue;
		if (!is_digit(parameters.p[i]))
			return 0;
		weight += (parameters.p[i] - '0') * (int)unit;
		unit /= 10;
	}
	return weight > WEIGHT_ONE ? 0 : weight;
}

size_t language_accepted(struct str header, const struct str *offered, size_t n)
{
	size_t best = n;
	int best_weight = 0;

	while (header.n > 0) {
		struct str item, tag;

		(void)str_cut(&header, ',', &item);
		(void)str_cut(&item, ';', &tag);
		const int weight = weight_of(item);
		if (weight <= best_weight)
			continue;
		const size_t found = language_nearest(str_trim(tag), offered, n);
		if (found < n) {
			best = found;
			best_weight = weight;
		}
	}
	return best;
}

static bool is_language(struct str subtag)
{
	const char two[] = { subtag.n == 2 ? normalised_char(subtag.p[0]) : ' ',
		subtag.n == 2 ? normalised_char(subtag.p[1]) : ' ', ' ', '\0' };

	for (size_t i = 0; i < subtag.n; i++)
		if (!is_letter(subtag.p[i]))
			return false;
	if (subtag.n != 2)
		return subtag.n == 3;
	for (const char *p = iso_639_1_codes; *p; p += 3)
		if (memcmp(p, two, 3) == 0)
			return true;
	return false;
}

static bool is_subtag(struct str subtag)
{
	for (size_t i = 0; i < subtag.n; i++)
		if (!is_letter(subtag.p[i]) && !is_digit(subtag.p[i]))
			return false;
	return subtag.n >= 1 && subtag.n <= SUBTAG_MAX;
}

bool language_is_tag(struct str tag)
{
	struct str subtag;
	bool more, is_valid = tag.n <= TAG_MAX;

	more = str_cut(&tag, '-', &subtag);
	is_valid = is_valid && is_language(subtag);
	while (more && is_valid) {
		more = str_cut(&tag, '-', &subtag);
		is_valid = is_subtag(subtag);
	}
	return is_valid;
}

static bool is_in(struct str subtag, const struct str *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (tags_match(subtag, list[i]))
			return true;
	return false;
}

bool language_tag_is_rtl(struct str tag)
{
	static const struct str languages[] = { STR_INIT("ar"), STR_INIT("arc"), STR_INIT("ckb"),
		STR_INIT("dv"), STR_INIT("fa"), STR_INIT("he"), STR_INIT("iw"), STR_INIT("ks"),
		STR_INIT("ps"), STR_INIT("sd"), STR_INIT("ug"), STR_INIT("ur"), STR_INIT("yi") };
	static const struct str scripts[] = { STR_INIT("Adlm"), STR_INIT("Arab"), STR_INIT("Hebr"),
		STR_INIT("Nkoo"), STR_INIT("Syrc"), STR_INIT("Thaa") };
	const struct str language = primary_subtag(tag);
	const struct str rest = str_from(tag, language.n < tag.n ? language.n + 1 : tag.n);
	const struct str script = primary_subtag(rest);

	/* Only a script has four letters (RFC 5646 section 2.1; a variant of four begins with a digit). */
	if (script.n == 4 && is_letter(script.p[0]))
		return is_in(script, scripts, array_len(scripts));
	return is_in(language, languages, array_len(languages));
}
