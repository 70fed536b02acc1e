import mongoose from 'mongoose';
import { DEFAULT_TENANT } from '../../src/common/index.js';
import { CorpusReader } from '../../src/documents/index.js';
import { startTestApp } from '../support/app.js';
import { Client } from '../support/client.js';
import { LlamaServer } from '../support/llama/llama-server.js';
import { until } from '../support/until.js';
import { LIMIT_MS, tearDown } from './setup.js';

afterEach(tearDown);

it(
  'llama-server gives passages their vectors, and the same text is found by them alone',
  async () => {
    const model = await LlamaServer.start({ embeddings: true });
    const app = await startTestApp({
      EMBEDDINGS_MODEL: 'tiny',
      EMBEDDINGS_BASE_URL: `${model.env['OPENAI_BASE_URL']}`,
      EMBEDDINGS_TIMEOUT_MS: '30000',
    });
    try {
      const client = new Client(app.url);
      for (let n = 0; n < 5; n++)
        await client.post('/api/documents', { title: `Doc ${n}`, content: 'word '.repeat(400 + n) });
      const documents = app.nest.get<mongoose.Connection>('DatabaseConnection').collection('documents');
      await until('a document has its vectors', () => documents.countDocuments({ embedding: 'tiny/64' }));
      await until('all have', async () => (await documents.countDocuments({ embedding: 'tiny/64' })) === 5);
      // A model that nobody has trained has no meaning: all it can tell is whether a text is similar.
      const query = { query: 'xylophone', limit: 5 };
      const found = await app.nest.get(CorpusReader).search(DEFAULT_TENANT, query);
      expect(found.length).toBeGreaterThan(0);
      const { body } = await client.get('/health');
      expect(body.details.embeddings).toEqual({ status: 'up', model: 'tiny' });
      await model.kill9();
      expect(
        await app.nest.get(CorpusReader).search(DEFAULT_TENANT, { query: 'vibraphone', limit: 5 }),
      ).toEqual([]);
      expect((await client.get('/health')).body.details.embeddings).toMatchObject({ status: 'degraded' });
      await model.restart();
      for (let n = 1; n <= 2; n++)
        await app.nest.get(CorpusReader).search(DEFAULT_TENANT, { query: `marimba ${n}`, limit: 5 });
      expect((await client.get('/health')).body.details.embeddings).toEqual({ status: 'up', model: 'tiny' });
    } finally {
      await app.destroy();
    }
  },
  LIMIT_MS,
);
