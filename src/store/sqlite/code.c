#include "store/sqlite/code.h"

#include <sqlite3.h>

enum err sqlite_code_err(int code)
{
	switch (code & 0xff) {
	case SQLITE_OK:
	case SQLITE_ROW:
	case SQLITE_DONE:
		return OK;
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return ERR_BUSY;
	case SQLITE_NOTADB:
		return ERR_INPUT;
	case SQLITE_CANTOPEN:
		return ERR_NOT_FOUND;
	case SQLITE_NOMEM:
		return ERR_INTERNAL;
	}
	return ERR_STORAGE;
}
