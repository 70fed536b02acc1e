import { randomBytes } from 'node:crypto';
import { testMongoUri } from '../support/app.js';
import { Client } from '../support/client.js';
import { RedisProcess } from '../support/redis-process.js';
import { cleanUpServers, ServerProcess } from '../support/server-process.js';
import { until } from '../support/until.js';

describe('a Redis', () => {
  let redis: RedisProcess;
  beforeAll(async () => {
    redis = await RedisProcess.start();
  });
  afterAll(() => redis.kill9());
  afterEach(cleanUpServers);

  async function start(): Promise<{
    server: ServerProcess;
    client: Client;
    redisHealth: () => Promise<any>;
  }> {
    const MONGODB_DATABASE = `test_${randomBytes(6).toString('hex')}`;
    const env = { MONGODB_URI: testMongoUri(), MONGODB_DATABASE, REDIS_URL: redis.url };
    const server = await ServerProcess.start({ env });
    const client = new Client(server.url);
    const redisHealth = async (): Promise<any> => (await client.get('/health')).body.details.redis;
    await until('Redis was asked', async () => (await redisHealth())?.version);
    return { server, client, redisHealth };
  }

  /**
   * The log as lines of JSON. What is not a line of JSON is what startup tells a person; Redis is not part of that.
   */
  function logOf(server: ServerProcess): any[] {
    const lines = server.output.split('\n').filter((line) => line !== '');
    const isJson = (line: string): boolean => line.startsWith('{');
    expect(lines.filter((line) => !isJson(line) && /eviction|redis/i.test(line))).toEqual([]);
    return lines.filter(isJson).map((line) => JSON.parse(line));
  }

  it.each(['allkeys-lru', 'volatile-ttl'])(
    'that evicts by %s is reported in JSON, and in /health',
    async (policy) => {
      await redis.command(`CONFIG SET maxmemory-policy ${policy}`);
      const { server, client, redisHealth } = await start();
      expect(await redisHealth()).toMatchObject({ status: 'degraded', eviction_policy: policy });
      expect((await redisHealth()).reason).toMatch(/maxmemory-policy.*noeviction/);
      expect((await client.get('/health')).status).toBe(200);
      expect((await client.get('/health/ready')).body.status).toBe('ok');
      const lines = logOf(server);
      expect(lines.filter(({ msg }) => msg.includes(policy))).toMatchObject([{ level: 40 }]);
      await client.ended(await client.send(await client.newChat(), 'hello'));
    },
  );

  it('that keeps everything is not mentioned', async () => {
    await redis.command('CONFIG SET maxmemory-policy noeviction');
    const { server, redisHealth } = await start();
    expect(await redisHealth()).toMatchObject({ status: 'up', eviction_policy: 'noeviction' });
    expect(logOf(server)).toEqual([]);
  });

  it('that goes down is reported in /health, which stays 200', async () => {
    await redis.command('CONFIG SET maxmemory-policy noeviction');
    const { client, redisHealth } = await start();
    await redis.kill9();
    await until('it is missed', async () => (await redisHealth()).status === 'degraded');
    expect((await client.get('/health')).status).toBe(200);
    await redis.restart();
    await until('it is back', async () => (await redisHealth()).status === 'up');
  });
});
