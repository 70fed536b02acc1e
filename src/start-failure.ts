import { SettingsError, StartError } from './platform/config/index.js';
import { isJsonLog, openLog } from './platform/logging/index.js';

type Env = Readonly<Record<string, string | undefined>>;

/** Names of errors from layers that need not be loaded to report a wrong setting. */
const FORESEEN = new Set(['EmbeddedMongoUnavailable', 'DiskFullError', 'YamlFileError']);

/**
 * Reports why the server did not start: a sentence on standard error for a person, and, if logs are JSON, a `fatal`
 * line on standard output for programs. A stack is shown only for unforeseen errors.
 */
export function reportStartFailure(error: unknown, env: Env): void {
  const text = isForeseen(error) ? error.message : String((error as Error | undefined)?.stack ?? error);
  process.stderr.write(`Reprise cannot start: ${text}\n`);
  // The settings may be what is wrong: only these two are read.
  const format = env['LOG_FORMAT'] === 'json' || env['LOG_FORMAT'] === 'text' ? env['LOG_FORMAT'] : 'auto';
  if (!isJsonLog(format) || env['LOG_LEVEL'] === 'silent') return;
  const log = openLog('fatal', format);
  const setting = error instanceof StartError ? error.setting : undefined;
  const faults = error instanceof SettingsError ? error.faults : undefined;
  const message = error instanceof Error ? error.message : String(error);
  log.fatal({ event: 'start_failed', setting, faults }, `Reprise cannot start: ${message}`);
}

function isForeseen(error: unknown): error is Error {
  if (error instanceof SettingsError || error instanceof StartError) return true;
  return error instanceof Error && FORESEEN.has(error.name);
}
