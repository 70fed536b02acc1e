import { newMetrics } from '../support/telemetry.js';
import { setImmediate as turn } from 'node:timers/promises';
import { mongo } from 'mongoose';
import type { StreamEvent } from '@reprise/protocol';
import { Clock } from '../../src/common/index.js';
import { loadSettings } from '../../src/platform/config/index.js';
import { EventBus, type BusReceiver } from '../../src/streams/log/event-bus.js';
import type { LogEntry, LogKey } from '../../src/streams/log/event-log.js';
import { LogReader } from '../../src/streams/live/log-reader.js';
import { CommitPace } from '../../src/streams/log/commit-pace.js';
import { FencedError, GroupCommit } from '../../src/streams/log/group-commit.js';
import { LiveTail } from '../../src/streams/live/live-tail.js';
import type { LogWriter } from '../../src/streams/log/log-writer.js';
import { PageCache } from '../../src/streams/live/page-cache.js';
import { StreamsService } from '../../src/streams/streams.service.js';
import { MemoryEventLog, MemoryStore, type LogCall, type Pace } from './memory-event-log.js';
import { CHAT, DEFAULT_TENANT, END, newMessageId } from './setup.js';

/** Something that has started somewhere and continues when the schedule says so. */
type Pending =
  | { kind: 'call'; process: Process; call: LogCall<any>; answer: (outcome: () => unknown) => void }
  | { kind: 'message'; process: Process; entries: LogEntry[] }
  | { kind: 'gap'; process: Process; go: () => void }
  | { kind: 'step'; process?: Process; go: () => void };

/** How a call to the log fails. `lost`: nobody knows whether it took effect. */
export type Failure = 'lost' | 'never';

const PATIENCE = 5000;
const settings = loadSettings({ LOG_CACHE_BYTES: '2000000' });

class StoppedClock extends Clock {
  override now(): number {
    return 1_700_000_000_000;
  }
}

/** A bus that loses, delays, repeats and reorders; after a loss it says so at some point. */
class LossyBus extends EventBus {
  process!: Process;
  receiver!: BusReceiver;
  readonly wanted = new Set<string>();
  readonly subscribed = new Set<string>();

  constructor(private readonly world: World) {
    super();
  }

  override publish(entries: readonly LogEntry[]): void {
    this.receiver.receive(entries);
    for (const id of new Set(entries.map((entry) => entry.message_id))) {
      const ofLog = entries.filter((entry) => entry.message_id === id);
      for (const other of this.world.processes) {
        if (other === this.process || !other.bus.subscribed.has(id)) continue;
        this.world.pending.push({ kind: 'message', process: other, entries: structuredClone(ofLog) });
      }
    }
  }

  /** Others may never learn of it: readers there are owed nothing more. */
  override publishRemoval(ids: readonly string[]): void {
    this.receiver.forget(ids);
  }

  override attach(receiver: BusReceiver): void {
    this.receiver = receiver;
  }

  override watch(id: string): void {
    this.wanted.add(id);
    const go = (): void => {
      if (!this.wanted.has(id)) return;
      this.subscribed.add(id);
      this.receiver.markStale(id);
    };
    this.world.pending.push({ kind: 'step', process: this.process, go });
  }

  override unwatch(id: string): void {
    this.wanted.delete(id);
    this.subscribed.delete(id);
  }
}

/** One process of the server: its own memory, and the log and the bus shared by all. */
export class Process {
  alive = true;
  readonly bus: LossyBus;
  readonly streams: StreamsService;
  readonly logReader: LogReader;

  constructor(world: World) {
    this.bus = new LossyBus(world);
    this.bus.process = this;
    const log = new MemoryEventLog(world.store, world.paceOf(this));
    const pages = new PageCache(log, settings);
    const metrics = newMetrics();
    const tail = new LiveTail(this.bus, pages, log, metrics);
    const commit = new GroupCommit(log, this.bus, new CommitPace(), metrics);
    this.streams = new StreamsService(log, tail, commit, new StoppedClock());
    this.logReader = new LogReader(tail, pages);
  }
}

/** One attempt of a run, and what happened to each text it wrote. */
export class Attempt {
  readonly written: string[] = [];
  /** This many texts of `written` are known to be durable. */
  durable = 0;
  failed = false;
  /** Stops writing by itself. */
  done = false;

