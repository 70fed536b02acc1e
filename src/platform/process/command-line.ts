import { parseArgs, type ParseArgsConfig } from 'node:util';

type Options = NonNullable<ParseArgsConfig['options']>;

/** A parsed command line. */
export interface CommandLine {
  /** By the option's name. */
  values: Readonly<Record<string, string | undefined>>;
  /** Options without a value. */
  flags: ReadonlySet<string>;
  /** Arguments that are not options. */
  positionals: readonly string[];
}

/** The command was called incorrectly; the message says how. Exit code 2, with the usage. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/**
 * Parses arguments. `--help` and `-h` are always known.
 * @param names options with a value. @param flags options without one.
 * @throws UsageError for an unknown option, and for one that is repeated or lacks its value.
 */
export function readCommandLine(
  args: readonly string[],
  { names = [], flags = [] }: { names?: readonly string[]; flags?: readonly string[] },
): CommandLine {
  const options: Options = { help: { type: 'boolean', short: 'h' } };
  for (const name of names) options[name] = { type: 'string', multiple: true };
  for (const name of flags) options[name] = { type: 'boolean' };
  const { values, positionals } = parse(args, options);
  const texts: Record<string, string> = {};
  for (const [name, given] of Object.entries(values)) {
    if (!Array.isArray(given)) continue;
    const [value, ...more] = given.map(String);
    if (more.length > 0) throw new UsageError(`--${name} is given more than once.`);
    if (value === undefined || value.trim() === '') throw new UsageError(`--${name} needs a value.`);
    texts[name] = value;
  }
  const set = Object.keys(values).filter((name) => values[name] === true);
  return { values: texts, flags: new Set(set), positionals };
}

function parse(args: readonly string[], options: Options): ReturnType<typeof parseArgs> {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true });
  } catch (error) {
    // The rest of Node's message explains quoting to programmers.
    const [sentence = ''] = (error as Error).message.split(/(?<=')\. |\n/);
    throw new UsageError(`${sentence.replace(/\.$/, '')}.`, { cause: error });
  }
}
