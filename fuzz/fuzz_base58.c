/* Properties: a text that can be decoded is encoded to the same text again; bytes are encoded to a text that
 * is decoded to the same bytes; decoding succeeds with a buffer of exactly the right size and fails with one
 * byte less. */
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "text/base58.h"

static unsigned char bytes[BASE58_BYTES_MAX];
static char text[BASE58_TEXT(BASE58_BYTES_MAX) + 1];

static void abort_unless(bool condition)
{
	if (!condition)
		abort();
}

static void check_text(struct str input)
{
	size_t n = 0, again = 0;

	if (!base58_read(input, bytes, sizeof(bytes), &n))
		return;
	abort_unless(n <= sizeof(bytes) && base58_write(bytes, n, text) == input.n);
	abort_unless(memcmp(text, input.p, input.n) == 0 && text[input.n] == '\0');
	abort_unless(base58_read(input, bytes, n, &again) && again == n);
	abort_unless(n == 0 || !base58_read(input, bytes, n - 1, &again));
}

static void check_bytes(const uint8_t *input, size_t size)
{
	size_t n = 0;

	const size_t length = base58_write(input, size, text);
	abort_unless(length <= BASE58_TEXT(size) && strlen(text) == length);
	abort_unless(base58_read((struct str){ text, length }, bytes, size, &n));
	abort_unless(n == size && memcmp(bytes, input, size) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size == 0)
		return 0;
	check_text((struct str){ (const char *)data, size });
	if (size <= BASE58_BYTES_MAX)
		check_bytes(data, size);
	return 0;
}
