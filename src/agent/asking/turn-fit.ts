import type { ContextWindow, ModelMessage, ModelTool } from '../../models/index.js';
import { fitTranscript } from '../history/context-fit.js';
import { estimateMessageTokens, estimateToolTokens } from '../../models/index.js';

/** This fraction of the window is reserved for the answer … */
const ANSWER_SHARE = 1 / 4;
/** … but not more tokens than this. */
const ANSWER_MAX_TOKENS = 8192;
/** If the server names no window, it is searched by halving; then only what must be sent is sent. */
const SHRINK = [0.5, 0];

/** The request of one model turn. */
export interface Fittable {
  messages: readonly ModelMessage[];
  tools: readonly ModelTool[];
  /** Tokens of tool results of this run, estimated. */
  results: number;
}

/** The transcript of one model turn, fitted to the model's context window, and reduced further if it was rejected. */
export class TurnFit {
  private ceiling = Infinity;
  private refusals = 0;
  private sent = Infinity;
  private limited = Infinity;

  constructor(private readonly turn: Fittable) {}

  /** The transcript to send. @param extra tokens that are sent in addition. */
  next(context: ContextWindow, extra: number): ModelMessage[] {
    this.limited = Math.min(this.ceiling, this.room(context)) - extra;
    const messages = this.fit(this.limited);
    this.sent = estimateMessageTokens(messages);
    return messages;
  }

  /** Estimated tokens that the last transcript could have. */
  get limit(): number {
    return this.limited;
  }

  /** True if something was left out that a model without limits would have been given. */
  get isShortened(): boolean {
    return this.sent < estimateMessageTokens(this.fit(Infinity));
  }

  /**
   * The server rejected the last request as too long.
   * @param context what is known by now.
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
