import { startTestApp, type TestApp } from '../support/app.js';
import { Client, type Answer } from '../support/client.js';
import { RedisProcess } from '../support/redis-process.js';
import { until } from '../support/until.js';

/** How many requests one caller may make. */
describe('the rate limit', () => {
  const apps: TestApp[] = [];
  const start = async (env: Record<string, string>): Promise<Client> => {
    const app = await startTestApp(env);
    apps.push(app);
    return new Client(app.url);
  };
  afterEach(async () => {
    const [first, ...others] = apps.splice(0).reverse();
    await first?.stop();
    for (const app of others) await app.destroy();
  });

  const from = (address: string) => ({ 'x-forwarded-for': address });
  const ask = (client: Client, address: string): Promise<Answer> => client.get('/api/agents', from(address));
  const statuses = async (client: Client, address: string, times: number): Promise<number[]> => {
    const answers: number[] = [];
    for (let n = 0; n < times; n++) answers.push((await ask(client, address)).status);
    return answers;
  };

  it('counts all routes together, says what is left, and when to come back', async () => {
    const client = await start({ RATE_LIMIT_PER_MINUTE: '3' });
    const first = await client.get('/api/agents');
    expect(first.headers.get('ratelimit-policy')).toBe('"requests";q=3;w=60');
    expect(first.headers.get('ratelimit')).toMatch(/^"requests";r=2;t=\d+$/);
    expect(first.headers.get('x-ratelimit-remaining')).toBe('2');
    await client.get('/api/tools');
    await client.post('/api/users/alice/chats', {});

    const refused = await client.post('/api/users/alice/chats', {});
    expect(refused).toMatchObject({ status: 429, body: { code: 'rate_limited', retryable: true } });
    expect(refused.headers.get('content-type')).toContain('application/problem+json');
    const seconds = Number(refused.headers.get('retry-after'));
    expect(seconds).toBeGreaterThan(0);
    expect(seconds).toBeLessThanOrEqual(60);
    expect(refused.headers.get('x-ratelimit-remaining')).toBe('0');
  });

  it('holds for each address that a trusted proxy tells, and no client can pretend another one', async () => {
    const client = await start({ RATE_LIMIT_PER_MINUTE: '2' });
    expect(await statuses(client, '192.0.2.1', 3)).toEqual([200, 200, 429]);
    expect(await statuses(client, '192.0.2.2', 1)).toEqual([200]);
    // What the client itself wrote stands before what the proxy has added.
    expect(await statuses(client, '203.0.113.7, 192.0.2.1', 1)).toEqual([429]);

    const direct = await start({ RATE_LIMIT_PER_MINUTE: '2', TRUST_PROXY: '198.51.100.1' });
    const pretended = [await statuses(direct, '192.0.2.1', 2), await statuses(direct, '192.0.2.2', 1)];
    expect(pretended).toEqual([[200, 200], [429]]);
  });

  it('never holds for probes and metrics', async () => {
    const client = await start({ RATE_LIMIT_PER_MINUTE: '1' });
    const paths = ['/health', '/health/live', '/health/ready', '/metrics'];
    for (const path of [...paths, ...paths]) expect((await client.get(path)).status).toBe(200);
    expect((await client.get('/api/agents')).status).toBe(200);
  });

  it('is a hundred by default, and none for the machine itself', async () => {
    const client = await start({});
    const local = await client.get('/api/agents');
    expect(local.headers.get('ratelimit')).toBeNull();
    const other = await ask(client, '192.0.2.1');
    expect(other.headers.get('ratelimit-policy')).toBe('"requests";q=100;w=60');
  });

  it('can be turned off', async () => {
    const client = await start({ RATE_LIMIT_PER_MINUTE: '0' });
    expect((await ask(client, '192.0.2.1')).headers.get('ratelimit')).toBeNull();
  });

  it('is counted by all processes together, and by each alone while Redis is away', async () => {
    const redis = await RedisProcess.start();
    try {
      const env = { RATE_LIMIT_PER_MINUTE: '4', REDIS_URL: redis.url };
      const one = await start(env);
      const two = await start(apps[0]!.env);
      // A process counts by itself until it is connected.
      await until('both count in Redis', async () => {
        const address = `198.51.100.${Math.floor(Math.random() * 250)}`;
        await ask(one, address);
        return Number((await ask(two, address)).headers.get('x-ratelimit-remaining')) === 2;
      });
      expect(await statuses(one, '192.0.2.1', 2)).toEqual([200, 200]);
      expect(await statuses(two, '192.0.2.1', 3)).toEqual([200, 200, 429]);
      expect(await statuses(one, '192.0.2.1', 1)).toEqual([429]);

      await redis.kill9();
      expect(await statuses(one, '192.0.2.9', 5)).toEqual([200, 200, 200, 200, 429]);
      expect(await statuses(two, '192.0.2.9', 1)).toEqual([200]);
    } finally {
      await redis.kill9();
    }
  });
});
