import { randomBytes } from 'node:crypto';
import { Webhook } from 'standardwebhooks';
import { changeAssistant } from '../support/approvals.js';
import { startTestApp } from '../support/app.js';
import { Client, openDatabase, type Created } from '../support/client.js';
import { until } from '../support/until.js';
import { accepts, answers, cutsOff, floods, hangs, Receiver, type Reaction } from './receiver.js';

const newKey = (): string => `whsec_${randomBytes(32).toString('base64')}`;
const [OLD, NEW] = [newKey(), newKey()];
const QUESTION = 'Hvad er CSR-kravene?';

interface World {
  app: Awaited<ReturnType<typeof startTestApp>>;
  client: Client;
  receiver: Receiver;
  close(): Promise<void>;
}

/** The application with the offline model, whose searches have to be approved. */
async function start(env: Record<string, string> = {}, given?: Receiver): Promise<World> {
  const receiver = given ?? (await Receiver.start());
  const app = await startTestApp({
    APPROVAL_WEBHOOK_URL: receiver.url,
    APPROVAL_WEBHOOK_SECRET: `${OLD},${NEW}`,
    APPROVAL_WEBHOOK_RETRY_MS: '20',
    ...env,
  });
  changeAssistant(app, { approvals: ['search_tender_corpus'] });
  const client = new Client(app.url);
  const close = async (): Promise<void> => {
    await app.destroy();
    await receiver.stop();
  };
  return { app, client, receiver, close };
}

const ask = async (client: Client): Promise<Created> => client.send(await client.newChat(), QUESTION);
const waits = ({ client }: World, of: Created): Promise<string> =>
  until(
    'the run waits',
    async () => (await client.message(of.message_id)).run.waiting?.call_ids[0] as string,
  );

describe('the webhook of approvals', () => {
  let world: World;
  beforeAll(async () => {
    world = await start();
  });
  afterAll(() => world.close());
  beforeEach(() => {
    world.receiver.reports.length = 0;
    world.receiver.reactions = [accepts];
  });

  it('reports a call that needs approval, signed as the official library of receivers checks it', async () => {
    const { client, receiver } = world;
    const of = await ask(client);
    const call = await waits(world, of);
    const [report] = await receiver.got(of.message_id);
    const { message_id, chat_id } = await client.message(of.message_id);
    for (const key of [OLD, NEW]) {
      expect(new Webhook(key).verify(report!.body, report!.headers)).toMatchObject({
        type: 'approval_required',
        id: report!.headers['webhook-id'],
        message_id,
        chat_id,
        call_id: call,
        name: 'search_tender_corpus',
        args_summary: expect.stringContaining('CSR'),
        tenant_id: 'default',
        user_id: 'alice',
        approve_url: `/api/messages/${message_id}/approvals/${call}`,
      });
    }
    expect(() => new Webhook(newKey()).verify(report!.body, report!.headers)).toThrow();
    expect(() => new Webhook(OLD).verify(`${report!.body} `, report!.headers)).toThrow();
    const late = { ...report!.headers, 'webhook-timestamp': '1700000000' };
    expect(() => new Webhook(OLD).verify(report!.body, late)).toThrow();
    const { approve_url } = JSON.parse(report!.body) as { approve_url: string };
    expect((await client.post(approve_url, { decision: 'approve' })).status).toBe(200);
    expect((await client.ended(of)).at(-1)).toMatchObject({ type: 'end', status: 'completed' });
    expect(receiver.about(of.message_id)).toHaveLength(1);
  });

  it.each<[string, Reaction]>([
    ['fails', answers(500)],
    ['refuses', answers(401)],
    ['redirects', answers(307, { location: '/hook' })],
    ['redirects for good', answers(301, { location: 'http://127.0.0.1:1/elsewhere' })],
    ['breaks the connection', cutsOff],
  ])(
    'is reported again to a receiver that %s, with the same id, and not followed elsewhere',
    async (_, reaction) => {
      const { client, receiver } = world;
      receiver.reactions = [reaction, reaction, accepts];
      const of = await ask(client);
      const reports = await receiver.got(of.message_id, 3);
      expect(new Set(reports.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
      expect(new Set(reports.map(({ body }) => body)).size).toBe(1);
      for (const { body, headers } of reports) new Webhook(NEW).verify(body, headers);
      await client.cancel(of.message_id);
      await client.ended(of);
    },
  );

  it('holds up no run while its receiver hangs or floods', async () => {
    const { client, receiver } = world;
    receiver.reactions = [hangs, floods, hangs, accepts];
    for (let i = 0; i < 3; i++) {
      const of = await ask(client);
      const call = await waits(world, of);
      await receiver.got(of.message_id);
      await client.post(`/api/messages/${of.message_id}/approvals/${call}`, { decision: 'approve' });
      expect((await client.ended(of)).at(-1)).toMatchObject({ status: 'completed' });
    }
  });

  it('is not reported any more once it is decided', async () => {
    const { client, receiver, app } = world;
    receiver.reactions = [answers(503)];
    const of = await ask(client);
    const call = await waits(world, of);
    await receiver.got(of.message_id, 2);
    await client.post(`/api/messages/${of.message_id}/approvals/${call}`, { decision: 'reject' });
    await client.ended(of);
    const { connection, close } = await openDatabase(app);
    await until('nothing is due', async () => {
      const due = { message_id: of.message_id, next_at: { $exists: true } };
      return (await connection.collection('approval_notices').countDocuments(due)) === 0;
    });
    await close();
  });

  it('forgets the reports of a chat that is deleted', async () => {
    const { client, receiver, app } = world;
    const of = await ask(client);
    await receiver.got(of.message_id);
    const { chat_id } = await client.message(of.message_id);
    await client.delete(`/api/chats/${chat_id}`);
    const { connection, close } = await openDatabase(app);
    expect(await connection.collection('approval_notices').countDocuments({ chat_id })).toBe(0);
    await close();
  });
});

it('reports after a restart what could not be delivered before', async () => {
  const lost = await Receiver.start();
  const first = await start({ APPROVAL_WEBHOOK_RETRY_MS: '10' }, lost);
  const { port } = lost;
  await lost.stop(); // nobody listens
  const of = await ask(first.client);
  await waits(first, of);
  await first.app.stop();
  const back = await Receiver.start(port);
  const second = await startTestApp(first.app.env);
  const [report] = await back.got(of.message_id);
  new Webhook(OLD).verify(report!.body, report!.headers);
  await second.destroy();
  await back.stop();
});

it('is reported once by several workers, and again only if it was not accepted', async () => {
  const world = await start();
  const others = await Promise.all([1, 2].map(() => startTestApp(world.app.env)));
  const asked = await Promise.all(Array.from({ length: 6 }, () => ask(world.client)));
  for (const of of asked) await waits(world, of);
  for (const of of asked) expect(await world.receiver.got(of.message_id)).toHaveLength(1);
  const { connection, close } = await openDatabase(world.app);
  await until('all are delivered', async () => {
    const due = await connection
      .collection('approval_notices')
      .countDocuments({ next_at: { $exists: true } });
    return due === 0;
  });
  await close();
  expect(world.receiver.reports).toHaveLength(6);
  for (const other of others) await other.stop();
  await world.close();
});
