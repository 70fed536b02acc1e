import type { Clock } from '../../common/index.js';
import type { RunEmitter } from '../run-emitter.js';

/** A long call takes minutes to write: one line every few seconds reports it. */
const EVERY_MS = 3000;
/** A call is reported once this long has passed since its first fragment. */
const FIRST_CHARS = 1000;

/**
 * Shows the user a tool call that the model is still writing. Rate limited by the clock, and only while the call
 * grows.
 */
export class CallProgress {
  private shownAt: number | undefined;
  private shownChars = 0;

  constructor(
    private readonly emitter: RunEmitter,
    private readonly clock: Clock,
  ) {}

  /** @param chars of its arguments so far. @throws the sink's error. */
  async show(name: string, chars: number): Promise<void> {
    const now = this.clock.now();
    this.shownAt ??= now;
    if (Math.abs(now - this.shownAt) < EVERY_MS || chars < FIRST_CHARS || chars === this.shownChars) return;
    this.shownAt = now;
    this.shownChars = chars;
    const kB = Math.max(1, Math.round(chars / 1000));
    await this.emitter.push({ type: 'status', text: `Writing ${name || 'a tool call'}… ${kB} kB` });
  }
}
