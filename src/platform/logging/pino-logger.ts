import { Injectable, type LoggerService, type OnApplicationShutdown } from '@nestjs/common';
import type { Logger } from 'pino';
import { secretsOf, Settings } from '../config/index.js';
import { ErrorReports } from '../error-reports/index.js';
import { openLog } from './log-format.js';
import { cleanFields, cleanText } from './redaction.js';

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

type Fields = Record<string, unknown>;
type Level = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal';

/**
 * Nest's logger, writing through pino: one line each to standard output, `LOG_LEVEL` and above. No line contains a
 * secret of the settings, or what looks like one.
 */
@Injectable()
export class PinoLogger implements LoggerService, OnApplicationShutdown {
  private readonly pino: Logger;
  private readonly secrets: readonly string[];
  private readonly reports: ErrorReports;

  constructor(settings: Settings) {
    this.pino = openLog(settings.LOG_LEVEL, settings.LOG_FORMAT);
    this.secrets = secretsOf(settings);
    this.reports = new ErrorReports(settings);
  }

  /**
   * One line, for code that has fields to log.
   * @param level an `err` of `error` or `fatal` is unexpected, and is reported to whoever collects such errors.
   */
  write(level: Level, fields: Fields, message: string): void {
    if (level === 'error' || level === 'fatal') this.report(fields);
    if (!this.pino.isLevelEnabled(level)) return;
    this.pino[level](cleanFields(fields, this.secrets), cleanText(message, this.secrets));
  }

  /** A line whose fields are known to contain neither secrets nor text of others: it is written as it is. */
  writeSafe(level: Level, fields: Fields, message: string): void {
    this.pino[level](fields, message);
  }

  log(message: unknown, ...rest: unknown[]): void {
    this.write(FRAMEWORK.has(String(rest.at(-1))) ? 'debug' : 'info', ...fieldsOf(message, rest));
  }

  error(message: unknown, ...rest: unknown[]): void {
    this.write(START_REPORTERS.has(String(rest.at(-1))) ? 'debug' : 'error', ...fieldsOf(message, rest));
  }

  warn(message: unknown, ...rest: unknown[]): void {
    this.write('warn', ...fieldsOf(message, rest));
  }

  debug(message: unknown, ...rest: unknown[]): void {
    this.write('debug', ...fieldsOf(message, rest));
  }

  verbose(message: unknown, ...rest: unknown[]): void {
    this.write('trace', ...fieldsOf(message, rest));
  }

  fatal(message: unknown, ...rest: unknown[]): void {
    this.write('fatal', ...fieldsOf(message, rest));
  }

  /** Resolves when reports of errors are sent, or after a few seconds. */
  async onApplicationShutdown(): Promise<void> {
    await this.reports.close();
  }

  private report({ err, ...about }: Fields): void {
    if (err instanceof Error) this.reports.report(err, about);
  }
}

/** Nest passes the message first, the context last, and fields or a stack between them. */
function fieldsOf(message: unknown, rest: unknown[]): [Fields, string] {
  const context = typeof rest.at(-1) === 'string' ? rest.at(-1) : undefined;
  const between = context === undefined ? rest : rest.slice(0, -1);
  const named = Object.assign({}, ...between.filter(isFields)) as Fields;
  const details = between.filter((value) => value !== undefined && !isFields(value));
  const values = { ...withoutReserved(named), context, ...(details.length > 0 && { details }) };
  if (message instanceof Error) return [{ ...values, err: message }, message.message];
  return [values, typeof message === 'string' ? message : JSON.stringify(message)];
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Error);
}

/** A line has one time, one level and one text. */
function withoutReserved({ time, level, msg, ...rest }: Fields): Fields {
  const moved = { field_time: time, field_level: level, field_msg: msg };
  return { ...rest, ...Object.fromEntries(Object.entries(moved).filter(([, value]) => value !== undefined)) };
}