  constructor(
    readonly name: number,
    readonly process: Process,
    readonly messageId: string,
    readonly writer: LogWriter,
    private readonly close: () => void,
  ) {}

  write(kind: 'content' | 'status' | 'end'): void {
    if (this.done) return;
    const text = `${this.name}.${this.written.push(`${this.name}.${this.written.length}`) - 1}`;
    const place = this.written.length;
    const wasFenced = this.writer.fenced;
    const body =
      kind === 'content'
        ? { type: kind, md: `${text} ` }
        : kind === 'status'
          ? { type: kind, text }
          : { ...END, model: text };
    this.writer.emit(body).then(
      () => {
        if (wasFenced) throw new Error('a fenced writer was told that its event is durable');
        this.durable = Math.max(this.durable, place);
        if (kind === 'end') this.stop();
      },
      (error: unknown) => {
        this.failed = true;
        if (wasFenced && !(error instanceof FencedError)) throw error;
        this.stop();
      },
    );
    if (kind === 'end') this.done = true;
  }

  stop(): void {
    this.done = true;
    if (!this.closed) this.close();
    this.closed = true;
  }

  private closed = false;
}

/** A reader that follows a log, and checks every span against what is durable at that moment. */
export class Reader {
  next: number;
  ended = false;
  left = false;
  /** Reads as fast as it can; otherwise one span at a time, when told to. */
  eager = true;
  private reading = false;
  private readonly leaving = new AbortController();
  private readonly spans: ReturnType<LogReader['follow']>;

  constructor(
    private readonly world: World,
    readonly process: Process,
    readonly key: LogKey,
    from: number,
  ) {
    this.next = from;
    this.spans = process.logReader.follow(key, from, this.leaving.signal);
    this.pull();
  }

  pull(): void {
    if (this.reading || this.ended) return;
    this.reading = true;
    this.spans.next().then(
      ({ value, done }) => {
        this.reading = false;
        if (value) for (const frame of value.frames) this.see(frame.seq, frame.event);
        if (done) this.ended = true;
        else if (this.eager || this.left) this.pull();
      },
      (error: unknown) => {
        this.world.blame(`a reader failed: ${String(error)}`);
      },
    );
  }

  leave(): void {
    this.left = true;
    this.leaving.abort();
    this.pull();
  }

  private see(seq: number, event: StreamEvent): void {
    const { message_id } = this.key;
    if (seq !== this.next) this.world.blame(`a reader at ${this.next} was given ${seq}`);
    this.next = seq + 1;
    const stored = this.world.everStored(message_id, seq);
    if (JSON.stringify(stored) !== JSON.stringify(event))
      this.world.blame(`place ${seq} holds ${JSON.stringify(stored)}, shown was ${JSON.stringify(event)}`);
  }
}

/** Several processes around one log and one bus. Nothing proceeds unless the schedule says so. */
export class World {
  static current: World | undefined;
  readonly store = new MemoryStore();
  readonly pending: Pending[] = [];
  readonly messages = [newMessageId(), newMessageId()];
  readonly deleted = new Set<string>();
  readonly processes: Process[] = [];
  readonly attempts: Attempt[] = [];
  readonly readers: Reader[] = [];
  private readonly faults: string[] = [];
  private readonly graves = new Map<string, StreamEvent[]>();
  private attemptNames = 0;

  constructor() {
    World.current = this;
    this.processes.push(new Process(this), new Process(this));
  }

  keyOf = (message_id: string): LogKey => ({ tenant: DEFAULT_TENANT, message_id });

  blame(fault: string): void {
    this.faults.push(fault);
  }

  /** Fails when something forbidden has happened so far. */
  check(): void {
    if (this.faults.length > 0) throw new Error(this.faults.join('\n'));
  }

  everStored(messageId: string, seq: number): StreamEvent | undefined {
    const [event] = this.store.read(this.keyOf(messageId), { from: seq, limit: 1 });
    return event ?? this.graves.get(messageId)?.[seq];
  }

  /** One of Reprise's own pauses, which lasts until the schedule ends it. */
  pause(): Promise<void> {
    return new Promise((go) => this.pending.push({ kind: 'step', go }));
  }

