/** A piece of JSON text in one colour. */
export interface JsonToken {
  readonly kind: 'key' | 'string' | 'number' | 'word' | 'plain';
  readonly text: string;
}

const TOKEN = /("(?:[^"\\]|\\.)*")(\s*:)?|(-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)|\b(true|false|null)\b/g;

/** Splits JSON text for highlighting. Joined, the pieces give the text. */
export function jsonTokens(json: string): JsonToken[] {
  const tokens: JsonToken[] = [];
  let done = 0;
  const push = (kind: JsonToken['kind'], text: string): void => {
    if (text !== '') tokens.push({ kind, text });
  };
  for (const match of json.matchAll(TOKEN)) {
    const [whole, string, colon, number] = match;
    push('plain', json.slice(done, match.index));
    if (string !== undefined) push(colon === undefined ? 'string' : 'key', string);
    else push(number === undefined ? 'word' : 'number', whole);
    push('plain', colon ?? '');
    done = match.index + whole.length;
  }
  push('plain', json.slice(done));
  return tokens;
}
