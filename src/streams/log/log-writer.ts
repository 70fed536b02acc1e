import {
  mintEventId,
  mintNonce,
  PROTOCOL_VERSION,
  type EventBody,
  type StreamEvent,
} from '@reprise/protocol';
import { cleanText, cleanTexts, isCleanText, splitHalf, type Clock } from '../../common/index.js';
import type { LogKey } from './event-log.js';
import { FencedError, mergeContent, type Append, type GroupCommit, type Writer } from './group-commit.js';

/** What {@link LogWriter} needs to know about its log. */
export interface WriterTarget extends LogKey {
  chat_id: string;
  /** `seq` of the first event to write. */
  next: number;
}

/**
 * The single writer of one log: assigns each event its place and id, and merges waiting text. Models and tools produce
 * any text; here it becomes what can be stored and sent.
 */
export class LogWriter implements Writer {
  fenced = false;
  private next: number;
  private newest: Append | undefined;
  private halfPair = '';
  /** Keeps this writer's ids apart from those of another one that claims the same places. */
  private readonly nonce = mintNonce();

  constructor(
    private readonly target: WriterTarget,
    private readonly commit: GroupCommit,
    private readonly clock: Clock,
  ) {
    this.next = target.next;
  }

  /**
   * Appends one event; resolves when it is durable.
   * @param mayWait a moment for the next event, with which it then becomes durable; text never waits.
   * @throws FencedError (as rejection) once the log has another writer; nothing is appended from then on.
   */
  emit(body: EventBody, mayWait = false): Promise<void> {
    if (this.fenced)
      return Promise.reject(new FencedError(`The log of ${this.target.message_id} has another writer.`));
    if (body.type === 'content') return this.emitContent(body.md);
    if (this.halfPair)
      void this.place({ type: 'content', md: cleanText(this.takeHalf()) }).catch(() => undefined);
    const clean = isFlatAndClean(body) ? body : cleanTexts(body);
    if (
      clean.type === 'child_content' &&
      this.newest &&
      mergeContent(this.newest, clean.md, clean.parent_call_id)
    )
      return this.newest.done;
    return this.place(clean, mayWait);
  }

  /** Resolves when every event that was appended is durable, or was rejected. */
  async settled(): Promise<void> {
    await this.newest?.done.catch(() => undefined); // commits keep the order
  }

  /** A chunk may end between the two halves of a character: the first half waits for the second. */
  private emitContent(chunk: string): Promise<void> {
    const [text, half] = splitHalf(this.takeHalf() + chunk);
    this.halfPair = half;
    const md = cleanText(text);
    if (!md) return this.newest?.done ?? Promise.resolve();
    if (this.newest && mergeContent(this.newest, md)) return this.newest.done;
    return this.place({ type: 'content', md });
  }

  private takeHalf(): string {
    const half = this.halfPair;
    this.halfPair = '';
    return half;
  }

  private place(body: EventBody, mayWait = false): Promise<void> {
    const { tenant, message_id, chat_id } = this.target;
    const seq = this.next++;
    const ms = this.clock.now();
    const { type, ...fields } = body;
    const id = mintEventId({ ms, seq, nonce: this.nonce });
    const ts = isoTime(ms);
    const event = { v: PROTOCOL_VERSION, type, id, ts, message_id, chat_id, ...fields } as StreamEvent;
    this.newest = this.commit.append({ tenant, message_id, seq, event }, this, mayWait);
    return this.newest.done;
  }
}

/** True for the usual event, whose fields are short values without a fault: copying it would change nothing. */
function isFlatAndClean(body: EventBody): boolean {
  return Object.values(body).every((value) =>
    typeof value === 'string' ? isCleanText(value) : typeof value !== 'object',
  );
}

let newest = { ms: NaN, text: '' };

/** Under load, many events of all writers share a millisecond. */
function isoTime(ms: number): string {
  if (ms !== newest.ms) newest = { ms, text: new Date(ms).toISOString() };
  return newest.text;
}
