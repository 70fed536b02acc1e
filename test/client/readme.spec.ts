import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { startTestApp, type TestApp } from '../support/app.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

describe('the README of the client', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await startTestApp();
  });
  afterAll(() => app.destroy());

  it('starts with a program that works', async () => {
    const readme = await readFile(`${ROOT}/libs/client/README.md`, 'utf8');
    const [, program = ''] = /```js\n([^]*?)```/.exec(readme) ?? [];
    const code = program.replace('http://127.0.0.1:8000', app.url);
    const run = promisify(execFile);
    const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', code], { cwd: ROOT });
    expect(stdout).toMatch(/\w/);
  });
});
