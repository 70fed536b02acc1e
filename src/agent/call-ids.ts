import { cleanText } from '../common/index.js';
import type { ModelToolCall } from './chat-model.js';

const ID_MAX_CHARS = 64;

/** Gives each tool call of a run an id of its own, the provider's where that is usable. */
export class CallIds {
  private readonly used: Set<string>;

  /** @param used ids of earlier attempts. */
  constructor(used: Iterable<string>) {
    this.used = new Set(used);
  }

  /** The call as the run goes on with it: a unique id and a name that may be sent back to any provider. */
  claim(call: ModelToolCall): ModelToolCall {
    const name = call.name.replace(/[^\w-]/g, '_').slice(0, 64) || 'unnamed';
    return { ...call, id: this.unique(call.id), name };
  }

  private unique(wanted: string): string {
    const base = cleanText(wanted).slice(0, ID_MAX_CHARS).toWellFormed() || 'call';
    let id = wanted === '' ? `${base}_1` : base;
    for (let n = 2; this.used.has(id); n++) id = `${base}_${n}`;
    this.used.add(id);
    return id;
  }
}
