/* Colours of pages and e-mails, and their contrast as WCAG 2.2 defines it ("relative luminance", "contrast
 * ratio"). A tenant chooses one colour; whatever it is, text in it and on it must stay readable. Pure. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"

#define COLOUR_SIZE 8 /* "#rrggbb" and the final NUL */

/* Contrast that WCAG 2.2 asks for: of text (1.4.3, AA), and of parts of a page such as borders (1.4.11). */
#define COLOUR_CONTRAST_TEXT 4.5
#define COLOUR_CONTRAST_PART 3.0

struct colour {
	uint8_t red, green, blue;
};

/* Reads "#RRGGBB", in either case of the digits. Returns false for everything else and leaves `out` alone. */
bool colour_parse(struct str text, struct colour *out);
/* Writes "#rrggbb". */
void colour_format(struct colour colour, char out[COLOUR_SIZE]);
bool colour_eq(struct colour a, struct colour b);

/* Relative luminance in sRGB, from 0 (black) to 1 (white). */
double colour_luminance(struct colour colour);
/* Contrast ratio, from 1 (same luminance) to 21 (black and white). The order does not matter. */
double colour_contrast(struct colour a, struct colour b);

/* Returns `colour` if its contrast with `background` is at least `ratio`. Otherwise mixes it with as little
 * black (on a light background) or white (on a dark one) as is necessary. The same arguments give the same
 * result everywhere. If no mixture has the ratio, returns black or white; up to COLOUR_CONTRAST_TEXT there is
 * always one. */
struct colour colour_adjusted(struct colour colour, struct colour background, double ratio);
/* Returns black or white, whichever has more contrast with `background`; the contrast is at least 4.58. */
struct colour colour_of_text_on(struct colour background);
