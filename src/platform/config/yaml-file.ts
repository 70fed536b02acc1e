import { readFileSync } from 'node:fs';
import { LineCounter, parseDocument, type Document } from 'yaml';
import type { z } from 'zod';

/** A file with settings is wrong; the message has a sentence for each fault, with file, line and field. */
export class YamlFileError extends Error {
  override readonly name = 'YamlFileError';

  constructor(readonly faults: readonly string[]) {
    super(faults.join('\n'));
  }
}

/** Nobody describes their agents in more, and aliases cannot grow it. */
const MAX_BYTES = 4 * 1024 * 1024;
const MAX_FAULTS = 20;
const MAX_ALIASES = 100;

/**
 * Reads a YAML (or JSON) file.
 * @param faultsOf what the schema cannot say: faults by the path of the field.
 * @throws YamlFileError
 */
export function readYamlFile<S extends z.ZodType>(
  file: string,
  schema: S,
  faultsOf: (value: z.output<S>) => readonly FieldFault[] = () => [],
): z.output<S> {
  const text = load(file);
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: true });
  const at = (path: readonly PropertyKey[]): string => `${file}, line ${lineOf(document, lines, path)}: `;
  if (document.errors.length > 0) {
    const faults = document.errors.map(({ pos, message }) => {
      return `${file}, line ${lines.linePos(pos[0]).line}: ${message.split('\n')[0] ?? ''}`;
    });
    throw new YamlFileError(faults.slice(0, MAX_FAULTS));
  }
  const result = schema.safeParse(toValue(document, file));
  const faults = result.success
    ? faultsOf(result.data)
    : result.error.issues.map(({ path, message }) => ({ path, message }));
  if (result.success && faults.length === 0) return result.data;
  const sentences = faults.map(({ path, message }) => `${at(path)}${nameOf(path)}${message}`);
  throw new YamlFileError([...new Set(sentences)].slice(0, MAX_FAULTS));
}

/** What is wrong with one field. */
export interface FieldFault {
  path: readonly PropertyKey[];
  message: string;
}

function load(file: string): string {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    const why = code === 'ENOENT' ? 'there is no such file' : `it cannot be read (${code ?? 'unknown'})`;
    throw new YamlFileError([`${file}: ${why}.`]);
  }
  if (text.length > MAX_BYTES) throw new YamlFileError([`${file}: it is larger than ${MAX_BYTES} bytes.`]);
  return text;
}

function toValue(document: Document, file: string): unknown {
  try {
    return document.toJS({ maxAliasCount: MAX_ALIASES });
  } catch (error) {
    throw new YamlFileError([`${file}: ${error instanceof Error ? error.message : 'unreadable'}.`]);
  }
}

/** The line of a field; of its nearest parent if it is missing. */
function lineOf(document: Document, lines: LineCounter, path: readonly PropertyKey[]): number {
  for (let length = path.length; length > 0; length--) {
    const node: unknown = document.getIn(path.slice(0, length), true);
    const range = (node as { range?: [number, number, number] | null } | undefined)?.range;
    if (range) return lines.linePos(range[0]).line;
  }
  return 1;
}

/** `agents[0].tools: `, nothing for the file itself. */
function nameOf(path: readonly PropertyKey[]): string {
  const name = path
    .map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`))
    .join('')
    .replace(/^\./, '');
  return name === '' ? '' : `${name}: `;
}
