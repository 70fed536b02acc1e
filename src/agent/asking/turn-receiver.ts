import type { EventBody } from '@reprise/protocol';
import { cleanText, splitHalf } from '../../common/index.js';
import type { TurnText } from './answer-writer.js';
import type { CallProgress } from './call-progress.js';
import {
  ModelError,
  type ChatModel,
  type ModelDelta,
  type ModelToolCall,
  type ProviderData,
} from '../../models/index.js';
import { ContinuationJoin } from './continuation.js';
import type { RationaleWriter } from './rationale-writer.js';
import { RunFailure } from '../loop/run-failure.js';
import type { TurnRequests } from '../turns/turn-log.js';
import type { UsageSum } from '../usage-sum.js';

/** Where the deltas of a model turn go. */
export interface TurnOutput {
  text: TurnText;
  rationale: RationaleWriter;
  usage: UsageSum;
  /** Notes what was sent, and what it cost. */
  sent: TurnRequests;
  /** Shows what a remote agent does by itself. */
  show(body: EventBody<'plan' | 'tool_start' | 'tool_end'>): Promise<void>;
}

/** What a model turn requested. */
export interface AskedTurn {
  /** Empty: the model is done. */
  calls: readonly ModelToolCall[];
  /** What the provider expects back with the turn. */
  provider?: ProviderData | undefined;
}

/**
 * Takes the deltas of one attempt at a model turn. Text is shown as it arrives; tool calls count only if the stream
 * ended properly.
 */
export class TurnReceiver {
  private readonly join: ContinuationJoin;
  private readonly calls: ModelToolCall[] = [];
  private finish: (ModelDelta & { type: 'finish' })['reason'] | undefined;
  /** A provider may split a character: the first half of a surrogate pair waits for the second. */
  private half = '';

  private provider: ProviderData | undefined;

  /** @param progress shows a tool call that is being written. */
  constructor(
    private readonly output: TurnOutput,
    private readonly progress: CallProgress,
    private readonly model: Pick<ChatModel, 'name' | 'ref'>,
  ) {
    this.join = new ContinuationJoin(output.text.text);
  }

  async take(delta: ModelDelta): Promise<void> {
    this.output.usage.model = this.model.name;
    switch (delta.type) {
      case 'text':
        return this.takeText(delta.text);
      case 'reasoning':
        return this.output.rationale.write(delta.text);
      case 'tool_call':
        this.calls.push(delta.call);
        return;
      case 'tool_progress':
        return this.progress.show(delta.name, delta.chars);
      case 'event':
        await this.output.rationale.flush();
        return this.output.show(delta.body);
      case 'turn_data':
        this.provider = delta.data;
        return;
      case 'usage':
        this.output.usage.add(delta.usage, this.model.ref);
        this.output.sent.usage(delta.usage);
        return;
      case 'finish':
        this.finish = delta.reason;
    }
  }

  /**
   * The stream ended.
   * @returns what the model requests.
   * @throws ModelError if it ended too early or empty; RunFailure if the model stopped before it was done.
   */
  async end(): Promise<AskedTurn> {
    if (!this.finish) throw broken('The connection to the model was lost.');
    await this.output.rationale.flush();
    await this.output.text.write(this.join.push(cleanText(this.half)) + this.join.flush());
    if (this.finish === 'length') throw stoppedShort('model_length_limit', 'reached its own length limit');
    if (this.finish === 'content_filter')
      throw stoppedShort('content_filtered', "was stopped by the provider's content filter");
    if (this.calls.length === 0 && this.output.text.nothingSaid)
      throw broken('The model returned an empty answer.');
    return { calls: this.calls, provider: this.provider };
  }

  private async takeText(delta: string): Promise<void> {
    if (delta === '') return;
    await this.output.rationale.flush();
    const [whole, half] = splitHalf(this.half + delta);
    this.half = half;
    await this.output.text.write(this.join.push(cleanText(whole)));
  }
}

function broken(message: string): ModelError {
  return new ModelError('model_stream_broken', message, { retryable: true });
}

function stoppedShort(code: string, how: string): RunFailure {
  return new RunFailure({ error: `The model ${how}; the answer is incomplete.`, code, retryable: false });
}
