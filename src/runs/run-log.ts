import type { EventBody, StreamEvent } from '@reprise/protocol';
import { EventSink, UsageSum, type OpenCall } from '../agent/index.js';
import type { OpenLog } from '../streams/index.js';
import { LeaseLost } from './stop-reasons.js';

/** The log of one run, as its agent writes it; remembers what the ending needs, of what is durable. */
export class RunLog extends EventSink {
  /** The answer so far. */
  text = '';
  /** Tool calls begun so far. */
  toolCalls = 0;
  readonly prior: readonly StreamEvent[];
  private readonly open = new Map<string, OpenCall>();

  /**
   * @param signal stops the run; once its reason is a lost lease, nothing more is written.
   * @param usage what the run has used so far.
   */
  constructor(
    private readonly log: OpenLog,
    private readonly signal: AbortSignal,
    readonly usage = new UsageSum(),
  ) {
    super();
    this.prior = log.prior;
    for (const event of log.prior) this.note(event);
  }

  /** True when `end` is in the log already: the run died between its last event and its last note. */
  get hasEnded(): boolean {
    return this.prior.at(-1)?.type === 'end';
  }

  /** Tool calls that have begun and not ended. */
  get openCalls(): OpenCall[] {
    return [...this.open.values()];
  }

  /** @throws LeaseLost, FencedError (as rejections) when another worker has the run, or may have it by now. */
  override emit(body: EventBody): Promise<void> {
    // The log itself refuses only once the other worker has written: how this one ended its tools is not to be told first.
    if (this.signal.reason instanceof LeaseLost) return Promise.reject(this.signal.reason);
    const noted = this.log.writer.emit(body).then(() => {
      this.note(body);
    });
    noted.catch(() => undefined); // whoever streams need not wait for each chunk
    return noted;
  }

  close(): void {
    this.log.close();
  }

  private note(body: EventBody): void {
    if (body.type === 'content') this.text += body.md;
    if (body.type === 'tool_end') this.open.delete(body.call_id);
    if (body.type !== 'tool_start') return;
    this.toolCalls++;
    this.open.set(body.call_id, { call_id: body.call_id, name: body.name });
  }
}
