#!/usr/bin/env python3
"""Makes json/python-printer.json: JSON texts, each with what Python's own json module prints back.

Run: python3 packages/protocol/vectors/make-json-vectors.py
The printer under test is not used here. The random part is seeded, so that the file is the same each time.
Texts keep to what the scanner accepts: no key twice, no number beyond a double's range, no half surrogate pair.
"""

import json
import math
import random
import struct
from pathlib import Path

SEED = 20260512
RANDOM_DOUBLES = 150
RANDOM_STRINGS = 60
RANDOM_DOCUMENTS = 150

random_source = random.Random(SEED)

NUMBERS = """
0 -0 1 -1 10 123456789 9007199254740991 9007199254740992 9007199254740993 -9007199254740993 18446744073709551615
18446744073709551616 123456789012345678901234567890 -123456789012345678901234567890
0.0 -0.0 0e0 -0e0 0e5 0.0e-5 0E+400 -0.000e-400 1.0 -1.0 1.50 1.5e0 1.5E+0 1.5e-0 100.0 1e0 1E5 1e5 1e+5 1E+05 1e-5 1e-05 1e-005
0.1 0.2 0.3 0.30000000000000004 0.1e1 0.01 0.001 0.0001 0.00012 0.00001 0.000012 0.000001 0.0000012 0.0000001 0.00000012
1e-1 1e-2 1e-3 1e-4 1e-6 1e-7 1.5e-7 1e-8 1e-9 1e-10 1e-99 1e-100 1e-307 1e-308 2.2250738585072014e-308 2.225073858507201e-308
1e-323 5e-324 4.9e-324 2.5e-324 3e-324 -5e-324 1e1 1e2 1e10 1e14 1e15 1e16 1e17 1e18 1e19 1e20 1e21 1e22 1e23 1e24 1e100 1e300 1e308
-1e16 -1e21 -1e-7 1.7976931348623157e308 1.7976931348623157e+308 -1.7976931348623157e308 1.7976931348623158e308 1.79769313486231575e308
9999999999999998.0 9999999999999999.0 10000000000000000.0 10000000000000002.0 12345678901234567.0 123456789012345680.0 1234567890123456.7
999999999999999.9 99999999999999.99 9007199254740993.0 9007199254740991.0 4503599627370496.5 4503599627370497.5 2251799813685248.25
123456789.123456789 3.141592653589793 3.14159265358979323846 2.718281828459045 1.1 2.2 3.3 1.005 2.675 1234.5678e-2 1234.5678e12 0.5e-6 12e-7
1.0000000000000002 0.9999999999999999 0.99999999999999999 1.00000000000000001 6.02214076e23 6.62607015e-34 1.602176634e-19 299792458.0
100000000000000000000000.0 0.00001e5 10000e-4 10000e-9 12345e-9 0.1234567890123456789 1e23 8.5e22 9.5e-5 9.999e-5 0.00009999 0.0000999 9.9999999999999999e22
2e-44 1.4e-45 3.4028235e38 1.17549435e-38 4.35 0.000244140625 1.7800590868057611e-307 2.8823261653718887e-19 5.0e-1 7e-10 144115188075855870.0
""".split()

STRINGS = [
    '""', '" "', '"a"', '"\\u0061"', '"\\/"', '"/"', '"\\""', '"\\\\"', '"\\b\\f\\n\\r\\t"', '"\\u0008\\u000c\\u000a\\u000d\\u0009"',
    '"\\u0000"', '"\\u0001"', '"\\u000b"', '"\\u001f"', '"\\u0020"', '"\\u0022"', '"\\u005c"', '"\\u002f"', '"\\u007e"', '"\\u007f"', '"\x7f"',
    '"\\u0080"', '"\x80"', '"\x9f"', '"\xa0"', '"\xad"', '"\xe9"', '"e\u0301"', '"\\u00E9"', '"\\u00e9"', '"\xff"', '"\u0100"', '"\u20ac"',
    '"\u2028\u2029"', '"\\u2028"', '"\ufeff"', '"\ufffd"', '"\ufffe\uffff"', '"\ud7ff\ue000"', '"\\uD7FF\\uE000"', '"\U00010000"',
    '"\U0001f600"', '"\\ud83d\\ude00"', '"\\uD83D\\uDE00"', '"\\ud83D\\uDe00"', '"\U0010ffff"', '"\\udbff\\udfff"',
    '"\U0001f468\u200d\U0001f469\u200d\U0001f467"', '"\u65e5\u672c\u8a9e"', '"\u0627\u0644\u0639\u0631\u0628\u064a\u0629"', '"<script>&amp;\'</script>"',
    '"\\\\u0061"', '"\\\\\\u0061"', '"\\\\\\""', '"a\\"b\\"c"', '"C:\\\\dir\\\\file"', '"tab\\there"', '"{\\"a\\":1,\\"b\\":[1, 2]}"', '": , "', '"1e5"',
    '"\\u0041\xe9\\ud83d\\ude00\U0001f600\\n"', '"' + 'x' * 300 + '"', '"' + '\xe9' * 60 + '"',
]

