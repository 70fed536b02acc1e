import { randomUUID } from 'node:crypto';
import { Client } from '../support/client.js';
import { until, within } from '../support/until.js';
import { QUESTIONS } from './corpus.js';
import { persistently } from './persistently.js';
import { WatchedRun } from './watched-run.js';

/** A run with its readers must be over this long after the last fault. */
const END_LIMIT_MS = 60_000;
const RUNS_PER_CHAT = 20;

/** What to ask, and whom. */
export interface Asked {
  question: string;
  agent?: string;
}

/** Runs in several chats at a time, one after the other in each, watched by several clients that come and go. */
export class Load {
  readonly runs: WatchedRun[] = [];
  /** Events that the steady clients have seen: the clock of the fault schedule. */
  eventsSeen = 0;
  private draining = false;
  private lanes: Promise<void>[] = [];
  private failure: unknown;

  /**
   * @param random decides where clients come and go.
   * @param ask the question for an exchange of a chat; both count from 0.
   */
  constructor(
    private readonly url: string,
    private readonly random: () => number,
    private readonly ask: (chat: number, turn: number) => Asked = aboutTheCorpus,
  ) {}

  /** Starts this many chats. */
  begin(chats: number): void {
    this.lanes = Array.from({ length: chats }, (_, number) =>
      this.lane(number).catch((error: unknown) => {
        this.failure ??= error;
      }),
    );
  }

  /** Resolves after this many more events, or after `limitMs`: a fault may also come when nothing flows. */
  async moreEvents(count: number, limitMs: number): Promise<void> {
    const deadline = performance.now() + limitMs;
    const enough = this.eventsSeen + count;
    await until('events flow', () => this.eventsSeen >= enough || performance.now() > deadline);
  }

  /** Checks every run that has not been seen whole yet. */
  async check(): Promise<void> {
    await Promise.all(this.runs.filter((run) => !run.hasEnded).map((run) => run.check()));
    if (this.failure) throw this.failure as Error;
  }

  /** Starts no more runs, and resolves when all have ended and every client was told so. */
  async drain(): Promise<void> {
    this.draining = true;
    await within('every run ends', Promise.all(this.lanes), END_LIMIT_MS);
    await this.check();
    const readers = this.runs.flatMap((run) => run.readers);
    await within('every viewer is told', Promise.all(readers.map(({ done }) => done)), END_LIMIT_MS);
  }

  /** Stops all clients, however far they are. */
  stop(): void {
    this.draining = true;
    for (const run of this.runs) for (const reader of run.readers) reader.stop();
  }

  private async lane(number: number): Promise<void> {
    const client = new Client(this.url);
    let chatId = '';
    for (let turn = 0; !this.draining; turn++) {
      if (turn % RUNS_PER_CHAT === 0) chatId = await newChat(client);
      const { question, agent } = this.ask(number, turn);
      const run = await startRun(client, chatId, question, agent);
      this.runs.push(run);
      await this.watch(run);
    }
  }

  /** One client stays, one disconnects again and again, one comes late. Resolves when the first has seen the end. */
  private watch(run: WatchedRun): Promise<void> {
    let hopAt = this.upTo(80);
    run.watch((reader) => {
      if (reader.seen.length < hopAt) return;
      hopAt = reader.seen.length + 1 + this.upTo(80);
      reader.hangUp();
    });
    let joinAt = this.upTo(150);
    const steady = run.watch((reader) => {
      this.eventsSeen++;
      if (reader.seen.length < joinAt && reader.seen.at(-1)?.type !== 'end') return;
      joinAt = Infinity;
      run.watch();
    });
    return steady.done;
  }

  private upTo(limit: number): number {
    return Math.floor(this.random() * limit);
  }
}

const aboutTheCorpus = (chat: number, turn: number): Asked => ({
  question: QUESTIONS[(chat + turn) % QUESTIONS.length] ?? '',
});

/** Asks a question once, however often the request must be repeated. */
export async function startRun(
  client: Client,
  chatId: string,
  question: string,
  agent?: string,
): Promise<WatchedRun> {
  const key = { 'idempotency-key': randomUUID() };
  const path = `/api/chats/${chatId}/messages`;
  const { status, body } = await persistently(() => client.post(path, { content: question, agent }, key));
  if (status !== 201) throw new Error(`HTTP ${status}: ${JSON.stringify(body)}`);
  return new WatchedRun(client, { ...body, chatId, question });
}

/** A chat; an additional one created by an unanswered request does no harm. */
export async function newChat(client: Client): Promise<string> {
  const { status, body } = await persistently(() => client.post('/api/users/alice/chats', {}));
  if (status !== 201) throw new Error(`HTTP ${status}: ${JSON.stringify(body)}`);
  return String(body.chat_id);
}
