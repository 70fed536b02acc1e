import { DocumentBuilder, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { Settings } from '../config/index.js';
import { tolerantNames } from './unknown-fields.decorator.js';
import { eventJsonSchemas, type JsonSchema } from '@reprise/protocol';

const DESCRIPTION = [
  'A self-hosted agent chat backend whose every answer is a durable, replayable stream.',
  'Post a message, follow its `stream_url`, resume by event id, or replay it later.',
  'Errors are RFC 9457 `application/problem+json`; branch on `code`.',
].join(' ');

/** Schema of every error response. */
const problemSchema: JsonSchema = {
  type: 'object',
  description: 'RFC 9457 problem details.',
  required: ['type', 'title', 'status', 'detail', 'code', 'retryable', 'request_id'],
  properties: {
    type: { type: 'string', description: 'URN of the code.', example: 'urn:reprise:problem:chat_not_found' },
    title: { type: 'string', example: 'Chat not found' },
    status: { type: 'integer', example: 404 },
    detail: { type: 'string', description: 'One sentence for a person.' },
    code: {
      type: 'string',
      description: 'Stable code for programs to branch on.',
      example: 'chat_not_found',
    },
    retryable: { type: 'boolean', description: 'Whether the same request may succeed later.' },
    request_id: { type: 'string', description: 'Also the `X-Request-Id` header.' },
    errors: {
      type: 'array',
      description: 'The invalid fields of a rejected body or query.',
      items: {
        type: 'object',
        required: ['field', 'message'],
        properties: { field: { type: 'string' }, message: { type: 'string' } },
      },
    },
  },
};

/** The OpenAPI 3.1 document of the application's routes, with the schemas of the events in the streams. */
export function openApiDocument(app: NestExpressApplication): OpenAPIObject {
  const builder = new DocumentBuilder()
    .setOpenAPIVersion('3.1.0')
    .setTitle('Reprise')
    .setDescription(DESCRIPTION)
    .setVersion('1')
    .setLicense('MIT', 'https://opensource.org/license/mit')
    .addServer('/');
  if (app.get(Settings).AUTH_MODE !== 'none') builder.addBearerAuth().addSecurityRequirements('bearer');
  const document = SwaggerModule.createDocument(app, builder.build(), {
    operationIdFactory: operationId,
  });
  const schemas: object = {
    ...withUnknownFields(document.components?.schemas ?? {}),
    ...eventJsonSchemas(),
    Problem: problemSchema,
  };
  return {
    ...document,
    components: { ...document.components, schemas } as NonNullable<OpenAPIObject['components']>,
  };
}

/** Says of the bodies that ignore unknown fields that they do. */
function withUnknownFields(schemas: object): object {
  const tolerant = tolerantNames();
  const entries = Object.entries(schemas as Record<string, object>).map(([name, schema]) => [
    name,
    tolerant.has(name) ? { ...schema, additionalProperties: true } : schema,
  ]);
  return Object.fromEntries(entries) as object;
}

/** `ChatsController.get` → `chats_get`: how generated clients name their methods. */
function operationId(controller: string, method: string): string {
  const resource = controller.replace(/Controller$/, '');
  return `${resource.charAt(0).toLowerCase()}${resource.slice(1)}_${method}`;
}

/** Serves the document at `/api/openapi.json` and its explorer, without any external address, at `/api/docs`. */
export function serveOpenApi(app: NestExpressApplication): void {
  SwaggerModule.setup('api/docs', app, () => openApiDocument(app), {
    jsonDocumentUrl: 'api/openapi.json',
    raw: ['json'],
    customSiteTitle: 'Reprise API',
  });
}
