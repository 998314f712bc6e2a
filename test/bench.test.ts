import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { connect, createServer } from 'node:tls';
import { once } from 'node:events';
import { compare, keepBaseline } from '../bench/baseline.ts';
import { Bench, type Scenario, type Settings } from '../bench/bench.ts';
import { makeCertificates } from '../bench/certificates.ts';
import { figure, type Figure, type Result } from '../bench/figures.ts';
import { inspectMachine } from '../bench/machine.ts';
import { drawPlot } from '../bench/plot.ts';
import { summarize } from '../bench/profile.ts';
import { replaceSection, tableOf, type Recorded } from '../bench/report.ts';
import { drain } from '../bench/scenarios/drain.ts';
import { allowedBy, limit, measureParts } from '../bench/scenarios/limit.ts';
import { steady } from '../bench/scenarios/steady.ts';
import { tls } from '../bench/scenarios/tls.ts';
import { SMALLEST } from '../bench/sizes.ts';
import { pickEndpoints } from '../bench/spread.ts';

const folder = mkdtempSync(join(tmpdir(), 'waxwing-bench-test-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const machine = inspectMachine(folder);
const settings: Settings = {
  ...SMALLEST,
  store: 'sqlite',
  nodes: 1,
  threads: 1,
  folder,
  connections: 8,
  endpoints: 4,
  concurrency: 16,
  bodyBytes: 500,
  profiles: null,
};

describe('the smallest run of a scenario', () => {
  const bench = new Bench(settings, machine, () => {}, measureParts);
  const scenarios: readonly (readonly [Scenario, readonly string[]])[] = [
    [limit, ['limit.send.rate', 'limit.store.rate', 'limit.ingest.rate', 'limit.allowed']],
    [steady, ['steady.p50at50', 'steady.p999at80']],
    [tls, ['tls.rate', 'tls.cpu']],
    [drain, ['drain.rate', 'drain.memory']],
  ];
  for (const [scenario, ids] of scenarios)
    it(`of ${scenario.name} gives its figures, and none of them is nothing`, async () => {
      const { figures } = await scenario.run(bench);
      for (const id of ids) assert.ok((figures.find((one) => one.id === id)?.value ?? 0) > 0, `${id}: ${JSON.stringify(figures)}`);
    });
});

describe('what the parts allow', () => {
  const part = (perSecond: number, cpuUsEach: number) => ({ perSecond, cpuUsEach });
  it('is all CPUs over the sum of what they cost', () => {
    assert.equal(allowedBy(2, [part(1e6, 60), part(1e6, 40)]), 20_000);
  });
  it('is no more than the slowest of them does alone', () => {
    assert.equal(allowedBy(64, [part(30_000, 60), part(1e6, 40)]), 30_000);
  });
});

describe('traffic', () => {
  it('spread evenly reaches every endpoint as often', () => {
    const pick = pickEndpoints('even', 3);
    assert.deepEqual(Array.from({ length: 6 }, pick), [0, 1, 2, 0, 1, 2]);
  });
  it('spread by Zipf goes to the first endpoint twice as often as to the second, and reaches far ones too', () => {
    const pick = pickEndpoints('zipf', 1_000);
    const hits = new Map<number, number>();
    for (let n = 0; n < 50_000; n++) {
      const endpoint = pick();
      hits.set(endpoint, (hits.get(endpoint) ?? 0) + 1);
    }
    const ratio = (hits.get(0) ?? 0) / (hits.get(1) ?? 1);
    assert.ok(ratio > 1.7 && ratio < 2.3, `${ratio}`);
    assert.ok([...hits.keys()].some((endpoint) => endpoint > 900));
  });
});

it('a certificate made for a run is trusted with its authority, and not without', async () => {
  const { authority, certificate, key } = makeCertificates('127.0.0.1');
  const server = createServer({ cert: certificate, key }, (socket) => void socket.on('error', () => {}).end());
  server.on('tlsClientError', () => {});
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const trusting = connect({ host: '127.0.0.1', port, ca: authority });
  await once(trusting, 'secureConnect');
  assert.ok(trusting.authorized);
  trusting.destroy();
  const strange = connect({ host: '127.0.0.1', port });
  await assert.rejects(once(strange, 'secureConnect'), /unable to verify|self.signed|issuer/);
  server.close();
});

describe('a figure', () => {
  it('is judged by its value, or where it says so by its ratio', () => {
    const against = { value: 100, of: 'the limit' };
    const target = { atLeast: 0.6, text: '≥ 0.6', ofRatio: true };
    assert.equal(figure('a', 'a', 59, '/s', 'more', { against, target }).target?.isMet, false);
    assert.equal(figure('a', 'a', 61, '/s', 'more', { against, target }).target?.isMet, true);
    assert.equal(figure('a', 'a', 61, 'µs', 'less', { target: { atMost: 60, text: '≤ 60' } }).target?.isMet, false);
  });
  it('stands in the table with what it is held against', () => {
    const text = tableOf([figure('a', 'some rate', 12_345, '/s', 'more', { against: { value: 24_690, of: 'the limit' } })]);
    assert.match(text, /\| some rate \| 12,345\/s \| 0\.5 of the limit \| {2}\|/);
  });
});

function recordedOf(figures: readonly Figure[]): Recorded {
  const result: Result = { figures, plots: [] };
  return {
    at: '2026-01-01T00:00:00Z',
    command: '',
    machine,
    settings,
    method: '',
    seconds: 1,
    scenarios: { one: { question: '', seconds: 1, failure: null, ...result } },
  };
}

describe('a comparison with the baseline', () => {
  const path = join(folder, 'baseline.json');
  const rate = (value: number) => figure('one.rate', 'rate', value, '/s', 'more', { against: { value: 100, of: 'limit' } });
  const cpu = (value: number) => figure('one.cpu', 'cpu', value, 'µs', 'less', { against: { value: 100, of: 'parts' } });
  it('marks what dropped by more than 15 %, whichever way is down', () => {
    assert.equal(keepBaseline(recordedOf([rate(60), cpu(100)]), path), 2);
    assert.match(compare(recordedOf([rate(52), cpu(110)]), path), /No figure dropped/);
    assert.match(compare(recordedOf([rate(50), cpu(100)]), path), /\| rate .*DROP/);
    assert.match(compare(recordedOf([rate(60), cpu(120)]), path), /\| cpu .*DROP/);
  });
  it('compares no tails of latency', () => {
    const tail = figure('one.p99at50', 'tail', 9, 'ms', 'less', { against: { value: 1, of: 'loopback' } });
    assert.doesNotMatch(compare(recordedOf([tail]), path), /tail/);
  });
  it('says how to make one where there is none', () => {
    assert.match(compare(recordedOf([rate(1)]), join(folder, 'none.json')), /--quick --keep/);
  });
});

it('the figures are put between their markers, and only there', () => {
  assert.equal(replaceSection('a\n<!-- x -->old<!-- /x -->\nb', 'x', 'new'), 'a\n<!-- x -->\n\nnew\n\n<!-- /x -->\nb');
  assert.throws(() => replaceSection('a', 'x', 'new'), /no place/);
});

describe('a plot', () => {
  it('draws every bar with its label, and its length by its value', () => {
    const bars = [
      { label: 'a < b', value: 50 },
      { label: 'c', value: 100, isOurs: true },
    ];
    const svg = drawPlot({ kind: 'bars', name: 'p', title: 'Bars', unit: 'µs', bars });
    const widths = [...svg.matchAll(/<rect[^>]* width="([\d.]+)"/g)].map(([, width]) => Number(width));
    assert.deepEqual(widths, [170, 340]);
    assert.match(svg, /a &lt; b/);
  });
  it('draws every point of a line, higher values higher', () => {
    const points = [
      [1_000, 1],
      [2_000, 10],
      [3_000, 100],
    ] as const;
    const svg = drawPlot({
      kind: 'lines',
      name: 'p',
      title: 'Lines',
      x: 'x',
      y: 'ms',
      isLogarithmic: true,
      lines: [{ label: 'p50', points }],
    });
    const heights = [...svg.matchAll(/<circle[^>]* cy="([\d.]+)"/g)].map(([, y]) => Number(y));
    assert.equal(heights.length, 3);
    assert.ok((heights[0] ?? 0) > (heights[1] ?? 0) && (heights[1] ?? 0) > (heights[2] ?? 0));
  });
});

it('a profile says which package and which function took the time, and leaves idling out', () => {
  const frame = (functionName: string, url: string) => ({ functionName, url, lineNumber: 9 });
  const profile = {
    nodes: [
      { id: 1, callFrame: frame('sign', 'file:///x/packages/protocol/src/sign.ts') },
      { id: 2, callFrame: frame('parse', 'file:///x/node_modules/undici/lib/a.js') },
      { id: 3, callFrame: frame('(idle)', '') },
    ],
    samples: [1, 1, 2, 3],
    timeDeltas: [300, 450, 250, 9_000],
  };
  const text = summarize(profile, 'a.cpuprofile');
  assert.match(text, / 75\.0 % {2}protocol\n/);
  assert.match(text, / 25\.0 % {2}parse undici\/a\.js:10/);
  assert.doesNotMatch(text, /%.*idle/);
});
