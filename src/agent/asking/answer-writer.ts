import { head } from '../../common/index.js';
import type { RunEmitter } from '../run-emitter.js';
import { RunFailure } from '../loop/run-failure.js';

/** The growing answer of a run: every `content` event goes through here. */
export class AnswerWriter {
  /**
   * @param limit characters of the whole answer.
   * @param text what earlier attempts of the run have already written.
   */
  constructor(
    private readonly emitter: RunEmitter,
    private readonly limit: number,
    public text = '',
  ) {}

  /**
   * A blank line that separates the text of a new model turn from the preceding text; otherwise their Markdown would
   * run together.
   */
  get gap(): string {
    return this.text === '' || this.text.endsWith('\n\n') ? '' : '\n\n';
  }

  /** @throws RunFailure `output_limit`, after the part that still fits was written. */
  async write(text: string): Promise<void> {
    const room = Math.max(0, this.limit - this.text.length);
    const piece = head(text, room);
    this.text += piece;
    if (piece !== '') await this.emitter.push({ type: 'content', md: piece });
    if (text.length > room) throw outputLimit(this.limit);
  }
}

/** The text of one model turn, over all attempts at that turn. */
export class TurnText {
  /** @param text what earlier attempts of the run have already written in this turn. */
  constructor(
    private readonly answer: AnswerWriter,
    public text = '',
  ) {}

  /** True while the whole run has produced nothing visible. */
  get nothingSaid(): boolean {
    return /^[\s\p{Cf}]*$/u.test(this.answer.text);
  }

  /** Appends to the turn and to the answer. Blank lines before the turn's first word are dropped. */
  async write(delta: string): Promise<void> {
    const first = this.text === '';
    const text = first ? delta.replace(/^(?:[^\S\n]*\n)+/, '') : delta;
    if (text === '') return;
    this.text += text;
    await this.answer.write(first ? this.answer.gap + text : text);
  }
}

function outputLimit(limit: number): RunFailure {
  const error = `The answer reached the limit of ${limit} characters and was cut off.`;
  return new RunFailure({ error, code: 'output_limit', retryable: false });
}
