#!/usr/bin/env python3
"""Prints json_canonical_rows.h: JSON texts and their canonical forms, computed by Python. Where Python and Node.js
format numbers in the same way, Node.js must give the same result. kycd's own code is not used.

Run: python3 json_canonical_rows.py > json_canonical_rows.h"""
import json
import subprocess


def whole_floats_to_int(value):
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, dict):
        return {key: whole_floats_to_int(item) for key, item in value.items()}
    if isinstance(value, list):
        return [whole_floats_to_int(item) for item in value]
    return value


def by_python(text):
    return json.dumps(whole_floats_to_int(json.loads(text)), sort_keys=True, separators=(",", ":"), ensure_ascii=False)


NODE = r"""
const order = (a, b) => { const [x, y] = [[...a], [...b]];
	for (let i = 0; i < x.length && i < y.length; i++) if (x[i] !== y[i]) return x[i].codePointAt(0) - y[i].codePointAt(0);
	return x.length - y.length; };
const put = (v) => Array.isArray(v) ? `[${v.map(put).join(',')}]`
	: v && typeof v === 'object' ? `{${Object.keys(v).sort(order).map((k) => `${JSON.stringify(k)}:${put(v[k])}`).join(',')}}`
	: JSON.stringify(v);
let text = ''; process.stdin.on('data', (d) => { text += d; }).on('end', () => process.stdout.write(put(JSON.parse(text))));
"""


def by_node(text):
    return subprocess.run(["node", "-e", NODE], input=text.encode(), stdout=subprocess.PIPE, check=True).stdout.decode()


# Last column: whether JavaScript formats the numbers like Python. It does not for integers above 2^53, for numbers from
# 1e21 on, and for small floats.
ROWS = [
    ("whole floats", '[97.0,1.0,-5.00,0.0,1e2,1E+2,12.50e1,1e-0]', True),
    ("minus zero", '[-0,-0.0,-0e5,0e-7]', True),
    ("floats with a fraction", '[0.25,62.5,-0.5,96.4,3.141592653589793,0.1]', True),
    ("floats that Python writes with an exponent", '[1e+16,1e16,1.5e+16,1e+15]', True),
    ("exponents from 1e21 on", '[1e+21,1e+22,1e23,6.02214076e+23]', False),
    ("the largest double", '1.7976931348623157e+308', False),
    ("small floats are unchanged", '[1e-07,5e-324,1.5e-10]', False),
    ("an underflow becomes 0", '[1e-400,-1e-400]', True),
    ("a fraction too fine for a double", '[1.00000000000000000001,9007199254740993.0]', True),
    ("big integers", '[12345678901234567890,-9223372036854775809,9007199254740993]', False),
    ("an integer of 60 digits", '123456789012345678901234567890123456789012345678901234567890', False),
    ("integers of 64 bits", '[9223372036854775807,-9223372036854775808]', False),
    ("unsorted keys", '{"b":1,"a":2,"":3,"aa":4,"A":5,"_":6,"10":7,"9":8}', True),
    ("keys at all depths", '{"z":{"b":[{"d":1,"c":2}],"a":0},"y":[[{"b":1,"a":2}]]}', True),
    ("array order is kept", '[3,1,2,"b","a",{"b":1,"a":2},[2,1]]', True),
    ("a duplicate key", '{"a":1,"b":2,"a":3}', True),
    ("a key three times, partly escaped", '{"a":1,"\\u0061":{"x":1},"b":0,"\\u0061":[]}', True),
    ("nested duplicate keys", '{"a":{"k":1,"k":{"j":1,"j":2}},"a":{"k":9,"k":8}}', True),
    ("white space", ' \t\r\n{ "a" : [ 1 , 2 ] ,\n"b" : { } }\r\n ', True),
    ("empty containers", '{"a":{},"b":[],"c":[[],{}],"":""}', True),
    ("literals", '[true,false,null]', True),
    ("a text as the document", '"caf\\u00e9"', True),
    ("short escapes", '"\\b\\f\\n\\r\\t\\"\\\\\\/"', True),
    ("control characters", '"\\u0001\\u0007\\u0008\\u0009\\u000a\\u000B\\u000c\\u000d\\u001F\\u007f"', True),
    ("escaped characters that need no escape", '"\\u0041\\u002f\\u0020\\u00c9\\u00E9"', True),
    ("characters of two, three and four bytes", '"\\u00e9\\u20ac\\ud83d\\ude00 é€😀"', True),
    ("line and paragraph separators", '{"\\u2028":"\\u2029"}', True),
    ("a byte order mark inside a text", '"\\ufeff"', True),
    ("first and last characters of each UTF-8 length", '"\\u007f\\u0080\\u07ff\\u0800\\ud7ff\\ue000\\uffff\\ud800\\udc00\\udbff\\udfff"', True),
    ("keys above U+FFFF are sorted last", '{"\\ud83d\\ude00":1,"\\uff5e":2,"\\ue000":3,"z":4}', True),
    ("composed and decomposed keys are different", '{"\\u00e9":1,"e\\u0301":2,"f":3}', True),
    ("a quote and a backslash in keys", '{"\\"":1,"\\\\":2,"/":3,"\\/a":4}', True),
    ("60 nested arrays", "[" * 60 + "1.0" + "]" * 60, True),
    ("40 nested objects", '{"b":0,"a":' * 40 + "{}" + "}" * 40, True),
    ("a decision of the provider", '{"status":"Approved","score":97.0,"features":{},"distance":{"distance":1.4,"direction":"SW"},'
                   '"latitude":38.72,"longitude":-9.14,"name":"Jos\\u00e9","url":"https:\\/\\/example.com\\/a"}', True),
]


def c_text(text):
    out, after_hex_escape = [], False
    for byte in text.encode():
        c = chr(byte)
        if byte < 32 or byte > 126:
            out.append("\\x%02x" % byte)
            after_hex_escape = True
            continue
        if after_hex_escape and c in "0123456789abcdefABCDEF":
            out.append('" "')
        after_hex_escape = False
        out.append("\\" + c if c in '"\\' else c)
    lines, line = [], ""
    for piece in out:
        line += piece
        if len(line) > 80 and not piece.startswith("\\x"):
            lines.append(line)
            line = ""
    return ('"\n\t\t"'.join(lines + [line])) if lines else line


print("/* Generated by json_canonical_rows.py with the JSON functions of Python and Node.js. */")
print("/* clang-format off */")
for name, text, agree in ROWS:
    expected = by_python(text)
    if agree:
        assert by_node(text) == expected, (name, by_node(text), expected)
    print('ROW("%s",\n\t"%s",\n\t"%s")' % (name, c_text(text), c_text(expected)))
