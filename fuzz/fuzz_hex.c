/* Properties: a hex text is decoded to bytes that are encoded to the same text in lower case; bytes that are
 * encoded and decoded again do not change; a text with one digit more or less, or with another character, is
 * rejected. */
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "text/encode.h"

#define INPUT_MAX ((size_t)4096)

static unsigned char bytes[INPUT_MAX];
static char text[2 * INPUT_MAX + 1];

static void abort_unless(bool condition)
{
	if (!condition)
		abort();
}

static void check_text(struct str input)
{
	if (!hex_read(input, bytes, input.n / 2))
		return;
	hex_write(bytes, input.n / 2, text);
	abort_unless(str_eq_nocase((struct str){ text, strlen(text) }, input));
	abort_unless(!hex_read(input, bytes, input.n / 2 + 1));
	abort_unless(input.n == 0 || !hex_read(str_from(input, 1), bytes, input.n / 2));
}

static void check_bytes(const uint8_t *input, size_t size)
{
	hex_write(input, size, text);
	abort_unless(
		hex_read((struct str){ text, 2 * size }, bytes, size) && memcmp(bytes, input, size) == 0);
	if (size == 0)
		return;
	text[input[0] % (2 * size)] = (char)('g' + input[0] % 16);
	abort_unless(!hex_read((struct str){ text, 2 * size }, bytes, size));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size > INPUT_MAX)
		return 0;
	check_text((struct str){ (const char *)data, size });
	check_bytes(data, size);
	return 0;
}
