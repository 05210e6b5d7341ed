#include "sandbox/state/ids.h"

#include <stdint.h>
#include <string.h>

#include "text/encode.h"

static enum err must_use random_fill(struct random *random, void *bytes, size_t n)
{
	return random->ops->fill(random, bytes, n);
}

enum err uuid_make(struct random *random, char out[37])
{
	static const struct {
		size_t from, to, n;
	} groups[] = { { 0, 0, 8 }, { 8, 9, 4 }, { 12, 14, 4 }, { 16, 19, 4 }, { 20, 24, 12 } };
	unsigned char bytes[16];
	char hex[33];

	TRY(random_fill(random, bytes, sizeof(bytes)));
	bytes[6] = (unsigned char)((bytes[6] & 0x0F) | 0x40);
	bytes[8] = (unsigned char)((bytes[8] & 0x3F) | 0x80);
	hex_write(bytes, sizeof(bytes), hex);
	memset(out, '-', 36);
	for (size_t i = 0; i < sizeof(groups) / sizeof(groups[0]); i++)
		memcpy(out + groups[i].to, hex + groups[i].from, groups[i].n);
	out[36] = 0;
	return OK;
}

enum err session_token_make(struct random *random, char out[13])
{
	/* 62^6; because 64 random bits are used, the modulo bias is below 2^-28. */
	const uint64_t six_digits = 56800235584;
	uint64_t halves[2];

	TRY(random_fill(random, halves, sizeof(halves)));
	base62_write(halves[0] % six_digits, out, 6);
	base62_write(halves[1] % six_digits, out + 6, 6);
	out[12] = 0;
	return OK;
}

enum err access_token_make(struct random *random, char out[ACCESS_TOKEN_SIZE])
{
	unsigned char bytes[32];

	TRY(random_fill(random, bytes, sizeof(bytes)));
	hex_write(bytes, sizeof(bytes), out);
	explicit_bzero(bytes, sizeof(bytes));
	return OK;
}

enum err webhook_secret_make(struct random *random, char out[WEBHOOK_SECRET_SIZE])
{
	static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
	unsigned char bytes[WEBHOOK_SECRET_SIZE - 1];

	TRY(random_fill(random, bytes, sizeof(bytes)));
	for (size_t i = 0; i < sizeof(bytes); i++)
		out[i] = alphabet[bytes[i] % 64];
	out[sizeof(bytes)] = 0;
	explicit_bzero(bytes, sizeof(bytes));
	return OK;
}
