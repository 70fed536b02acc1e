import { setTimeout as delay } from 'node:timers/promises';
import type { StreamEvent } from '@reprise/protocol';
import { answerOf, seq, type Client, type Created } from '../support/client.js';
import { ResumingReader } from '../support/resuming-reader.js';
import { persistently } from './persistently.js';

/** A run and who asked for it. */
export interface StartedRun extends Created {
  chatId: string;
  question: string;
}

/** The outcome of a run, through all doors. */
export interface Outcome {
  /** Status of the message. */
  status: string;
  /** Code of the `error` event, if there is one. */
  code?: string;
  /** Every `content` of the log. */
  text: string;
}

/** A run may be at rest for so long, ms. */
const APPROVAL_MS = 400;

/** A run, its clients, and everything that was ever seen of its log. */
export class WatchedRun {
  readonly readers: ResumingReader[] = [];
  /** Broken promises. Stays empty. */
  readonly violations: string[] = [];
  private readonly approved = new Set<string>();
  /** The log as last read, event by event. */
  log: string[] = [];

  constructor(
    private readonly client: Client,
    readonly started: StartedRun,
  ) {}

  /** Adds a client. Whoever sees first that a call needs approval approves it. */
  watch(onEvent?: (reader: ResumingReader) => void): ResumingReader {
    const reader = new ResumingReader(this.client.url + this.started.stream_url, (one) => {
      const last = one.seen.at(-1);
      if (last?.type === 'approval_required') this.approve(last.data);
      onEvent?.(one);
    });
    this.readers.push(reader);
    return reader;
  }

  /** True when the log was read up to `end`. */
  get hasEnded(): boolean {
    return this.events.at(-1)?.type === 'end';
  }

  /** True if the log has its end and every client was told so. */
  get isSeenWhole(): boolean {
    return this.hasEnded && this.readers.every(({ phase }) => phase === 'done');
  }

  get events(): StreamEvent[] {
    return this.log.map((line) => JSON.parse(line) as StreamEvent);
  }

  /** Reads the log again and records whatever is not as promised. */
  async check(): Promise<void> {
    const before = this.log;
    const seen = this.readers.map((reader) => reader.seen.map(({ data }) => data));
    const { status, body } = await persistently(() =>
      this.client.get(`/api/messages/${this.started.message_id}/events`),
    );
    if (status !== 200) {
      this.note(`the replay answers ${status} ${JSON.stringify(body)}`);
      return;
    }
    this.log = (body as StreamEvent[]).map((event) => JSON.stringify(event));
    this.checkPlaces();
    this.checkPrefix('the log of before', before);
    for (const [index, events] of seen.entries()) this.checkPrefix(`what viewer ${index} saw`, events);
  }

  /** For an ended run: all clients saw everything, and message and answer agree with the log. */
  async checkOutcome(): Promise<Outcome> {
    await this.check();
    for (const [index, { seen }] of this.readers.entries())
      if (seen.length !== this.log.length)
        this.note(`viewer ${index} saw ${seen.length} of ${this.log.length} events`);
    const events = this.events;
    const { body } = await persistently(() => this.client.get(`/api/messages/${this.started.message_id}`));
    const status = String(body.status);
    const end = events.at(-1);
    if (end?.type !== 'end') this.note(`the log ends with ${String(end?.type)}`);
    else if (end.status !== status) this.note(`the message is ${status}, its end says ${end.status}`);
    const text = answerOf(events);
    await this.checkAnswer(status, text);
    const error = events.find((event) => event.type === 'error');
    if ((status === 'error') !== (error !== undefined))
      this.note(`${status}, with error ${String(error?.code)}`);
    return { status, text, ...(error && { code: error.code }) };
  }

  /** Where the run is, for error messages. */
  async describe(): Promise<string> {
    const { body } = await persistently(() => this.client.get(`/api/messages/${this.started.message_id}`));
    const viewers = this.readers.map(
      ({ seen, connections, refusals, phase }) =>
        `${seen.length} events over ${connections} connections, refused ${refusals.length} times, now ${phase}`,
    );
    return `${JSON.stringify(body)}\nlog: ${this.log.length} events, the last: ${this.log.at(-1)}\nviewers: ${viewers.join('; ')}\n${this.violations.join('\n')}`;
  }

  /** Now and then at once, while the run is not at rest yet, and now and then later. */
  private approve(data: string): void {
    const { call_id } = JSON.parse(data) as { call_id: string };
    if (this.approved.has(call_id)) return;
    this.approved.add(call_id);
    const path = `/api/messages/${this.started.message_id}/approvals/${encodeURIComponent(call_id)}`;
    const decide = async (): Promise<void> => {
      await delay(this.approved.size % 2 === 0 ? 0 : APPROVAL_MS);
      const { status, body } = await persistently(() => this.client.post(path, { decision: 'approve' }));
      // A request whose answer was lost has decided, perhaps.
      if (status !== 200 && status !== 409) this.note(`${path} answers ${status} ${JSON.stringify(body)}`);
    };
    decide().catch((error: unknown) => {
      this.note(`${call_id} cannot be approved: ${String(error)}`);
    });
  }

  private async checkAnswer(status: string, text: string): Promise<void> {
    const { body } = await persistently(() =>
      this.client.get(`/api/chats/${this.started.chatId}/messages?page_size=100`),
    );
    const answers = body.items.filter(
      ({ metadata }: { metadata: Record<string, unknown> }) =>
        metadata['reply_to'] === this.started.message_id,
    );
    if (answers.length !== 1) this.note(`${answers.length} answers are saved`);
    else if (answers[0].content !== text) this.note('the answer saved is not the text of the log');
    else if (answers[0].status !== status) this.note(`the answer saved is ${String(answers[0].status)}`);
  }

  private checkPlaces(): void {
    const events = this.events;
    const ids = new Set(events.map(({ id }) => id));
    if (ids.size !== events.length) this.note('an id is in the log twice');
    for (const [index, event] of events.entries()) {
      if (seq(event) !== index) this.note(`seq ${seq(event)} stands at place ${index}`);
      if (event.type === 'end' && index < events.length - 1) this.note(`something follows end at ${index}`);
    }
  }

  private checkPrefix(what: string, events: readonly string[]): void {
    const place = events.findIndex((event, index) => event !== this.log[index]);
    if (place < 0) return;
    this.note(`${what} is not in the log at place ${place}: ${events[place]} / ${this.log[place]}`);
  }

  private note(violation: string): void {
    this.violations.push(`${this.started.message_id}: ${violation}`);
  }
}
