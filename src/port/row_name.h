/* The name of a row for operators, as `kycd db check` prints it: the values of its key, separated by commas.
 * Texts are printed as they are, numbers in decimal and digests in hexadecimal digits. */
#pragma once

#include "port/record.h"

#define ROW_NAME_SIZE 256

/* Writes the name of a row, a struct of the record. A name that does not fit is cut off. */
void row_name_write(enum record_kind of, const void *row, char out[ROW_NAME_SIZE]);
