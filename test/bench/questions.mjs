// One question to a model, asked in two ways: through Reprise, as a message and its stream, and as a completion.
import { HttpClient } from './http-client.mjs';
import { nowUs } from './measure.mjs';

/** See model-server.mjs for what the model answers. */
export const LONG = 'Tell me how a client resumes a stream.';
export const BRIEF = 'Briefly: how does a client resume a stream?';

/**
 * @typedef {{ postUs: number, firstUs: number, totalUs: number }} Asked microseconds since the moment before the request: until
 * it was accepted, until the first token, until the end.
 */

/** Chats with Reprise. `prepare` makes the chats: for each client one of a user of its own. */
export class RepriseAsker {
  #client;
  #chats = [];

  constructor(url) {
    this.#client = new HttpClient(url);
  }

  /** Makes chats until there are `count`; every other one gets a little history. */
  async prepare(count) {
    const missing = Array.from({ length: Math.max(0, count - this.#chats.length) }, (_, n) => n);
    await inWaves(missing, async (n) => {
      const { chat_id } = await this.#client.post(`/api/users/bench-${n}/chats`, {});
      this.#chats.push(chat_id);
      if (n % 2 === 1) for (let times = 0; times < 2; times++) await this.#askIn(chat_id, { content: BRIEF });
    });
  }

  /** The path of a chat that there is. */
  pathOf = (n) => `/api/chats/${this.#chats[n % this.#chats.length]}`;

  /**
   * Asks in the chat `n`, which must have no run under way.
   * @returns {Promise<Asked>}
   */
  ask(n, { content, onFirst }) {
    return this.#askIn(this.#chats[n % this.#chats.length], { content, onFirst });
  }

  async #askIn(chatId, { content, onFirst }) {
    const from = nowUs();
    const { stream_url } = await this.#client.post(`/api/chats/${chatId}/messages`, { content });
    const postUs = nowUs() - from;
    const stream = await this.#client.open('GET', stream_url);
    const seen = await follow(stream, 'event: content\n', { from, onFirst });
    if (!/event: end\n.*\n.*"status":"completed"/.test(seen.tail))
      throw new Error(`a run did not complete: ${seen.tail}`);
    return { postUs, firstUs: seen.firstUs, totalUs: seen.totalUs };
  }

  close() {
    this.#client.close();
  }
}

/** Asks a model server, or what stands before it, for a completion. */
export class CompletionAsker {
  #client;

  constructor(url) {
    this.#client = new HttpClient(url);
  }

  prepare() {}

  /** @returns {Promise<Asked>} */
  async ask(_n, { content }) {
    const from = nowUs();
    const body = { model: 'bench', stream: true, messages: [{ role: 'user', content }] };
    const stream = await this.#client.open('POST', '/v1/chat/completions', body);
    const postUs = nowUs() - from;
    const seen = await follow(stream, '"content":"', { from });
    if (!seen.tail.includes('[DONE]')) throw new Error(`an answer broke off: ${seen.tail}`);
    return { postUs, firstUs: seen.firstUs, totalUs: seen.totalUs };
  }

  close() {
    this.#client.close();
  }
}

const AT_A_TIME = 32;

async function inWaves(items, work) {
  const left = items.values();
  const worker = async () => {
    for (const item of left) await work(item);
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, worker));
}

const TAIL = 2000; // characters: more than the last frame of any answer here

/** Reads a stream to its end; `mark` stands in the first token's frame and in none before it. */
async function follow(stream, mark, { from, onFirst }) {
  let firstUs;
  let tail = '';
  for await (const text of stream) {
    tail = (tail + text).slice(-TAIL);
    if (firstUs !== undefined || !tail.includes(mark)) continue;
    firstUs = nowUs() - from;
    onFirst?.();
  }
  if (firstUs === undefined) throw new Error(`a stream ended without a token: ${tail}`);
  return { firstUs, totalUs: nowUs() - from, tail };
}
