import type { ChatCompletionChunk } from 'openai/resources/chat/completions';
import type { ModelDelta, ModelToolCall } from '../chat-model.js';

type ChunkDelta = ChatCompletionChunk.Choice.Delta & {
  /** DeepSeek, vLLM */
  reasoning_content?: string | null;
  /** OpenRouter, newer vLLM */
  reasoning?: string | null;
};
type ChunkToolCall = ChatCompletionChunk.Choice.Delta.ToolCall;
type FinishReason = (ModelDelta & { type: 'finish' })['reason'];

/** Turns chunks into deltas; tool calls are put together until the end. */
export class ChunkReader {
  private readonly calls: ModelToolCall[] = [];
  private readonly byIndex = new Map<number, ModelToolCall>();
  private usage: ModelDelta[] = [];
  private finish: FinishReason | undefined;

  /** What can be shown at once. */
  *read(chunk: ChatCompletionChunk): Generator<ModelDelta> {
    if (chunk.usage) {
      const { prompt_tokens, completion_tokens, total_tokens } = chunk.usage;
      // Some providers send a running total with every chunk: the last one counts.
      this.usage = [{ type: 'usage', usage: { prompt_tokens, completion_tokens, total_tokens } }];
    }
    const choice = chunk.choices[0];
    if (!choice) return;
    const delta: ChunkDelta = choice.delta;
    const reasoning = delta.reasoning_content ?? delta.reasoning;
    if (reasoning) yield { type: 'reasoning', text: reasoning };
    if (delta.content) yield { type: 'text', text: delta.content };
    for (const part of delta.tool_calls ?? []) this.addToolCall(part);
    if (choice.finish_reason) this.finish = toReason(choice.finish_reason);
  }

  /** What is only known at the end; `undefined` when the stream ended without a finish reason. */
  end(): ModelDelta[] | undefined {
    if (!this.finish) return undefined;
    const calls = this.calls.map((call): ModelDelta => ({ type: 'tool_call', call }));
    return [...calls, ...this.usage, { type: 'finish', reason: this.finish }];
  }

  private addToolCall({ index, id, function: part }: ChunkToolCall): void {
    const known = this.byIndex.get(index);
    // Some servers give every call the index 0: another id tells them apart.
    const call = known && !(id && known.id && id !== known.id) ? known : this.newCall(index);
    call.id ||= id ?? '';
    call.name ||= part?.name ?? '';
    call.arguments += part?.arguments ?? '';
  }

  private newCall(index: number): ModelToolCall {
    const call = { id: '', name: '', arguments: '' };
    this.calls.push(call);
    this.byIndex.set(index, call);
    return call;
  }
}

function toReason(reason: string): FinishReason {
  if (reason === 'tool_calls' || reason === 'function_call') return 'tool_calls';
  return reason === 'length' || reason === 'content_filter' ? reason : 'stop';
}
