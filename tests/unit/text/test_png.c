#include "text/png.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <string.h>

/* A PNG file that a test puts together chunk by chunk. */
struct file {
	unsigned char bytes[2048];
	size_t n;
};

static void add_bytes(struct file *file, const void *bytes, size_t n)
{
	assert_true(file->n + n <= sizeof(file->bytes));
	memcpy(file->bytes + file->n, bytes, n);
	file->n += n;
}

static void add_u32(struct file *file, uint32_t value)
{
	const unsigned char bytes[4] = { (unsigned char)(value >> 24), (unsigned char)(value >> 16),
		(unsigned char)(value >> 8), (unsigned char)value };

	add_bytes(file, bytes, 4);
}

/* CRC-32 by polynomial division over whole bits, from the most significant one of the reflected message. */
static uint32_t crc_of(const unsigned char *p, size_t n)
{
	uint32_t crc = 0xffffffff;

	for (size_t i = 0; i < n * 8; i++) {
		const uint32_t bit = p[i / 8] >> i % 8 & 1;

		crc = crc >> 1 ^ ((crc ^ bit) & 1 ? 0xedb88320 : 0);
	}
	return ~crc;
}

static void add_chunk(struct file *file, const char *type, const void *content, size_t n)
{
	add_u32(file, (uint32_t)n);
	const size_t from = file->n;
	add_bytes(file, type, 4);
	add_bytes(file, content, n);
	add_u32(file, crc_of(file->bytes + from, file->n - from));
}

static void add_header(struct file *file, uint32_t width, uint32_t height, const char rest[5])
{
	struct file content = { .n = 0 };

	add_u32(&content, width);
	add_u32(&content, height);
	add_bytes(&content, rest, 5);
	add_chunk(file, "IHDR", content.bytes, content.n);
}

#define RGB "\x08\x02\0\0\0"
#define PALETTE "\x08\x03\0\0\0"

static struct file begin(uint32_t width, uint32_t height, const char rest[5])
{
	struct file file = { .n = 0 };

	add_bytes(&file, "\x89PNG\r\n\x1a\n", 8);
	add_header(&file, width, height, rest);
	return file;
}

/* Adds chunks without content; a palette gets one colour. */
static void add_chunks(struct file *file, const char *const *types)
{
	for (; *types; types++)
		add_chunk(file, *types, "abc", strcmp(*types, "PLTE") == 0 ? 3 : 0);
}

static enum png_form check(const struct file *file, struct png_size *size)
{
	return png_check((struct str){ (const char *)file->bytes, file->n }, size);
}

/* A picture of 2 by 1 grey pixels, written by another program (Python's zlib). */
static const unsigned char grey[] = { 0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0x00, 0x00, 0x00, 0x0d,
	0x49, 0x48, 0x44, 0x52, 0x00, 0x00, 0x00, 0x02, 0x00, 0x00, 0x00, 0x01, 0x08, 0x00, 0x00, 0x00, 0x00,
	0xd1, 0x49, 0x20, 0x56, 0x00, 0x00, 0x00, 0x0b, 0x49, 0x44, 0x41, 0x54, 0x78, 0x9c, 0x63, 0x10, 0xf8,
	0x00, 0x00, 0x01, 0x13, 0x01, 0x01, 0x75, 0x5b, 0x66, 0xfc, 0x00, 0x00, 0x00, 0x00, 0x49, 0x45, 0x4e,
	0x44, 0xae, 0x42, 0x60, 0x82 };

static void a_picture_of_another_program_is_accepted_and_every_cut_refused(void **state)
{
	struct png_size size = { 0 };
	const struct str file = { (const char *)grey, sizeof(grey) };

	(void)state;
	assert_int_equal(png_check(file, &size), PNG_VALID);
	assert_int_equal(size.width, 2);
	assert_int_equal(size.height, 1);
	assert_int_equal(png_size(file).width, 2);
	assert_int_equal(png_size(file).height, 1);
	for (size_t n = 0; n < file.n; n++) {
		struct png_size untouched = { 7, 7 };

		assert_int_equal(png_check((struct str){ file.p, n }, &untouched),
			n < 8 ? PNG_SIGNATURE : PNG_STRUCTURE);
		assert_int_equal(untouched.width, 7);
	}
}

