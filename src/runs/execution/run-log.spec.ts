import type { EventBody } from '@reprise/protocol';
import type { OpenLog } from '../../streams/index.js';
import { RunLog } from './run-log.js';
import { LeaseLost, RunCancelled, type StopReason } from './stop-reasons.js';

const CANCELLED: EventBody = {
  type: 'tool_end',
  call_id: 'a',
  name: 'buy',
  status: 'error',
  ms: 5,
  result_summary: 'cancelled',
};

/** A log, what was written to it, and what stops its run. */
function setup() {
  const written: EventBody[] = [];
  const stop = new AbortController();
  const writer = {
    emit: (body: EventBody) => {
      written.push(body);
      return Promise.resolve();
    },
  };
  const open = { prior: [], writer, close: () => undefined } as unknown as OpenLog;
  const log = new RunLog(open, stop.signal);
  return {
    written,
    log,
    stop: (reason: StopReason) => {
      stop.abort(reason);
    },
  };
}

describe('the log of a run', () => {
  it('accepts how tools ended in a cancelled run', async () => {
    const { log, stop, written } = setup();
    stop(new RunCancelled());
    await log.emit(CANCELLED);
    expect(written).toEqual([CANCELLED]);
  });

  it('accepts nothing more from a worker that lost its lease, although nobody else has written yet', async () => {
    const { log, stop, written } = setup();
    stop(new LeaseLost());
    await expect(log.emit(CANCELLED)).rejects.toBeInstanceOf(LeaseLost);
    expect(written).toEqual([]);
  });
});

describe('a text that is too long for one event', () => {
  const long = `${'x'.repeat(999_999)}\u{1F468}${'y'.repeat(1_500_000)}`;

  it.each(['content', 'rationale', 'status'] as const)('is written in several: %s', async (type) => {
    const { log, written } = setup();
    await log.emit(type === 'content' ? { type, md: long } : { type, text: long });
    const pieces = written.map((body) => ('md' in body ? body.md : 'text' in body ? body.text : ''));
    expect(pieces.join('') === long).toBe(true);
    expect(pieces.map((piece) => piece.isWellFormed())).toEqual([true, true, true]);
    expect(Math.max(...pieces.map((piece) => piece.length))).toBeLessThanOrEqual(1_000_000);
    if (type === 'content') expect(log.text === long).toBe(true);
  });
});
