import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import fc from 'fast-check';

import { checkEventTypes, EVENT_TYPE_LENGTH_MAX, isEventTypeName, matchesEventType, nearestName } from '../src/index.ts';
import { refusal } from './json-texts.ts';

const CATALOGUE = [
  'meeting.scheduled',
  'meeting.completed',
  'meeting.cancelled',
  'meeting.no_show',
  'payment.paid',
  'payment.failed',
  'room.call',
];

const segment = fc.string({ unit: fc.constantFrom(...Array.from('abcXYZ019_-')), minLength: 1, maxLength: 6 });
const name = fc.array(segment, { minLength: 1, maxLength: 5 }).map((segments) => segments.join('.'));

describe('an event type name', () => {
  test('is segments of letters, digits, underscore and hyphen, joined by dots', () => {
    for (const text of [...CATALOGUE, 'ping', 'A.B', 'a-b.c_d', '1.2.3', 'storage.file.updated', 'x'.repeat(128)])
      assert.ok(isEventTypeName(text), text);
  });

  test('is nothing else', () => {
    for (const text of ['', '.', 'a.', '.a', 'a..b', '*', 'a.*', 'a b', ' a', 'a\n', 'é', 'a/b', 'a:b', 'x'.repeat(129), '\u0000']) {
      assert.ok(!isEventTypeName(text), JSON.stringify(text));
    }
  });

  test('is judged in linear time', () => {
    const before = performance.now();
    assert.ok(!isEventTypeName(`${'a.'.repeat(500_000)}!`));
    assert.ok(!isEventTypeName(`${'a'.repeat(127)}!`));
    assert.ok(performance.now() - before < 1000);
  });
});

describe('a subscription', () => {
  test('of exact names, prefixes and * passes, 1 to 100 of them', () => {
    for (const patterns of [['*'], ['meeting.completed'], ['meeting.*', 'payment.paid'], ['a.b.*'], ['*', 'a']]) checkEventTypes(patterns);
    checkEventTypes(Array.from({ length: 100 }, (_, i) => `type.${i}`));
    checkEventTypes([`${'x'.repeat(EVENT_TYPE_LENGTH_MAX)}.*`]);
  });

  test('of none, or of more than 100, is refused', () => {
    assert.equal(refusal(() => checkEventTypes([])).code, 'invalid_event_types');
    const error = refusal(() => checkEventTypes(Array.from({ length: 101 }, (_, i) => `type.${i}`)));
    assert.equal(error.code, 'invalid_event_types');
    assert.equal(error.fields[0]?.path, '/eventTypes');
  });

  test('says each pattern that is wrong, and where', () => {
    const error = refusal(() => checkEventTypes(['meeting.*', '', 'meeting', 'meeting.*', '**']));
    assert.equal(error.code, 'invalid_event_types');
    assert.deepEqual(
      error.fields.map(({ path }) => path),
      ['/eventTypes/1', '/eventTypes/3', '/eventTypes/4'],
    );
    assert.match(error.fields[1]?.message ?? '', /"meeting\.\*" stands at \/eventTypes\/0 already/);
  });

  test('with a wildcard anywhere but at the end of a prefix is refused', () => {
    for (const pattern of ['.*', '*.*', '*.a', 'a*', 'a.*.b', 'a.b*', 'a.**', 'a..*', ' *', '* ', 'A b', 'a.*.*']) {
      assert.equal(refusal(() => checkEventTypes([pattern])).code, 'invalid_event_types', pattern);
    }
  });

  test('of something that is no text, as plain JavaScript may pass, is refused and not matched later', () => {
    const patterns: string[] = JSON.parse('[5]');
    assert.match(refusal(() => checkEventTypes(patterns)).message, /a value of type number/);
  });

  test('never echoes a huge pattern whole', () => {
    assert.ok(refusal(() => checkEventTypes(['!'.repeat(100_000)])).message.length < 600);
  });
});

