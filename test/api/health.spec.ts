import mongoose from 'mongoose';
import request from 'supertest';
import { startTestApp, type TestApp } from '../support/app.js';

let app: TestApp;

beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app.destroy());

const api = () => request(app.url);

/** Makes every call to the database hang, as an unreachable one does, until `restore`. */
function hangDatabase(): { restore(): unknown } {
  const db = app.nest.get<mongoose.Connection>('DatabaseConnection').db!;
  db.command = () => new Promise(() => undefined);
  return { restore: () => Reflect.deleteProperty(db, 'command') };
}

it('is alive', async () => {
  const { status, body } = await api().get('/health/live');
  expect([status, body]).toEqual([200, { status: 'ok', details: {} }]);
});

it('is ready while the database answers', async () => {
  const { status, body } = await api().get('/health/ready');
  expect(status).toBe(200);
  expect(body).toMatchObject({
    status: 'ok',
    details: { mongo: { status: 'up', latency_ms: expect.any(Number) } },
  });
});

it('is not ready, but alive, while the database hangs, and says so within two seconds', async () => {
  const hang = hangDatabase();
  try {
    const begin = Date.now();
    const [ready, details, live] = await Promise.all([
      api().get('/health/ready'),
      api().get('/health'),
      api().get('/health/live'),
    ]);
    expect([ready.status, details.status, live.status]).toEqual([503, 503, 200]);
    expect(ready.body).toMatchObject({ status: 'error', details: { mongo: { status: 'down' } } });
    expect(ready.headers['content-type']).toMatch(/^application\/json/);
    expect(details.body).toMatchObject({
      status: 'error',
      details: { mongo: { status: 'down' }, runs: { status: 'up' } },
    });
    expect(Date.now() - begin).toBeLessThan(2000);
  } finally {
    hang.restore();
  }
  expect((await api().get('/health/ready')).status).toBe(200);
});

it('reports its state in detail', async () => {
  const { status, body } = await api().get('/health');
  expect(status).toBe(200);
  expect(body).toMatchObject({
    version: expect.stringMatching(/^\d+\.\d+\.\d+/),
    uptime_s: expect.any(Number),
    service: 'reprise',
    timestamp: expect.any(Number),
    redis: 'not configured',
    ai_provider: 'connected',
    orchestrator: {
      status: 'active',
      total_requests: expect.any(Number),
      successful_requests: expect.any(Number),
      failed_requests: expect.any(Number),
      average_latency_ms: expect.any(Number),
    },
    active_sessions: expect.any(Number),
    details: {
      mongo: { status: 'up' },
      runs: {
        status: 'up',
        queue_depth: expect.any(Number),
        active_runs: expect.any(Number),
        active_streams: expect.any(Number),
      },
      model: { name: expect.any(String), detail: expect.any(String) },
    },
  });
});

it('has metrics by route template, never by path', async () => {
  await api().get('/api/chats/550e8400-e29b-41d4-a716-446655440000');
  await api().get('/api/nothing/at/all');
  const { status, text, headers } = await api().get('/metrics');
  expect(status).toBe(200);
  expect(headers['content-type']).toMatch(/^text\/plain; version=0\.0\.4/);
  expect(text).toContain('http_requests_total{method="GET",route="/api/chats/:chat_id",status="404"} 1');
  expect(text).toContain('route="none"');
  expect(text).not.toMatch(/550e8400|nothing/);
  expect(text).toMatch(/^http_request_duration_seconds_bucket/m);
  expect(text).toMatch(/^reprise_active_runs \d/m);
  expect(text).toMatch(/^process_cpu_seconds_total/m);
});
