import path from 'node:path';
import { startEmbeddedMongo } from '@reprise/embedded-mongo';
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
  return startEmbeddedMongo({ directory: path.join(settings.DATA_DIR, 'mongo') });
}
