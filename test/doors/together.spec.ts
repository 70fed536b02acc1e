import { DIALECTS } from '../../src/app.module.js';
import { setStage, playRichRun, RICH_ANSWER } from '../conformance/setup.js';
import { answerOf } from '../support/client.js';
import { RawStream } from '../support/raw-stream.js';
import { textIn } from './session/reader.js';

it('clients of all doors watch one run at the same time, each in its own words', async () => {
  const stage = await setStage();
  const session = await RawStream.post(`${stage.app.url}/chat/stream`, { message: 'together' });
  const url = stage.app.url + String(session.headers['x-stream-url']);
  const others = await Promise.all(
    DIALECTS.map(async ({ name }) => ({ name, stream: await RawStream.open(`${url}?dialect=${name}`) })),
  );
  await playRichRun(stage.model, 'together');
  await session.end();
  const events = await stage.client.replay(String(session.headers['x-message-id']));
  expect(textIn(session.text)).toBe(RICH_ANSWER);
  expect(answerOf(events)).toBe(RICH_ANSWER);
  const ids = events.map(({ id }) => id);
  expect(session.ids).toEqual(ids);
  for (const { name, stream } of others) expect([name, (await stream.end()).ids]).toEqual([name, ids]);
  await stage.close();
});
