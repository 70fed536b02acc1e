import { cleanUp, clientOf, newDirectory, start, until } from './support.js';

afterEach(cleanUp);

/** Documents with readable ids. */
interface Named {
  _id: string;
  [field: string]: unknown;
}

const HOUR_MS = 3_600_000;

describe('documents under a TTL index', () => {
  it('are deleted when expired, and no others', async () => {
    const engine = await start(await newDirectory(), { ttlSweepMs: 50 });
    const db = clientOf(engine).db('test');
    const at = (ageMs: number) => new Date(Date.now() - ageMs);
    await db.collection('sessions').createIndexes([{ key: { at: 1 }, expireAfterSeconds: 3600 }]);
    await db.collection('drafts').createIndexes([{ key: { until: 1 }, expireAfterSeconds: 0 }]);
    const done = { partialFilterExpression: { done: true } };
    await db.collection('jobs').createIndexes([{ key: { at: 1 }, expireAfterSeconds: 0, ...done }]);

    await db
      .collection<Named>('sessions')
      .insertMany([
        { _id: 'old', at: at(2 * HOUR_MS) },
        { _id: 'young', at: at(HOUR_MS / 2) },
        { _id: 'no date', at: 1 },
        { _id: 'none' },
      ]);
    await db.collection<Named>('jobs').insertMany([
      { _id: 'open', at: at(1), done: false },
      { _id: 'done', at: at(1), done: true },
    ]);
    await db.collection<Named>('drafts').insertMany([
      { _id: 'over', until: at(1) },
      { _id: 'current', until: at(-HOUR_MS) },
    ]);

    const left = async () => {
      const all = ['drafts', 'jobs', 'sessions'].map((name) => db.collection(name).find().toArray());
      return (await Promise.all(all)).flat().map(({ _id }) => String(_id));
    };
    await until(async () => (await left()).length === 5);
    expect(await left()).toEqual(['current', 'open', 'young', 'no date', 'none']);
  });
});
