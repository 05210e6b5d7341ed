/* The style sheet and the scripts of the pages, embedded at build time (tools/embed_templates.py). The name
 * of an asset contains a hash of its content, so that browsers may keep it for ever. Thread-safe. */
#pragma once

#include <stddef.h>

#include "base/arena.h"
#include "base/str.h"
#include "http/message.h"

struct asset {
	const char *base; /* name without hash and extension: "kycd" for the style sheet */
	struct str name;  /* "kycd-0123456789abcdef.css" */
	const char *type; /* media type */
	struct str content;
};

/* The style sheet of all pages, those of some pages, and the scripts. */
extern const struct asset assets[];
extern const size_t n_assets;

/* The style sheet that all pages share: the files of src/web/style/ whose names begin with a digit, in the
 * order of their names. */
const struct asset *asset_style(void);
/* The style sheet src/web/style/<base>.css of some pages; NULL: there is none. */
const struct asset *asset_page_style(struct str base);
/* The script src/web/script/<base>.js; NULL: there is none. */
const struct asset *asset_script(struct str base);
/* The asset with this name, including its hash; NULL: there is none. */
const struct asset *asset_find(struct str name);
/* Replies 200 with `content`, which the browser may keep for a year. Texts are compressed if the client
 * accepts that and the arena has room. */
struct reply asset_reply(
	struct arena *a, const struct request *request, const struct asset *asset, struct str content);