describe('matching', () => {
  const table: readonly (readonly [patterns: readonly string[], type: string, matches: boolean])[] = [
    [['*'], 'anything.at.all', true],
    [['meeting.completed'], 'meeting.completed', true],
    [['meeting.completed'], 'meeting.completed.late', false],
    [['meeting.completed'], 'Meeting.completed', false],
    [['meeting.*'], 'meeting.completed', true],
    [['meeting.*'], 'meeting.completed.late', true],
    [['meeting.*'], 'meeting', false],
    [['meeting.*'], 'meetings.completed', false],
    [['storage.file.*'], 'storage.file.updated', true],
    [['storage.file.*'], 'storage.files', false],
    [['storage.*'], 'storage.file.updated', true],
    [['payment.paid', 'meeting.*'], 'meeting.no_show', true],
    [['payment.paid', 'room.*'], 'meeting.no_show', false],
    [[], 'meeting.no_show', false],
  ];
  for (const [patterns, type, matches] of table) {
    test(`${JSON.stringify(patterns)} ${matches ? 'takes' : 'leaves'} ${type}`, () =>
      assert.equal(matchesEventType(patterns, type), matches));
  }

  test('a prefix takes exactly the names that begin with it and a dot', () => {
    fc.assert(
      fc.property(name, name, (prefix, type) => {
        assert.equal(matchesEventType([`${prefix}.*`], type), type.startsWith(`${prefix}.`));
        assert.ok(matchesEventType([`${prefix}.*`], `${prefix}.${type}`));
        assert.equal(matchesEventType([prefix], type), prefix === type);
      }),
    );
  });
});

describe('the nearest name', () => {
  test('is the one a typing error away', () => {
    for (const [typed, meant] of [
      ['meeting.complete', 'meeting.completed'],
      ['meeting.compelted', 'meeting.completed'],
      ['meeting_completed', 'meeting.completed'],
      ['Meeting.Completed', 'meeting.completed'],
      ['meeting.canceled', 'meeting.cancelled'],
      ['meeting.noshow', 'meeting.no_show'],
      ['payments.paid', 'payment.paid'],
      ['room.cal', 'room.call'],
    ] as const) {
      assert.equal(nearestName(typed, CATALOGUE), meant, typed);
    }
  });

  test('is null when nothing is near', () => {
    for (const typed of ['', 'x', 'invoice.created', 'zzzzzzzzzzzz', 'm'.repeat(128), 'x'.repeat(5000)])
      assert.equal(nearestName(typed, CATALOGUE), null, typed);
    assert.equal(nearestName('meeting.completed', []), null);
  });

  test('of equally near ones is the first, and the nearest wins wherever it stands', () => {
    assert.equal(nearestName('task.x', ['task.a', 'task.b']), 'task.a');
    assert.equal(nearestName('meeting.completes', ['meeting.complete', 'meeting.completed']), 'meeting.complete');
    assert.equal(nearestName('payment.pai', ['payment.pay', 'payment.paid', 'payment.p']), 'payment.pay');
    assert.equal(nearestName('payment.faild', ['payment.fail', 'payment.failed']), 'payment.fail');
    assert.equal(nearestName('meeting.complted', ['meeting.complete', 'meeting.completed']), 'meeting.completed');
  });

  test('agrees with the plain definition of edit distance', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom(...Array.from('ab.')), minLength: 1, maxLength: 12 }),
        fc.array(fc.string({ unit: fc.constantFrom(...Array.from('ab.')), maxLength: 12 })),
        (typed, known) => {
          const limit = Math.min(5, Math.max(1, Math.floor(typed.length / 3)));
          let expected: string | null = null;
          let least = limit + 1;
          for (const candidate of known) {
            const distance = plainDistance(typed, candidate);
            if (distance < least) [expected, least] = [candidate, distance];
          }
          assert.equal(nearestName(typed, known), expected);
        },
      ),
      { numRuns: 500 },
    );
  });

  test('is found among two thousand long names quickly', () => {
    const known = Array.from({ length: 2000 }, (_, i) => `${'a'.repeat(120)}${i}`);
    const before = performance.now();
    nearestName('a'.repeat(126), known);
    assert.ok(performance.now() - before < 5000);
  });
});

function plainDistance(a: string, b: string): number {
  const known = new Map<string, number>();
  const distance = (i: number, j: number): number => {
    if (i === 0 || j === 0) return i + j;
    const place = `${i},${j}`;
    let least = known.get(place);
    if (least === undefined) {
      least = Math.min(distance(i - 1, j) + 1, distance(i, j - 1) + 1, distance(i - 1, j - 1) + (a[i - 1] === b[j - 1] ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) least = Math.min(least, distance(i - 2, j - 2) + 1);
      known.set(place, least);
    }
    return least;
  };
  return distance(a.length, b.length);
}
