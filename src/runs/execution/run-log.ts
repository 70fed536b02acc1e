import type { EventBody, StreamEvent } from '@reprise/protocol';
import { EventSink, RunSources, TurnLog, UsageSum, type OpenCall } from '../../agent/index.js';
import { head } from '../../common/index.js';
import type { OpenLog } from '../../streams/index.js';
import { LeaseLost } from './stop-reasons.js';

/** An event is one document, which can have 16 MB: no event has more text than this, in UTF-16 code units. */
const EVENT_MAX_CHARS = 1_000_000;

const MORE_FOLLOWS: ReadonlySet<string> = new Set(['tool_start', 'approval_required', 'status']);

/** How much more of the conversation would have been passed to a model. */
export interface HistoryRoom {
  messages: number;
  /** Estimated. */
  tokens: number;
}

/** The log of one run as its agent writes it; remembers what the ending needs about durable events. */
export class RunLog extends EventSink {
  /** The answer so far. */
  text = '';
  /** Tool calls started so far. */
  toolCalls = 0;
  /** What the answer may be based on so far. */
  readonly sources = new RunSources();
  readonly prior: readonly StreamEvent[];
  readonly usage: UsageSum;
  readonly turns: TurnLog;
  /** What was left of the limits on the history; missing if no agent has come to work. */
  historyRoom: HistoryRoom | undefined;
  private readonly open = new Map<string, OpenCall>();
  private isAnswering = true;

  /**
   * @param signal stops the run; if its reason is a lost lease, nothing more is written.
   * @param progress what the run has used, and sent to its models, so far; `firstText` is called when the first text
   * of an answer is durable.
   */
  constructor(
    private readonly log: OpenLog,
    private readonly signal: AbortSignal,
    private readonly progress: { usage: UsageSum; turns: TurnLog; firstText?: () => void } = {
      usage: new UsageSum(),
      turns: new TurnLog(),
    },
  ) {
    super();
    this.usage = progress.usage;
    this.turns = progress.turns;
    this.prior = log.prior;
    for (const event of log.prior) this.note(event);
    this.isAnswering = this.text !== '';
  }

  /** True if `end` is in the log already: the run died between its last event and its seal. */
  get hasEnded(): boolean {
    return this.prior.at(-1)?.type === 'end';
  }

  /** Tool calls that have started, or need approval, and have not ended. */
  get openCalls(): OpenCall[] {
    return [...this.open.values()];
  }

  /** @throws LeaseLost, FencedError (as rejections) if another worker has the run, or may have it by now. */
  override emit(body: EventBody): Promise<void> {
    return this.write(body, false);
  }

  /** Like {@link emit}, for an event that nobody waits for: it becomes durable with the next one, or a moment later. */
  emitWithNext(body: EventBody): Promise<void> {
    return this.write(body, true);
  }

  private write(body: EventBody, mayWait: boolean): Promise<void> {
    // The log itself rejects only once the other worker has written: how this one ended its tools must not be written
    // first.
    if (this.signal.reason instanceof LeaseLost) return Promise.reject(this.signal.reason);
    // A tool, a question, or a retry means that more turns follow.
    if (MORE_FOLLOWS.has(body.type)) this.usage.flush();
    const written = piecesOf(body).map((piece) =>
      this.log.writer.emit(piece, mayWait).then(() => {
        this.note(piece);
      }),
    );
    for (const one of written) one.catch(() => undefined); // streaming callers need not wait for each chunk
    return Promise.all(written).then(() => undefined);
  }

  /** Resolves when every event that was written is durable, or was rejected. */
  settled(): Promise<void> {
    return this.log.writer.settled();
  }

  close(): void {
    this.log.close();
  }

  private note(body: EventBody): void {
    switch (body.type) {
      case 'content':
        this.text += body.md;
        if (!this.isAnswering) this.answers();
        break;
      case 'approval_required':
        this.opened(body, 'asked');
        break;
      case 'approval_resolved':
        this.decided(body.call_id);
        break;
      case 'tool_start':
        this.toolCalls++;
        this.opened(body, 'started');
        break;
      case 'tool_end':
        this.open.delete(body.call_id);
    }
  }

  private answers(): void {
    this.isAnswering = true;
    this.progress.firstText?.();
  }

  private opened({ call_id, name, parent_call_id }: Omit<OpenCall, 'state'>, state: OpenCall['state']): void {
    this.open.set(call_id, { call_id, name, parent_call_id, state });
  }

  private decided(callId: string): void {
    const call = this.open.get(callId);
    if (call) this.open.set(callId, { ...call, state: 'decided' });
  }
}

/** The same text in as many events as it takes: a model may send a whole answer at once. */
function piecesOf(body: EventBody): EventBody[] {
  if (body.type === 'content') return cut(body.md).map((md) => ({ ...body, md }));
  if (body.type === 'rationale' || body.type === 'status')
    return cut(body.text).map((text) => ({ ...body, text }));
  if (body.type === 'error') return [{ ...body, error: head(body.error, EVENT_MAX_CHARS) }];
  return [body];
}

function cut(text: string): string[] {
  if (text.length <= EVENT_MAX_CHARS) return [text];
  const first = head(text, EVENT_MAX_CHARS);
  return [first, ...cut(text.slice(first.length))];
}
