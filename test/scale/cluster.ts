import { randomBytes } from 'node:crypto';
import mongoose from 'mongoose';
import { testMongoUri } from '../support/app.js';
import { Client } from '../support/client.js';
import { ScriptedModel } from '../support/scripted-model.js';
import { cleanUpServers, ServerProcess } from '../support/server-process.js';
import { until } from '../support/until.js';
import { Nginx } from './nginx.js';
import { RedisProcess } from '../support/redis-process.js';

/** Times as short as tests want them. One attempt: a run that was handed over would fail if that counted. */
const FAST = {
  RUN_LEASE_MS: '3000',
  BUS_RECHECK_MS: '1000',
  STREAM_HEARTBEAT_MS: '150',
  STREAM_RETRY_MS: '50',
  RUN_MAX_ATTEMPTS: '1',
};

/** An installation with several processes: api processes behind nginx, workers, Redis, MongoDB, a scripted model. */
export class Cluster {
  private constructor(
    readonly model: ScriptedModel,
    readonly redis: RedisProcess,
    readonly apis: readonly ServerProcess[],
    readonly nginx: Nginx,
    private readonly env: Record<string, string>,
    readonly connection: mongoose.Connection,
  ) {}

  /** Two api processes and one worker. */
  static async start(): Promise<Cluster> {
    const dbName = `test_${randomBytes(6).toString('hex')}`;
    const [model, redis] = await Promise.all([ScriptedModel.start(), RedisProcess.start()]);
    const env = {
      ...FAST,
      ...model.env,
      MONGODB_URI: testMongoUri(),
      MONGODB_DATABASE: dbName,
      REDIS_URL: redis.url,
    };
    const roles = ['api', 'api', 'worker'];
    const servers = await Promise.all(roles.map((ROLE) => ServerProcess.start({ env: { ...env, ROLE } })));
    const apis = servers.slice(0, 2);
    const nginx = await Nginx.start(apis.map(({ port }) => port));
    const connection = await mongoose.createConnection(testMongoUri(), { dbName }).asPromise();
    const cluster = new Cluster(model, redis, apis, nginx, env, connection);
    cluster.workers.push(...servers.slice(2));
    return cluster;
  }

  readonly workers: ServerProcess[] = [];

  /** What clients see: nginx. */
  get front(): Client {
    return new Client(this.nginx.url);
  }

  /** One api process, bypassing nginx. */
  api(index: number): Client {
    return new Client(this.apis[index]?.url ?? '');
  }

  async addWorker(): Promise<ServerProcess> {
    const worker = await ServerProcess.start({ env: { ...this.env, ROLE: 'worker' } });
    this.workers.push(worker);
    return worker;
  }

  /** Streams open at each api process. */
  streams(): Promise<number[]> {
    return Promise.all(this.apis.map((_, index) => this.api(index).metric('reprise_active_streams')));
  }

  /** Resolves when nobody streams any more. */
  async isQuiet(): Promise<void> {
    await until('no stream is open', async () => (await this.streams()).every((count) => count === 0));
  }

  /** The run of a message, as it is stored. */
  async run(messageId: string): Promise<any> {
    const _id = new mongoose.Types.ObjectId(messageId);
    return (await this.connection.collection('messages').findOne({ _id }))?.['run'];
  }

  async destroy(): Promise<void> {
    await this.nginx.destroy();
    await cleanUpServers();
    await this.redis.kill9();
    await this.model.stop();
    await this.connection.dropDatabase();
    await this.connection.close();
  }
}
