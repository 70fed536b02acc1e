export { mintEventId, mintNonce, parseEventId, type EventIdParts } from './event-id.js';
export { eventJsonSchemas, schemaName, type JsonSchema } from './json-schema.js';
export { isEventType, parseEvent, type ParsedEvent } from './parse.js';
export {
  EVENT_ID_PATTERN,
  PROTOCOL_VERSION,
  causeSchema,
  costSchema,
  eventFields,
  eventSchemas,
  eventTypes,
  planItemSchema,
  sourceSchema,
  usageSchema,
  type EventBody,
  type EventFields,
  type EventType,
  type StreamEvent,
} from './schemas.js';