  paceOf(process: Process): Pace {
    return <T>(call: LogCall<T>) => {
      if (!process.alive) return new Promise<T>(() => undefined);
      for (const entry of call.entries) {
        const attempt = this.attempts.find(({ name }) => name === authorOf(entry.event));
        if (attempt?.writer.fenced) this.blame(`fenced attempt ${attempt.name} appends ${entry.seq}`);
      }
      return new Promise<T>((resolve, reject) => {
        const answer = (outcome: () => unknown): void => {
          const go = (): void => {
            try {
              resolve(outcome() as T);
            } catch (error) {
              reject(error instanceof Error ? error : new Error(String(error)));
            }
          };
          this.pending.push({ kind: 'step', process, go });
        };
        this.pending.push({ kind: 'call', process, call, answer });
      });
    };
  }

  /** Triggers one of the things that could happen next. */
  async proceed(pick: number): Promise<void> {
    const [next] = this.pending.splice(pick % Math.max(this.pending.length, 1), 1);
    if (!next) return;
    if (next.kind === 'call') {
      const result: unknown = next.call.perform();
      next.answer(() => result);
      this.noteUnannounced(next.process);
    } else if (next.kind === 'message') deliver(next.process, next.entries);
    else next.go();
    await this.calm();
  }

  /** A call to the log fails: after some of it was stored, or permanently before anything was. */
  async fail(pick: number, failure: Failure, stored: number): Promise<void> {
    const next = this.take('call', pick, ({ call }) => call.name !== 'remove');
    if (!next) return;
    const isStored = ({ message_id, seq }: LogEntry): boolean => !!this.everStored(message_id, seq);
    const isNew = next.call.name === 'append' && !next.call.entries.some(isStored);
    const isFinal = failure === 'never' && isNew;
    if (!isFinal && next.call.name === 'append')
      next.call.perform(Math.floor(stored * next.call.entries.length));
    next.answer(() => {
      if (isFinal) throw new Error('out of order');
      throw new mongo.MongoNetworkError('connection lost');
    });
    this.noteUnannounced(next.process);
    await this.calm();
  }

  lose(pick: number): void {
    const next = this.take('message', pick);
    if (next) this.owesDoubt(next.process);
  }

  repeat(pick: number): void {
    const messages = this.pending.filter((one) => one.kind === 'message');
    const message = messages[pick % Math.max(messages.length, 1)];
    if (message) this.pending.push({ ...message, entries: structuredClone(message.entries) });
  }

  async open(process: Process, messageId: string): Promise<void> {
    if (this.deleted.has(messageId)) return;
    const name = this.attemptNames++;
    void process.streams.open(this.keyOf(messageId), CHAT).then(({ writer, close, prior }) => {
      const attempt = new Attempt(name, process, messageId, writer, close);
      this.attempts.push(attempt);
      if (prior.at(-1)?.type === 'end' || this.deleted.has(messageId)) attempt.stop();
    });
    await this.calm();
  }

  async join(process: Process, messageId: string, part: number): Promise<void> {
    if (this.deleted.has(messageId)) return;
    const from = Math.floor(part * this.store.size(messageId));
    if (this.everStored(messageId, from - 1)?.type === 'end') return; // answered with 204
    this.readers.push(new Reader(this, process, this.keyOf(messageId), from));
    await this.calm();
  }

  /** The process is gone. What it had sent may arrive; responses to it are lost. Another one takes its place. */
  async crash(process: Process): Promise<void> {
    process.alive = false;
    const kept = this.pending.filter(
      (one) => one.process !== process || (one.kind === 'call' && one.call.name === 'append'),
    );
    this.pending.splice(0, this.pending.length, ...kept);
    this.processes.splice(this.processes.indexOf(process), 1, new Process(this));
    for (const other of this.processes) this.owesDoubt(other); // nobody announces what it stored last
    await this.calm();
  }

  async delete(process: Process, messageId: string): Promise<void> {
    if (this.deleted.has(messageId)) return;
    this.deleted.add(messageId);
    for (const attempt of this.attempts) if (attempt.messageId === messageId) attempt.stop();
    await this.settle(1);
    this.checkLog(messageId);
    this.graves.set(messageId, structuredClone(this.store.events(messageId)));
    void process.streams.remove(DEFAULT_TENANT, [messageId]);
    await this.calm();
  }

  /** Triggers everything that can happen; nothing fails any more. */
  async settle(seed: number): Promise<void> {
    let random = seed;
    await this.calm();
    for (let left = PATIENCE; this.pending.length > 0; left--) {
      if (left === 0) throw new Error('it never comes to rest');
      random = (Math.imul(random, 1_103_515_245) + 12_345) & 0x7f_ff_ff_ff;
      await this.proceed(random >> 8);
    }
    this.check();
  }

