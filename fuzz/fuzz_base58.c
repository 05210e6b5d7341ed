/* A text is read as bytes that are written as that text again, and bytes are written as a text that is read
 * as them; into room for them and not into a byte less. */
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "text/base58.h"

static unsigned char bytes[BASE58_BYTES_MAX];
static char text[BASE58_TEXT(BASE58_BYTES_MAX) + 1];

static void must(bool holds)
{
	if (!holds)
		abort();
}

static void text_comes_back(struct str given)
{
	size_t n = 0, again = 0;

	if (!base58_read(given, bytes, sizeof(bytes), &n))
		return;
	must(n <= sizeof(bytes) && base58_write(bytes, n, text) == given.n);
	must(memcmp(text, given.p, given.n) == 0 && text[given.n] == '\0');
	must(base58_read(given, bytes, n, &again) && again == n);
	must(n == 0 || !base58_read(given, bytes, n - 1, &again));
}

static void bytes_come_back(const uint8_t *given, size_t size)
{
	size_t n = 0;

	const size_t length = base58_write(given, size, text);
	must(length <= BASE58_TEXT(size) && strlen(text) == length);
	must(base58_read((struct str){ text, length }, bytes, size, &n));
	must(n == size && memcmp(bytes, given, size) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size == 0)
		return 0;
	text_comes_back((struct str){ (const char *)data, size });
	if (size <= BASE58_BYTES_MAX)
		bytes_come_back(data, size);
	return 0;
}
