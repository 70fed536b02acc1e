// The real streams module with a real engine, driven by the benchmark's producer as an agent run would drive it.
// Environment: PORT, DATA_DIR, REDIS_URL; HARNESS: folder of another benchmark's control.mjs; MERGE=1: waiting deltas merge, as in
// production. Tells a parent process its port and the processes to measure.
import 'reflect-metadata';
import { createHash } from 'node:crypto';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { Global, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { DIALECTS } from '../../dist/app.module.js';
import { openMongo, MongoModule } from '../../dist/platform/mongo/index.js';
import { ConfigModule, loadSettings } from '../../dist/platform/config/index.js';
import {
  Authenticator,
  configureHttp,
  ErrorForms,
  HttpAdapter,
  HttpModule,
  NoAuthentication,
} from '../../dist/platform/http/index.js';
import { LoggingModule, PinoLogger } from '../../dist/platform/logging/index.js';
import { RedisModule } from '../../dist/platform/redis/index.js';
import { TelemetryModule } from '../../dist/platform/telemetry/index.js';
import { StreamDoor } from '../../dist/doors/stream/index.js';
import {
  DialectRegistry,
  eachEvent,
  MessageLookup,
  StreamsModule,
  StreamsService,
} from '../../dist/streams/index.js';

const { control } = await import(
  pathToFileURL(path.join(process.env.HARNESS ?? import.meta.dirname, 'control.mjs')).href
);
const CHAT = '550e8400-e29b-41d4-a716-446655440000';
const TENANT = 'default';
const merge = process.env.MERGE === '1';
const messageId = (stream) =>
  /^[0-9a-f]{24}$/.test(stream) ? stream : createHash('sha256').update(stream).digest('hex').slice(0, 24);

/** Each event carries one or more of the producer's events as text; the wire shows them as the other peers' do. */
const bench = eachEvent(
  'bench',
  ({ id, md }) => `id: ${id}\ndata: ${md.indexOf('},{') < 0 ? md.slice(0, -1) : `[${md.slice(0, -1)}]`}\n\n`,
);

class AnyMessage extends MessageLookup {
  find() {
    return Promise.resolve({ chat_id: CHAT, expired: false });
  }
}
class Bindings {}
Global()(Bindings);
Module({
  providers: [
    { provide: MessageLookup, useClass: AnyMessage },
    { provide: DialectRegistry, useValue: new DialectRegistry([...DIALECTS, bench]) },
    { provide: Authenticator, useClass: NoAuthentication },
    { provide: ErrorForms, useValue: new ErrorForms() },
  ],
  exports: [MessageLookup, DialectRegistry, Authenticator, ErrorForms],
})(Bindings);

const settings = loadSettings({ ...process.env, LOG_LEVEL: 'error' });
const mongo = await openMongo(settings);
class Root {}
Module({
  imports: [
    ConfigModule.with(settings),
    MongoModule.with(mongo.uri, settings),
    LoggingModule,
    TelemetryModule,
    HttpModule,
    RedisModule.with(settings),
    Bindings,
    StreamsModule,
    StreamDoor,
  ],
})(Root);

const app = await NestFactory.create(Root, new HttpAdapter(), { bodyParser: false, bufferLogs: true });
app.useLogger(app.get(PinoLogger));
const streams = app.get(StreamsService);
const writers = new Map();

const create = async (name) => {
  const log = await streams.open({ tenant: TENANT, message_id: messageId(name) }, CHAT);
  writers.set(name, log.writer);
};
// Without MERGE every event is one event of the log: a type that never merges.
const append = (name, event) =>
  writers.get(name).emit({ type: merge ? 'content' : 'rationale', md: `${JSON.stringify(event)},` });

app.use((req, res, next) => {
  if (!control(req, res, { create, append })) next();
});
configureHttp(app);
await app.listen(settings.PORT, settings.HOST);
process.send?.({ port: app.getHttpServer().address().port, pids: [process.pid, mongo.pid].filter(Boolean) });
process.on(
  'SIGTERM',
  () =>
    void app
      .close()
      .then(() => mongo.stop())
      .finally(() => process.exit(0)),
);
