import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import fc from 'fast-check';

import { ScannedJson, scanArray, scanJson, scanObject } from '../src/index.ts';
import { brokenTexts, jsonTexts, refusal } from './json-texts.ts';

const RUNS = { numRuns: 500 };

describe('what is not JSON is refused as invalid_json, with its place', () => {
  const cases: readonly (readonly [text: string, offset: number, path: string])[] = [
    ['', 0, ''],
    ['  ', 2, ''],
    ['\ufeff{}', 0, ''],
    ['{}x', 2, ''],
    ['{} {}', 3, ''],
    ['{"a":1}\u00a0', 7, ''],
    ['[1,]', 3, '/1'],
    ['[,1]', 1, '/0'],
    ['[1 2]', 3, ''],
    ['[1', 2, ''],
    ['{"a":1,}', 7, ''],
    ['{,}', 1, ''],
    ['{a:1}', 1, ''],
    ["{'a':1}", 1, ''],
    ['{"a" 1}', 5, '/a'],
    ['{"a":}', 5, '/a'],
    ['{"a":1 "b":2}', 7, ''],
    ['{"a":1', 6, ''],
    ['{1:2}', 1, ''],
    ['[1}', 2, ''],
    ['{"a":1]', 6, ''],
    [']', 0, ''],
    ['NaN', 0, ''],
    ['[Infinity]', 1, '/0'],
    ['[-Infinity]', 2, '/0'],
    ['undefined', 0, ''],
    ['tru', 0, ''],
    ['nul', 0, ''],
    ['True', 0, ''],
    ['truex', 4, ''],
    ['01', 0, ''],
    ['-01', 1, ''],
    ['00', 0, ''],
    ['+1', 0, ''],
    ['-', 1, ''],
    ['--1', 1, ''],
    ['.5', 0, ''],
    ['1.', 2, ''],
    ['-.5', 1, ''],
    ['1.e5', 2, ''],
    ['1e', 2, ''],
    ['1e+', 3, ''],
    ['1e5.5', 3, ''],
    ['0x10', 1, ''],
    ['1_000', 1, ''],
    ['12n', 2, ''],
    ['"abc', 4, ''],
    ['"abc\\', 4, ''],
    ['"abc\\"', 6, ''],
    ['"\\x41"', 1, ''],
    ['"\\\'"', 1, ''],
    ['"\\u12"', 5, ''],
    ['"\\u12g4"', 5, ''],
    ['"\\U0041"', 1, ''],
    ['"\\ud83d\\u"', 9, ''],
    ['"a\nb"', 2, ''],
    ['"a\tb"', 2, ''],
    ['"\u0000"', 1, ''],
    ['{"a":{"b":[0,"\u001f"]}}', 14, '/a/b/1'],
    ['/* note */ 1', 0, ''],
    ['1 // note', 2, ''],
  ];
  for (const [text, offset, path] of cases) {
    test(`${JSON.stringify(text)} fails at offset ${offset}`, () => {
      const error = refusal(() => scanJson(text));
      assert.equal(error.code, 'invalid_json');
      assert.match(error.message, new RegExp(`\\(offset ${offset}\\)`));
      assert.equal(error.fields[0]?.path, path);
      assert.throws(() => JSON.parse(text), SyntaxError, 'JSON.parse refuses it too');
    });
  }

  test('the place is named by line and column, from 1', () => {
    assert.match(
      refusal(() => scanJson('{\n  "a": 1,\n  "b": x\n}')).message,
      /line 3, column 8 \(offset 19\): expected a value, found "x"/,
    );
  });
});

