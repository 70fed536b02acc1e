import type { Connection } from 'mongoose';
import { StartError } from '../config/index.js';

/**
 * Version of the stored data that this program reads and writes. It grows with a change that an older program would
 * misread or damage; new optional fields, collections and indexes are none.
 */
export const SCHEMA_VERSION = 1;

const COLLECTION = 'schema_versions';
const ID = 'database';

interface SchemaVersionDocument {
  _id: string;
  version: number;
}

/**
 * Notes the version in the database, which never decreases. Before anything else is read or written.
 * @throws StartError if a newer program has written to it.
 */
export async function checkSchemaVersion(connection: Connection): Promise<void> {
  const versions = connection.collection<SchemaVersionDocument>(COLLECTION);
  const { version } = (await versions.findOne({ _id: ID })) ?? {};
  if (version !== undefined && version > SCHEMA_VERSION) throw isNewer(connection.name, version);
  // Of several programs that start at once, the newest wins, and the others see it when they start again.
  if (version !== SCHEMA_VERSION)
    await versions.updateOne({ _id: ID }, { $max: { version: SCHEMA_VERSION } }, { upsert: true });
}

function isNewer(database: string, version: number): StartError {
  return new StartError(
    'MONGODB_DATABASE',
    `The database "${database}" was written by a newer version of Reprise: its data has version ${version}, and this program knows ${SCHEMA_VERSION}. Start the newer program, or restore a backup from before the upgrade.`,
  );
}
