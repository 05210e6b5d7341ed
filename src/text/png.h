/* Checks that a file is a PNG picture (W3C PNG, ISO/IEC 15948): its signature, the order, lengths and
 * checksums of its chunks, and its dimensions. The compressed pixels are not read. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/str.h"

/* Bounds the memory that a program needs to show the picture: 1024 * 1024 pixels of 8 bytes. */
#define PNG_SIDE_MAX 1024

/* The result of png_check(): PNG_VALID, or what is wrong with the file. */
enum png_form {
	PNG_VALID,
	PNG_SIGNATURE,	/* not a PNG file at all */
	PNG_STRUCTURE,	/* a chunk is missing, cut off, unknown, or in the wrong place, or bytes follow the
			   last one */
	PNG_CHECKSUM,	/* the checksum of a chunk is wrong: the file is damaged */
	PNG_HEADER,	/* the header names a format that PNG does not have */
	PNG_DIMENSIONS, /* a side is 0 or longer than PNG_SIDE_MAX */
	PNG_ANIMATED,	/* an animated PNG (APNG) */
};

struct png_size {
	uint32_t width, height; /* in pixels */
};

/* Checks the whole file. Writes `out` only if it returns PNG_VALID. */
enum png_form png_check(struct str file, struct png_size *out) must_use;
/* Returns what a file with this fault must be instead, as static text that follows "must be ". */
const char *png_form_message(enum png_form form);
/* Returns the dimensions of a file that png_check() has accepted. */
struct png_size png_size(struct str file);