describe('what would not arrive unchanged is refused as invalid_event_data, with its JSON Pointer', () => {
  const cases: readonly (readonly [claim: string, text: string, path: string])[] = [
    ['a key twice', '{"a":1,"a":1}', '/a'],
    ['a key twice, one of them escaped', '{"a":1,"\\u0061":2}', '/a'],
    ['a key twice, both escaped in other ways', '{"\\u002F":1,"\\/":2}', '/~1'],
    ['an empty key twice', '{"":1,"b":2,"":3}', '/'],
    ['__proto__ twice', '{"__proto__":1,"__proto__":2}', '/__proto__'],
    ['a key twice below others, with ~ and / in the way', '{"a~b":{"c/d":[null,{"x":1,"x":2}]}}', '/a~0b/c~1d/1/x'],
    ['a key twice after an object with the same key closed', '{"a":{"b":1,"c":{"b":2}},"b":3,"a":4}', '/a'],
    ['an overflowing number', '[1e400]', '/0'],
    ['an overflowing negative number', '{"a":-1e400}', '/a'],
    ['the least number that rounds to infinity', '[1.7976931348623159e308]', '/0'],
    ['an overflowing integer', `[${'9'.repeat(310)}]`, '/0'],
    ['an overflowing number without exponent', `[0,${'9'.repeat(310)}.5]`, '/1'],
    ['an underflowing number', '[0,1e-400]', '/1'],
    ['an underflowing negative number', '[-0.1e-400]', '/0'],
    ['an underflowing number without exponent', `[0.${'0'.repeat(400)}1]`, '/0'],
    ['half a surrogate pair, high, escaped', '{"a":["x\\ud800"]}', '/a/0'],
    ['half a surrogate pair, low, escaped', '{"a":"\\uDC00\\ud800"}', '/a'],
    ['a high half escaped before a letter', '"\\ud83dx"', ''],
    ['a high half escaped before another escape', '"\\ud83d\\n"', ''],
    ['two high halves escaped', '"\\ud83d\\ud83d\\ude00"', ''],
    ['half a surrogate pair, high, raw', '["\ud800"]', '/0'],
    ['half a surrogate pair, low, raw', '["\udc00"]', '/0'],
    ['a pair of which one half is escaped', '["\\ud83d\ude00"]', '/0'],
    ['a pair of which the other half is escaped', '["\ud83d\\ude00"]', '/0'],
    ['half a surrogate pair in a key, under the object that has it', '{"a":{"\\ud800":1}}', '/a'],
  ];
  for (const [claim, text, path] of cases) {
    test(claim, () => {
      const error = refusal(() => scanJson(text));
      assert.equal(error.code, 'invalid_event_data');
      assert.equal(error.fields[0]?.path, path);
      assert.match(error.message, /\(offset \d+\)/);
    });
  }

  test('a key twice among many, wherever the second stands', () => {
    for (let count = 1; count <= 40; count++) {
      const members = Array.from({ length: count }, (_, i) => `"key${i}":${i}`);
      assert.equal(scanJson(`{${members.join(',')}}`).kind, 'object');
      for (const again of [0, count - 1]) {
        for (const spelling of [`"key${again}"`, `"\\u006bey${again}"`]) {
          const error = refusal(() => scanJson(`{${members.join(',')},${spelling}:0}`));
          assert.equal(error.fields[0]?.path, `/key${again}`);
        }
      }
    }
  });

  test('nesting of 64 passes and of 65 does not', () => {
    assert.equal(scanJson('['.repeat(64) + ']'.repeat(64)).depth, 64);
    assert.equal(scanJson(`${'{"a":'.repeat(64)}1${'}'.repeat(64)}`).depth, 64);
    const error = refusal(() => scanJson('['.repeat(65) + ']'.repeat(65)));
    assert.equal(error.code, 'invalid_event_data');
    assert.equal(error.fields[0]?.path, '/0'.repeat(64));
    assert.equal(scanJson('[[1]]', { depthMax: 2 }).depth, 2);
    assert.equal(refusal(() => scanJson('[[[1]]]', { depthMax: 2 })).fields[0]?.path, '/0/0');
  });

  test('an error message stays short however long the path is; the field has it whole', () => {
    const name = 'k'.repeat(5000);
    const error = refusal(() => scanJson(`{"${name}":1e999}`));
    assert.ok(error.message.length < 250, error.message);
    assert.equal(error.fields[0]?.path, `/${name}`);
  });
});