static void a_changed_bit_anywhere_is_noticed(void **state)
{
	struct png_size size;

	(void)state;
	for (size_t bit = 0; bit < sizeof(grey) * 8; bit++) {
		unsigned char copy[sizeof(grey)];

		memcpy(copy, grey, sizeof(grey));
		copy[bit / 8] ^= (unsigned char)(1U << bit % 8);
		assert_int_not_equal(
			png_check((struct str){ (const char *)copy, sizeof(copy) }, &size), PNG_VALID);
	}
}

static const struct {
	const char *name;
	uint32_t width, height;
	const char *header; /* depth, colour type, compression, filter, interlace */
	const char *chunks[8];
	enum png_form form;
} rows[] = {
	{ "smallest", 1, 1, RGB, { "IDAT", "IEND" }, PNG_VALID },
	{ "largest", 1024, 1024, RGB, { "IDAT", "IEND" }, PNG_VALID },
	{ "no width", 0, 1, RGB, { "IDAT", "IEND" }, PNG_DIMENSIONS },
	{ "no height", 1, 0, RGB, { "IDAT", "IEND" }, PNG_DIMENSIONS },
	{ "too wide", 1025, 1, RGB, { "IDAT", "IEND" }, PNG_DIMENSIONS },
	{ "too high", 1, 1025, RGB, { "IDAT", "IEND" }, PNG_DIMENSIONS },
	{ "beyond 31 bits", 0xffffffff, 1, RGB, { "IDAT", "IEND" }, PNG_DIMENSIONS },
	{ "depth 16", 1, 1, "\x10\x02\0\0\0", { "IDAT", "IEND" }, PNG_VALID },
	{ "interlaced", 1, 1, "\x08\x02\0\0\x01", { "IDAT", "IEND" }, PNG_VALID },
	{ "depth 4 of colours", 1, 1, "\x04\x02\0\0\0", { "IDAT", "IEND" }, PNG_HEADER },
	{ "depth 3", 1, 1, "\x03\0\0\0\0", { "IDAT", "IEND" }, PNG_HEADER },
	{ "depth 0", 1, 1, "\0\0\0\0\0", { "IDAT", "IEND" }, PNG_HEADER },
	{ "depth 255", 1, 1, "\xff\0\0\0\0", { "IDAT", "IEND" }, PNG_HEADER },
	{ "colour type 1", 1, 1, "\x08\x01\0\0\0", { "IDAT", "IEND" }, PNG_HEADER },
	{ "colour type 7", 1, 1, "\x08\x07\0\0\0", { "IDAT", "IEND" }, PNG_HEADER },
	{ "compression 1", 1, 1, "\x08\x02\x01\0\0", { "IDAT", "IEND" }, PNG_HEADER },
	{ "filter 1", 1, 1, "\x08\x02\0\x01\0", { "IDAT", "IEND" }, PNG_HEADER },
	{ "interlace 2", 1, 1, "\x08\x02\0\0\x02", { "IDAT", "IEND" }, PNG_HEADER },
	{ "palette of 16 bits", 1, 1, "\x10\x03\0\0\0", { "PLTE", "IDAT", "IEND" }, PNG_HEADER },
	{ "palette", 1, 1, PALETTE, { "PLTE", "tRNS", "IDAT", "IEND" }, PNG_VALID },
	{ "palette of 1 bit", 1, 1, "\x01\x03\0\0\0", { "PLTE", "IDAT", "IEND" }, PNG_VALID },
	{ "palette missing", 1, 1, PALETTE, { "IDAT", "IEND" }, PNG_STRUCTURE },
	{ "palette too late", 1, 1, PALETTE, { "IDAT", "PLTE", "IEND" }, PNG_STRUCTURE },
	{ "two palettes", 1, 1, PALETTE, { "PLTE", "PLTE", "IDAT", "IEND" }, PNG_STRUCTURE },
	{ "several parts of pixels", 1, 1, RGB, { "IDAT", "IDAT", "IDAT", "IEND" }, PNG_VALID },
	{ "pixels in two places", 1, 1, RGB, { "IDAT", "tEXt", "IDAT", "IEND" }, PNG_STRUCTURE },
	{ "no pixels", 1, 1, RGB, { "tEXt", "IEND" }, PNG_STRUCTURE },
	{ "no end", 1, 1, RGB, { "IDAT", "tEXt" }, PNG_STRUCTURE },
	{ "two ends", 1, 1, RGB, { "IDAT", "IEND", "IEND" }, PNG_STRUCTURE },
	{ "two headers", 1, 1, RGB, { "IHDR", "IDAT", "IEND" }, PNG_STRUCTURE },
	{ "unknown, needed", 1, 1, RGB, { "ABCD", "IDAT", "IEND" }, PNG_STRUCTURE },
	{ "unknown, not needed", 1, 1, RGB, { "abCD", "IDAT", "abCD", "IEND" }, PNG_VALID },
	{ "type that is no word", 1, 1, RGB, { "ID4T", "IDAT", "IEND" }, PNG_STRUCTURE },
	{ "animation", 1, 1, RGB, { "acTL", "fcTL", "IDAT", "fdAT", "IEND" }, PNG_ANIMATED },
	{ "later frame", 1, 1, RGB, { "IDAT", "fdAT", "IEND" }, PNG_ANIMATED },
	{ "frame control", 1, 1, RGB, { "fcTL", "IDAT", "IEND" }, PNG_ANIMATED },
};

