import type { ModelDelta, ModelError, ModelToolCall, ModelUsage } from '../chat-model.js';
import { CallAssembly } from './call-assembly.js';
import { readChunk, type Chunk } from './chunk.js';
import { readFinish, type FinishMeaning } from '../server/finish-words.js';
import { openAiErrors } from './openai-errors.js';
import { brokenOff } from '../server/provider-errors.js';
import type { Frame } from '../server/response-frames.js';
import type { AnswerReader } from '../server/served-model.js';
import { ThinkTags, type Piece } from './think-tags.js';
import { jsonLength, TurnData } from '../server/turn-data.js';

/** The maximum JSON characters kept with one call; a longer id is not sent back. */
const CALL_DATA_MAX_CHARS = 100_000;
const SEVERITY: readonly FinishMeaning[] = ['complete', 'length', 'content_filter'];

/**
 * Turns whatever a model server sent into deltas: what it does not understand is left out, and only a provider's error
 * is thrown. Tool calls are assembled until the end.
 */
export class ChunkReader implements AnswerReader {
  private readonly calls: CallAssembly;
  private readonly tags = new ThinkTags();
  private readonly turn = new TurnData();
  /** Text of the answer so far: a whole message may repeat it. */
  private text = '';
  private usage: ModelUsage | undefined;
  private finish: FinishMeaning | undefined;
  private choice: number | undefined;
  private sawDone = false;
  private failed = false;
  private sawAnything = false;

  /**
   * @param origin model and server, recorded with what they expect back.
   * @param tools names of the tools offered to the model.
   */
  constructor(
    private readonly origin: string,
    tools: readonly string[],
  ) {
    this.calls = new CallAssembly(tools);
  }

  /** True once the server has said how the answer ended: what happens to the connection no longer matters. */
  get isFinished(): boolean {
    return !this.failed && (this.sawDone || this.finish !== undefined);
  }

  /** True once nothing more can arrive but the end of the connection. */
  get isClosed(): boolean {
    return this.sawDone;
  }

  /** Tokens reported so far. */
  get spent(): ModelUsage | undefined {
    return this.usage;
  }

  /** What can be shown at once. @throws ModelError for a failure that the provider reports. */
  *read(frame: Frame): Generator<ModelDelta> {
    if (this.sawDone) return;
    if (frame === 'done') {
      this.sawDone = true;
      return;
    }
    const chunk = readChunk(frame.data, frame.event, this.choice);
    this.choice ??= chunk.choice;
    if (chunk.error !== undefined) {
      if (this.finish !== undefined) return; // the answer is complete: a failure after it is not the answer's
      throw this.failing(openAiErrors.fromObject(chunk.error));
    }
    if (chunk.usage) this.usage = chunk.usage; // some send a running total with every chunk: the last one counts
    yield* this.readAnswer(chunk);
    this.readEnd(chunk.finish);
  }

  /** What is known only at the end; `undefined` if the stream ended without saying so. */
  end(): ModelDelta[] | undefined {
    if (!this.isFinished) return undefined;
    const calls = this.calls.end().map((call): ModelDelta => ({ type: 'tool_call', call: this.claim(call) }));
    const fields = calls.length > 0 ? this.turn.end() : undefined;
    const reason = this.finish === 'length' || this.finish === 'content_filter' ? this.finish : undefined;
    return [
      ...this.tags.flush(),
      ...calls,
      ...(fields ? [{ type: 'turn_data' as const, data: { origin: this.origin, fields } }] : []),
      ...(this.usage ? [{ type: 'usage' as const, usage: this.usage }] : []),
      { type: 'finish', reason: reason ?? (calls.length > 0 ? 'tool_calls' : 'stop') },
    ];
  }

  private *readAnswer(chunk: Chunk): Generator<ModelDelta> {
    const isRepeated = chunk.isMessage && this.sawAnything;
    const hasCalls = !this.calls.isEmpty;
    if (!isRepeated) this.turn.add(chunk.turn);
    for (const piece of isRepeated ? this.unseen(chunk.pieces) : chunk.pieces) {
      this.sawAnything = true;
      if (piece.type === 'text') this.text += piece.text;
      if (piece.type === 'text') yield* this.tags.push(piece.text);
      else yield piece;
    }
    if (isRepeated && hasCalls) return;
    for (const fragment of chunk.calls) {
      this.sawAnything = true;
      const progress = this.calls.take(fragment);
      if (progress) yield { type: 'tool_progress', ...progress };
    }
  }

  /** Some servers end with the whole message again: returns the part that has not arrived yet. */
  private unseen(pieces: readonly Piece[]): Piece[] {
    const whole = pieces
      .filter(({ type }) => type === 'text')
      .map(({ text }) => text)
      .join('');
    return whole.startsWith(this.text) ? [{ type: 'text', text: whole.slice(this.text.length) }] : [];
  }

  private readEnd(finish: unknown): void {
    const meaning = readFinish(finish);
    if (meaning === undefined) return;
    if (meaning === 'failed' && this.finish !== undefined) return;
    if (meaning === 'failed') throw this.failing(brokenOff(String(finish)));
    const known = this.finish ?? meaning;
    this.finish = SEVERITY.indexOf(meaning) > SEVERITY.indexOf(known) ? meaning : known;
  }

  private failing(error: ModelError): ModelError {
    this.failed = true;
    return error;
  }

  private claim({ fields, ...call }: ModelToolCall & { fields: Record<string, unknown> }): ModelToolCall {
    const kept = jsonLength(fields) <= CALL_DATA_MAX_CHARS ? fields : {};
    const id = call.id !== '' && call.id.length <= CALL_DATA_MAX_CHARS ? { id: call.id } : {};
    return { ...call, provider: { origin: this.origin, ...id, fields: kept } };
  }
}
