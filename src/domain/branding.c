#include "domain/branding.h"

#include <string.h>

#include "domain/printable.h"

static const struct digest no_digest;

static bool digest_is_set(const struct digest *digest)
{
	return memcmp(digest->bytes, no_digest.bytes, sizeof(no_digest.bytes)) != 0;
}

bool branding_has_colour(const struct branding *branding)
{
	return branding->colour[0] != '\0';
}

bool branding_has_logo(const struct branding *branding)
{
	return digest_is_set(&branding->logo_digest);
}

bool branding_has_consent_text(const struct branding *branding)
{
	return digest_is_set(&branding->consent_digest);
}

bool branding_is_set(const struct branding *branding)
{
	return branding_has_colour(branding) || branding_has_logo(branding) ||
	       branding_has_consent_text(branding) || branding->support_url[0] != '\0' ||
	       branding->privacy_url[0] != '\0';
}

struct accent accent_of(struct colour colour)
{
	return (struct accent){
		.light = colour_adjusted(colour, BACKGROUND_LIGHT, COLOUR_CONTRAST_TEXT),
		.dark = colour_adjusted(colour, BACKGROUND_DARK, COLOUR_CONTRAST_TEXT),
	};
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* Returns the number of blanks at the start of the text. `*lines` gets the number of line ends among them. */
static size_t count_blanks(struct str text, size_t *lines)
{
	size_t n = 0;

	for (*lines = 0; n < text.n && is_blank(text.p[n]); n++)
		*lines += text.p[n] == '\n';
	return n;
}

enum consent_text_form consent_text_read(struct str text, char out[CONSENT_TEXT_SIZE_MAX + 1])
{
	char line[CONSENT_TEXT_SIZE_MAX + 1];
	size_t n = 0, lines;

	text = str_trim(text);
	if (text.n == 0)
		return CONSENT_TEXT_EMPTY;
	for (size_t i = 0; i < text.n;) {
		const size_t blanks = count_blanks(str_from(text, i), &lines);

		if (lines > 1)
			return CONSENT_TEXT_PARAGRAPHS;
		if (n == CONSENT_TEXT_SIZE_MAX)
			return CONSENT_TEXT_TOO_LONG;
		line[n++] = blanks > 0 ? ' ' : text.p[i];
		i += blanks > 0 ? blanks : 1;
	}
	line[n] = '\0';
	if (!printable_is_valid((struct str){ line, n }, CONSENT_TEXT_SIZE_MAX))
		return CONSENT_TEXT_CHARACTERS;
	memcpy(out, line, n + 1);
	return CONSENT_TEXT_VALID;
}

const char *consent_text_form_message(enum consent_text_form form)
{
	static const char *const messages[] = {
		[CONSENT_TEXT_VALID] = "",
		[CONSENT_TEXT_EMPTY] = "a file with a text",
		[CONSENT_TEXT_TOO_LONG] = "a text of at most 2000 bytes",
		[CONSENT_TEXT_PARAGRAPHS] = "one paragraph, without empty lines",
		[CONSENT_TEXT_CHARACTERS] = "plain text in UTF-8 without control characters",
	};

	return messages[form];
}
