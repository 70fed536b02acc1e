import { Global, Module } from '@nestjs/common';
import { PinoLogger } from './pino-logger.js';

/** The logger, available everywhere. */
@Global()
@Module({ providers: [PinoLogger], exports: [PinoLogger] })
export class LoggingModule {}
