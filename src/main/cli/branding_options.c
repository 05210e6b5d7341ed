#include "main/cli/branding_options.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "net/url_check.h"
#include "text/png.h"

/* Size of a file with a consent text: room for its white space, which is removed. */
#define CONSENT_FILE_MAX 4096

/* Prints which form the option must have. Always returns false. */
static bool refuse_option(const char *option, const char *valid_form)
{
	fprintf(stderr, "kycd: %s must be %s\n", option, valid_form);
	return false;
}

/* What an option says: nothing, that the part is removed, or its value. */
enum option_value { OPTION_ABSENT, OPTION_NONE, OPTION_SET };

static enum option_value read_option(
	const struct args *args, const char *name, bool may_be_none, struct str *out)
{
	*out = args_text(args, name);
	if (!out->p)
		return OPTION_ABSENT;
	if (!may_be_none || !str_eq(*out, STR("none")))
		return OPTION_SET;
	*out = STR("");
	return OPTION_NONE;
}

/* Reads the file into `bytes`, at most `size` of them. Prints the name of the option, but not that of the
 * file, if the file cannot be read. */
static bool read_file(const char *option, struct str path, char *bytes, size_t size, struct str *out)
{
	struct stat status;
	FILE *const file = fopen(path.p, "re"); /* an argument, so it ends with a NUL */

	if (!file) {
		fprintf(stderr, "kycd: the file of %s cannot be read: %s\n", option, strerror(errno));
		return false;
	}
	const bool is_file = fstat(fileno(file), &status) == 0 && S_ISREG(status.st_mode);
	const size_t n = is_file ? fread(bytes, 1, size, file) : 0;
	const bool failed = ferror(file) != 0;
	fclose(file);
	*out = (struct str){ bytes, n };
	return (is_file && !failed) || refuse_option(option, "a regular file that can be read");
}

static bool read_logo(
	const struct args *args, bool may_be_none, struct branding_options *values, struct str *out)
{
	struct png_size size;
	struct str path;

	const enum option_value value = read_option(args, "--logo", may_be_none, &path);
	*out = path;
	if (value != OPTION_SET)
		return true;
	if (!read_file("--logo", path, values->logo, sizeof(values->logo), out))
		return false;
	if (out->n > LOGO_SIZE_MAX)
		return refuse_option("--logo", "a file of at most 16 KiB (16384 bytes)");
	const enum png_form form = png_check(*out, &size);
	return form == PNG_VALID || refuse_option("--logo", png_form_message(form));
}

static bool read_consent_text(
	const struct args *args, bool may_be_none, struct branding_options *values, struct str *out)
{
	char bytes[CONSENT_FILE_MAX + 1];
	struct str path, text;

	const enum option_value value = read_option(args, "--consent-text", may_be_none, &path);
	*out = path;
	if (value != OPTION_SET)
		return true;
	if (!read_file("--consent-text", path, bytes, sizeof(bytes), &text))
		return false;
	const enum consent_text_form form = text.n > CONSENT_FILE_MAX
						    ? CONSENT_TEXT_TOO_LONG
						    : consent_text_read(text, values->consent_text);
	if (form != CONSENT_TEXT_VALID)
		return refuse_option("--consent-text", consent_text_form_message(form));
	*out = str_of(values->consent_text);
	return true;
}

static bool read_colour(
	const struct args *args, bool may_be_none, struct branding_options *values, struct str *out)
{
	struct colour colour;

	if (read_option(args, "--colour", may_be_none, out) != OPTION_SET)
		return true;
	if (!colour_parse(*out, &colour))
		return refuse_option(
			"--colour", "# and six hexadecimal digits, such as '#0052cc' (quoted for the shell)");
	colour_format(colour, values->colour);
	*out = str_of(values->colour);
	return true;
}

static bool read_url(const struct args *args, bool may_be_none, const char *option, struct str *out)
{
	if (read_option(args, option, may_be_none, out) != OPTION_SET)
		return true;
	const char *const fault = url_fault(*out);
	return !fault || refuse_option(option, fault);
}

bool branding_change_read(const struct args *args, bool may_be_none, struct branding_options *values,
	struct branding_change *out)
{
	*out = (struct branding_change){ 0 };
	return read_colour(args, may_be_none, values, &out->colour) &&
	       read_url(args, may_be_none, "--support-url", &out->support_url) &&
	       read_url(args, may_be_none, "--privacy-url", &out->privacy_url) &&
	       read_logo(args, may_be_none, values, &out->logo) &&
	       read_consent_text(args, may_be_none, values, &out->consent_text);
}
