#!/usr/bin/env python3
"""Prints canon_rows.h: JSON texts and their canonical forms, as Python makes them, and as Node.js makes them
where the two agree about numbers. Nothing of ours takes part: `python3 canon_rows.py > canon_rows.h`."""
import json
import subprocess


def whole(value):
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, dict):
        return {key: whole(item) for key, item in value.items()}
    if isinstance(value, list):
        return [whole(item) for item in value]
    return value


def by_python(text):
    return json.dumps(whole(json.loads(text)), sort_keys=True, separators=(",", ":"), ensure_ascii=False)


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


# The last column: does JavaScript print these numbers as Python does? (Not beyond 2^53, nor from 1e21 on, nor small ones.)
ROWS = [
    ("whole floats", '[97.0,1.0,-5.00,0.0,1e2,1E+2,12.50e1,1e-0]', True),
    ("minus nothing", '[-0,-0.0,-0e5,0e-7]', True),
    ("floats with a fraction", '[0.25,62.5,-0.5,96.4,3.141592653589793,0.1]', True),
    ("the first exponent of Python", '[1e+16,1e16,1.5e+16,1e+15]', True),
    ("an exponent from 1e21 on", '[1e+21,1e+22,1e23,6.02214076e+23]', False),
    ("the largest double", '1.7976931348623157e+308', False),
    ("small floats stay as they are", '[1e-07,5e-324,1.5e-10]', False),
    ("what underflows is nothing", '[1e-400,-1e-400]', True),
    ("a fraction too fine for a double", '[1.00000000000000000001,9007199254740993.0]', True),
    ("big integers", '[12345678901234567890,-9223372036854775809,9007199254740993]', False),
    ("an integer of sixty digits", '123456789012345678901234567890123456789012345678901234567890', False),
    ("integers of 64 bits", '[9223372036854775807,-9223372036854775808]', False),
    ("keys in disorder", '{"b":1,"a":2,"":3,"aa":4,"A":5,"_":6,"10":7,"9":8}', True),
    ("keys at all depths", '{"z":{"b":[{"d":1,"c":2}],"a":0},"y":[[{"b":1,"a":2}]]}', True),
    ("array order is kept", '[3,1,2,"b","a",{"b":1,"a":2},[2,1]]', True),
    ("a key twice", '{"a":1,"b":2,"a":3}', True),
    ("a key three times, escaped in part", '{"a":1,"\\u0061":{"x":1},"b":0,"\\u0061":[]}', True),
    ("keys twice, deep", '{"a":{"k":1,"k":{"j":1,"j":2}},"a":{"k":9,"k":8}}', True),
    ("blanks", ' \t\r\n{ "a" : [ 1 , 2 ] ,\n"b" : { } }\r\n ', True),
    ("empty containers", '{"a":{},"b":[],"c":[[],{}],"":""}', True),
    ("words", '[true,false,null]', True),
    ("a text at the top", '"caf\\u00e9"', True),
    ("short escapes", '"\\b\\f\\n\\r\\t\\"\\\\\\/"', True),
    ("control characters", '"\\u0001\\u0007\\u0008\\u0009\\u000a\\u000B\\u000c\\u000d\\u001F\\u007f"', True),
    ("letters that need no escape", '"\\u0041\\u002f\\u0020\\u00c9\\u00E9"', True),
    ("two, three and four bytes", '"\\u00e9\\u20ac\\ud83d\\ude00 é€😀"', True),
    ("line and paragraph separators", '{"\\u2028":"\\u2029"}', True),
    ("a byte order mark within", '"\\ufeff"', True),
    ("edges of UTF-8's lengths", '"\\u007f\\u0080\\u07ff\\u0800\\ud7ff\\ue000\\uffff\\ud800\\udc00\\udbff\\udfff"', True),
    ("keys beyond U+FFFF sort behind", '{"\\ud83d\\ude00":1,"\\uff5e":2,"\\ue000":3,"z":4}', True),
    ("keys that differ in their escapes only in form", '{"\\u00e9":1,"e\\u0301":2,"f":3}', True),
    ("a quote and a backslash in keys", '{"\\"":1,"\\\\":2,"/":3,"\\/a":4}', True),
    ("sixty arrays", "[" * 60 + "1.0" + "]" * 60, True),
    ("forty objects", '{"b":0,"a":' * 40 + "{}" + "}" * 40, True),
    ("a decision", '{"status":"Approved","score":97.0,"features":{},"distance":{"distance":1.4,"direction":"SW"},'
                   '"latitude":38.72,"longitude":-9.14,"name":"Jos\\u00e9","url":"https:\\/\\/example.com\\/a"}', True),
]


def c_text(text):
    out, hexed = [], False
    for byte in text.encode():
        c = chr(byte)
        if byte < 32 or byte > 126:
            out.append("\\x%02x" % byte)
            hexed = True
            continue
        if hexed and c in "0123456789abcdefABCDEF":
            out.append('" "')
        hexed = False
        out.append("\\" + c if c in '"\\' else c)
    lines, line = [], ""
    for piece in out:
        line += piece
        if len(line) > 80 and not piece.startswith("\\x"):
            lines.append(line)
            line = ""
    return ('"\n\t\t"'.join(lines + [line])) if lines else line


print("/* Made by canon_rows.py, from Python's and Node.js's own JSON. */")
print("/* clang-format off */")
for name, text, agree in ROWS:
    expected = by_python(text)
    if agree:
        assert by_node(text) == expected, (name, by_node(text), expected)
    print('ROW("%s",\n\t"%s",\n\t"%s")' % (name, c_text(text), c_text(expected)))
