import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Writable } from 'node:stream';
import { runCommand } from '../../src/transfer/command.js';
import type { TestApp } from '../support/app.js';
import { exportOf, type ExportedChat, type PlannedRun } from './debugger-logs.js';

/** Imports runs into the application's database, like `npm run import`. */
export async function bringIn(app: TestApp, runs: readonly PlannedRun[]): Promise<ExportedChat> {
  const chat = exportOf(runs);
  const folder = await mkdtemp(path.join(tmpdir(), 'reprise-debugger-'));
  const said: string[] = [];
  const out = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      said.push(chunk.toString());
      done();
    },
  });
  try {
    const file = path.join(folder, 'chat.jsonl');
    await writeFile(file, chat.text);
    const code = await runCommand('import', [file], { env: app.env, stdout: out, stderr: out });
    if (code !== 0) throw new Error(`The import failed: ${said.join('')}`);
    return chat;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
