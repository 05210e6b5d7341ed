#include "i18n/messages.h"

#include <assert.h>

#include "text/language.h"

#define MESSAGE(key, en, pt_br, es)                                                                          \
	static_assert(sizeof(en) > 1 && sizeof(pt_br) > 1 && sizeof(es) > 1, "empty text: " #key);
#include "i18n/messages.def"
#undef MESSAGE

static const struct str texts[MESSAGE_COUNT][LANGUAGES] = {
#define MESSAGE(key, en, pt_br, es)                                                                          \
	[MESSAGE_##key] = { [LANGUAGE_EN] = STR_INIT(en),                                                    \
		[LANGUAGE_PT_BR] = STR_INIT(pt_br),                                                          \
		[LANGUAGE_ES] = STR_INIT(es) },
#include "i18n/messages.def"
#undef MESSAGE
};

const struct str language_tags[LANGUAGES] = {
	[LANGUAGE_EN] = STR_INIT("en"),
	[LANGUAGE_PT_BR] = STR_INIT("pt-BR"),
	[LANGUAGE_ES] = STR_INIT("es"),
};

struct str message_text(enum language language, enum message_id message)
{
	return texts[message][language];
}

enum language language_for(const struct str *preferred, size_t n)
{
	const size_t found = language_choose(preferred, n, language_tags, LANGUAGES);

	return found < LANGUAGES ? (enum language)found : LANGUAGE_EN;
}
