import type { EventBody, StreamEvent } from '@reprise/protocol';
import { EventSink } from '../agent/index.js';
import type { OpenLog } from '../streams/index.js';

/** The log of one run, as its agent writes it; remembers what the ending needs, of what is durable. */
export class RunLog extends EventSink {
  /** The answer so far. */
  text = '';
  /** Tool calls begun so far. */
  toolCalls = 0;
  readonly prior: readonly StreamEvent[];

  constructor(private readonly log: OpenLog) {
    super();
    this.prior = log.prior;
    for (const event of log.prior) this.note(event);
  }

  /** True when `end` is in the log already: the run died between its last event and its last note. */
  get hasEnded(): boolean {
    return this.prior.at(-1)?.type === 'end';
  }

  override emit(body: EventBody): Promise<void> {
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
    if (body.type === 'tool_start') this.toolCalls++;
  }
}
