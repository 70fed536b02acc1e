import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import type { AddressInfo, Server } from 'node:net';
import { ChatModel } from './agent/index.js';
import { AppModule } from './app.module.js';
import type { Settings } from './platform/config/index.js';
import { configureHttp } from './platform/http/index.js';
import { PinoLogger } from './platform/logging/index.js';
import { openMongo } from './platform/mongo/index.js';

/** The whole application, listening. */
export interface RunningApp {
  /** For example `http://127.0.0.1:8000`. */
  url: string;
  nest: NestExpressApplication;
  /** One line that names the model and where it is, and says so when it cannot be reached. */
  describeModel(): Promise<string>;
  /** Closes the doors, then the database. */
  stop(): Promise<void>;
}

/** Starts everything: the database, the modules, the HTTP server. */
export async function startApp(settings: Settings): Promise<RunningApp> {
  const mongo = await openMongo(settings);
  try {
    const options = { bufferLogs: true, bodyParser: false, abortOnError: false, forceCloseConnections: true };
    const nest = await NestFactory.create<NestExpressApplication>(
      AppModule.with(settings, mongo.uri),
      options,
    );
    nest.useLogger(nest.get(PinoLogger));
    configureHttp(nest);
    await nest.listen(settings.PORT, settings.HOST);
    const { port } = (nest.getHttpServer() as Server).address() as AddressInfo;
    const stop = async (): Promise<void> => {
      await nest.close();
      await mongo.stop();
    };
    return {
      url: `http://${settings.HOST.includes(':') ? `[${settings.HOST}]` : settings.HOST}:${port}`,
      nest,
      describeModel: async () => `model: ${(await nest.get(ChatModel).check()).detail}`,
      stop,
    };
  } catch (error) {
    await mongo.stop();
    throw error;
  }
}
