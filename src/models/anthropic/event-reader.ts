import type { ModelDelta, ModelUsage } from '../chat-model.js';
import { readFinish, type FinishMeaning } from '../server/finish-words.js';
import { toCount, toFields, toList, toText, type Fields } from '../server/lenient.js';
import { brokenOff } from '../server/provider-errors.js';
import type { Frame } from '../server/response-frames.js';
import type { AnswerReader } from '../server/served-model.js';
import { AnswerBlocks } from './answer-blocks.js';
import { anthropicErrors } from './anthropic-errors.js';
import { toProviderData } from './turn-layout.js';

const COUNTS = [
  'input_tokens',
  'cache_read_input_tokens',
  'cache_creation_input_tokens',
  'output_tokens',
] as const;

/**
 * Turns the events of the Messages API into deltas. An event is known by the `type` in its data: some servers leave out
 * the `event:` line. Only `message_stop` ends an answer; what is not understood is left out.
 */
export class EventReader implements AnswerReader {
  private readonly blocks = new AnswerBlocks();
  private readonly counts: Partial<Record<(typeof COUNTS)[number], number>> = {};
  private finish: FinishMeaning | undefined;
  private stopped = false;

  /** @param origin model and server, recorded with what they expect back. */
  constructor(private readonly origin: string) {}

  get isFinished(): boolean {
    return this.stopped;
  }

  get isClosed(): boolean {
    return this.stopped;
  }

  /** All counts include everything so far: the last one counts. */
  get spent(): ModelUsage | undefined {
    const { input_tokens: fresh, output_tokens: output } = this.counts;
    const { cache_read_input_tokens: read = 0, cache_creation_input_tokens: written = 0 } = this.counts;
    if (fresh === undefined && output === undefined) return undefined;
    const [prompt_tokens, completion_tokens] = [(fresh ?? 0) + read + written, output ?? 0];
    return {
      prompt_tokens,
      completion_tokens,
      total_tokens: prompt_tokens + completion_tokens,
      ...(read > 0 && { cached_tokens: read }),
      ...(written > 0 && { cache_write_tokens: written }),
    };
  }

  *read(frame: Frame): Generator<ModelDelta> {
    if (this.stopped || frame === 'done') return;
    const event = toFields(frame.data);
    const type = toText(event['type']) || frame.event;
    if (type === 'error' || frame.event === 'error' || (type === '' && event['error']))
      throw anthropicErrors.fromObject(frame.data);
    switch (type) {
      case 'message_start':
        this.count(toFields(toFields(event['message'])['usage']));
        return;
      case 'content_block_start':
        yield* this.blocks.start(event['index'], event['content_block']);
        return;
      case 'content_block_delta':
        yield* this.blocks.grow(event['index'], event['delta']);
        return;
      case 'message_delta':
        this.count(toFields(event['usage']));
        this.note(toFields(event['delta'])['stop_reason']);
        return;
      case 'message_stop':
        this.stopped = true;
        return;
      case 'message':
        yield* this.whole(event);
    }
  }

  end(): ModelDelta[] | undefined {
    if (!this.stopped) return undefined;
    const { origin } = this;
    const calls = this.blocks.calls.map((call) => {
      const provider = { origin, ...(call.id !== '' && { id: call.id }), fields: {} };
      return { type: 'tool_call' as const, call: { ...call, provider } };
    });
    const data = calls.length > 0 ? toProviderData(this.blocks.layout, origin) : undefined;
    const usage = this.spent;
    const cut = this.finish === 'length' || this.finish === 'content_filter' ? this.finish : undefined;
    return [
      ...calls,
      ...(data ? [{ type: 'turn_data' as const, data }] : []),
      ...(usage ? [{ type: 'usage' as const, usage }] : []),
      { type: 'finish', reason: cut ?? (calls.length > 0 ? 'tool_calls' : 'stop') },
    ];
  }

  /** A server that does not stream although it was asked to. */
  private *whole(message: Fields): Generator<ModelDelta> {
    this.count(toFields(message['usage']));
    for (const [index, content] of toList(message['content']).entries())
      yield* this.blocks.start(index, content);
    this.note(message['stop_reason']);
    this.stopped = true;
  }

  private count(usage: Fields): void {
    for (const name of COUNTS) {
      const count = toCount(usage[name]);
      if (count !== undefined) this.counts[name] = count;
    }
  }

  /** @throws ModelError for a reason that means that the answer is not complete, e.g. `pause_turn`. */
  private note(reason: unknown): void {
    const meaning = readFinish(reason);
    if (meaning === 'failed') throw brokenOff(String(reason));
    this.finish = meaning ?? this.finish;
  }
}
