#include "i18n/messages.h"

#include <assert.h>

#include "text/language.h"

#define HAS_TEXT(text) (sizeof(text) > 1)
#define MESSAGE(key, en, pt_br, es, fr, de, ar)                                                              \
	static_assert(HAS_TEXT(en) && HAS_TEXT(pt_br) && HAS_TEXT(es) && HAS_TEXT(fr) && HAS_TEXT(de) &&     \
			      HAS_TEXT(ar),                                                                  \
		"empty text: " #key);
#include "i18n/messages.def"
#undef MESSAGE

static const struct str texts[MESSAGE_COUNT][LANGUAGES] = {
#define MESSAGE(key, en, pt_br, es, fr, de, ar)                                                              \
	[MESSAGE_##key] = { [LANGUAGE_EN] = STR_INIT(en),                                                    \
		[LANGUAGE_PT_BR] = STR_INIT(pt_br),                                                          \
		[LANGUAGE_ES] = STR_INIT(es),                                                                \
		[LANGUAGE_FR] = STR_INIT(fr),                                                                \
		[LANGUAGE_DE] = STR_INIT(de),                                                                \
		[LANGUAGE_AR] = STR_INIT(ar) },
#include "i18n/messages.def"
#undef MESSAGE
};

const struct str language_tags[LANGUAGES] = {
	[LANGUAGE_EN] = STR_INIT("en"),
	[LANGUAGE_PT_BR] = STR_INIT("pt-BR"),
	[LANGUAGE_ES] = STR_INIT("es"),
	[LANGUAGE_FR] = STR_INIT("fr"),
	[LANGUAGE_DE] = STR_INIT("de"),
	[LANGUAGE_AR] = STR_INIT("ar"),
};

bool language_is_rtl(enum language language)
{
	return language_tag_is_rtl(language_tags[language]);
}

struct str message_text(enum language language, enum message_id message)
{
	return texts[message][language];
}

enum language language_for(const struct str *preferred, size_t n)
{
	const size_t found = language_choose(preferred, n, language_tags, LANGUAGES);

	return found < LANGUAGES ? (enum language)found : LANGUAGE_EN;
}
