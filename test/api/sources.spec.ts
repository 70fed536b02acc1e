import { ofType, setStage, theOne, type Stage } from '../conformance/setup.js';
import { startTestApp } from '../support/app.js';
import { Client } from '../support/client.js';

describe('the sources of an answer', () => {
  let stage: Stage;
  let chat: string;
  let ids: Record<string, string>;

  const titles = ['Annex on climate', 'Annex on wages'];

  beforeAll(async () => {
    stage = await setStage();
    ids = {};
    for (const title of titles) {
      const content = `# ${title}\n\nThe supplier reports on ${title.slice(9)} each year.`;
      ids[title] = (await stage.client.post('/api/documents', { title, content })).body.document_id;
    }
  });
  afterAll(() => stage.close());
  beforeEach(async () => {
    chat = await stage.client.newChat();
  });

  const source = (title: string): object => ({ title, document_id: ids[title] });
  const answerTo = async (id: string): Promise<any> =>
    (await stage.client.history(chat)).find(({ metadata }) => metadata.reply_to === id);

  it('are those of its successful tool calls, each once, on `end` and on the message', async () => {
    const sent = await stage.client.send(chat, 'Climate?');
    (await stage.model.next())
      .toolCall('get_file_content', { document: 'Annex on wages' }, 'a')
      .toolCall('get_file_content', { document: 'There is none' }, 'b')
      .finish();
    (await stage.model.next()).toolCall('search_tender_corpus', { query: 'annex reports' }, 'c').finish();
    (await stage.model.next()).text('See **Annex on wages**.').finish();
    const events = await stage.client.ended(sent);
    const both = [source('Annex on wages'), source('Annex on climate')];
    expect(theOne(events, 'end').sources).toEqual(both);
    expect(ofType(events, 'tool_end').map(({ status }) => status)).toEqual(['ok', 'error', 'ok']);
    expect(await answerTo(sent.message_id)).toMatchObject({ role: 'assistant', sources: both });
    expect(await stage.client.message(sent.message_id)).not.toHaveProperty('sources');
  });

  it('are absent when no tool was called, and none of an earlier question', async () => {
    const sent = await stage.client.send(chat, 'Hello?');
    (await stage.model.next()).text('Hello.').finish();
    expect(theOne(await stage.client.ended(sent), 'end')).not.toHaveProperty('sources');
    expect(await answerTo(sent.message_id)).not.toHaveProperty('sources');
  });

  it('are kept when the run is cancelled, or fails', async () => {
    const read = { document: 'Annex on wages' };
    const cancelled = await stage.client.send(chat, 'Wages?');
    (await stage.model.next()).toolCall('get_file_content', read, 'a').finish();
    await stage.model.next();
    await stage.client.cancel(cancelled.message_id);
    const end = theOne(await stage.client.ended(cancelled), 'end');
    expect(end).toMatchObject({ status: 'cancelled', sources: [source('Annex on wages')] });
    const failed = await stage.client.send(chat, 'Wages again?');
    (await stage.model.next()).toolCall('get_file_content', read, 'a').finish();
    (await stage.model.next()).fail(400);
    expect(theOne(await stage.client.ended(failed), 'end')).toMatchObject({
      status: 'error',
      sources: [source('Annex on wages')],
    });
  });

  it('are those of all attempts of a run', async () => {
    const other = await setStage();
    const { client, model } = other;
    await client.post('/api/documents', { title: 'Annex on climate', content: 'Reports.' });
    const sent = await client.send(await client.newChat(), 'Climate?');
    (await model.next()).toolCall('get_file_content', { document: 'Annex on climate' }, 'a').finish();
    await model.next();
    await other.app.stop();
    const next = await startTestApp(other.app.env);
    const again = new Client(next.url);
    (await model.next()).text('Done.').finish();
    const end = theOne(await again.ended(sent), 'end');
    expect(end.sources).toMatchObject([{ title: 'Annex on climate' }]);
    await next.destroy();
    await model.stop();
  });
});
