import type { ContextWindow, ModelMessage, ModelTool } from './chat-model.js';
import { fitTranscript } from './context-fit.js';
import { estimateMessageTokens, estimateToolTokens } from './tokens.js';

/** Of the window this part is left free for the answer … */
const ANSWER_SHARE = 1 / 4;
/** … but not more tokens than this. */
const ANSWER_MAX_TOKENS = 8192;
/** A window that the server names no number for is looked for by halves; then only what must be sent is. */
const SHRINK = [0.5, 0];

/** What is asked in one model turn. */
export interface Fittable {
  messages: readonly ModelMessage[];
  tools: readonly ModelTool[];
  /** Tokens of tool results of this run, estimated. */
  results: number;
}

/** The transcript of one model turn, made to fit the model's context window, and made smaller when it was refused. */
export class TurnFit {
  private ceiling = Infinity;
  private refusals = 0;
  private sent = Infinity;

  constructor(private readonly turn: Fittable) {}

  /** The transcript as it is to be sent. @param extra tokens that are sent beside it. */
  next(context: ContextWindow, extra: number): ModelMessage[] {
    const messages = this.fit(Math.min(this.ceiling, this.room(context)) - extra);
    this.sent = estimateMessageTokens(messages);
    return messages;
  }

  /** True when something was left out that would have been sent to a model without limits. */
  get isShortened(): boolean {
    return this.sent < estimateMessageTokens(this.fit(Infinity));
  }

  /**
   * The server refused what was sent last as too long.
   * @param context what is known since.
   * @returns whether there is something smaller to send.
   */
  shrink(context: ContextWindow): boolean {
    const before = this.sent;
    const known = this.room(context);
    while (this.refusals < SHRINK.length) {
      const share = SHRINK[this.refusals++] ?? 0;
      this.ceiling = share > 0 && known < before ? known : before * share;
      if (estimateMessageTokens(this.fit(this.ceiling)) < before) return true;
    }
    return false;
  }

  private fit(tokens: number): ModelMessage[] {
    return fitTranscript(this.turn.messages, { tokens, results: this.turn.results });
  }

  /** Estimated tokens that the transcript may have. */
  private room({ tokens, factor }: ContextWindow): number {
    if (tokens === undefined) return Infinity;
    const answer = Math.min(ANSWER_MAX_TOKENS, tokens * ANSWER_SHARE);
    return (tokens - answer) / factor - estimateToolTokens(this.turn.tools);
  }
}
