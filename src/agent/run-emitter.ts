import type { EventBody } from '@reprise/protocol';
import { asChild } from './loop/child-log.js';
import type { EventSink } from './event-sink.js';

/** Unacknowledged events after which the producer waits: bounds the memory of a run whose log is slow. */
const MAX_PENDING = 256;

/**
 * The agent's side of the sink: streams without waiting for each event, but never runs far ahead of the log, and
 * notices if the log was lost.
 */
export class RunEmitter {
  private pending = new Set<Promise<void>>();
  private loss = new AbortController();
  private parent: string | undefined;

  constructor(private readonly sink: EventSink) {}

  /** The same log, for the agent that a call has started. */
  forCall(callId: string): RunEmitter {
    const child = new RunEmitter(this.sink);
    child.pending = this.pending;
    child.loss = this.loss;
    child.parent = callId;
    return child;
  }

  /** Aborted as soon as the sink rejected an event; the reason is the sink's error. */
  get lost(): AbortSignal {
    return this.loss.signal;
  }

  /** Appends and resolves when the event is durable. @throws the sink's error. */
  async emit(body: EventBody): Promise<void> {
    this.lost.throwIfAborted();
    const written = this.append(body);
    const tracked = written.then(
      () => void this.pending.delete(tracked),
      (error: unknown) => {
        this.pending.delete(tracked);
        this.loss.abort(error);
      },
    );
    this.pending.add(tracked);
    return written;
  }

  /** Appends and returns at once, or as soon as fewer than 256 events are waiting. @throws the sink's error. */
  async push(body: EventBody): Promise<void> {
    this.emit(body).catch(() => undefined); // the loss is noticed through `lost`
    while (this.pending.size >= MAX_PENDING) {
      const [oldest] = this.pending; // the log acknowledges in order
      await oldest;
    }
    this.lost.throwIfAborted();
  }

  private async append(body: EventBody): Promise<void> {
    await this.sink.emit(this.parent === undefined ? body : asChild(body, this.parent));
  }

  /** Resolves when nothing is in flight any more, whatever the outcome. */
  async settle(): Promise<void> {
    while (this.pending.size > 0) await Promise.all(this.pending);
  }

  /** Resolves when everything emitted so far is durable, whatever others emit meanwhile. @throws the sink's error. */
  async written(): Promise<void> {
    await Promise.all(this.pending);
    this.lost.throwIfAborted();
  }

  /** Resolves when everything emitted is durable. @throws the sink's error. */
  async drain(): Promise<void> {
    await this.settle();
    this.lost.throwIfAborted();
  }
}
