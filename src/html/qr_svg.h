/* Draws a text as a QR code in SVG. The drawing uses presentation attributes only, so that it needs neither a
 * style sheet nor an exception in the Content-Security-Policy, and it is black on white in both colour
 * schemes, because many readers do not accept inverted codes. It is hidden from assistive technology: the
 * element of the page around it has role="img" and a label in the page's language.
 *
 * Thread-safe: libqrencode keeps no state between calls. */
#pragma once

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

/* Longest text in bytes. It gives 77 by 77 modules, which a phone still reads from a screen. */
#define QR_TEXT_MAX 512

/* Sets `out` to an <svg> element whose content is allocated in the arena: 2 KiB for the URL of a verification
 * link, at most 12 KiB. ERR_INPUT: the text is empty, longer than QR_TEXT_MAX or contains a NUL byte, or the
 * drawing did not fit into the arena. ERR_INTERNAL: no memory. */
enum err qr_svg_write(struct arena *a, struct str text, struct str *out) must_use;
