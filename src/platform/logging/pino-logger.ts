import { Injectable, type LoggerService } from '@nestjs/common';
import type { Logger } from 'pino';
import { openLog } from './log-format.js';
import { Settings } from '../config/index.js';

/** Nest's own contexts: a line for each module and route at every start. */
const FRAMEWORK = new Set([
  'NestFactory',
  'InstanceLoader',
  'RoutesResolver',
  'RouterExplorer',
  'NestApplication',
]);

/**
 * Nest's contexts that report why a start failed. The error is also thrown, and reported by the code that started
 * Nest.
 */
const START_REPORTERS = new Set(['ExceptionHandler', 'NestApplication', 'MongooseModule']);

/** Nest's logger, writing through pino: one line each to standard output, `LOG_LEVEL` and above. */
@Injectable()
export class PinoLogger implements LoggerService {
  /** The underlying logger, for code that has fields to log. */
  readonly pino: Logger;

  constructor(settings: Settings) {
    this.pino = openLog(settings.LOG_LEVEL, settings.LOG_FORMAT);
  }

  log(message: unknown, ...rest: unknown[]): void {
    const level = FRAMEWORK.has(String(rest.at(-1))) ? 'debug' : 'info';
    this.pino[level](...fields(message, rest));
  }

  error(message: unknown, ...rest: unknown[]): void {
    const level = START_REPORTERS.has(String(rest.at(-1))) ? 'debug' : 'error';
    this.pino[level](...fields(message, rest));
  }

  warn(message: unknown, ...rest: unknown[]): void {
    this.pino.warn(...fields(message, rest));
  }

  debug(message: unknown, ...rest: unknown[]): void {
    this.pino.debug(...fields(message, rest));
  }

  verbose(message: unknown, ...rest: unknown[]): void {
    this.pino.trace(...fields(message, rest));
  }

  fatal(message: unknown, ...rest: unknown[]): void {
    this.pino.fatal(...fields(message, rest));
  }
}

/** Nest passes the message first, the context last, and fields or a stack between them. */
function fields(message: unknown, rest: unknown[]): [Record<string, unknown>, string] {
  const context = typeof rest.at(-1) === 'string' ? rest.at(-1) : undefined;
  const between = context === undefined ? rest : rest.slice(0, -1);
  const named = Object.assign({}, ...between.filter(isFields)) as Record<string, unknown>;
  const details = between.filter((value) => value !== undefined && !isFields(value));
  const values = { ...withoutReserved(named), context, ...(details.length > 0 && { details }) };
  if (message instanceof Error) return [{ ...values, err: message }, message.message];
  return [values, typeof message === 'string' ? message : JSON.stringify(message)];
}

function isFields(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Error);
}

/** A line has one time, one level and one text. */
function withoutReserved({ time, level, msg, ...rest }: Record<string, unknown>): Record<string, unknown> {
  const moved = { field_time: time, field_level: level, field_msg: msg };
  return { ...rest, ...Object.fromEntries(Object.entries(moved).filter(([, value]) => value !== undefined)) };
}