describe('what is portable is accepted as it stands', () => {
  for (const text of [
    '0',
    '-0',
    '1e308',
    '5e-324',
    '1.7976931348623157e308',
    '0e400',
    '0.0e-999999',
    '-0.000',
    '"\\ud83d\\ude00"',
    '"😀"',
    '"\u2028\x7f"',
    '"\\/"',
    '{"a":1,"A":2,"a ":3}',
    '[{"a":1},{"a":1}]',
    '{"a":{"a":{"a":1}}}',
    '{"é":1,"e\u0301":2}',
    `[${'0.' + '1'.repeat(1000)}]`,
  ]) {
    test(text.slice(0, 40), () => assert.equal(scanJson(text).text, text));
  }

  test('the white space around the value falls away, within it stays', () => {
    const scanned = scanJson(' \t\r\n{ "a" : [ ] } \n');
    assert.equal(scanned.text, '{ "a" : [ ] }');
    assert.equal(scanned.kind, 'object');
    assert.equal(scanned.path, '');
  });

  test('each kind is named', () => {
    const kinds = ['{}', '[]', '""', '0', '-1', 'true', 'false', 'null'].map((text) => scanJson(text).kind);
    assert.deepEqual(kinds, ['object', 'array', 'string', 'number', 'number', 'boolean', 'boolean', 'null']);
  });
});

describe('integers that a double cannot be trusted with', () => {
  test('±(2^53 - 1) is safe, one more is not, nor anything beyond', () => {
    for (const text of ['9007199254740991', '-9007199254740991', '0', '-0', '999999999999999']) {
      assert.equal(scanJson(`[${text}]`).hasUnsafeInteger, false, text);
    }
    for (const text of ['9007199254740992', '9007199254740993', '-9007199254740992', '10000000000000000', '1'.repeat(300)]) {
      assert.equal(scanJson(`[${text}]`).unsafeIntegerPath, '/0', text);
    }
  });

  test('a number with a point or an exponent is a double by its own word', () => {
    for (const text of ['9007199254740993.0', '1e17', '12345678901234567e2']) assert.equal(scanJson(text).hasUnsafeInteger, false, text);
  });

  test('the first one is named, in the order of the text', () => {
    assert.equal(scanJson('{"a":[1,{"b":9007199254740993}],"c":9007199254740995}').unsafeIntegerPath, '/a/1/b');
  });
});

describe('slices', () => {
  test('an object comes apart into its members, raw, each with findings of its own', () => {
    const members = scanObject(' {"type" : "a.b", "data": {"n": 9007199254740993, "d": [[]]} , "\\u0069d":"x"} ');
    assert.deepEqual([...members.keys()], ['type', 'data', 'id']);
    assert.equal(members.get('type')?.text, '"a.b"');
    assert.equal(members.get('type')?.unsafeIntegerPath, null);
    const data = members.get('data');
    assert.ok(data instanceof ScannedJson);
    assert.equal(data.text, '{"n": 9007199254740993, "d": [[]]}');
    assert.equal(data.path, '/data');
    assert.equal(data.depth, 3);
    assert.equal(data.unsafeIntegerPath, '/data/n');
    assert.equal(members.get('id')?.hasUnsafeInteger, false);
    assert.equal(members.get('id')?.depth, 0);
  });

  test('slices of slices keep their paths from the root', () => {
    const events = scanObject('{"events":[{"type":"a"},{"data":{"x/y":[0,9007199254740993]}}]}', { depthMax: 66 }).get('events');
    const data = events?.elements()[1]?.members().get('data');
    assert.equal(data?.path, '/events/1/data');
    assert.equal(data.unsafeIntegerPath, '/events/1/data/x~1y/1');
    assert.equal(data.members().get('x/y')?.elements()[1]?.path, '/events/1/data/x~1y/1');
    assert.equal(events?.elements()[0]?.unsafeIntegerPath, null);
  });

  test('a path given by the caller stands before every other', () => {
    assert.equal(scanJson('[9007199254740993]', { path: '/data' }).unsafeIntegerPath, '/data/0');
    assert.equal(refusal(() => scanJson('{"a":1e400}', { path: '/data' })).fields[0]?.path, '/data/a');
    assert.equal(scanArray('[1]', { path: '/list' })[0]?.path, '/list/0');
  });

  test('nesting is counted within each member, so that event data of 64 levels passes in a request', () => {
    const data = '['.repeat(64) + ']'.repeat(64);
    assert.equal(scanObject(`{"data":${data}}`).get('data')?.depth, 64);
    assert.equal(scanArray(`[${data}]`)[0]?.depth, 64);
    assert.equal(refusal(() => scanObject(`{"data":[${data}]}`)).code, 'invalid_event_data');
  });

  test('members survive names that JavaScript treats as special', () => {
    const members = scanObject('{"__proto__":1,"constructor":2,"toString":3}');
    assert.deepEqual(
      [...members].map(([name, value]) => [name, value.text]),
      [
        ['__proto__', '1'],
        ['constructor', '2'],
        ['toString', '3'],
      ],
    );
  });

  test('another kind of value is refused by name', () => {
    const error = refusal(() => scanObject('[1]'));
    assert.equal(error.code, 'invalid_request');
    assert.deepEqual(error.fields, [{ path: '', message: 'must be an object, not an array' }]);
    assert.equal(refusal(() => scanArray('null')).fields[0]?.message, 'must be an array, not null');
    assert.equal(refusal(() => scanJson('"a"', { path: '/data' }).members()).message, '/data must be an object, not a string.');
    assert.equal(refusal(() => scanObject('{"a":1,"a":2}')).code, 'invalid_event_data');
    assert.equal(refusal(() => scanArray('[1,2')).code, 'invalid_json');
  });
});

