import path from 'node:path';
import { startEmbeddedMongo, type EmbeddedMongoOptions } from '@reprise/embedded-mongo';
import type { Settings } from '../config/index.js';
import { Log } from '../logging/index.js';
import { checkDatabase } from './check-database.js';
import { prepareDataFolder } from './data-folder.js';

/** A reachable MongoDB, and how to release it. */
export interface MongoServer {
  uri: string;
  /** Stops the embedded engine if nobody else uses it; does nothing for your own database. */
  stop(): Promise<void>;
}

/**
 * `MONGODB_URI` if set, else the embedded engine under `DATA_DIR/mongo`.
 * @throws StartError if that database does not answer, or the folder is not writable; EmbeddedMongoUnavailable.
 */
export async function openMongo(settings: Settings): Promise<MongoServer> {
  if (settings.MONGODB_URI) {
    await checkDatabase(settings.MONGODB_URI, settings.MONGODB_DATABASE);
    return { uri: settings.MONGODB_URI, stop: () => Promise.resolve() };
  }
  await prepareDataFolder(settings.DATA_DIR);
  const directory = path.join(settings.DATA_DIR, 'mongo');
  await prepareDataFolder(directory);
  return startEmbeddedMongo({ directory, ...watch() });
}
/** Logs what happens to the engine: a fault only once, however often it keeps the engine from starting. */
function watch(): Pick<EmbeddedMongoOptions, 'onError' | 'onRestart'> {
  const logger = new Log('EmbeddedMongo');
  let told = '';
  return {
    onError: ({ message }) => {
      if (message !== told) logger.error(message);
      told = message;
    },
    onRestart: ({ tookMs }) => {
      told = '';
      logger.warn(`The database had stopped. It is running again after ${Math.round(tookMs)} ms.`);
    },
  };
}
