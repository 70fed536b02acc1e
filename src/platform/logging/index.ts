export { isJsonLog, openLog } from './log-format.js';
export { Log, type LogFields } from './log.js';
export { LoggingModule } from './logging.module.js';
export { PinoLogger } from './pino-logger.js';
export { describeSignal, fieldsOfSignal } from './signal-fields.js';
