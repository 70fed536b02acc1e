import type { EventBody } from '@reprise/protocol';
import type { OpenLog } from '../streams/index.js';
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
  it('takes how tools ended in a run that was cancelled', async () => {
    const { log, stop, written } = setup();
    stop(new RunCancelled());
    await log.emit(CANCELLED);
    expect(written).toEqual([CANCELLED]);
  });

  it('takes nothing more from a worker that lost its lease, though nobody else has written yet', async () => {
    const { log, stop, written } = setup();
    stop(new LeaseLost());
    await expect(log.emit(CANCELLED)).rejects.toBeInstanceOf(LeaseLost);
    expect(written).toEqual([]);
  });
});