  /** What must hold when everything has come to rest. */
  async finish(seed: number): Promise<void> {
    for (const reader of this.readers) {
      reader.eager = true;
      reader.pull();
    }
    await this.calm();
    await this.settle(seed);
    for (const id of this.messages) if (!this.deleted.has(id)) this.checkLog(id);
    for (const reader of this.readers) this.checkReader(reader);
    for (const reader of this.readers) reader.leave();
    for (const attempt of this.attempts) attempt.stop();
    await this.calm();
    await this.settle(seed);
    for (const { alive, bus } of this.processes)
      if (alive && bus.wanted.size > 0) this.blame('a log that nobody follows is still watched');
    for (const { ended, process } of this.readers)
      if (process.alive && !ended) this.blame('a reader that has left is still there');
    this.check();
  }

  private checkReader({ process, left, ended, next, key }: Reader): void {
    if (!process.alive || left || this.deleted.has(key.message_id)) return;
    const log = this.store.events(key.message_id);
    if (next !== log.length) this.blame(`a reader stopped at ${next} of ${log.length}`);
    if (ended !== (log.at(-1)?.type === 'end')) this.blame(`ended: ${ended}, but the log says otherwise`);
  }

  private checkLog(messageId: string): void {
    const log = this.store.events(messageId);
    const texts = log.flatMap(textsOf);
    log.forEach((event, i) => {
      if (Number(event.id.split('_')[1]) !== i) this.blame(`place ${i} is empty`);
      if (event.type === 'end' && i < log.length - 1) this.blame('something follows the end');
    });
    const authors = log.map(authorOf).filter((author, i, all) => author !== all[i - 1]);
    if (new Set(authors).size < authors.length) this.blame(`writers take turns: ${authors.join()}`);
    for (const attempt of this.attempts.filter((one) => one.messageId === messageId)) {
      const own = texts.filter((text) => text.startsWith(`${attempt.name}.`));
      if (own.join() !== attempt.written.slice(0, own.length).join())
        this.blame(`attempt ${attempt.name} wrote ${attempt.written.join()}, stored is ${own.join()}`);
      const isLost = attempt.failed || !attempt.process.alive;
      const owed = isLost ? attempt.durable : attempt.written.length;
      if (own.length < owed)
        this.blame(`attempt ${attempt.name}: ${own.length} of ${owed} events are stored`);
      if (!isLost && attempt.durable < owed) this.blame(`attempt ${attempt.name} never heard of its commit`);
    }
  }

  private take<K extends Pending['kind']>(
    kind: K,
    pick: number,
    fits: (one: Extract<Pending, { kind: K }>) => boolean = () => true,
  ): Extract<Pending, { kind: K }> | undefined {
    const isOfKind = (one: Pending): one is Extract<Pending, { kind: K }> => one.kind === kind;
    const fitting = this.pending.filter(isOfKind).filter(fits);
    const next = fitting[pick % Math.max(fitting.length, 1)];
    if (next) this.pending.splice(this.pending.indexOf(next), 1);
    return next;
  }

  /** Nobody announces what a dead process still had in flight: the others check again at some point. */
  private noteUnannounced(writer: Process): void {
    if (!writer.alive) for (const other of this.processes) this.owesDoubt(other);
  }

  private owesDoubt(process: Process): void {
    if (this.pending.some((one) => one.kind === 'gap' && one.process === process)) return;
    const go = (): void => {
      process.bus.receiver.markStale();
    };
    this.pending.push({ kind: 'gap', process, go });
  }

  /** Until everything is waiting. */
  private async calm(): Promise<void> {
    await turn();
    await turn();
  }
}

function deliver({ alive, bus }: Process, entries: LogEntry[]): void {
  if (alive && bus.wanted.has(entries[0]?.message_id ?? '')) bus.receiver.receive(entries);
}

function textsOf(event: StreamEvent): string[] {
  if (event.type === 'content') return event.md.split(' ').filter(Boolean);
  if (event.type === 'end') return [event.model];
  return event.type === 'status' ? [event.text] : [];
}

const authorOf = (event: StreamEvent): number => Number(textsOf(event)[0]?.split('.')[0]);
