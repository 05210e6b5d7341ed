#include "text/ip_node.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <string.h>

static const struct {
	const char *text, *address; /* NULL: rejected */
} node_rows[] = {
	{ "192.0.2.1", "192.0.2.1" },
	{ "192.0.2.1:4711", "192.0.2.1" },
	{ "192.0.2.1:0", "192.0.2.1" },
	{ "192.0.2.1:_hidden.port", "192.0.2.1" },
	{ "[192.0.2.1]:80", "192.0.2.1" },
	{ "\"192.0.2.1\"", "192.0.2.1" },
	{ "\"192.0.2.1:80\"", "192.0.2.1" },
	{ " \t192.0.2.1 ", "192.0.2.1" },
	{ "\" 192.0.2.1 \"", "192.0.2.1" },
	{ "2001:db8::1", "2001:db8::1" },
	{ "2001:db8::1:4711", "2001:db8::1:4711" },
	{ "[2001:db8::1]", "2001:db8::1" },
	{ "[2001:db8::1]:4711", "2001:db8::1" },
	{ "\"[2001:DB8::1]:4711\"", "2001:db8::1" },
	{ "[::ffff:192.0.2.1]:4711", "192.0.2.1" },
	{ "fe80::1%eth0", "fe80::1" },
	{ "[fe80::1%25eth0]:80", "fe80::1" },
	{ "", NULL },
	{ "\"", NULL },
	{ "\"\"", NULL },
	{ "\"192.0.2.1", NULL },
	{ "192.0.2.1\"", NULL },
	{ "\"\"192.0.2.1\"\"", NULL },
	{ "192.0.2.1:", NULL },
	{ "192.0.2.1:123456", NULL },
	{ "192.0.2.1:80x", NULL },
	{ "192.0.2.1:_", NULL },
	{ "192.0.2.1%eth0", NULL },
	{ "192.0.2", NULL },
	{ "192.0.2.1, 192.0.2.2", NULL },
	{ "2001:db8:0:0:0:0:0:1:4711", NULL },
	{ "[2001:db8::1", NULL },
	{ "2001:db8::1]", NULL },
	{ "[2001:db8::1]4711", NULL },
	{ "[2001:db8::1]:", NULL },
	{ "[]:80", NULL },
	{ "[[::1]]", NULL },
	{ "fe80::1%", NULL },
	{ "unknown", NULL },
	{ "_hidden", NULL },
	{ ":80", NULL },
};

static void node_forms_are_read(void **state maybe_unused)
{
	for (size_t i = 0; i < array_len(node_rows); i++) {
		char written[IP_TEXT_SIZE] = "";
		struct ip ip;

		if (ip_node_read(str_of(node_rows[i].text), &ip))
			ip_write(&ip, written);
		if (strcmp(written, node_rows[i].address ? node_rows[i].address : "") != 0)
			fail_msg("%s: %s", node_rows[i].text, written);
	}
	assert_false(ip_node_read((struct str){ "192.0.2.1:8\0", 12 }, &(struct ip){ { 0 } }));
}

static void shape_shows_the_form_without_the_address(void **state maybe_unused)
{
	static const char longest[] = "1111111111222222222233333333334444444444555555555566666666667";
	char shape[IP_NODE_SHAPE_SIZE];

	ip_node_shape(STR("[2001:dB8::1]:80 x\"\x01\xc3\xa9"), shape);
	assert_string_equal(shape, "[9999:aa9::9]:99 a\"???");
	ip_node_shape(STR(""), shape);
	assert_string_equal(shape, "");
	ip_node_shape(str_of(longest), shape);
	assert_int_equal(strlen(shape), IP_NODE_SHAPE_SIZE - 1);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(node_forms_are_read),
		cmocka_unit_test(shape_shows_the_form_without_the_address),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
