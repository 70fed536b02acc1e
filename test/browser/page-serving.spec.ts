import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import express from 'express';
import { BUILD } from '../../src/web/build-folder.js';
import { servePage } from '../../src/web/serve-page.js';
import { startTestApp, type TestApp } from '../support/app.js';
import { RedisProcess } from '../support/redis-process.js';

interface Chunk {
  file: string;
  isEntry?: boolean;
  imports?: string[];
  dynamicImports?: string[];
}

const BUDGET_BYTES = 250_000;
const HTML = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' };

const manifest = async (): Promise<Record<string, Chunk>> =>
  JSON.parse(await readFile(path.join(BUILD, '.vite/manifest.json'), 'utf8')) as Record<string, Chunk>;

describe('the page’s files', () => {
  let app: TestApp;
  let script: string;

  beforeAll(async () => {
    app = await startTestApp();
    script = /src="(\/assets\/[^"]+\.js)"/.exec(await (await fetch(app.url)).text())?.[1] ?? '';
  });
  afterAll(() => app.destroy());

  const get = (address: string, headers: Record<string, string> = HTML): Promise<Response> =>
    fetch(app.url + address, { headers });

  it.each([
    '/',
    '/chats/2f0f6a52-8d4e-4e3b-9d0e-6a4f4c0a2b11',
    '/documents',
    '/debug/68eb95dcac4dd9ac2789890e',
  ])('are served at %s, and revalidated each time', async (address) => {
    const answer = await get(address, { accept: '*/*' });
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
    expect(answer.headers.get('cache-control')).toBe('no-cache');
    expect(await answer.text()).toContain('<div id="root">');
  });

  it('are cached permanently if their names contain a hash, compressed for clients that accept that', async () => {
    const plain = await get(script, { 'accept-encoding': 'identity' });
    const zipped = await get(script, { 'accept-encoding': 'gzip' });
    for (const answer of [plain, zipped]) {
      expect(answer.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
      expect(answer.headers.get('content-type')).toBe('text/javascript; charset=utf-8');
      expect(answer.headers.get('vary')).toContain('Accept-Encoding');
    }
    expect(plain.headers.get('content-encoding')).toBeNull();
    expect(zipped.headers.get('content-encoding')).toBe('gzip');
    expect(await zipped.text()).toBe(await plain.text());
  });

  it('forbid the browser everything that they do not need', async () => {
    const { headers } = await get('/');
    const policy = Object.fromEntries(
      (headers.get('content-security-policy') ?? '')
        .split('; ')
        .map((directive) => directive.split(/ (.*)/, 2)),
    );
    expect(policy).toMatchObject({
      'default-src': "'none'",
      'script-src': "'self'",
      'connect-src': "'self'",
    });
    expect(await (await get('/')).text()).not.toMatch(/<script>|<style|\son\w+=|style=/);
  });

  it('leave the paths of the API and of operations alone', async () => {
    for (const address of ['/api/nothing', '/api', '/assets/nothing.js', '/health/nothing', '/metrics/x']) {
      const answer = await get(address);
      expect([address, answer.status, (await answer.json()).code]).toEqual([address, 404, 'route_not_found']);
    }
    expect((await get('/health/live')).headers.get('content-type')).toMatch(/json/);
    expect((await get('/api/docs')).headers.get('content-type')).toMatch(/html/);
    expect((await get('/metrics')).headers.get('content-type')).toMatch(/^text\/plain/);
  });

  it('answer any other path with the page’s own words for a browser, with a problem for a program', async () => {
    for (const address of [
      '/nothing',
      '/.vite/manifest.json',
      '/chats',
      '/chats/a/b',
      '/..%2fpackage.json',
    ]) {
      expect([address, (await get(address)).headers.get('content-type')]).toEqual([
        address,
        'text/html; charset=utf-8',
      ]);
      expect((await get(address)).status).toBe(404);
      expect((await (await get(address, { accept: '*/*' })).json()).code).toBe('route_not_found');
    }
    const posted = await fetch(`${app.url}/`, { method: 'POST', headers: HTML });
    expect([posted.status, (await posted.json()).code]).toEqual([404, 'route_not_found']);
  });

  it('need less than 250 kB of script, compressed, before something is shown', async () => {
    const chunks = await manifest();
    const needed = new Set<string>();
    const collect = (name: string): void => {
      if (needed.has(name)) return;
      needed.add(name);
      for (const other of chunks[name]?.imports ?? []) collect(other);
    };
    collect('index.html');
    const sizes = await Promise.all(
      [...needed].map(
        async (name) => gzipSync(await readFile(path.join(BUILD, chunks[name]?.file ?? ''))).length,
      ),
    );
    const total = sizes.reduce((sum, size) => sum + size, 0);
    expect(total).toBeGreaterThan(50_000); // the manifest was parsed correctly
    expect(total).toBeLessThan(BUDGET_BYTES);
    const later = ['src/chat/markdown/renderer.tsx', 'src/documents/pdf-text.ts', 'src/debug/debug-page.tsx'];
    for (const name of later)
      expect([name, chunks[name]?.file !== undefined, needed.has(name)]).toEqual([name, true, false]);
  });
});

it('a server without the built page says so', async () => {
  const server: Server = createServer(
    express()
      .use(servePage('/nowhere'))
      .use((error: unknown, _request: unknown, response: express.Response, _next: unknown) => {
        response.status(503).json(error);
      }),
  );
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const answer = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  expect(await answer.json()).toMatchObject({ status: 503, code: 'page_not_built', retryable: false });
  server.close();
});

it('a worker does not serve the page', async () => {
  const redis = await RedisProcess.start();
  const worker = await startTestApp({ ROLE: 'worker', REDIS_URL: redis.url });
  const answer = await fetch(worker.url, { headers: HTML });
  expect([answer.status, (await answer.json()).code]).toEqual([404, 'route_not_found']);
  await worker.destroy();
  await redis.kill9();
});
