import { applyDecorators } from '@nestjs/common';
import { ApiHeader, ApiOkResponse, ApiProduces } from '@nestjs/swagger';
import { ApiProblems } from '../../../platform/http/index.js';

const EXAMPLE = [
  'retry: 1000\n',
  'id: 1760270888823_0001_a26344ee\ndata: {"type":"token","content":"Response text…","index":14,"timestamp":"2025-10-12T12:08:08.823Z"}\n',
  'id: 1760270930333_0002_c2024cde\ndata: {"type":"complete","message_id":"68eb95dcac4dd9ac27898910","content":"Response text…","finish_reason":"stop","timestamp":"2025-10-12T12:08:50.333Z"}\n',
].join('\n');

/** Documents a request whose response is the answer, as it is written. */
export function ApiAnswerStream(): MethodDecorator {
  return applyDecorators(
    ApiHeader({
      name: 'Idempotency-Key',
      required: false,
      description:
        'The same key and body continue the same answer, after `Last-Event-ID` if there is one; the same key with a different body gets 422.',
    }),
    ApiHeader({
      name: 'Last-Event-ID',
      required: false,
      description: 'With a key that was used before: the last event seen.',
    }),
    ApiProduces('text/event-stream'),
    ApiOkResponse({
      description: 'The answer as frames.',
      headers: {
        'X-Message-Id': { schema: { type: 'string' }, description: 'Of the question.' },
        'X-Stream-Url': {
          schema: { type: 'string' },
          description: 'Where the same answer can be followed, in any dialect.',
        },
      },
      content: { 'text/event-stream': { example: EXAMPLE } },
    }),
    ApiProblems(
      'validation_failed',
      'invalid_json',
      'unknown_agent',
      'unknown_event_id',
      'invalid_idempotency_key',
      'chat_not_found',
      'chat_busy',
      'body_too_large',
      'too_large_to_store',
      'unsupported_media_type',
      'idempotency_key_reused',
      'events_expired',
      'chat_queue_full',
      'queue_full',
      'too_many_streams',
      'too_many_streams_of_message',
      'budget_exceeded',
    ),
  );
}
