/* Maps SQLite's result codes to enum err. Pure. */
#pragma once

#include "base/err.h"

/* Returns the error for a primary or extended result code. Codes without a specific error return
 * ERR_STORAGE. */
enum err sqlite_code_err(int code) must_use;
