import { pino, type DestinationStream, type LoggerOptions } from 'pino';
import { PinoPretty } from 'pino-pretty';
import type { Settings } from '../config/index.js';

type Format = Settings['LOG_FORMAT'];

/** Whether log lines are JSON. `auto`: unless a person sees them as they are written. */
export function isJsonLog(format: Format): boolean {
  return format === 'json' || (format === 'auto' && !process.stdout.isTTY);
}

/** What pino is created with: where lines go, and how they look. */
export function pinoOptions(
  level: Settings['LOG_LEVEL'],
  format: Format,
): [LoggerOptions, DestinationStream] {
  const options = { level, base: null, timestamp: pino.stdTimeFunctions.isoTime };
  if (isJsonLog(format)) {
    const lines = pino.destination({ fd: 1, sync: true });
    // A log that nobody takes any more (a closed terminal or pipe) ends no run.
    lines.on('error', () => undefined);
    return [options, lines];
  }
  const text = PinoPretty({
    sync: true,
    colorize: process.stdout.isTTY,
    translateTime: 'SYS:HH:MM:ss',
    singleLine: true,
  });
  return [options, text];
}
