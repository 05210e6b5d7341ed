/* What SQLite's result codes mean to us. */
#pragma once

#include "base/err.h"

/* ERR_STORAGE: none that has a word of its own; the caller says what it was. */
enum err sqlite_code_err(int code) must_use;
