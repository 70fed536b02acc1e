import { Logger } from '@nestjs/common';

/** Fields of a log line; an error belongs under `err`. */
export type LogFields = Readonly<Record<string, unknown>>;

/**
 * The log of one part of the application. Nest's own logger accepts anything in any order; here the text, which
 * becomes `msg`, comes first, and everything else has a name.
 */
export class Log {
  private readonly logger: Logger;

  /** @param context which part it is, usually a class name. */
  constructor(context: string) {
    this.logger = new Logger(context);
  }

  /** Something is broken and somebody has to look at it. */
  error(message: string, fields: LogFields = {}): void {
    this.logger.error(message, fields);
  }

  /** Something failed that recovers by itself, or that the operator can change. */
  warn(message: string, fields: LogFields = {}): void {
    this.logger.warn(message, fields);
  }

  info(message: string, fields: LogFields = {}): void {
    this.logger.log(message, fields);
  }

  debug(message: string, fields: LogFields = {}): void {
    this.logger.debug(message, fields);
  }
}
