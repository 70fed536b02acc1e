import { randomInt } from 'node:crypto';
import { cleanText } from '../../common/index.js';
import type { ModelToolCall } from '../../models/index.js';

const ID_MAX_CHARS = 64;

/** Gives each tool call of a run its own id, the provider's if that is usable. */
export class CallIds {
  private readonly used: Set<string>;

  /** @param used ids of earlier attempts. */
  constructor(used: Iterable<string>) {
    this.used = new Set(used);
  }

  /** The call as the run continues with it: a unique id and a name that can be sent back to any provider. */
  claim(call: ModelToolCall): ModelToolCall {
    const name = call.name.replace(/[^\w-]/g, '_').slice(0, 64) || 'unnamed';
    return { ...call, id: this.unique(call.id), name };
  }

  private unique(wanted: string): string {
    const isUsable = wanted !== '' && wanted.length <= ID_MAX_CHARS && cleanText(wanted) === wanted;
    let id = isUsable ? wanted : ownId();
    while (this.used.has(id)) id = ownId();
    this.used.add(id);
    return id;
  }
}

/** Nine letters and digits: providers accept longer ids, Mistral accepts no others. */
function ownId(): string {
  return Array.from({ length: 9 }, () => randomInt(36).toString(36)).join('');
}
