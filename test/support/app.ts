import { randomBytes } from 'node:crypto';
import mongoose from 'mongoose';
import { startApp, type RunningApp } from '../../src/app.js';
import { loadSettings } from '../../src/platform/config/index.js';

/** The real application with its own database. */
export interface TestApp extends RunningApp {
  /** Environment it was started with, to restart it on the same data. */
  env: Record<string, string>;
  /** Drops the database, too. */
  destroy(): Promise<void>;
}

/** The address of this worker's engine; `test/support/engine-environment.js` starts it. */
export function testMongoUri(): string {
  const uri = process.env['TEST_MONGODB_URI'];
  if (!uri) throw new Error('TEST_MONGODB_URI is not set: run the specs through `npm test`.');
  return uri;
}

/** Starts the application on a free port. `env` overrides settings. */
export async function startTestApp(env: Record<string, string> = {}): Promise<TestApp> {
  const all: Record<string, string> = {
    PORT: '0',
    LOG_LEVEL: 'fatal',
    // Scripted models answer what a spec is about; specs of titles turn them on.
    CHAT_TITLES: 'off',
    HISTORY_SUMMARIES: 'off',
    MONGODB_URI: testMongoUri(),
    MONGODB_DATABASE: `test_${randomBytes(6).toString('hex')}`,
    ...env,
  };
  const app = await startApp(loadSettings(all));
  return { ...app, env: all, destroy: () => destroy(app, all['MONGODB_DATABASE'] ?? '') };
}

async function destroy(app: RunningApp, database: string): Promise<void> {
  await app.stop();
  const client = await mongoose.createConnection(testMongoUri()).asPromise();
  await client.useDb(database).dropDatabase();
  await client.close();
}
