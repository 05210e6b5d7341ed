#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "mail/mime.h"
#include "text/encode.h"

static struct arena arena;

static int set_up(void **state)
{
	(void)state;
	arena_init(&arena, (size_t)16 * 1024 * 1024);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	arena_finish(&arena);
	return 0;
}

static struct mail_message sample(void)
{
	return (struct mail_message){ .to = STR("ana@example.com"),
		.subject = STR("Your code for Exemplo, 10:05 UTC"),
		.text = STR("271828\n\nis your code.\n"),
		.html = STR("<p><b>271828</b></p>\n"),
		.message_id = STR("abcdef.ghij@kycd.example"),
		.language = STR("en"),
		.date = { 1767607200000 } };
}

static struct str write_message(const struct mail_message *message)
{
	struct str bytes = { NULL, 0 };

	assert_int_equal(
		mime_write(&arena, message, STR("Exemplo <no-reply@example.com>"), STR(""), &bytes), OK);
	return bytes;
}

static void assert_lines_are_well_formed(struct str bytes, size_t longest)
{
	size_t length = 0;

	for (size_t i = 0; i < bytes.n; i++) {
		const unsigned char c = (unsigned char)bytes.p[i];

		if (c == '\r') {
			assert_true(i + 1 < bytes.n && bytes.p[i + 1] == '\n');
			/* mail servers may strip blanks at line ends (RFC 2045 section 6.7 (3)) */
			assert_true(i == 0 || (bytes.p[i - 1] != ' ' && bytes.p[i - 1] != '\t'));
			continue;
		}
		if (c == '\n') {
			assert_true(i > 0 && bytes.p[i - 1] == '\r');
			length = 0;
			continue;
		}
		assert_true((c >= ' ' && c < 127) || c == '\t');
		if (++length > longest)
			fail_msg("a line is longer than %zu: %.*s", longest, 100, bytes.p + i - length + 1);
	}
	assert_int_equal(length, 0);
}

/* Returns all runs of six or more digits in `s`, each followed by a comma. */
static struct str digit_runs(struct str s)
{
	struct buf out;
	size_t run = 0;

	buf_init(&out, &arena);
	for (size_t i = 0; i <= s.n; i++) {
		if (i < s.n && s.p[i] >= '0' && s.p[i] <= '9') {
			run++;
			continue;
		}
		if (run >= 6) {
			buf_add(&out, (struct str){ s.p + i - run, run });
			buf_char(&out, ',');
		}
		run = 0;
	}
	assert_int_equal(buf_done(&out, &s), OK);
	return s;
}

static int hex_digit(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c - 'A' + 10;
}

/* Decodes quoted-printable; CRLF becomes \n. */
static struct str decode_quoted_printable(struct str s)
{
	struct buf out;

	buf_init(&out, &arena);
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '=' && s.p[i + 1] == '\r') {
			i += 2;
		} else if (s.p[i] == '=') {
			buf_char(&out, (char)(hex_digit(s.p[i + 1]) * 16 + hex_digit(s.p[i + 2])));
			i += 2;
		} else if (s.p[i] != '\r') {
			buf_char(&out, s.p[i]);
		}
	}
	assert_int_equal(buf_done(&out, &s), OK);
	return s;
}

static struct str text_between(struct str s, const char *from, const char *to)
{
	const char *start = memmem(s.p, s.n, from, strlen(from));
	const char *end;

	assert_non_null(start);
	start += strlen(from);
	end = memmem(start, s.n - (size_t)(start - s.p), to, strlen(to));
	assert_non_null(end);
	return (struct str){ start, (size_t)(end - start) };
}

#define PART_HEADERS "; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"

static struct str decoded_text(struct str bytes)
{
	return decode_quoted_printable(
		text_between(bytes, "text/plain" PART_HEADERS, "\r\n--=_kycd_alternatives"));
}

static struct str decoded_html(struct str bytes)
{
	return decode_quoted_printable(
		text_between(bytes, "text/html" PART_HEADERS, "\r\n--=_kycd_alternatives--\r\n"));
}

/* Joins the lines of a folded header: removes each line end that is followed by a blank and, between two
 * encoded words, the blank too. */
static struct str unfold(struct str s)
{
	struct buf out;

