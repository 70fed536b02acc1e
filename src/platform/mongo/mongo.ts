import path from 'node:path';
import { Logger } from '@nestjs/common';
import { startEmbeddedMongo, type EmbeddedMongoOptions } from '@reprise/embedded-mongo';
import type { Settings } from '../config/index.js';

/** A reachable MongoDB, and how to let go of it. */
export interface MongoServer {
  uri: string;
  /** Ends the embedded engine if nobody else uses it; does nothing for a database of your own. */
  stop(): Promise<void>;
}

/** `MONGODB_URI` if set, else the embedded engine under `DATA_DIR/mongo`. */
export async function openMongo(settings: Settings): Promise<MongoServer> {
  if (settings.MONGODB_URI) return { uri: settings.MONGODB_URI, stop: () => Promise.resolve() };
  return startEmbeddedMongo({ directory: path.join(settings.DATA_DIR, 'mongo'), ...watch() });
}

/** Logs what happens to the engine: a fault once, however often it keeps the engine from starting. */
function watch(): Pick<EmbeddedMongoOptions, 'onError' | 'onRestart'> {
  const logger = new Logger('EmbeddedMongo');
  let told = '';
  return {
    onError: ({ message }) => {
      if (message !== told) logger.error(message);
      told = message;
    },
    onRestart: ({ tookMs }) => {
      told = '';
      logger.warn(`The database had ended and runs again, after ${Math.round(tookMs)} ms.`);
    },
  };
}
