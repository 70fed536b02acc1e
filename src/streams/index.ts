export { DialectRegistry, type Dialect } from './dialects/index.js';
export { FencedError } from './group-commit.js';
export type { LogKey } from './event-log.js';
export { seqOf } from './frame.js';
export type { LogWriter } from './log-writer.js';
export { MessageLookup, type LookedUpMessage } from './message-lookup.js';
export { StreamTransport } from './stream-transport.js';
export { StreamsModule } from './streams.module.js';
export { StreamsService, type OpenLog } from './streams.service.js';
