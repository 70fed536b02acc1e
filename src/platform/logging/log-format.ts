import { pino, type Logger } from 'pino';
import { PinoPretty } from 'pino-pretty';
import type { Settings } from '../config/index.js';

type Format = Settings['LOG_FORMAT'];

/** Whether log lines are JSON. `auto`: unless a person watches them as they are written. */
export function isJsonLog(format: Format): boolean {
  return format === 'json' || (format === 'auto' && !process.stdout.isTTY);
}

/** A logger that writes to standard output in the given format. */
export function openLog(level: Settings['LOG_LEVEL'], format: Format): Logger {
  const options = { level, base: null, timestamp: pino.stdTimeFunctions.isoTime };
  if (isJsonLog(format)) {
    const lines = pino.destination({ fd: 1, sync: true });
    // A log that nobody reads any more (a closed terminal or pipe) does not end a run.
    lines.on('error', () => undefined);
    return pino(options, lines);
  }
  const text = PinoPretty({
    sync: true,
    colorize: process.stdout.isTTY,
    translateTime: 'SYS:HH:MM:ss',
    singleLine: true,
  });
  return pino(options, text);
}
