// One real MongoDB engine for all specs; each spec file uses a database of its own in it.
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startEmbeddedMongo } from '@reprise/embedded-mongo';

export default async function globalSetup() {
  if (process.env.TEST_MONGODB_URI) return;
  const directory = mkdtempSync(path.join(tmpdir(), 'reprise-test-'));
  const engine = await startEmbeddedMongo({ directory });
  process.env.TEST_MONGODB_URI = engine.uri;
  globalThis.testEngine = { engine, directory };
}
