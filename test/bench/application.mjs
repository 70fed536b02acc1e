// The application as its users meet it: dist/main.js over HTTP, with the offline model.
import { nowUs, Latencies, median } from './measure.mjs';
import { firstLine, firstMessage, newDataFolder, removeFolder, start, stop } from './processes.mjs';

const DOCUMENT = {
  title: 'On streams',
  content:
    'A run is an append-only log of events. A stream follows the log. A client resumes by id.\n'.repeat(20),
};
const QUESTION = 'How does a client resume a stream?';

/** Starts the application on a data folder; resolves when it says that it listens. */
async function launch(folder) {
  const from = nowUs();
  const child = start('dist/main.js', { env: { DATA_DIR: folder, PORT: '0' }, stdout: 'pipe' });
  const url = /http:\S+:\d+/.exec(await firstLine(child))[0];
  await fetch(`${url}/health/ready`).then((answer) => answer.text());
  return { child, url, ms: (nowUs() - from) / 1000 };
}

/** Milliseconds from the start of the process until it is ready, on a data folder that exists. */
export async function startTimes(times) {
  const folder = newDataFolder();
  const taken = [];
  try {
    for (let n = 0; n <= times; n++) {
      const { child, ms } = await launch(folder);
      if (n > 0) taken.push(ms);
      await stop(child);
    }
  } finally {
    removeFolder(folder);
  }
  return { readyMs: median(taken) };
}

/** Many messages at once, each in a chat of its own: time to the first event and to the end. */
export async function conversations({ atOnce, rounds }) {
  const folder = newDataFolder();
  const { child, url } = await launch(folder);
  const first = new Latencies();
  const total = new Latencies();
  let events = 0;
  try {
    await post(url, '/api/documents', DOCUMENT);
    for (let round = 0; round <= rounds; round++) {
      const chats = await Promise.all(
        Array.from({ length: atOnce }, () => post(url, '/api/users/bench/chats', {})),
      );
      const asked = await Promise.all(chats.map((chat) => ask(url, chat.chat_id)));
      if (round === 0) continue; // warm-up
      for (const one of asked) {
        first.add(one.firstUs);
        total.add(one.totalUs);
        events += one.events;
      }
    }
  } finally {
    await stop(child);
    removeFolder(folder);
  }
  return {
    firstP50: first.quantile(0.5),
    firstP99: first.quantile(0.99),
    totalP50: total.quantile(0.5),
    totalP99: total.quantile(0.99),
    eventsPerAnswer: events / (atOnce * rounds),
  };
}

/** Searches of several kinds in a corpus: see search.mjs. DIST names another build to compare with. */
export async function searches({ documents, rounds }) {
  const folder = newDataFolder();
  const env = { DATA_DIR: folder, PORT: '0', DOCUMENTS: String(documents), ROUNDS: String(rounds) };
  const child = start('test/bench/search.mjs', { env });
  try {
    return await firstMessage(child);
  } finally {
    await stop(child);
    removeFolder(folder);
  }
}

async function ask(url, chatId) {
  const from = nowUs();
  const { stream_url } = await post(url, `/api/chats/${chatId}/messages`, { content: QUESTION });
  const answer = await fetch(url + stream_url);
  let firstUs;
  let text = '';
  for await (const chunk of answer.body) {
    text += Buffer.from(chunk).toString('latin1');
    if (firstUs === undefined && text.includes('event: ')) firstUs = nowUs() - from;
  }
  if (!text.includes('event: end')) throw new Error(`a stream ended early: ${text.slice(-300)}`);
  return { firstUs, totalUs: nowUs() - from, events: text.split('\nid: ').length - 1 };
}

async function post(url, path, body) {
  const headers = { 'content-type': 'application/json' };
  const answer = await fetch(url + path, { method: 'POST', headers, body: JSON.stringify(body) });
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
  return answer.json();
}
