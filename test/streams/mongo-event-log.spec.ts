import type { EventBody } from '@reprise/protocol';
import { isTooLargeError } from '../../src/platform/mongo/index.js';
import type { MongoEventLog } from '../../src/streams/log/mongo-event-log.js';
import { eventLogContract } from './event-log.contract.js';
import { DEFAULT_TENANT, entry, newMessageId, openMongoLog, text } from './setup.js';

/** `[[[…]]]` */
function nested(depth: number): unknown[] {
  let value: unknown[] = [];
  for (let n = 0; n < depth; n++) value = [value];
  return value;
}

const toolEnd = (result: unknown): EventBody => ({
  type: 'tool_end',
  call_id: 'c',
  name: 'n',
  status: 'ok',
  ms: 1,
  result_summary: '',
  result,
});

describe('MongoEventLog', () => {
  eventLogContract(openMongoLog);

  describe('stores alike what goes to the database in one message and what the driver has to divide', () => {
    let mongo: { log: MongoEventLog; close(): Promise<void> };
    beforeAll(async () => {
      mongo = await openMongoLog();
    });
    afterAll(() => mongo.close());

    it.each([
      { what: 'short texts', bodies: [text('a'), text('b')] },
      { what: 'long texts', bodies: Array.from({ length: 6 }, (_, n) => text(String(n).repeat(1_000_000))) },
      {
        what: 'more than one message holds',
        bodies: Array.from({ length: 5 }, (_, n) => text(String(n).repeat(12_000_000))),
      },
      { what: 'values nested deeply', bodies: [toolEnd(nested(70))] },
      { what: 'a field without a value', bodies: [toolEnd(undefined)] },
    ])('$what', async ({ bodies }) => {
      const message_id = newMessageId();
      const entries = bodies.map((body, seq) => entry(message_id, seq, body));
      expect(await mongo.log.append(entries)).toEqual([]);
      expect(await mongo.log.append(entries)).toEqual([]);
      const stored = await mongo.log.read({ tenant: DEFAULT_TENANT, message_id }, { from: 0, limit: 10 });
      expect(stored.map((event) => JSON.stringify(event))).toEqual(
        entries.map(({ event }) => JSON.stringify(event)),
      );
    });

    it('and rejects an event that is too large as the driver does', async () => {
      const bad = entry(newMessageId(), 0, toolEnd(Array.from({ length: 17 }, () => 'x'.repeat(1_000_000))));
      const error: unknown = await mongo.log.append([bad]).catch((reason: unknown) => reason);
      expect(isTooLargeError(error)).toBe(true);
    });
  });
});
