import { isJsonObject } from '../../common/index.js';

/** Characters of JSON that are kept for a whole turn. */
const MAX_CHARS = 1_000_000;

type Fields = Record<string, unknown>;

/**
 * What a provider may expect back with a turn that calls tools, collected from its chunks: texts are joined; in lists,
 * consecutive fragments of one text are joined. Data that grows too large is not kept at all: half of a signed text is
 * worthless.
 */
export class TurnData {
  private fields: Fields = {};
  private chars = 0;

  add(fields: Fields): void {
    this.chars += jsonLength(fields);
    if (this.chars > MAX_CHARS) this.fields = {};
    else
      for (const [name, value] of Object.entries(fields))
        this.fields[name] = joined(this.fields[name], value);
  }

  /** Undefined if there is nothing to send back. */
  end(): Fields | undefined {
    return Object.keys(this.fields).length > 0 ? this.fields : undefined;
  }
}

/** JSON characters of a value; infinite if it is nested too deeply to be written. */
export function jsonLength(value: unknown): number {
  try {
    return JSON.stringify(value).length;
  } catch {
    return Infinity;
  }
}

function joined(before: unknown, value: unknown): unknown {
  if (typeof before === 'string' && typeof value === 'string') return before + value;
  if (Array.isArray(before) && Array.isArray(value)) {
    return (value as unknown[]).reduce<unknown[]>(withItem, before);
  }
  return isJsonObject(before) && isJsonObject(value) ? { ...before, ...value } : value;
}

const FRAGMENT_TEXTS = ['text', 'summary', 'thinking'];

function withItem(list: unknown[], item: unknown): unknown[] {
  const last = list.at(-1);
  if (!isJsonObject(last) || !isJsonObject(item) || !areOne(last, item)) return [...list, item];
  const texts = FRAGMENT_TEXTS.filter((name) => typeof item[name] === 'string');
  const longer = texts.map((name) => [name, asText(last[name]) + asText(item[name])]);
  return [...list.slice(0, -1), { ...last, ...item, ...Object.fromEntries(longer) }];
}

/** Fragments of one block share its type and number; a signature ends it. */
function areOne(last: Fields, item: Fields): boolean {
  const same = (name: string): boolean =>
    last[name] === undefined || item[name] === undefined || last[name] === item[name];
  const isText = [last, item].every(
    (each) => FRAGMENT_TEXTS.some((name) => name in each) || 'signature' in each,
  );
  return isText && last['type'] === item['type'] && same('index') && same('id') && !last['signature'];
}

const asText = (value: unknown): string => (typeof value === 'string' ? value : '');
