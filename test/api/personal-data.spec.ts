import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mongo } from 'mongoose';
import { PersonalData } from '../../src/personal-data/index.js';
import { AuditLog } from '../../src/audit/index.js';
import { AuthStage, bearer, codeOf } from '../auth/stage.js';
import { changeAssistant } from '../support/approvals.js';
import { openDatabase, type Database } from '../support/client.js';
import { scopeOf } from '../support/scopes.js';
import { until } from '../support/until.js';

const PERSON = 'Xanthippe-7Q';
const PATH = `/api/users/${PERSON}`;
/** More than one part. */
const BYTES = Buffer.concat([Buffer.from('A text: '), Buffer.alloc(700_000, 'ä')]);

interface Line {
  collection: string;
  record: any;
}

describe('everything that is stored about a person', () => {
  let stage: AuthStage;
  let database: Database;
  let hers: Record<string, string>;
  let token: string;
  let fileId: string;
  beforeAll(async () => {
    stage = await AuthStage.start({ BUDGET_MESSAGES_PER_DAY: '100' });
    database = await openDatabase(stage.app);
    hers = await stage.as(PERSON);
    token = await live(PERSON, hers);
    await live('bob', await stage.as('bob'));
  });
  afterAll(async () => {
    await database.close();
    await stage.stop();
  });

  /** Leaves something in every collection. @returns a personal token. */
  async function live(user: string, headers: Record<string, string>): Promise<string> {
    const { client, model } = stage;
    await client.get(`/api/users/${user}`, headers);
    const form = new FormData();
    form.set('file', new Blob([new Uint8Array(BYTES)]), 'notes.txt');
    const file = await client.request('POST', `/api/users/${user}/files`, form, headers);
    if (user === PERSON) fileId = file.body.file_id;
    const { body } = await client.post(
      `/api/users/${user}/tokens`,
      { name: 'n', scopes: ['write'] },
      headers,
    );
    const { body: chat } = await client.post(`/api/users/${user}/chats`, { title: 'T' }, headers);
    const question = `${user} asks`;
    const sent = { content: question, metadata: { password: 'mine' } };
    const asked = await client.post(`/api/chats/${chat.chat_id}/messages`, sent, headers);
    (await model.next(question)).toolCall('write_file', { path: 'a.md', content: 'A' }, 'w').finish();
    (await model.next(question)).text(`Answer for ${user}`).finish();
    await client.get(`/api/chats/${chat.chat_id}/messages/${asked.body.message_id}/stream`, headers);
    changeAssistant(stage.app, { approvals: ['write_file'] });
    const waits = `${user} waits`;
    const parked = await client.post(`/api/chats/${chat.chat_id}/messages`, { content: waits }, headers);
    (await model.next(waits)).toolCall('write_file', { path: 'b.md', content: 'B' }, 'w2').finish();
    await until('the call waits', async () => {
      const { body: message } = await client.get(`/api/messages/${parked.body.message_id}`, headers);
      return message.status === 'waiting';
    });
    changeAssistant(stage.app, { approvals: [] });
    await database.connection.collection('conversation_summaries').insertOne({
      tenant_id: 'default',
      chat_id: chat.chat_id,
      until: new mongo.ObjectId(parked.body.message_id),
      covers: 1,
      added: [new mongo.ObjectId(asked.body.message_id)],
      claimed_at: new Date(),
      text: `${user} asked`,
    });
    return body.token;
  }

  const linesOf = (text: string): any[] =>
    text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
  const recordsOf = (text: string): Line[] => linesOf(text).slice(1, -1);
  const download = async (): Promise<string> => {
    const { status, body } = await stage.client.get(`${PATH}/export`, hers);
    expect(status).toBe(200);
    return body;
  };

  /** Ids of all documents, by collection. */
  async function ids(): Promise<Set<string>> {
    const found = new Set<string>();
    for (const { name } of (await database.connection.db?.listCollections().toArray()) ?? [])
      for await (const { _id } of database.connection.collection(name).find({}, { projection: { _id: 1 } }))
        found.add(`${name} ${JSON.stringify(_id)}`);
    return found;
  }

  it('is a header, a line for each document, and an end with their number', async () => {
    const { headers, body } = await stage.client.get(`${PATH}/export`, hers);
    expect(headers.get('content-type')).toMatch('application/x-ndjson');
    expect(headers.get('content-disposition')).toContain('attachment');
    const all = linesOf(body);
    expect(all[0]).toMatchObject({ type: 'reprise-person', v: 1, user_id: PERSON, tenant_id: 'default' });
    expect(all.at(-1)).toEqual({ type: 'end', records: all.length - 2 });
  });

  it('has files with their bytes, logs in order, and what the person wrote as they wrote it', async () => {
    const records = recordsOf(await download());
    const parts = records.filter(({ collection }) => collection === 'file_parts').map(({ record }) => record);
    const bytes = parts.filter(({ file_id, kind }) => file_id === fileId && kind === 'bytes');
    expect(Buffer.concat(bytes.map((part) => Buffer.from(part.bytes, 'base64'))).equals(BYTES)).toBe(true);
    const question = records.find(({ record }) => record.content === `${PERSON} asks`)?.record;
    expect(question).toMatchObject({ role: 'user', metadata: { password: 'mine' } });
    const events = records
      .filter(({ collection }) => collection === 'message_events')
      .map(({ record }) => record);
    const first = events.filter(({ _id }) => _id.m === question._id);
    expect(first.map(({ _id }) => _id.s)).toEqual(first.map((_, n) => n));
    expect(first.at(-1)).toMatchObject({ type: 'end' });
  });

  it('has nothing of others, and nothing that lets its finder in', async () => {
    const text = await download();
    expect(text).not.toContain('bob');
    expect(text).not.toContain(token.slice(3, 40));
    const tokens = recordsOf(text).filter(({ collection }) => collection === 'access_tokens');
    expect(tokens).toHaveLength(1);
    expect(Object.keys(tokens[0]?.record).sort()).toEqual(
      ['_id', 'created_at', 'expires_at', 'last_used_at', 'name', 'scopes', 'tenant_id', 'user_id'].sort(),
    );
  });

  it('is noted in the audit log, and is only for the person, and administrators', async () => {
    await download();
    const admin = await stage.as('root', { claims: { scope: 'admin' } });
    const { body } = await stage.client.get(`/api/admin/audit?action=user_exported&user=${PERSON}`, admin);
    expect(body.items[0]).toMatchObject({ by: { subject: PERSON }, about_user: PERSON });
    expect((await stage.client.get(`${PATH}/export`, admin)).status).toBe(200);
    const path = `${PATH}/export`;
    expect(codeOf(await stage.client.get(path, await stage.as('bob')))).toEqual([404, 'user_not_found']);
    expect(codeOf(await stage.client.get(path, bearer(token)))).toEqual([403, 'insufficient_scope']);
    const nobody = await stage.client.get('/api/users/nobody/export', admin);
    expect(codeOf(nobody)).toEqual([404, 'user_not_found']);
  });

  it('knows of every collection to whom its documents belong', async () => {
    expect(await stage.app.nest.get(PersonalData, { strict: false }).unknown()).toEqual([]);
  });

  it('can be written by an operator, to a file', async () => {
    const args = ['dist/transfer/main.js', 'export', '--user', PERSON];
    const env = { ...process.env, ...stage.app.env };
    const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'inherit'] });
    const chunks: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
    const [code] = await once(child, 'close');
    expect(code).toBe(0);
    const own = recordsOf(await download());
    const written = recordsOf(Buffer.concat(chunks).toString());
    const others = ({ collection }: Line): boolean => collection !== 'audit_entries';
    const known = ({ collection, record }: Line): string => `${collection} ${JSON.stringify(record._id)}`;
    expect(written.filter(others).map(known)).toEqual(own.filter(others).map(known));
  });

  it('is all that erasing the person deletes', async () => {
    await stage.app.nest
      .get(AuditLog, { strict: false })
      .record(scopeOf(PERSON), { action: 'logout', user: PERSON });
    const exported = new Set(
      recordsOf(await download()).map(
        ({ collection, record }) => `${collection} ${JSON.stringify(record._id)}`,
      ),
    );
    const before = await ids();
    expect((await stage.client.request('DELETE', PATH, undefined, hers)).status).toBe(204);
    const after = await ids();
    const deleted = [...before].filter((one) => !after.has(one));
    const names = new Set(deleted.map((one) => one.split(' ')[0]));
    expect([...names].sort()).toEqual([
      'access_tokens',
      'chats',
      'conversation_summaries',
      'file_parts',
      'files',
      'message_events',
      'messages',
      'tool_calls',
      'usage_days',
      'users',
      'workspace_files',
    ]);
    expect(deleted.filter((one) => !exported.has(one))).toEqual([]);
    // And entries of the audit log, which are not deleted, but lose the person.
    const kept = [...exported].filter((one) => after.has(one));
    expect(new Set(kept.map((one) => one.split(' ')[0]))).toEqual(new Set(['audit_entries']));
  });
});