describe('properties', () => {
  test('whatever JSON.stringify prints is accepted, and the scanned text is that text', () => {
    fc.assert(
      fc.property(fc.jsonValue({ stringUnit: 'binary', maxDepth: 5 }), (value) => {
        const text = JSON.stringify(value);
        const scanned = scanJson(text);
        assert.equal(scanned.text, text);
        assert.deepEqual(JSON.parse(scanned.text), JSON.parse(text));
      }),
      RUNS,
    );
  });

  test('every spelling is accepted, with any space around', () => {
    fc.assert(
      fc.property(jsonTexts, fc.constantFrom('', ' ', '\n', '\t\r'), (text, around) => {
        assert.equal(scanJson(around + text + around).text, text);
      }),
      RUNS,
    );
  });

  test('slices put together again are the value', () => {
    fc.assert(
      fc.property(jsonTexts, (text) => {
        const rebuilt = rebuild(scanJson(text));
        assert.equal(JSON.stringify(JSON.parse(rebuilt)), JSON.stringify(JSON.parse(text)));
      }),
      RUNS,
    );
  });

  test('the first unsafe integer is where a walk over the parsed value finds it', () => {
    fc.assert(
      fc.property(jsonTexts, (text) => {
        const path = scanJson(text).unsafeIntegerPath;
        const first = /^-?\d+$/;
        const found: string[] = [];
        walk(scanJson(text), (leaf) => {
          if (leaf.kind === 'number' && first.test(leaf.text) && !Number.isSafeInteger(Number(leaf.text))) found.push(leaf.path);
        });
        assert.equal(path, found[0] ?? null);
      }),
      RUNS,
    );
  });

  test('a broken text is accepted exactly when JSON.parse takes it and it is portable', () => {
    const seen = { accepted: 0, invalid_json: 0, invalid_event_data: 0 };
    fc.assert(
      fc.property(brokenTexts, (text) => {
        let parsed: { value: unknown } | null = null;
        try {
          parsed = { value: JSON.parse(text) };
        } catch {}
        let verdict: string = 'accepted';
        try {
          scanJson(text);
        } catch {
          verdict = refusal(() => scanJson(text)).code;
        }
        const expected = parsed !== null && isPortable(text, parsed.value) ? 'accepted' : 'refused';
        assert.equal(verdict === 'accepted' ? 'accepted' : 'refused', expected, `${verdict}: ${JSON.stringify(text)}`);
        if (parsed !== null && verdict !== 'accepted') assert.equal(verdict, 'invalid_event_data');
        if (verdict === 'accepted') seen.accepted++;
        else if (verdict === 'invalid_json') seen.invalid_json++;
        else if (verdict === 'invalid_event_data') seen.invalid_event_data++;
      }),
      { numRuns: 3000 },
    );
    for (const [verdict, count] of Object.entries(seen)) assert.ok(count > 10, `too few ${verdict}: ${count}`);
  });
});

