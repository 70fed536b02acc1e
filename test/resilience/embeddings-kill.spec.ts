import mongoose from 'mongoose';
import { randomBytes } from 'node:crypto';
import { testMongoUri } from '../support/app.js';
import { Client } from '../support/client.js';
import { EmbeddingsServer } from '../support/embeddings-server.js';
import { cleanUpServers, ServerProcess } from '../support/server-process.js';
import { until } from '../support/until.js';

const LIMIT_MS = 120_000;
const BATCH = 64;

let embeddings: EmbeddingsServer;
let database: mongoose.Connection;
let env: Record<string, string>;

beforeEach(async () => {
  embeddings = await EmbeddingsServer.start();
  const dbName = `test_${randomBytes(6).toString('hex')}`;
  database = await mongoose.createConnection(testMongoUri(), { dbName }).asPromise();
  env = { ...embeddings.env, MONGODB_URI: testMongoUri(), MONGODB_DATABASE: dbName };
});
afterEach(async () => {
  embeddings.release();
  await cleanUpServers();
  await database.dropDatabase();
  await database.close();
  await embeddings.stop();
});

const count = (collection: string, filter = {}): Promise<number> =>
  database.collection(collection).countDocuments(filter);
const allEmbedded = (): Promise<unknown> =>
  until('every document has its vectors', async () => (await count('documents', { embedding: null })) === 0);
/** The process that had the document is dead: nobody waits for it. */
const expire = (): Promise<unknown> =>
  database
    .collection('documents')
    .updateMany({ embedding_claim: { $exists: true } }, { $set: { embedding_claim: new Date(0) } });

describe('a process that is killed while it makes vectors', () => {
  /** Kills a process that has stored the first batch of a document, and waits for the second. @returns its document. */
  async function killed(server: ServerProcess): Promise<string> {
    await until('the first request has come', () => embeddings.requests.length > 0);
    const content = Array.from({ length: 150 }, (_, n) => `# Part ${n}\n\n${'word '.repeat(180)}${n}\n`).join(
      '\n',
    );
    embeddings.hold();
    const { body } = await new Client(server.url).post('/api/documents', { title: 'Long', content });
    await embeddings.waiting();
    embeddings.release();
    embeddings.hold();
    await embeddings.waiting();
    expect(await count('passage_vectors')).toBe(BATCH);
    await server.kill9();
    embeddings.release();
    return body.document_id as string;
  }

  it(
    'leaves what it has stored to the next, which goes on from there',
    async () => {
      const server = await ServerProcess.start({ env });
      await killed(server);
      await expire();
      const from = embeddings.texts.length;
      await server.restart();
      await allEmbedded();
      const passages = await count('document_passages');
      expect(await count('passage_vectors')).toBe(passages);
      const asked = embeddings.texts.slice(from).filter((text) => text.startsWith('Long'));
      expect(asked).toHaveLength(passages - BATCH);
      expect(new Set(asked).size).toBe(asked.length);
    },
    LIMIT_MS,
  );

  it(
    'leaves nothing behind of a document that somebody else deletes',
    async () => {
      const first = await ServerProcess.start({ env });
      const id = await killed(first);
      const second = await ServerProcess.start({ env });
      expect((await new Client(second.url).delete(`/api/documents/${id}`)).status).toBe(204);
      expect(await count('passage_vectors')).toBe(0);
      // One that was killed between storing vectors and looking whether the document is still there.
      const orphan = {
        _id: new mongoose.Types.ObjectId(),
        document_id: new mongoose.Types.ObjectId(),
        space: 'x/1',
      };
      await database.collection('passage_vectors').insertOne(orphan);
      await first.restart();
      await until('it is gone', async () => (await count('passage_vectors')) === 0);
    },
    LIMIT_MS,
  );
});
