import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';

import fc from 'fast-check';

import { printJavascript, printPython, scanJson } from '../src/index.ts';
import { jsonTexts } from './json-texts.ts';

const RUNS = { numRuns: 500 };

interface PrinterVector {
  readonly text: string;
  readonly printed: string;
}

// Made by Python itself: vectors/make-json-vectors.py.
function readVectors(): readonly PrinterVector[] {
  const file: { readonly vectors: readonly PrinterVector[] } = JSON.parse(
    readFileSync(new URL('../vectors/json/python-printer.json', import.meta.url), 'utf8'),
  );
  return file.vectors;
}

describe('the Python printer', () => {
  test('prints each of at least 600 texts as Python printed it', () => {
    const vectors = readVectors();
    assert.ok(vectors.length >= 600, `${vectors.length} vectors`);
    for (const { text, printed } of vectors) {
      assert.equal(scanJson(text).text, text.trim());
      assert.equal(printPython(text), printed, text);
      assert.equal(printPython(printed), printed, text);
    }
  });

  test('printing what it printed changes nothing', () => {
    fc.assert(
      fc.property(jsonTexts, (text) => {
        const printed = printPython(text);
        assert.equal(printPython(printed), printed);
        assert.equal(scanJson(printed).text, printed);
      }),
      RUNS,
    );
  });

  test('what it prints is ASCII and means the same', () => {
    fc.assert(
      fc.property(jsonTexts, (text) => {
        const printed = printPython(text);
        assert.match(printed, /^[ -~]*$/);
        assert.equal(JSON.stringify(JSON.parse(printed)), JSON.stringify(JSON.parse(text)));
      }),
      RUNS,
    );
  });

  test('integers of any size keep their digits, and only -0 loses its sign', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(10n ** 300n), max: 10n ** 300n }), (integer) => {
        assert.equal(printPython(`[${integer}]`), `[${integer}]`);
      }),
    );
    assert.equal(printPython('[-0, -0.0]'), '[0, -0.0]');
  });

  test('any double reads back the same', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        const printed = printPython(`${Object.is(value, -0) ? '-0' : value}${/[.e]/.test(String(value)) ? '' : '.0'}`);
        assert.ok(Object.is(Number(printed), value), `${value} printed as ${printed}`);
        assert.match(printed, /^-?\d+(\.\d+)?(e[+-]\d{2,3})?$/);
      }),
      RUNS,
    );
  });
});

describe('the JavaScript printer', () => {
  test('equals JSON.stringify(JSON.parse(text)) and is stable under it, for any text without unsafe integers', () => {
    let tried = 0;
    fc.assert(
      fc.property(jsonTexts, (text) => {
        fc.pre(!scanJson(text).hasUnsafeInteger);
        const printed = printJavascript(text, false);
        assert.equal(printed, JSON.stringify(JSON.parse(text)));
        assert.equal(JSON.stringify(JSON.parse(printed)), printed);
        assert.equal(printJavascript(text, true), printed);
        tried++;
      }),
      RUNS,
    );
    assert.ok(tried >= RUNS.numRuns);
  });

  test('is stable on whatever JSON.stringify prints, however its numbers are spelled', () => {
    fc.assert(
      fc.property(fc.jsonValue({ stringUnit: 'binary' }), (value) => {
        const text = JSON.stringify(value);
        assert.equal(printJavascript(text, false), text);
        assert.equal(JSON.stringify(JSON.parse(text)), text);
      }),
      RUNS,
    );
  });

  test('unsafe integers keep their digits exactly', () => {
    fc.assert(
      fc.property(fc.array(fc.bigInt({ min: -(10n ** 60n), max: 10n ** 60n })), (integers) => {
        const text = `[${integers.join(' , ')}]`;
        assert.equal(printJavascript(text, true), `[${integers.join(',')}]`);
      }),
      RUNS,
    );
  });

  test('with unsafe integers, printing what it printed changes nothing', () => {
    fc.assert(
      fc.property(jsonTexts, (text) => {
        const printed = printJavascript(text, true);
        assert.equal(printJavascript(printed, true), printed);
      }),
      { ...RUNS, examples: [['[1e20]'], ['1e21']] },
    );
  });

  test('integer-like keys come first, in ascending order, with and without unsafe integers', () => {
    assert.equal(printJavascript('{"b":1.0,"10":2,"9":3}', false), '{"9":3,"10":2,"b":1}');
    assert.equal(printJavascript('{"b":9007199254740993,"10":2,"9":-0}', true), '{"9":0,"10":2,"b":9007199254740993}');
  });

  test('a number with a point or an exponent is a double, whatever else is kept', () => {
    assert.equal(printJavascript('[9007199254740993.0,1e5,1.50,9007199254740993]', true), '[9007199254740992,100000,1.5,9007199254740993]');
  });

  test('special names survive, with and without unsafe integers', () => {
    for (const unsafe of [false, true]) {
      const text = '{"__proto__":{"x":9},"constructor":1,"toJSON":2}';
      assert.equal(printJavascript(text, unsafe), text);
    }
    assert.equal(printJavascript('{"__proto__":9007199254740993}', true), '{"__proto__":9007199254740993}');
  });

  test('escapes fall away where none is needed', () => {
    assert.equal(printJavascript(' [ "\\/\\u00e9\\u0000\\u007f\\ud83d\\ude00\u2028" ] ', false), '["/é\\u0000\x7f😀\u2028"]');
  });
});