	buf_init(&out, &arena);
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] != '\r') {
			buf_char(&out, s.p[i]);
			continue;
		}
		if (s.p[i + 2] != ' ')
			break;
		i += s.p[i - 1] == '=' && memcmp(s.p + i + 2, " =?", 3) == 0 ? 2 : 1;
	}
	assert_int_equal(buf_done(&out, &s), OK);
	return s;
}

/* Decodes the Q encoding (RFC 2047 section 4.2): quoted-printable in which "_" is a blank. */
static struct str decode_encoded_word(struct str s)
{
	struct buf out;

	buf_init(&out, &arena);
	for (size_t i = 0; i < s.n; i++)
		buf_char(&out, s.p[i] == '_' ? ' ' : s.p[i]);
	assert_int_equal(buf_done(&out, &s), OK);
	return decode_quoted_printable(s);
}

/* Returns the value of a header, unfolded, with its encoded words decoded. */
static struct str decoded_header(struct str bytes, const char *name)
{
	struct str rest = unfold(text_between(bytes, name, "\r\n\r\n"));
	const char *word;
	struct buf out;

	buf_init(&out, &arena);
	while ((word = memmem(rest.p, rest.n, "=?UTF-8?Q?", 10)) != NULL) {
		const char *end = memmem(word + 10, rest.n - (size_t)(word + 10 - rest.p), "?=", 2);

		assert_non_null(end);
		buf_add(&out, (struct str){ rest.p, (size_t)(word - rest.p) });
		buf_add(&out, decode_encoded_word((struct str){ word + 10, (size_t)(end - word - 10) }));
		rest = str_from(rest, (size_t)(end + 2 - rest.p));
	}
	buf_add(&out, rest);
	assert_int_equal(buf_done(&out, &rest), OK);
	return rest;
}

static void message_has_the_expected_headers_and_parts(void **state)
{
	static const char expected[] =
		"Date: Mon, 05 Jan 2026 10:00:00 +0000\r\n"
		"From: \"Exemplo\"\r\n"
		" <no-reply@example.com>\r\n"
		"Reply-To: <help@example.com>\r\n"
		"To: <ana@example.com>\r\n"
		"Subject: Your code for Exemplo, 10:05 UTC\r\n"
		"Message-ID: <abcdef.ghij@kycd.example>\r\n"
		"Auto-Submitted: auto-generated\r\n"
		"Content-Language: en\r\n"
		"MIME-Version: 1.0\r\n"
		"Content-Type: multipart/alternative; boundary=\"=_kycd_alternatives\"\r\n"
		"\r\n"
		"--=_kycd_alternatives\r\n"
		"Content-Type: text/plain; charset=utf-8\r\n"
		"Content-Transfer-Encoding: quoted-printable\r\n"
		"\r\n"
		"271828\r\n"
		"\r\n"
		"is your code.\r\n"
		"\r\n"
		"--=_kycd_alternatives\r\n"
		"Content-Type: text/html; charset=utf-8\r\n"
		"Content-Transfer-Encoding: quoted-printable\r\n"
		"\r\n"
		"<p><b>271828</b></p>\r\n"
		"\r\n"
		"--=_kycd_alternatives--\r\n";
	const struct mail_message message = sample();
	struct str bytes;

	(void)state;
	assert_int_equal(mime_write(&arena, &message, STR("Exemplo <no-reply@example.com>"),
				 STR("help@example.com"), &bytes),
		OK);
	assert_string_equal(bytes.p, expected);
	assert_int_equal(bytes.n, sizeof(expected) - 1);
}

static void one_time_code_is_the_only_run_of_six_digits(void **state)
{
	/* the message has many characters whose encoded bytes contain digits */
	struct mail_message message = sample();
	struct str bytes;

	(void)state;
	message.subject = STR("Código de verificação — Exemplo & Cª, 10:05 UTC");
	message.text = STR("271828\n\né o seu código — válido 10 minutos. ЖЖЖЖЖЖЖЖ 日本語日本語日本語\n");
	message.html = STR("<p style=\"color:#123\">271828</p><p>日本語日本語日本語日本語日本語日本語</p>");
	bytes = write_message(&message);
	assert_string_equal(digit_runs(bytes).p, "271828,271828,");
	assert_lines_are_well_formed(bytes, 78);
}

