import type { EventBody } from '@reprise/protocol';
import { Clock } from '../../common/index.js';
import { CallProgress } from './call-progress.js';
import { RunEmitter } from '../run-emitter.js';

class HandClock extends Clock {
  at = 0;

  override now(): number {
    return this.at;
  }
}

function setup() {
  const events: EventBody[] = [];
  const emitter = new RunEmitter({
    emit: (body) => {
      events.push(body);
      return Promise.resolve();
    },
  });
  const clock = new HandClock();
  return { events, clock, progress: new CallProgress(emitter, clock) };
}

describe('a tool call that is being written', () => {
  it('is reported every few seconds while it grows, however many fragments arrive', async () => {
    const { events, clock, progress } = setup();
    for (let fragment = 1; fragment <= 1200; fragment++) {
      clock.at += 10; // a hundred fragments a second
      await progress.show('write_file', fragment * 20);
    }
    expect(events).toEqual(
      [6, 12, 18].map((kB) => ({ type: 'status', text: expect.stringContaining(`… ${kB} kB`) })),
    );
    expect(events[0]).toEqual({ type: 'status', text: 'Writing write_file… 6 kB' });
  });

  it('is not reported if it is short, or has stopped growing', async () => {
    const { events, clock, progress } = setup();
    await progress.show('echo', 20);
    clock.at = 60_000;
    await progress.show('echo', 40);
    await progress.show('echo', 2000);
    clock.at = 120_000;
    await progress.show('echo', 2000);
    expect(events).toHaveLength(1);
  });
});