// Quadratic time on a text of this size would take minutes; linear time takes well under a second.
describe('time is linear and the stack is safe on hostile texts', () => {
  const size = 1_000_000;
  const times = (piece: string): string => piece.repeat(Math.ceil(size / piece.length));
  const list = (piece: (index: number) => string, count: number): string => Array.from({ length: count }, (_, i) => piece(i)).join(',');
  const cases: readonly (readonly [claim: string, text: string, verdict: string])[] = [
    ['open brackets without end', times('['), 'invalid_event_data'],
    ['open objects without end', times('{"a":'), 'invalid_event_data'],
    ['spaces', times(' '), 'invalid_json'],
    ['line ends before an error', `${times('\n')}x`, 'invalid_json'],
    ['a long string', `"${times('x')}"`, 'accepted'],
    ['a string without end', `"${times('x')}`, 'invalid_json'],
    ['backslashes', `"${times('\\\\')}"`, 'accepted'],
    ['escapes', `"${times('\\u0061')}"`, 'accepted'],
    ['pairs', `"${times('\\ud83d\\ude00')}"`, 'accepted'],
    ['digits', times('9'), 'invalid_event_data'],
    ['zeros after a point', `0.${times('0')}`, 'accepted'],
    ['zeros after a point, then a digit', `0.${times('0')}1`, 'invalid_event_data'],
    ['digits after a point', `0.${times('7')}`, 'accepted'],
    ['a long exponent', `1e${times('9')}`, 'invalid_event_data'],
    ['a long exponent of zeros', `1e${times('0')}`, 'accepted'],
    ['many keys', `{${list((i) => `"k${i}":0`, 80_000)}}`, 'accepted'],
    ['many integer-like keys', `{${list((i) => `"${i * 1024}":0`, 80_000)}}`, 'accepted'],
    ['many escaped keys', `{${list((i) => `"\\u006b${i}":0`, 60_000)}}`, 'accepted'],
    ['few long keys that differ at the end', `[${list(() => `{${list((i) => `"${'k'.repeat(2000)}${i}":0`, 8)}}`, 60)}]`, 'accepted'],
    ['many keys and the last one twice', `{${list((i) => `"k${i}":0`, 80_000)},"k79999":0}`, 'invalid_event_data'],
    ['unsafe integers', `[${list(() => '9007199254740993', 60_000)}]`, 'accepted'],
    ['small objects', `[${list(() => '{"a":[]}', 100_000)}]`, 'accepted'],
  ];
  for (const [claim, text, verdict] of cases) {
    test(claim, () => {
      const before = performance.now();
      assert.equal(verdictOf(text), verdict);
      const tookMs = performance.now() - before;
      assert.ok(tookMs < 5000, `${Math.round(tookMs)} ms for ${text.length} characters`);
    });
  }

  test('no limit a caller gives lets nesting overflow the stack', () => {
    assert.equal(scanJson('['.repeat(1000) + ']'.repeat(1000), { depthMax: Infinity }).depth, 1000);
    assert.equal(refusal(() => scanJson(times('['), { depthMax: Infinity })).code, 'invalid_event_data');
  });
});

function verdictOf(text: string): string {
  try {
    scanJson(text);
    return 'accepted';
  } catch {
    return refusal(() => scanJson(text)).code;
  }
}

function rebuild(scanned: ScannedJson): string {
  if (scanned.kind === 'array') return `[${scanned.elements().map(rebuild).join(',')}]`;
  if (scanned.kind !== 'object') return scanned.text;
  return `{${[...scanned.members()].map(([name, value]) => `${JSON.stringify(name)}:${rebuild(value)}`).join(',')}}`;
}

function walk(scanned: ScannedJson, visit: (leaf: ScannedJson) => void): void {
  if (scanned.kind === 'array') for (const element of scanned.elements()) walk(element, visit);
  else if (scanned.kind === 'object') for (const member of scanned.members().values()) walk(member, visit);
  else visit(scanned);
}

/** The documented reasons to refuse what JSON.parse takes, found another way than the scanner finds them. */
function isPortable(text: string, value: unknown): boolean {
  const bare = text.replaceAll(/"(?:[^"\\]|\\.)*"/gs, '""');
  const numbers = bare.match(/-?\d[\d.eE+-]*/g) ?? [];
  const beyondDouble = numbers.some(
    (literal) => !Number.isFinite(Number(literal)) || (Number(literal) === 0 && /[1-9]/.test(literal.split(/e/i)[0] ?? '')),
  );
  const members = bare.split(':').length - 1;
  const halves = (text.match(/"(?:[^"\\]|\\.)*"/gs) ?? []).some((literal) => !String(JSON.parse(literal)).isWellFormed());
  return text.isWellFormed() && !halves && !beyondDouble && members === countKeys(value);
}

function countKeys(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  const inner = Object.values(value).reduce((sum: number, member: unknown) => sum + countKeys(member), 0);
  return inner + (Array.isArray(value) ? 0 : Object.keys(value).length);
}
