#include "words/words.h"

#include <assert.h>

#include "text/language.h"

#define WORD(key, en, pt_br, es)                                                                             \
	static_assert(sizeof(en) > 1 && sizeof(pt_br) > 1 && sizeof(es) > 1, "empty text: " #key);
#include "words/words.def"
#undef WORD

static const struct str texts[WORDS][LANGUAGES] = {
#define WORD(key, en, pt_br, es)                                                                             \
	[WORD_##key] = { [LANGUAGE_EN] = STR_INIT(en),                                                       \
		[LANGUAGE_PT_BR] = STR_INIT(pt_br),                                                          \
		[LANGUAGE_ES] = STR_INIT(es) },
#include "words/words.def"
#undef WORD
};

const struct str language_tags[LANGUAGES] = {
	[LANGUAGE_EN] = STR_INIT("en"),
	[LANGUAGE_PT_BR] = STR_INIT("pt-BR"),
	[LANGUAGE_ES] = STR_INIT("es"),
};

struct str word_in(enum language language, enum word word)
{
	return texts[word][language];
}

enum language words_choose(const struct str *wishes, size_t n)
{
	const size_t found = language_choose(wishes, n, language_tags, LANGUAGES);

	return found < LANGUAGES ? (enum language)found : LANGUAGE_EN;
}
