import { TurnLog } from './turn-log.js';
import { readEntries, type AgentStart } from './turn-record.js';

const START: AgentStart = {
  attempt: 1,
  agent: 'assistant',
  version: 'v',
  tools: 't',
  history: [],
  limits: { messages: 1, tokens: 1, results: 1 },
};
const REQUEST = { model: 'openai:a', messages: [], kept: 0, room: Infinity, at: 5 };
const USAGE = { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 };

describe('the record of what was sent', () => {
  it('has the requests of a turn, each with its end', () => {
    const log = new TurnLog();
    const turn = log.begin(START)(1);
    turn.send(REQUEST);
    turn.end(7, 'model_unavailable');
    turn.send({ ...REQUEST, kept: 12, room: 900 });
    turn.usage(USAGE);
    turn.end(8);
    expect(readEntries(log.attempt)).toMatchObject({
      starts: [START],
      turns: [
        {
          start: 0,
          step: 1,
          requests: [
            { model: 'openai:a', at: 5, ms: 7, failed: 'model_unavailable' },
            { model: 'openai:a', at: 5, ms: 8, kept: 12, room: 900, usage: USAGE },
          ],
        },
      ],
    });
  });

  it('gives what has changed once, and keeps what it gave', () => {
    let touched = 0;
    const log = new TurnLog(undefined, () => touched++);
    const turn = log.begin(START)(1);
    turn.send(REQUEST);
    const first = log.takeChanges();
    expect(Object.keys(first)).toEqual(['s0', 't0']);
    expect(log.takeChanges()).toEqual({});
    turn.end(1);
    expect(Object.keys(log.takeChanges())).toEqual(['t0']);
    expect(readEntries(first).turns[0]?.requests[0]).not.toHaveProperty('ms');
    expect(touched).toBe(3);
  });

  it('continues behind an earlier attempt, and writes nothing of it again', () => {
    const before = new TurnLog();
    before.begin(START)(1).send(REQUEST);
    const log = new TurnLog(before.attempt);
    log
      .begin({ ...START, attempt: 2 })(2)
      .send(REQUEST);
    expect(Object.keys(log.attempt)).toEqual(['s1', 't1']);
    const { turns, starts } = readEntries({ ...before.attempt, ...log.attempt });
    expect(turns.map(({ start, step }) => [starts[start]?.attempt, step])).toEqual([
      [1, 1],
      [2, 2],
    ]);
  });

  it('leaves a gap where a lost worker did not come to write', () => {
    const log = new TurnLog({ s2: START });
    log.begin(START)(1).send(REQUEST);
    expect(Object.keys(log.attempt)).toEqual(['s3', 't0']);
  });

  it('is bounded, however long the run, and however often a request is repeated', () => {
    const log = new TurnLog();
    const agent = log.begin(START);
    for (let step = 1; step <= 600; step++) {
      const turn = agent(step);
      for (let request = 0; request < 50; request++) turn.send(REQUEST);
      turn.end(1);
    }
    for (let more = 0; more < 300; more++) log.begin(START);
    const { starts, turns } = readEntries(log.attempt);
    expect([starts.length, turns.length]).toEqual([200, 500]);
    expect(Math.max(...turns.map(({ requests }) => requests.length))).toBe(20);
  });
});
