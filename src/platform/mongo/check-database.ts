import { mongo } from 'mongoose';
import { reasonOf, StartError, withoutSecrets } from '../config/index.js';

/** A database that has not answered by then is down: the supervisor restarts the server. */
const PATIENCE_MS = 5000;
const AUTHENTICATION_FAILED = 18;
const ADVICE =
  'Start that database, correct MONGODB_URI, or unset it to use the embedded engine under DATA_DIR.';

/**
 * Checks that the database answers.
 * @throws StartError that names `MONGODB_URI`, never its user name and password.
 */
export async function checkDatabase(uri: string, database: string): Promise<void> {
  let client: mongo.MongoClient | undefined;
  try {
    client = new mongo.MongoClient(uri, {
      serverSelectionTimeoutMS: PATIENCE_MS,
      connectTimeoutMS: PATIENCE_MS,
      socketTimeoutMS: PATIENCE_MS,
    });
    await client.connect();
    // Everybody may call `hello`; this requires the right to read.
    await client.db(database).listCollections({}, { nameOnly: true }).toArray();
  } catch (error) {
    throw new StartError('MONGODB_URI', sentence(error, uri), { cause: error });
  } finally {
    await client?.close().catch(() => undefined);
  }
}

function sentence(error: unknown, uri: string): string {
  const reason = reasonOf(error);
  if (error instanceof mongo.MongoServerSelectionError)
    return `MONGODB_URI ${withoutSecrets(uri)} does not lead to a writable MongoDB: ${deepest(error)}. ${ADVICE}`;
  if (error instanceof mongo.MongoServerError && error.code === AUTHENTICATION_FAILED)
    return `The database rejected the user name or password in MONGODB_URI (${reason}). Correct it; in a password, write "@", ":" and "/" as %40, %3A and %2F.`;
  if (error instanceof mongo.MongoServerError)
    return `MONGODB_URI ${withoutSecrets(uri)} leads to a database that denies access: ${reason}. Grant its user the role "readWrite".`;
  if (error instanceof mongo.MongoNetworkError)
    return `MONGODB_URI ${withoutSecrets(uri)} does not lead to a writable MongoDB: ${reason}. ${ADVICE}`;
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'ENOTFOUND' || code === 'ENODATA' || code === 'ESERVFAIL')
    return `MONGODB_URI ${withoutSecrets(uri)} names a host that cannot be resolved: ${reason}. ${ADVICE}`;
  return `MONGODB_URI cannot be used: ${reason}. Its form is mongodb://user:password@host:27017/?option=value.`;
}

/** What each server said, if the driver's own message only says that none was found. */
function deepest(error: mongo.MongoServerSelectionError): string {
  const servers = [...(error.reason?.servers.values() ?? [])];
  const causes = servers.map((server) => server.error && reasonOf(server.error.cause ?? server.error));
  const known = [...new Set(causes.filter((cause): cause is string => Boolean(cause)))];
  return known.length > 0 ? known.join('; ') : reasonOf(error);
}
