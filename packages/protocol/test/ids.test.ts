import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import fc from 'fast-check';

import { attemptId, createIdMint, isEventId, isMintedId, isTenantId, parseAttemptId } from '../src/index.ts';
import type { DeliveryId, IdMint } from '../src/index.ts';

const MAY_2026 = Date.UTC(2026, 4, 12);
const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';

const filled = (byte: number) => (size: number) => new Uint8Array(size).fill(byte);

function mintAt(times: readonly number[], random: (size: number) => Uint8Array = filled(0x5a)): IdMint {
  let call = 0;
  return createIdMint(() => times[Math.min(call++, times.length - 1)] ?? 0, random);
}

function timeOf(id: string): number {
  return Array.from(id.slice(id.indexOf('_') + 1).slice(0, 10)).reduce((ms, digit) => ms * 32 + ALPHABET.indexOf(digit), 0);
}

function assertRising(ids: readonly string[]): void {
  for (const [index, id] of ids.entries()) {
    const before = ids[index - 1];
    if (before !== undefined) assert.ok(id > before, `${id} does not stand after ${before}`);
  }
}

describe('minted ids', () => {
  test('are a prefix, an underscore and 26 digits of lower-case Crockford base32', () => {
    const mint = mintAt([MAY_2026]);
    for (const prefix of ['evt', 'ep', 'dlv', 'rpl', 'key'] as const) {
      assert.match(mint.mint(prefix), new RegExp(`^${prefix}_[0-9a-hjkmnp-tv-z]{26}$`));
    }
  });

  test('begin with the epoch millisecond they were made in', () => {
    assert.equal(timeOf(mintAt([MAY_2026 + 0.9]).mint('evt')), MAY_2026);
    assert.equal(timeOf(mintAt([0]).mint('evt')), 0);
  });

  test('sort by the time they were made, whatever the randomness', () => {
    let byte = 0xff;
    const mint = createIdMint(
      (() => {
        let now = MAY_2026;
        return () => now++;
      })(),
      (size) => filled(byte--)(size),
    );
    assertRising(Array.from({ length: 200 }, () => mint.mint('dlv')));
  });

  test('rise strictly while the clock stands still, even from the highest randomness', () => {
    for (const byte of [0x00, 0x5a, 0xff]) {
      const mint = mintAt([MAY_2026], filled(byte));
      assertRising(Array.from({ length: 5000 }, () => mint.mint('dlv')));
    }
  });

  test('rise strictly, and keep their last millisecond, while the clock steps back', () => {
    const mint = mintAt([MAY_2026, MAY_2026 - 1, MAY_2026 - 3_600_000, 0, MAY_2026]);
    const ids = Array.from({ length: 6 }, () => mint.mint('evt'));
    assertRising(ids);
    assert.deepEqual(
      ids.map(timeOf),
      ids.map(() => MAY_2026),
    );
  });

  test('rise strictly on any clock', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.nat({ max: 5 }), fc.double({ min: 0, max: 2 ** 47, noNaN: true })), { minLength: 2 }),
        fc.uint8Array({ minLength: 10, maxLength: 10 }),
        (times, random) => {
          const mint = mintAt(times, () => random);
          assertRising(times.map(() => mint.mint('key')));
        },
      ),
    );
  });

  test('ask for ten random bytes once a millisecond, and use all but the bit of headroom', () => {
    const asked: number[] = [];
    const mint = mintAt([1, 1, 1, 2, 2, 3], (size) => {
      asked.push(size);
      return filled(0xff)(size);
    });
    const ids = Array.from({ length: 6 }, () => mint.mint('evt'));
    assert.deepEqual(asked, [10, 10, 10]);
    assert.equal(ids[0]?.slice(-16), 'fzzzzzzzzzzzzzzz');
    assert.equal(ids[1]?.slice(-16), 'g000000000000000');
  });

  test('of two mints with other randomness differ', () => {
    assert.notEqual(mintAt([MAY_2026], filled(1)).mint('evt'), mintAt([MAY_2026], filled(2)).mint('evt'));
  });

  test('are event ids in form, and of the prefix they were asked for', () => {
    const mint = mintAt([MAY_2026]);
    assert.ok(isEventId(mint.mint('evt')));
    for (const prefix of ['ep', 'dlv', 'rpl', 'key'] as const) {
      assert.ok(isMintedId(mint.mint(prefix), prefix));
      assert.ok(!isMintedId(mint.mint(prefix), prefix === 'ep' ? 'key' : 'ep'));
    }
  });
});

describe('given ids', () => {
  for (const [name, judge] of [
    ['an event id', isEventId],
    ['a tenant id', isTenantId],
  ] as const) {
    test(`${name} is 1 to 64 of letters, digits, underscore and hyphen`, () => {
      for (const text of ['a', 'Z', '0', '_', '-', 'order-4711_B', 'x'.repeat(64), '__proto__']) assert.ok(judge(text), text);
      for (const text of ['', 'x'.repeat(65), 'a.b', 'a b', 'a/b', 'é', 'a\n', '\na', 'a\u0000', 'a:b', '😀'])
        assert.ok(!judge(text), text);
    });
  }

  test('a minted id of the wrong length, alphabet, case or prefix is none', () => {
    const good = 'ep_01hxyz0123456789abcdefghjk';
    assert.ok(isMintedId(good, 'ep'));
    for (const text of [
      '',
      'ep_',
      good.slice(0, -1),
      `${good}0`,
      `${good}\n`,
      good.toUpperCase(),
      good.replace('x', 'u'),
      good.replace('x', 'i'),
      `d${good}`,
      `dlv${good.slice(2)}`,
    ]) {
      assert.ok(!isMintedId(text, 'ep'), text);
    }
  });
});

describe('attempt ids', () => {
  const delivery: DeliveryId = 'dlv_01hxyz0123456789abcdefghjk';

  test('name their delivery and number, and read back', () => {
    assert.equal(attemptId(delivery, 1), 'att_01hxyz0123456789abcdefghjk_1');
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 999_999 }), (attempt) => {
        assert.deepEqual(parseAttemptId(attemptId(delivery, attempt)), { delivery, attempt });
      }),
    );
  });

  test('of another form are none', () => {
    const id = attemptId(delivery, 1);
    for (const text of [
      '',
      'att_',
      delivery,
      id.slice(0, -2),
      id.slice(0, -1),
      `${id.slice(0, -1)}0`,
      `${id.slice(0, -1)}01`,
      `${id.slice(0, -1)}-1`,
      `${id}.5`,
      `${id}\n`,
      `${id}000000`,
      id.toUpperCase(),
      id.replace('_01', '_u1'),
    ]) {
      assert.equal(parseAttemptId(text), null, text);
    }
  });
});
