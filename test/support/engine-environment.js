// Specs run against a real MongoDB engine: one for each of Jest's workers; each spec file uses databases of its own in it.
import { startEmbeddedMongo } from '@reprise/embedded-mongo';
import { TestEnvironment } from 'jest-environment-node';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import path from 'node:path';

/**
 * The engine keeps the files of dropped databases open as long as it runs, some 200 for each spec file, and dies without
 * a word at the process's limit of open files. Before it has so many, the next spec file gets a new engine.
 */
const FILES_MAX = 4000;

/** That of this process, which outlives the spec files. */
async function engine() {
  let current = globalThis.testEngine;
  if (current && readdirSync(path.join(current.directory, 'data')).length > FILES_MAX) {
    await current.engine.stop();
    rmSync(current.directory, { recursive: true, force: true });
    current = undefined;
  }
  if (!current) {
    const directory = mkdtempSync(path.join(process.env.TEST_ENGINES, 'engine-'));
    current = { directory, engine: await startEmbeddedMongo({ directory }) };
    globalThis.testEngine = current;
  }
  return current.engine;
}

export default class EngineEnvironment extends TestEnvironment {
  async setup() {
    await super.setup();
    this.global.process.env.TEST_MONGODB_URI ??= (await engine()).uri;
  }
}
