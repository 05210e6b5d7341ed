/* A text that is hex is read as bytes that are written as that text in lower case, and bytes come back; with
 * a digit more or less, or another character anywhere, it is none. */
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "text/encode.h"

#define MAX ((size_t)4096)

static unsigned char bytes[MAX];
static char text[2 * MAX + 1];

static void must(bool holds)
{
	if (!holds)
		abort();
}

static void text_comes_back(struct str given)
{
	if (!hex_read(given, bytes, given.n / 2))
		return;
	hex_write(bytes, given.n / 2, text);
	must(str_eq_nocase((struct str){ text, strlen(text) }, given));
	must(!hex_read(given, bytes, given.n / 2 + 1));
	must(given.n == 0 || !hex_read(str_from(given, 1), bytes, given.n / 2));
}

static void bytes_come_back(const uint8_t *given, size_t size)
{
	hex_write(given, size, text);
	must(hex_read((struct str){ text, 2 * size }, bytes, size) && memcmp(bytes, given, size) == 0);
	if (size == 0)
		return;
	text[given[0] % (2 * size)] = (char)('g' + given[0] % 16);
	must(!hex_read((struct str){ text, 2 * size }, bytes, size));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size > MAX)
		return 0;
	text_comes_back((struct str){ (const char *)data, size });
	bytes_come_back(data, size);
	return 0;
}
