import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Scoreboard } from '../src/demo/scoreboard.ts';

test('an event is missing until its receiver verified it and the server delivered it', () => {
  const board = new Scoreboard();
  board.expect('joai', 'agent.message', 'evt_1', 100);
  assert.equal(board.missing().length, 1);
  board.verified('joai', 'agent.message', 'evt_1', 107);
  assert.equal(board.missing().length, 1);
  board.delivered('joai', 'agent.message', 'evt_1');
  assert.deepEqual(board.missing(), []);
  assert.deepEqual(board.scores(['joai']), [{ profile: 'joai', total: 1, delivered: 1, verified: 1, medianMs: 7 }]);
});

test('a receiver may be faster than the publisher’s answer', () => {
  const board = new Scoreboard();
  assert.equal(board.verified('joai', 'agent.message', 'evt_1', 107), null);
  assert.equal(board.expect('joai', 'agent.message', 'evt_1', 100).verifiedMs, 107);
});

test('neither a second report nor one under another type or profile counts', () => {
  const board = new Scoreboard();
  board.expect('joai', 'agent.message', 'evt_1', 100);
  assert.equal(board.verified('joai', 'agent.action', 'evt_1', 101), null);
  assert.equal(board.verified('meetloyd', 'agent.message', 'evt_1', 101), null);
  assert.equal(board.missing().length, 1);
  assert.notEqual(board.verified('joai', 'agent.message', 'evt_1', 102), null);
  assert.equal(board.verified('joai', 'agent.message', 'evt_1', 103), null);
});
