import { readCommandLine, UsageError } from './platform/process/index.js';

/** How to start the server. */
export const USAGE = `Usage: npm start -- [--port PORT] [--host HOST] [--data-dir FOLDER]
       node dist/main.js [same options]

  --port PORT        TCP port of the server; 0 picks a free one (setting PORT)
  --host HOST        address to listen on (setting HOST)
  --data-dir FOLDER  folder of the embedded database (setting DATA_DIR)
  --help, -h         show this help

An argument takes precedence over its setting. All other settings are environment variables: docs/settings.md.
`;

const SETTINGS: Readonly<Record<string, string>> = { port: 'PORT', host: 'HOST', 'data-dir': 'DATA_DIR' };

/** The parsed command line. */
export interface StartArguments {
  help: boolean;
  /** Settings given as arguments. */
  settings: Record<string, string>;
  /** What these settings are called in messages. */
  labels: Record<string, string>;
}

/** @throws UsageError with what is wrong. */
export function readStartArguments(args: readonly string[]): StartArguments {
  const { values, flags, positionals } = readCommandLine(args, { names: Object.keys(SETTINGS) });
  const [extra] = positionals;
  if (extra !== undefined && !flags.has('help'))
    throw new UsageError(`Unknown argument "${extra}". npm passes on only what follows "--".`);
  const given = Object.entries(SETTINGS).filter(([name]) => values[name] !== undefined);
  return {
    help: flags.has('help'),
    settings: Object.fromEntries(given.map(([name, setting]) => [setting, values[name] ?? ''])),
    labels: Object.fromEntries(given.map(([name, setting]) => [setting, `--${name}`])),
  };
}
