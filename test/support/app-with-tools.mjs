// The built application with three tools of a test's own, for processes that are to be killed. What the tool that may
// not run twice has done is noted in the file TOOL_LOG, outside of everything that can be lost.
import { appendFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { NestFactory } from '@nestjs/core';
import { z } from 'zod';

const dist = pathToFileURL(
  `${process.env.APP_DIST ?? fileURLToPath(new URL('../../dist', import.meta.url))}/`,
);
const load = (file) => import(new URL(file, dist).href);
const { AppModule } = await load('app.module.js');
const { loadSettings } = await load('platform/config/index.js');
const { configureHttp, HttpAdapter } = await load('platform/http/index.js');
const { PinoLogger } = await load('platform/logging/index.js');
const { openMongo } = await load('platform/mongo/index.js');
const { Tool } = await load('tools/index.js');

const keyed = z.object({ key: z.string() });
const order = z.object({ ticket: z.string(), call: z.string() });

class Tools {
  async look_up({ key }) {
    await delay(5);
    return { text: `found ${key}` };
  }

  async take_time({ key }, { emit }) {
    for (const part of ['a third', 'two thirds']) {
      await delay(60);
      void emit({ type: 'status', text: `${key}: ${part}` });
    }
    await delay(60);
    return { text: `took time for ${key}` };
  }

  async buy({ ticket, call }) {
    appendFileSync(process.env.TOOL_LOG, `${JSON.stringify({ ticket, call, pid: process.pid })}\n`);
    await delay(40 + Math.random() * 150);
    return { text: `bought ${ticket}` };
  }

  /** The same, but a person has to approve it. */
  order(args) {
    return this.buy(args);
  }
}

const declare = (name, parameters, idempotent, approval = false) => {
  const method = Object.getOwnPropertyDescriptor(Tools.prototype, name);
  Tool({ name, description: `The tool ${name}.`, parameters, idempotent, approval })(
    Tools.prototype,
    name,
    method,
  );
};
declare('look_up', keyed, true);
declare('take_time', keyed, true);
declare('buy', order, false);
declare('order', order, false, true);

let phase = 'opening the engine';
try {
  const settings = loadSettings(process.env);
  setTimeout(() => {
    if (phase === 'running') return;
    process.stderr.write(`Cannot start: still ${phase}; ${process.getActiveResourcesInfo().join(' ')}\n`);
    process.exit(1);
  }, settings.START_TIMEOUT_MS).unref();
  const mongo = await openMongo(settings);
  phase = 'making the application';
  const root = { module: class {}, imports: [AppModule.with(settings, mongo.uri)], providers: [Tools] };
  const options = { bufferLogs: true, bodyParser: false, abortOnError: false };
  const nest = await NestFactory.create(root, new HttpAdapter(), options);
  nest.useLogger(nest.get(PinoLogger));
  configureHttp(nest);
  phase = 'starting its modules';
  await nest.listen(settings.PORT, settings.HOST);
  phase = 'running';
  process.stdout.write(`The application with tools listens on ${settings.PORT}\n`);
} catch (error) {
  process.stderr.write(`Cannot start: ${String(error?.stack ?? error)}\n`);
  process.exit(1);
}
