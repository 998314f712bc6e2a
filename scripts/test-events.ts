// A test reporter for scripts/test.ts: one JSON line for each test that ended. Node wants a reporter as a default export.

import type { TestEvent } from 'node:test/reporters';

/** How one test ended. */
export interface TestEnd {
  readonly name: string;
  readonly end: 'passed' | 'failed' | 'skipped' | 'todo';
}

export default async function* testEvents(source: AsyncIterable<TestEvent>): AsyncGenerator<string> {
  for await (const event of source) {
    if (event.type !== 'test:pass' && event.type !== 'test:fail') continue;
    const { name, skip, todo, details } = event.data;
    let end: TestEnd['end'] = event.type === 'test:pass' ? 'passed' : 'failed';
    if (todo !== undefined && todo !== false) end = 'todo';
    else if (skip !== undefined && skip !== false) end = 'skipped';
    else if (event.type === 'test:fail' && isOfItsTests(event.data.details.error)) continue;
    else if (end === 'passed' && details.type === 'suite') continue;
    const line: TestEnd = { name, end };
    yield `${JSON.stringify(line)}\n`;
  }
}

/** A suite fails when a test of it does: that is counted once. */
function isOfItsTests(error: Error): boolean {
  return 'failureType' in error && error.failureType === 'subtestsFailed';
}
