import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { startTestApp, type TestApp } from '../support/app.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** A shell with the page's commands, each of which has to succeed. */
async function run(script: string, url: string): Promise<{ code: number | null; out: string; err: string }> {
  const child = spawn('bash', ['-euo', 'pipefail'], { cwd: ROOT, env: { ...process.env, URL: url } });
  let [out, err] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
  child.stdin.end(script);
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, out, err };
}

describe('the tour', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await startTestApp();
  });
  afterAll(() => app.destroy());

  it('can be taken as it stands', async () => {
    const page = await readFile(`${ROOT}/docs/tour.md`, 'utf8');
    const [install = '', ...blocks] = [...page.matchAll(/```bash\n([^]*?)```/g)].map(([, code = '']) => code);
    // The test has installed and started it.
    expect(install).toBe('npm ci\nnpm start &\n');
    expect(blocks.length).toBeGreaterThan(5);
    const { code, out, err } = await run(blocks.join('\n'), app.url);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    const said = out.split('\n');
    expect(said).toEqual(expect.arrayContaining(['Handbook', 'event: start', 'event: end', 'erased']));
    expect(said).toContain('the same bytes again');
    expect(out).toMatch(/id: \d+_0002_/);
    expect(out).toMatch(/within ten days/);
    expect(out).toMatch(/search_\w+: ok/);
    expect(out).toMatch(/completed \d+ ms/);
    expect(out).toMatch(/\{"type":"end","records":\d+\}/);
    expect(out).toMatch(/^erased:/m);
  });
});