DOCUMENTS = [
    "null", "true", "false", "{}", "[]", "{ }", "[ ]", " \t\r\n{ } \n", "[[]]", "[{}]", '{"":{}}', '{"a":[]}', "[null,true,false]",
    "[1,2,3]", "[ 1 , 2 , 3 ]", '{"b":1,"a":2}', '{"2":1,"1":2,"b":3,"a":4}', '{"10":1,"9":2,"-1":3,"1.5":4,"01":5}', '{"a":{"b":{"c":[1,[2,[3]]]}}}',
    '{"__proto__":1}', '{"__proto__":{"a":1},"constructor":2,"toString":3,"toJSON":4}', '{"\\u005f_proto__":null}', '{"\\u0061":1,"b":2}',
    '{"":0}', '{" ":0}', '{"a b":0}', '{"\xe9":1,"\U0001f600":2}', '{"\\ud83d\\ude00":1}', '{"\\u007f":"\x7f"}', '{"\\n":"\\n"}', '{"a/b":1,"a~b":2}',
    '{"n":1.0,"m":1e5,"i":1,"z":-0,"f":-0.0}', "[1.0,1,1e0,10e-1]", "[-0,-0.0,0,0.0]", "[9007199254740993,9007199254740993.0]",
    '\n{\n  "room_name" : "caf\xe9" ,\n  "temperature" : 21.50 ,\n  "tags" : [ "a" , "b" ]\n}\n', "[" * 64 + "]" * 64, '{"a":' * 64 + "1" + "}" * 64,
    '{"path":"/rooms/\U0001f600/a b","participant_id":"p-1"}', '[["",[],{},"[]","{}"],[",",":"]]', '{"a":"b","c":"d","e":"\\u00e9","f":1.10}',
]


def random_double() -> str:
    while True:
        value = struct.unpack("<d", struct.pack("<Q", random_source.getrandbits(64)))[0]
        if math.isfinite(value) and value != 0.0:
            break
    form = random_source.randrange(4)
    if form == 0:
        return f"{value:.{random_source.randrange(14, 20)}e}" if abs(value) < 1.79e308 else repr(value)
    if form == 1:
        return repr(value).replace("e", "E")
    if form == 2:
        return f"{random_source.uniform(-1, 1) * 10 ** random_source.randrange(-8, 24):.{random_source.randrange(1, 12)}f}"
    return f"{random_source.randrange(1, 10 ** random_source.randrange(1, 18))}e{random_source.randrange(-30, 30)}"


def random_string() -> str:
    pieces = []
    for _ in range(random_source.randrange(0, 12)):
        choice = random_source.randrange(8)
        if choice < 3:
            character = chr(random_source.randrange(0x20, 0x7F))
            pieces.append({'"': '\\"', "\\": "\\\\"}.get(character, character))
        elif choice == 3:
            pieces.append(random_source.choice(['\\"', "\\\\", "\\/", "\\b", "\\f", "\\n", "\\r", "\\t"]))
        elif choice == 4:
            pieces.append(chr(random_source.choice([random_source.randrange(0x7F, 0xD800), random_source.randrange(0xE000, 0xFFFF)])))
        elif choice == 5:
            pieces.append(chr(random_source.randrange(0x10000, 0x110000)))
        else:
            unit = random_source.choice([random_source.randrange(0, 0x80), random_source.randrange(0x80, 0xD800), random_source.randrange(0xE000, 0x10000)])
            pieces.append(random_source.choice(["\\u%04x", "\\u%04X"]) % unit)
    return '"' + "".join(pieces) + '"'


def space() -> str:
    return random_source.choice(["", "", "", " ", "\n", "\t", "\r\n", "  "])


def random_value(depth: int) -> str:
    choice = random_source.randrange(9 if depth > 0 else 6)
    if choice == 0:
        return random_source.choice(["null", "true", "false"])
    if choice == 1:
        return str(random_source.randrange(-(10 ** random_source.randrange(1, 25)), 10 ** random_source.randrange(1, 25)))
    if choice == 2:
        return random_double()
    if choice < 6:
        return random_string()
    if choice < 7:
        inside = ",".join(space() + random_value(depth - 1) + space() for _ in range(random_source.randrange(0, 5)))
        return "[" + (inside or space()) + "]"
    members, names = [], set()
    for _ in range(random_source.randrange(0, 6)):
        key = random_string() if random_source.random() < 0.7 else f'"{random_source.randrange(0, 50)}"'
        if json.loads(key) not in names:
            names.add(json.loads(key))
            members.append(space() + key + space() + ":" + space() + random_value(depth - 1) + space())
    return "{" + (",".join(members) or space()) + "}"


def main() -> None:
    texts = NUMBERS + STRINGS + DOCUMENTS
    texts += [f'{{"v":{number}}}' for number in NUMBERS[:20]]
    texts += [random_double() for _ in range(RANDOM_DOUBLES)]
    texts += [random_string() for _ in range(RANDOM_STRINGS)]
    texts += [space() + random_value(4) + space() for _ in range(RANDOM_DOCUMENTS)]
    vectors = []
    for text in dict.fromkeys(texts):
        printed = json.dumps(json.loads(text))
        assert json.dumps(json.loads(printed)) == printed, text
        assert "Infinity" not in printed, text
        vectors.append({"text": text, "printed": printed})
    lines = ",\n".join("    " + json.dumps(vector) for vector in vectors)
    about = "JSON texts and json.dumps(json.loads(text)) of each, made by make-json-vectors.py"
    target = Path(__file__).parent / "json" / "python-printer.json"
    target.write_text(f'{{\n  "about": {json.dumps(about)},\n  "vectors": [\n{lines}\n  ]\n}}\n', encoding="ascii")
    print(f"{len(vectors)} vectors in {target}")


if __name__ == "__main__":
    main()
