#include "text/png.h"

#include <string.h>

#define SIGNATURE "\x89PNG\r\n\x1a\n"
#define SIGNATURE_SIZE 8
#define CHUNK_OVERHEAD 12 /* length, type and checksum */
#define HEADER_SIZE 13
#define PALETTE_COLOUR 3 /* colour type whose pixels are indices of the palette */

struct chunk {
	const unsigned char *type; /* 4 letters */
	const unsigned char *content;
	uint32_t n;
};

/* What was read so far. */
struct reader {
	struct str rest;
	bool has_palette, needs_palette;
	/* the picture has begun, and whether another chunk ended it */
	bool has_pixels, pixels_ended;
};

static uint32_t read_u32(const unsigned char *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

/* CRC-32 as in PNG, annex D, without a table: a logo has a few kilobytes. */
static uint32_t checksum(const unsigned char *p, size_t n)
{
	uint32_t crc = UINT32_MAX;

	for (size_t i = 0; i < n; i++) {
		crc ^= p[i];
		for (int bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? 0xedb88320U : 0);
	}
	return ~crc;
}

static bool is_letter(unsigned char c)
{
	const unsigned char lower = c | 0x20;

	return lower >= 'a' && lower <= 'z';
}

/* Removes the next chunk from the front of the file. */
static enum png_form next_chunk(struct reader *reader, struct chunk *out)
{
	const unsigned char *const p = (const unsigned char *)reader->rest.p;

	if (reader->rest.n < CHUNK_OVERHEAD || read_u32(p) > reader->rest.n - CHUNK_OVERHEAD)
		return PNG_STRUCTURE;
	*out = (struct chunk){ p + 4, p + 8, read_u32(p) };
	for (size_t i = 0; i < 4; i++)
		if (!is_letter(out->type[i]))
			return PNG_STRUCTURE;
	if (checksum(out->type, 4 + (size_t)out->n) != read_u32(out->content + out->n))
		return PNG_CHECKSUM;
	reader->rest = str_from(reader->rest, CHUNK_OVERHEAD + (size_t)out->n);
	return PNG_VALID;
}

static bool chunk_is(const struct chunk *chunk, const char *type)
{
	return memcmp(chunk->type, type, 4) == 0;
}

/* Whether PNG has this combination of colour type and bit depth (PNG, table 11.1). */
static bool depth_is_valid(unsigned char depth, unsigned char colour_type)
{
	/* a bit for each depth: 1 << depth */
	static const uint32_t depths[] = {
		[0] = 1U << 1 | 1U << 2 | 1U << 4 | 1U << 8 | 1U << 16,
		[2] = 1U << 8 | 1U << 16,
		[PALETTE_COLOUR] = 1U << 1 | 1U << 2 | 1U << 4 | 1U << 8,
		[4] = 1U << 8 | 1U << 16,
		[6] = 1U << 8 | 1U << 16,
	};

	return colour_type < array_len(depths) && depth <= 16 && (depths[colour_type] & 1U << depth) != 0;
}

static enum png_form read_header(struct reader *reader, struct png_size *out)
{
	struct chunk chunk;
	const enum png_form form = next_chunk(reader, &chunk);

	if (form != PNG_VALID)
		return form;
	if (!chunk_is(&chunk, "IHDR") || chunk.n != HEADER_SIZE)
		return PNG_STRUCTURE;
	const unsigned char *const p = chunk.content;
	*out = (struct png_size){ read_u32(p), read_u32(p + 4) };
	if (!depth_is_valid(p[8], p[9]) || p[10] != 0 || p[11] != 0 || p[12] > 1)
		return PNG_HEADER;
	reader->needs_palette = p[9] == PALETTE_COLOUR;
	const bool fits = out->width > 0 && out->width <= PNG_SIDE_MAX && out->height > 0 &&
			  out->height <= PNG_SIDE_MAX;
	return fits ? PNG_VALID : PNG_DIMENSIONS;
}

static enum png_form read_palette(struct reader *reader, const struct chunk *chunk)
{
	if (reader->has_palette || reader->has_pixels || chunk->n == 0 || chunk->n % 3 != 0 ||
		chunk->n > 256 * 3)
		return PNG_STRUCTURE;
	reader->has_palette = true;
	return PNG_VALID;
}

/* The chunks with pixels must follow each other directly. */
static enum png_form read_pixels(struct reader *reader, const struct chunk *chunk)
{
	(void)chunk;
	if (reader->pixels_ended || (reader->needs_palette && !reader->has_palette))
		return PNG_STRUCTURE;
	reader->has_pixels = true;
	return PNG_VALID;
}

static enum png_form read_end(struct reader *reader, const struct chunk *chunk)
{
	return chunk->n == 0 && reader->has_pixels && reader->rest.n == 0 ? PNG_VALID : PNG_STRUCTURE;
}

static enum png_form refuse_animation(struct reader *reader, const struct chunk *chunk)
{
	(void)reader;
	(void)chunk;
	return PNG_ANIMATED;
}

static const struct {
	const char *type;
	enum png_form (*read)(struct reader *reader, const struct chunk *chunk);
} chunk_readers[] = {
	{ "PLTE", read_palette },
	{ "IDAT", read_pixels },
	{ "IEND", read_end },
	{ "acTL", refuse_animation },
	{ "fcTL", refuse_animation },
	{ "fdAT", refuse_animation },
};

/* Reads a chunk after the header. A chunk whose type begins with a lower-case letter may be unknown: the
 * picture is complete without it (PNG, 5.4). */
static enum png_form read_chunk(struct reader *reader, const struct chunk *chunk)
{
	if (reader->has_pixels && !chunk_is(chunk, "IDAT"))
		reader->pixels_ended = true;
	for (size_t i = 0; i < array_len(chunk_readers); i++)
		if (chunk_is(chunk, chunk_readers[i].type))
			return chunk_readers[i].read(reader, chunk);
	return (chunk->type[0] & 0x20) != 0 ? PNG_VALID : PNG_STRUCTURE;
}

enum png_form png_check(struct str file, struct png_size *out)
{
	struct reader reader = { .rest = str_from(file, SIGNATURE_SIZE) };
	struct png_size size;
	struct chunk chunk;

	if (!str_starts(file, STR(SIGNATURE)))
		return PNG_SIGNATURE;
	enum png_form form = read_header(&reader, &size);
	do {
		if (form == PNG_VALID)
			form = next_chunk(&reader, &chunk);
		if (form == PNG_VALID)
			form = read_chunk(&reader, &chunk);
		if (form != PNG_VALID)
			return form;
	} while (!chunk_is(&chunk, "IEND"));
	*out = size;
	return PNG_VALID;
}

const char *png_form_message(enum png_form form)
{
	static const char *const messages[] = {
		[PNG_VALID] = "",
		[PNG_SIGNATURE] = "a PNG picture",
		[PNG_STRUCTURE] = "a complete PNG picture with nothing after it: export it again",
		[PNG_CHECKSUM] = "an undamaged PNG picture: export it again",
		[PNG_HEADER] = "a PNG picture in a format that PNG defines: export it again",
		[PNG_DIMENSIONS] = "a PNG picture with at most 1024 pixels on each side",
		[PNG_ANIMATED] = "a PNG picture without animation",
	};

	return messages[form];
}

struct png_size png_size(struct str file)
{
	const unsigned char *const header = (const unsigned char *)file.p + SIGNATURE_SIZE + 8;

	return (struct png_size){ read_u32(header), read_u32(header + 4) };
}
