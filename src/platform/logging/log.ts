import { Logger } from '@nestjs/common';

/** Fields of a log line; an error belongs under `err`. */
export type LogFields = Readonly<Record<string, unknown>>;

/**
 * The log of one part of the application. Nest's own logger takes anything in any order; here the text, which becomes
 * `msg`, comes first, and everything else has a name.
 */
export class Log {
  private readonly logger: Logger;

  /** @param context which part it is, usually the name of a class. */
  constructor(context: string) {
    this.logger = new Logger(context);
  }

  /** Something is broken that somebody has to look at. */
  error(message: string, fields: LogFields = {}): void {
    this.logger.error(message, fields);
  }

  /** Something failed that takes care of itself, or that whoever runs the server can change. */
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
