import type { mongo } from 'mongoose';

/** What proves who somebody is belongs to them, too, but is worth something only to thieves. */
const SECRET = /hash|password|secret|salt|verifier|nonce/i;

/** A document as people read it: ids and bytes as text, times in ISO 8601. */
export function toRecord(document: mongo.Document): unknown {
  return JSON.parse(JSON.stringify(document));
}

/** The same, without what would let its finder in. For documents that our own code writes all fields of. */
export function withoutSecrets(document: mongo.Document): unknown {
  return JSON.parse(
    JSON.stringify(document, (key, value: unknown) => (SECRET.test(key) ? undefined : value)),
  );
}