static void each_rule_of_the_format_is_checked(void **state)
{
	(void)state;
	for (size_t i = 0; i < array_len(rows); i++) {
		struct png_size size = { 7, 7 };
		struct file file = begin(rows[i].width, rows[i].height, rows[i].header);

		print_message("# %s\n", rows[i].name);
		add_chunks(&file, rows[i].chunks);
		assert_int_equal(check(&file, &size), rows[i].form);
		assert_int_equal(size.width, rows[i].form == PNG_VALID ? rows[i].width : 7);
	}
}

static void a_palette_has_1_to_256_colours(void **state)
{
	static const struct {
		size_t n;
		enum png_form form;
	} palettes[] = { { 0, PNG_STRUCTURE }, { 3, PNG_VALID }, { 4, PNG_STRUCTURE }, { 768, PNG_VALID },
		{ 771, PNG_STRUCTURE } };
	static const unsigned char colours[771];

	(void)state;
	for (size_t i = 0; i < array_len(palettes); i++) {
		struct png_size size;
		struct file file = begin(1, 1, PALETTE);

		add_chunk(&file, "PLTE", colours, palettes[i].n);
		add_chunks(&file, (const char *const[]){ "IDAT", "IEND", NULL });
		assert_int_equal(check(&file, &size), palettes[i].form);
	}
}

static void headers_of_other_sizes_and_bytes_after_the_end_are_refused(void **state)
{
	struct png_size size;
	struct file file = { .n = 0 };

	(void)state;
	add_bytes(&file, "\x89PNG\r\n\x1a\n", 8);
	add_chunk(&file, "IHDR", "\0\0\0\x01\0\0\0\x01\x08\x02\0\0\0\0", 14);
	add_chunks(&file, (const char *const[]){ "IDAT", "IEND", NULL });
	assert_int_equal(check(&file, &size), PNG_STRUCTURE);

	file = begin(1, 1, RGB);
	add_chunks(&file, (const char *const[]){ "IDAT", NULL });
	add_chunk(&file, "IEND", "x", 1);
	assert_int_equal(check(&file, &size), PNG_STRUCTURE);

	file = begin(1, 1, RGB);
	add_chunks(&file, (const char *const[]){ "IDAT", "IEND", NULL });
	add_bytes(&file, "<", 1);
	assert_int_equal(check(&file, &size), PNG_STRUCTURE);

	file = begin(1, 1, RGB);
	add_u32(&file, 0xffffffff); /* a length beyond the file */
	add_bytes(&file, "IDAT\0\0\0\0", 8);
	assert_int_equal(check(&file, &size), PNG_STRUCTURE);
}

static void every_fault_has_a_message(void **state)
{
	(void)state;
	for (int form = PNG_SIGNATURE; form <= PNG_ANIMATED; form++)
		assert_true(strlen(png_form_message((enum png_form)form)) > 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_picture_of_another_program_is_accepted_and_every_cut_refused),
		cmocka_unit_test(a_changed_bit_anywhere_is_noticed),
		cmocka_unit_test(each_rule_of_the_format_is_checked),
		cmocka_unit_test(a_palette_has_1_to_256_colours),
		cmocka_unit_test(headers_of_other_sizes_and_bytes_after_the_end_are_refused),
		cmocka_unit_test(every_fault_has_a_message),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
