import { z } from 'zod';
import { eventSchemas, eventTypes, type EventType } from './schemas.js';

/** A JSON Schema document, as OpenAPI 3.1 and validators read it. */
export type JsonSchema = Record<string, unknown>;

/** `tool_start` → `ToolStartEvent`: the component name of an event type. */
export function schemaName(type: EventType): string {
  const words = type.split('_').map((word) => word.charAt(0).toUpperCase() + word.slice(1));
  return `${words.join('')}Event`;
}

/** JSON Schema of every event type by component name, and of their union as `StreamEvent`. */
export function eventJsonSchemas(refPrefix = '#/components/schemas/'): Record<string, JsonSchema> {
  const entries = eventTypes.map((type): [string, JsonSchema] => {
    const { $schema: _, ...schema } = z.toJSONSchema(eventSchemas[type], {
      target: 'draft-2020-12',
      io: 'input',
    });
    return [schemaName(type), schema];
  });
  const union = {
    oneOf: eventTypes.map((type) => ({ $ref: refPrefix + schemaName(type) })),
    discriminator: {
      propertyName: 'type',
      mapping: Object.fromEntries(eventTypes.map((type) => [type, refPrefix + schemaName(type)])),
    },
  };
  return { ...Object.fromEntries(entries), StreamEvent: union };
}
