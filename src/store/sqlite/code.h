/* Maps SQLite's result codes to enum err. Pure. */
#pragma once

#include "base/err.h"

/* Accepts primary and extended result codes. Codes without an error of their own give ERR_STORAGE. */
enum err sqlite_code_err(int code) must_use;
