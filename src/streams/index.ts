export { FencedError } from './log/group-commit.js';
export { LogCheck } from './log/log-check.js';
export type { LogKey } from './log/event-log.js';
export type { LogWriter } from './log/log-writer.js';
export type { Found, LogCursor } from './live/cursor.js';
export type { Waiter } from './live/live-log.js';
export type { Span } from './wire/span.js';
export { LogAccess, type LogRequest, type OpenedLog } from './log-access.js';
export { MessageLookup, type LookedUpMessage } from './message-lookup.js';
export { StreamsModule } from './streams.module.js';
export { StreamsService, type OpenLog } from './streams.service.js';
export {
  COMMENT_HEARTBEAT,
  dataFrames,
  eachEvent,
  type Closing,
  type Dialect,
  type Encoded,
} from './dialects/dialect.js';
export {
  callsAfter,
  NO_OPEN_CALLS,
  restingOn,
  type OpenCall,
  type OpenCalls,
} from './dialects/open-calls.js';
export { DialectRegistry } from './dialects/dialect-registry.js';
export { seqOf } from './dialects/frame.js';
export { StreamPlaces, type StreamPlace } from './wire/stream-places.js';
export { StreamTransport, type Subscription, type Unread } from './wire/stream-transport.js';
export { v1, v1Unnamed } from './dialects/v1.js';
