import type { Clock } from '../../common/index.js';
import type { ContextOverflow, ContextWindow } from '../chat-model.js';

/** A server may be restarted with another window: what a rejection has revealed is forgotten after this long. */
const REFUSAL_AGE_MS = 30 * 60_000;
const MIN_TOKENS = 256;
const [MIN_FACTOR, MAX_FACTOR] = [0.25, 8];

/** The context window of one model, from the setting, from what the server lists, and from what it rejects. */
export class LearnedWindow {
  private listed: number | undefined;
  private refused: { tokens: number; factor: number; isGuess: boolean; at: number } | undefined;

  /** @param setting MODEL_CONTEXT_TOKENS: replaces what the server lists. Rejections still count. */
  constructor(
    private readonly setting: number | undefined,
    private readonly clock: Clock,
  ) {}

  /** What is known now. */
  get current(): ContextWindow {
    const refused = this.freshRefusal();
    const known = [this.setting ?? this.listed, refused?.tokens].filter((tokens) => tokens !== undefined);
    if (known.length === 0) return { factor: 1 };
    const tokens = Math.min(...known);
    const isGuess = refused?.isGuess === true && refused.tokens === tokens;
    return { factor: refused?.factor ?? 1, tokens, ...(isGuess && { isGuess }) };
  }

  /** The server lists this window. */
  recordListed(tokens: number | undefined): void {
    this.listed = tokens ?? this.listed;
  }

  /**
   * The server rejected a request as too long.
   * @param estimated its tokens by our own estimate.
   */
  recordRejection({ window, prompt }: ContextOverflow, estimated: number): void {
    const before = this.current;
    // A server that names no number: half of what was too much.
    const tokens = Math.max(
      MIN_TOKENS,
      window ?? Math.min(before.tokens ?? Infinity, (estimated * before.factor) / 2),
    );
    // It counted at least as much as its window holds, whatever our estimate was.
    const counted = prompt ?? Math.max(window ?? 0, estimated * before.factor);
    const factor = Math.min(MAX_FACTOR, Math.max(MIN_FACTOR, counted / Math.max(1, estimated)));
    const isGuess = window === undefined;
    this.refused = { tokens: Math.floor(tokens), factor, isGuess, at: this.clock.now() };
  }

  private freshRefusal(): LearnedWindow['refused'] {
    if (this.refused && this.clock.now() - this.refused.at > REFUSAL_AGE_MS) this.refused = undefined;
    return this.refused;
  }
}
