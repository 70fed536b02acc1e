// The application as its users see it: dist/main.js over HTTP, with the offline model.
import { existsSync } from 'node:fs';
import path from 'node:path';
import { nowUs, Latencies, median } from './measure.mjs';
import { firstMessage, newDataFolder, removeFolder, start, stop } from './processes.mjs';
import { launch } from './product.mjs';

const DOCUMENT = {
  title: 'On streams',
  content:
    'A run is an append-only log of events. A stream follows the log. A client resumes by id.\n'.repeat(20),
};
const QUESTION = 'How does a client resume a stream?';

/** Milliseconds from the start of the process until it is ready, on an existing data folder. */
export async function startTimes({ root, times }) {
  const folder = newDataFolder();
  const taken = [];
  try {
    for (let n = 0; n <= times; n++) {
      const { child, ms } = await launch({ root, folder });
      if (n > 0) taken.push(ms);
      await stop(child);
    }
  } finally {
    await removeFolder(folder);
  }
  return { readyMs: median(taken) };
}

/** Many messages at once, each in its own chat: time to the first event and to the end. */
export async function conversations({ root, atOnce, rounds }) {
  const folder = newDataFolder();
  const { child, url } = await launch({ root, folder });
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
    await removeFolder(folder);
  }
  return {
    firstP50: first.quantile(0.5),
    firstP99: first.quantile(0.99),
    totalP50: total.quantile(0.5),
    totalP99: total.quantile(0.99),
    eventsPerAnswer: events / (atOnce * rounds),
  };
}

/**
 * Searches of several kinds in a corpus: see search.mjs. It uses the application's own classes, so a checkout brings its own
 * one; this one's serves those from before there was any.
 */
export async function searches({ root, documents, rounds }) {
  const folder = newDataFolder();
  const script = 'test/bench/search.mjs';
  const sizes = { DOCUMENTS: String(documents), ROUNDS: String(rounds) };
  const env = { DATA_DIR: folder, PORT: '0', DIST: path.join(root, 'dist'), ...sizes };
  const child = start(script, { env, ...(existsSync(path.join(root, script)) && { root }) });
  try {
    return await firstMessage(child);
  } finally {
    await stop(child);
    await removeFolder(folder);
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
