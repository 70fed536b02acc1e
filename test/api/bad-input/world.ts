import { createHash } from 'node:crypto';
import { mongo } from 'mongoose';
import { Client, openDatabase } from '../../support/client.js';
import { changeAssistant } from '../../support/approvals.js';
import type { TestApp } from '../../support/app.js';
import { until } from '../../support/until.js';

/** What is stored before anything bad arrives: the valid parts of bad requests, and ids that belong elsewhere. */
export interface World {
  user: string;
  chat: string;
  otherChat: string;
  /** A question whose run has ended. */
  message: string;
  otherMessage: string;
  /** The assistant's message: it has no run of its own. */
  answer: string;
  /** The id of an event of `message`. */
  event: string;
  /** The id of an event of `otherMessage`. */
  otherEvent: string;
  document: string;
  /** A file that no message has. */
  file: string;
  /** A question whose run waits for a decision about `call`. */
  waiting: string;
  call: string;
  /** An `Idempotency-Key` that was used in `chat`, and by doors that begin a chat. */
  usedKey: string;
}

/** Fills the application's database over HTTP. @param client somebody who may act for anybody; `user`: whose it is */
export async function createWorld(
  app: TestApp,
  client = new Client(app.url),
  user = 'alice@company.com',
): Promise<World> {
  await client.get(`/api/users/${user}`);
  const document = await client.post('/api/documents', { title: 'CSR', content: 'Krav til leverandøren.' });
  const [chat, otherChat] = [await client.newChat(user), await client.newChat('bob')];
  const usedKey = 'used-before';
  const path = `/api/chats/${chat}/messages`;
  const first = await client.post(path, { content: 'Hvad er CSR-kravene?' }, { 'idempotency-key': usedKey });
  const second = await client.send(otherChat, 'Hej?');
  await client.post('/chat/stream', { message: 'Hej?' }, { 'idempotency-key': usedKey });
  const team = { prompt: 'Hej?', agents: ['assistant'] };
  await client.post('/api/coordinator/sequential', team, { 'idempotency-key': usedKey });
  const events = await client.ended(first.body);
  const otherEvents = await client.ended(second);
  const history = await client.history(chat);
  changeAssistant(app, { approvals: ['search_tender_corpus'] });
  const waiting = (await client.send(await client.newChat(user), 'Hvad er CSR-kravene?')).message_id;
  const isParked = async () => (await client.message(waiting)).run.waiting?.call_ids[0] as string | undefined;
  const call = await until('a run waits for a decision', isParked);
  changeAssistant(app, { approvals: [] });
  return {
    user,
    chat,
    otherChat,
    message: first.body.message_id,
    otherMessage: second.message_id,
    answer: history.find(({ role }) => role === 'assistant').message_id,
    event: events[0]!.id,
    otherEvent: otherEvents[0]!.id,
    document: document.body.document_id,
    file: await client.newFile(user, 'krav.txt', 'CSR: Krav til leverandøren.'),
    waiting,
    call,
    usedKey,
  };
}

/** For every collection, a hash of each of its documents by id. */
export type Snapshot = Record<string, Record<string, string>>;

/** Looks into the application's database, bypassing the application. */
export interface Watcher {
  snapshot(): Promise<Snapshot>;
  close(): Promise<void>;
}

/**
 * Whoever fails to log in, or looks at lists of administrators, leaves an entry in the audit log and changes nothing
 * else.
 * @param filter which documents to look at; default: all.
 */
export async function watchDatabase(
  app: TestApp,
  filter: mongo.Filter<mongo.Document> = {},
): Promise<Watcher> {
  const { connection, close } = await openDatabase(app);
  const snapshot = async (): Promise<Snapshot> => {
    const collections = (await connection.db?.collections()) ?? [];
    const entries = collections.map(async (collection) => {
      const documents = await collection
        .find({ ...filter, action: { $nin: ['login_failed', 'admin_viewed'] } })
        .sort({ _id: 1 })
        .toArray();
      return [collection.collectionName, Object.fromEntries(documents.map(fingerprint))] as const;
    });
    return Object.fromEntries(await Promise.all(entries));
  };
  return { snapshot, close };
}

function fingerprint(document: mongo.Document): [id: string, hash: string] {
  const hash = createHash('sha256').update(mongo.BSON.serialize(document)).digest('hex');
  return [mongo.BSON.EJSON.stringify(document['_id']), hash];
}
