import { head } from '../../common/index.js';
import { EmbeddingModel, ModelError } from '../../models/index.js';

/** Passages in one request; a server that refuses so many gets fewer. */
const AT_ONCE = 64;
const TIMEOUT_MS = 60_000;
/** What a server answers to texts that it does not take: too many, or too long. llama.cpp says 500. */
const ABOUT_TEXTS = new Set([400, 413, 422, 500]);
/** A text that is refused is tried with half of it, down to this many characters. */
const SHORTEST = 200;
/** Any model takes this. */
const PROBE = 'text';

/** Vectors of passages, in requests as large as the server accepts. */
export class PassageBatches {
  /** Passages in one request. */
  size = AT_ONCE;
  private known: number | undefined;
  /** Texts that were too long by themselves. */
  private tooLong = 0;

  constructor(
    private readonly model: EmbeddingModel,
    private readonly signal: AbortSignal,
  ) {}

  /** How many dimensions the model has: as of its last answer. @throws ModelError. */
  async dimensions(): Promise<number> {
    if (this.known === undefined) await this.ask([PROBE]);
    return this.known ?? 0;
  }

  /**
   * The vectors of some texts; nothing for one that the model refuses whatever its length.
   * @throws ModelError if the server is not available, or refuses everything.
   */
  async vectors(texts: readonly string[]): Promise<(Float32Array | undefined)[]> {
    try {
      return await this.ask(texts);
    } catch (error) {
      if (!isAboutTexts(error)) throw error;
      await this.ask([PROBE]); // nothing to do with these texts, if it is refused as well
      if (statusOf(error) === 500) return this.onceMore(texts);
    }
    return this.inParts(texts);
  }

  /** It may have been a moment's failure. */
  private async onceMore(texts: readonly string[]): Promise<(Float32Array | undefined)[]> {
    try {
      return await this.ask(texts);
    } catch (error) {
      if (!isAboutTexts(error)) throw error;
      return this.inParts(texts);
    }
  }

  private async inParts(texts: readonly string[]): Promise<(Float32Array | undefined)[]> {
    return texts.length > 1 ? this.inHalves(texts) : [await this.shortened(texts[0] ?? '')];
  }

  private async inHalves(texts: readonly string[]): Promise<(Float32Array | undefined)[]> {
    const half = Math.ceil(texts.length / 2);
    const before = this.tooLong;
    const first = await this.vectors(texts.slice(0, half));
    const second = await this.vectors(texts.slice(half));
    // So many are accepted, and twice as many were not: unless a single text was to blame.
    if (this.tooLong === before) this.size = Math.max(1, Math.min(this.size, half));
    return [...first, ...second];
  }

  private async shortened(text: string): Promise<Float32Array | undefined> {
    this.tooLong++;
    const shorter = head(text, Math.floor(text.length / 2));
    if (shorter.length < SHORTEST) return undefined;
    try {
      return (await this.ask([shorter]))[0];
    } catch (error) {
      if (!isAboutTexts(error)) throw error;
      return this.shortened(shorter);
    }
  }

  private async ask(texts: readonly string[]): Promise<Float32Array[]> {
    const vectors = await this.model.embed(texts, { timeoutMs: TIMEOUT_MS, signal: this.signal });
    this.known = vectors[0]?.length;
    return vectors;
  }
}

const statusOf = (error: unknown): number | undefined =>
  error instanceof ModelError ? error.options.provider?.status : undefined;

function isAboutTexts(error: unknown): boolean {
  return ABOUT_TEXTS.has(statusOf(error) ?? 0);
}
