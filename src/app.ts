import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import type { AddressInfo, Server } from 'node:net';
import { ChatModel } from './models/index.js';
import { FirstAdmin } from './auth/index.js';
import { AppModule } from './app.module.js';
import type { Settings } from './platform/config/index.js';
import { addressError, checkAddress, configureHttp, HttpAdapter } from './platform/http/index.js';
import { PinoLogger } from './platform/logging/index.js';
import { openMongo } from './platform/mongo/index.js';
import { SocketAdapter } from './platform/sockets/index.js';
import { checkRedis } from './platform/redis/index.js';

/** The whole application, listening. */
export interface RunningApp {
  /** E.g. `http://127.0.0.1:8000`. */
  url: string;
  nest: NestExpressApplication;
  /** One line that names the model and its server, and says so if it cannot be reached. */
  describeModel(): Promise<string>;
  /** The link with which the operator becomes the first administrator; nothing once there is one. */
  setUpLink(): Promise<string | undefined>;
  /** Stops the application, then the database. */
  stop(): Promise<void>;
}

/**
 * Starts everything: the database, the modules, the HTTP server. Quick checks come first.
 * @throws StartError if the environment is not as a setting requires.
 */
export async function startApp(settings: Settings): Promise<RunningApp> {
  const logger = new PinoLogger(settings);
  await checkAddress(settings);
  const redisIsAway = settings.REDIS_URL === undefined ? undefined : await checkRedis(settings.REDIS_URL);
  if (redisIsAway !== undefined) logger.warn(redisIsAway);
  const mongo = await openMongo(settings);
  try {
    // Errors that prevent a start are thrown and reported once: Nest would log them, too.
    const nest = await NestFactory.create<NestExpressApplication>(
      AppModule.with(settings, mongo.uri),
      new HttpAdapter(),
      { logger, bodyParser: false, abortOnError: false },
    );
    configureHttp(nest);
    if (settings.ROLE !== 'worker') nest.useWebSocketAdapter(new SocketAdapter(nest, settings));
    const url = await listen(nest, settings);
    const stop = async (): Promise<void> => {
      await nest.close();
      await mongo.stop();
    };
    const describeModel = async (): Promise<string> => `model: ${(await nest.get(ChatModel).check()).detail}`;
    const setUpLink = (): Promise<string | undefined> => nest.get(FirstAdmin).link(url);
    return { url, nest, describeModel, setUpLink, stop };
  } catch (error) {
    await mongo.stop();
    throw error;
  }
}

async function listen(nest: NestExpressApplication, settings: Settings): Promise<string> {
  const { PORT, HOST } = settings;
  try {
    await nest.listen(PORT, HOST);
  } catch (error) {
    throw addressError(error, settings) ?? error;
  }
  const { port } = (nest.getHttpServer() as Server).address() as AddressInfo;
  return `http://${HOST.includes(':') ? `[${HOST}]` : HOST}:${port}`;
}
