#include "domain/colour.h"

#define CHANNEL_MAX 255

static const struct colour black = { 0, 0, 0 };
static const struct colour white = { CHANNEL_MAX, CHANNEL_MAX, CHANNEL_MAX };

/* The value of a hexadecimal digit, or -1. */
static int hex_digit_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	char lower = (char)(c | 0x20);
	return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

bool colour_parse(struct str text, struct colour *out)
{
	if (text.n != COLOUR_SIZE - 1 || text.p[0] != '#')
		return false;
	uint8_t channels[3];
	for (size_t i = 0; i < 3; i++) {
		int high = hex_digit_value(text.p[1 + 2 * i]), low = hex_digit_value(text.p[2 + 2 * i]);
		if (high < 0 || low < 0)
			return false;
		channels[i] = (uint8_t)(high * 16 + low);
	}
	*out = (struct colour){ channels[0], channels[1], channels[2] };
	return true;
}

void colour_format(struct colour colour, char out[COLOUR_SIZE])
{
	static const char digits[] = "0123456789abcdef";
	const uint8_t channels[3] = { colour.red, colour.green, colour.blue };
	out[0] = '#';
	for (size_t i = 0; i < 3; i++) {
		out[1 + 2 * i] = digits[channels[i] / 16];
		out[2 + 2 * i] = digits[channels[i] % 16];
	}
	out[COLOUR_SIZE - 1] = '\0';
}

bool colour_eq(struct colour a, struct colour b)
{
	return a.red == b.red && a.green == b.green && a.blue == b.blue;
}

/* x to the power 2.4, for 0 < x <= 1. x^2.4 = x^2 * y, where y^5 = x^2; y is found with Newton's method from
 * above, which converges from one side. The C library's pow is not used, because domain/ calls no library
 * functions, and because its last digits differ between systems. */
static double power_2_4(double x)
{
	double square = x * x;
	double root = 1;
	for (int i = 0; i < 60; i++) {
		double fourth = root * root * root * root;
		double next = root - (root * fourth - square) / (5 * fourth);
		if (next >= root)
			break;
		root = next;
	}
	return square * root;
}

/* Linear intensity of an sRGB channel (WCAG 2.2, "relative luminance"). */
static double linear_channel(uint8_t channel)
{
	double value = (double)channel / CHANNEL_MAX;
	return value <= 0.04045 ? value / 12.92 : power_2_4((value + 0.055) / 1.055);
}

double colour_luminance(struct colour colour)
{
	return 0.2126 * linear_channel(colour.red) + 0.7152 * linear_channel(colour.green) +
	       0.0722 * linear_channel(colour.blue);
}

double colour_contrast(struct colour a, struct colour b)
{
	double la = colour_luminance(a), lb = colour_luminance(b);
	return la > lb ? (la + 0.05) / (lb + 0.05) : (lb + 0.05) / (la + 0.05);
}

struct colour colour_of_text_on(struct colour background)
{
	return colour_contrast(background, white) > colour_contrast(background, black) ? white : black;
}

static uint8_t mixed_channel(uint8_t from, uint8_t to, int share)
{
	return (uint8_t)((from * (CHANNEL_MAX - share) + to * share + CHANNEL_MAX / 2) / CHANNEL_MAX);
}

struct colour colour_adjusted(struct colour colour, struct colour background, double ratio)
{
	struct colour target = colour_of_text_on(background);
	for (int share = 0; share < CHANNEL_MAX; share++) {
		struct colour mixed = {
			mixed_channel(colour.red, target.red, share),
			mixed_channel(colour.green, target.green, share),
			mixed_channel(colour.blue, target.blue, share),
		};
		if (colour_contrast(mixed, background) >= ratio)
			return mixed;
	}
	return target;
}