static void one_time_code_is_never_split_by_a_line_break(void **state)
{
	(void)state;
	for (int before = 0; before < 160; before++) {
		struct mail_message message = sample();
		struct str bytes;

		message.text = arena_printf(&arena, "%.*s271828 é", before,
			"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
			"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx");
		message.html = message.text;
		message.subject = message.text;
		bytes = write_message(&message);
		assert_string_equal(digit_runs(bytes).p, "271828,271828,271828,");
		assert_lines_are_well_formed(bytes, 78);
		assert_true(str_eq(decoded_text(bytes), message.text));
		assert_true(str_eq(decoded_header(bytes, "\r\nSubject: "), message.subject));
	}
}

static const struct str texts[] = {
	STR_INIT(""),
	STR_INIT("one line without an end"),
	STR_INIT("trailing blank \ntrailing tab\t\nblank at the end "),
	STR_INIT("a = b, a=3D\n=\n"),
	STR_INIT(".\n..\n.hidden\nFrom here\n"),
	STR_INIT("--=_kycd_alternatives\n--=_kycd_alternatives--\n"),
	STR_INIT("Grüße, 日本語, \xf0\x9f\x98\x80, Ω\n"),
	STR_INIT(
		"tabs\tinside and a lot of words that go on and on and on and on and on until the line is over\n"),
	STR_INIT(
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\n"),
	STR_INIT(
		"日本語日本語日本語日本語日本語日本語日本語日本語日本語日本語日本語日本語日本語日本語日本語日本語\n"),
	STR_INIT(
		"12345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345\n"),
};

static void every_text_decodes_to_its_original(void **state)
{
	(void)state;
	for (size_t i = 0; i < array_len(texts); i++) {
		struct mail_message message = sample();
		struct str bytes;

		message.text = texts[i];
		message.html = texts[i];
		bytes = write_message(&message);
		assert_lines_are_well_formed(bytes, 78);
		if (!str_eq(decoded_text(bytes), texts[i]) || !str_eq(decoded_html(bytes), texts[i]))
			fail_msg("text %zu differs after decoding", i);
	}
}

static void crlf_counts_as_one_line_end(void **state)
{
	struct mail_message message = sample();

	(void)state;
	message.text = STR("a \r\nb\rc\r\n");
	assert_true(str_eq(decoded_text(write_message(&message)), STR("a \nb\rc\n")));
}

static const struct str subjects[] = {
	STR_INIT("x"),
	STR_INIT("Your code for Exemplo, 10:05 UTC"),
	STR_INIT(
		"a subject of many short words that has to be folded because it is longer than a line may be, and "
		"then once more because it does not stop even here but goes on"),
	STR_INIT(
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"),
	STR_INIT("two  blanks, and one at the end "),
	STR_INIT(" one at the start"),
	STR_INIT("=?UTF-8?Q?not_a_word?="),
	STR_INIT("question? = answer_with_underscore"),
	STR_INIT("Código de verificação — Exemplo"),
	STR_INIT(
		"日本語日本語日本語日本語日本語日本語日本語日本語日本語日本語日本語日本語日本語日本語日本語日本語"),
};

static void every_subject_decodes_to_its_original(void **state)
{
	(void)state;
	for (size_t i = 0; i < array_len(subjects); i++) {
		struct mail_message message = sample();
		struct str bytes;

		message.subject = subjects[i];
		bytes = write_message(&message);
		assert_lines_are_well_formed(bytes, 78);
		if (!str_eq(decoded_header(bytes, "\r\nSubject: "), subjects[i]))
			fail_msg("subject differs after decoding: %.*s",
				STR_ARG(decoded_header(bytes, "\r\nSubject: ")));
	}
}

static void sender_names_are_quoted_or_encoded(void **state)
{
	const struct mail_message message = sample();
	struct str bytes;

	(void)state;
	assert_int_equal(mime_write(&arena, &message, STR("\"Exemplo, Lda. <Ärzte>\" <a@example.com>"),
				 STR(""), &bytes),
		ERR_INPUT);
	assert_int_equal(
		mime_write(&arena, &message, STR("\"Ärzte, Lda.\" <a@example.com>"), STR(""), &bytes), OK);
	assert_true(str_eq(decoded_header(bytes, "\r\nFrom: "), STR("Ärzte, Lda. <a@example.com>")));
	assert_lines_are_well_formed(bytes, 78);
	assert_null(memmem(bytes.p, bytes.n, "Reply-To", 8));
	assert_int_equal(
		mime_write(&arena, &message, STR("say \"hi\" now <a@example.com>"), STR(""), &bytes), OK);
	assert_true(str_eq(decoded_header(bytes, "\r\nFrom: "), STR("say \"hi\" now <a@example.com>")));
	assert_int_equal(
		mime_write(&arena, &message, STR("Exemplo, Lda. <a@example.com>"), STR(""), &bytes), OK);
	assert_true(str_eq(decoded_header(bytes, "\r\nFrom: "), STR("\"Exemplo, Lda.\" <a@example.com>")));
	assert_int_equal(mime_write(&arena, &message, STR("a@example.com"), STR(""), &bytes), OK);
	assert_true(str_eq(decoded_header(bytes, "\r\nFrom: "), STR("<a@example.com>")));
}

static void empty_language_writes_no_header(void **state)
{
	struct mail_message message = sample();
	struct str bytes;

	(void)state;
	message.language = STR("");
	bytes = write_message(&message);
	assert_null(memmem(bytes.p, bytes.n, "Content-Language", 16));
}

enum field { IN_TO, IN_SUBJECT, IN_ID, IN_LANGUAGE, IN_FROM, IN_REPLY_TO, IN_TEXT, IN_HTML };

static const struct {
	enum field field;
	struct str value;
} injections[] = {
	{ IN_TO, STR_INIT("ana@example.com\r\nBcc: eve@example.com") },
	{ IN_TO, STR_INIT("ana@example.com\n") },
	{ IN_TO, STR_INIT("ana@example.com>\r\nDATA") },
	{ IN_TO, STR_INIT("ana@example.com> SIZE=1") },
	{ IN_TO, STR_INIT("ana@example.com,eve@example.com") },
	{ IN_TO, STR_INIT("<ana@example.com>") },
	{ IN_TO, STR_INIT("an a@example.com") },
	{ IN_TO, STR_INIT("ana\0@example.com") },
	{ IN_TO, STR_INIT("ana@ex\xc3\xa4mple.com") },
	{ IN_TO, STR_INIT("ana") },
	{ IN_TO, STR_INIT("@example.com") },
	{ IN_TO, STR_INIT("ana@") },
	{ IN_TO, STR_INIT("a@b@c") },
	{ IN_TO, STR_INIT("") },
	{ IN_SUBJECT, STR_INIT("Hello\r\nBcc: eve@example.com") },
	{ IN_SUBJECT, STR_INIT("Hello\nBcc: eve@example.com") },
	{ IN_SUBJECT, STR_INIT("Hello\rBcc: eve@example.com") },
	{ IN_SUBJECT, STR_INIT("Hello\0") },
	{ IN_SUBJECT, STR_INIT("Hello\t") },
	{ IN_SUBJECT, STR_INIT("Hello\x7f") },
	{ IN_SUBJECT, STR_INIT("Hello \xff") },
	{ IN_ID, STR_INIT("abc") },
	{ IN_ID, STR_INIT("") },
	{ IN_ID, STR_INIT("abc@d>\r\nX: y") },
	{ IN_ID, STR_INIT("abc@d e") },
	{ IN_ID, STR_INIT("a123456b@kycd.example") },
	{ IN_LANGUAGE, STR_INIT("en\r\nX: y") },
	{ IN_LANGUAGE, STR_INIT("en us") },
	{ IN_LANGUAGE, STR_INIT("en_US") },
	{ IN_FROM, STR_INIT("") },
	{ IN_FROM, STR_INIT("Exemplo") },
	{ IN_FROM, STR_INIT("Exemplo <a@example.com>\r\nBcc: <eve@example.com>") },
	{ IN_FROM, STR_INIT("Exem\nplo <a@example.com>") },
	{ IN_FROM, STR_INIT("a@example.com>") },
	{ IN_REPLY_TO, STR_INIT("a@example.com\r\nBcc: eve@example.com") },
	{ IN_REPLY_TO, STR_INIT("nobody") },
	{ IN_TEXT, STR_INIT("no \xc3 UTF-8") },
	{ IN_HTML, STR_INIT("no \xed\xa0\x80 UTF-8") },
};

static enum err write_with_field(enum field field, struct str value, struct str *bytes)
{
	struct str parts[] = {
		[IN_TO] = STR("ana@example.com"),
		[IN_SUBJECT] = STR("Hello"),
		[IN_ID] = STR("abc@kycd.example"),
		[IN_LANGUAGE] = STR("en"),
		[IN_FROM] = STR("a@example.com"),
		[IN_REPLY_TO] = STR(""),
		[IN_TEXT] = STR("text"),
		[IN_HTML] = STR("html"),
	};
	struct mail_message message = sample();

	parts[field] = value;
	message.to = parts[IN_TO];
	message.subject = parts[IN_SUBJECT];
	message.message_id = parts[IN_ID];
	message.language = parts[IN_LANGUAGE];
	message.text = parts[IN_TEXT];
	message.html = parts[IN_HTML];
	return mime_write(&arena, &message, parts[IN_FROM], parts[IN_REPLY_TO], bytes);
}

static void header_injection_is_an_input_error(void **state)
{
	struct str bytes = STR("untouched");

	(void)state;
	for (size_t i = 0; i < array_len(injections); i++)
		if (write_with_field(injections[i].field, injections[i].value, &bytes) != ERR_INPUT)
			fail_msg("row %zu is not rejected: %.*s", i, STR_ARG(injections[i].value));
	assert_true(str_eq(bytes, STR("untouched")));
	assert_int_equal(write_with_field(IN_SUBJECT, STR("harmless"), &bytes), OK);
}

static void message_id_may_have_five_digits_in_a_row(void **state)
{
	struct mail_message message = sample();

	(void)state;
	message.message_id = STR("a12345b67890c@kycd.example");
	assert_true(digit_runs(write_message(&message)).n == strlen("271828,271828,"));
}

static void message_that_does_not_fit_the_arena_is_an_input_error(void **state)
{
	const struct mail_message message = sample();
	struct arena small;
	struct str bytes;

	(void)state;
	arena_init(&small, 300);
	assert_int_equal(mime_write(&small, &message, STR("a@example.com"), STR(""), &bytes), ERR_INPUT);
	arena_finish(&small);
}

static const struct {
	const char *mailbox, *address;
} mailboxes[] = {
	{ "a@example.com", "a@example.com" },
	{ " a@example.com ", "a@example.com" },
	{ "<a@example.com>", "a@example.com" },
	{ "A B <a@example.com>", "a@example.com" },
	{ "\"A, B\" <a+b.c-d@xn--exmple-cua.com>", "a+b.c-d@xn--exmple-cua.com" },
	{ "", NULL },
	{ "A B", NULL },
	{ "A <a@example.com> B", NULL },
	{ "A <<a@example.com>>", NULL },
	{ "A <a@example.com", NULL },
};

static void mailbox_address_extracts_the_address(void **state)
{
	(void)state;
	for (size_t i = 0; i < array_len(mailboxes); i++) {
		struct str address = STR("");

		if (mailbox_address(str_of(mailboxes[i].mailbox), &address) != (mailboxes[i].address != NULL))
			fail_msg("%s", mailboxes[i].mailbox);
		if (mailboxes[i].address != NULL)
			assert_true(str_eq(address, str_of(mailboxes[i].address)));
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

static struct str part_after(struct str bytes, const char *marker)
{
	const char *const at = memmem(bytes.p, bytes.n, marker, strlen(marker));

	assert_non_null(at);
	return str_from(bytes, (size_t)(at - bytes.p) + strlen(marker));
}

static void picture_is_part_of_the_html_alternative(void **state)
{
	struct mail_message message = sample();

	(void)state;
	message.picture = (struct mail_picture){ STR("picture"), STR("logo.abc@kycd") };
	const struct str bytes = write_message(&message);
	assert_lines_are_well_formed(bytes, 78);
	const struct str related = part_after(bytes,
		"\r\n--=_kycd_alternatives\r\nContent-Type: multipart/related; boundary=\"=_kycd_related\"; "
		"type=\"text/html\"\r\n\r\n--=_kycd_related\r\nContent-Type: text/html;");
	const struct str picture = part_after(related,
		"\r\n--=_kycd_related\r\nContent-Type: image/png; name=\"logo.png\"\r\n"
		"Content-Transfer-Encoding: base64\r\nContent-ID: <logo.abc@kycd>\r\n"
		"Content-Disposition: inline; filename=\"logo.png\"\r\n\r\n");
	assert_string_equal(picture.p, "cGljdHVyZQ==\r\n--=_kycd_related--\r\n--=_kycd_alternatives--\r\n");
}

/* Decodes base64 in lines, each of which must have at most 76 characters and whole groups of four. */
static void assert_base64_decodes_to(struct str lines, const unsigned char *expected, size_t n)
{
	struct buf joined;
	struct str line, text;
	unsigned char *const decoded = arena_bytes(&arena, n + 1, 1);

	buf_init(&joined, &arena);
	while (lines.n > 0) {
		(void)str_cut(&lines, '\n', &line);
		line = str_trim(line);
		assert_true(line.n > 0 && line.n <= 76 && line.n % 4 == 0);
		buf_add(&joined, line);
	}
	assert_int_equal(buf_done(&joined, &text), OK);
	assert_true(base64_read(text, decoded, n));
	assert_memory_equal(decoded, expected, n);
}

/* The encoded picture has digits only, and then every combination of two groups with digits at their edges.
 */
static void base64_of_a_picture_has_no_six_digits_in_a_row(void **state)
{
	static unsigned char picture[6144];
	static char encoded[8193];

	(void)state;
	for (size_t i = 0; i < 4096; i++)
		encoded[i] = (char)('0' + i % 10);
	for (size_t i = 0; i < 1024; i++)
		for (size_t k = 0; k < 4; k++)
			encoded[4096 + 4 * i + k] = (i * 2654435761U >> (8 + k)) & 1 ? '7' : 'z';
	assert_true(base64_read((struct str){ encoded, 8192 }, picture, sizeof(picture)));
	for (size_t n = sizeof(picture) - 4; n <= sizeof(picture); n++) {
		struct mail_message message = sample();
		struct str lines;

		message.text = STR("none");
		message.html = STR("none");
		message.picture = (struct mail_picture){ { (const char *)picture, n }, STR("logo.abc@kycd") };
		const struct str bytes = write_message(&message);
		assert_int_equal(digit_runs(bytes).n, 0);
		assert_lines_are_well_formed(bytes, 78);
		lines = part_after(bytes, "filename=\"logo.png\"\r\n\r\n");
		lines.n = (size_t)((const char *)memmem(lines.p, lines.n, "--=_kycd_related--", 18) -
				   lines.p);
		assert_base64_decodes_to(lines, picture, n);
	}
}

static void content_id_with_six_digits_or_a_line_break_is_an_input_error(void **state)
{
	static const char *const ids[] = { "", "logo", "logo.123456@kycd", "logo@kycd\r\nBcc: a@b",
		"<logo@kycd>" };

	(void)state;
	for (size_t i = 0; i < array_len(ids); i++) {
		struct mail_message message = sample();
		struct str bytes;

		message.picture = (struct mail_picture){ STR("picture"), str_of(ids[i]) };
		assert_int_equal(
			mime_write(&arena, &message, STR("a@example.com"), STR(""), &bytes), ERR_INPUT);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(message_has_the_expected_headers_and_parts),
		TEST(one_time_code_is_the_only_run_of_six_digits),
		TEST(one_time_code_is_never_split_by_a_line_break),
		TEST(every_text_decodes_to_its_original),
		TEST(crlf_counts_as_one_line_end),
		TEST(every_subject_decodes_to_its_original),
		TEST(sender_names_are_quoted_or_encoded),
		TEST(empty_language_writes_no_header),
		TEST(header_injection_is_an_input_error),
		TEST(message_id_may_have_five_digits_in_a_row),
		TEST(message_that_does_not_fit_the_arena_is_an_input_error),
		TEST(mailbox_address_extracts_the_address),
		TEST(picture_is_part_of_the_html_alternative),
		TEST(base64_of_a_picture_has_no_six_digits_in_a_row),
		TEST(content_id_with_six_digits_or_a_line_break_is_an_input_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
