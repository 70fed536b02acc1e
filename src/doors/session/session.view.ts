import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import type { ChatDocument } from '../../chats/index.js';
import { shownStatus, type MessageDocument, type ShownStatus } from '../../run-record/index.js';

/** Response of `POST /chat/session`. */
export class NewSessionView {
  @ApiProperty({ example: '550e8400-e29b-41d4-a716-446655440000', description: 'Also the chat_id.' })
  session_id!: string;

  @ApiProperty({ example: '2025-10-12T10:00:00.000Z' })
  created_at!: string;

  @ApiProperty({
    example: '2025-10-12T10:30:00.000Z',
    description: 'Moves with each message and each answer.',
  })
  expires_at!: string;
}

/** A session. */
export class SessionView extends NewSessionView {
  @ApiProperty({ example: '550e8400-e29b-41d4-a716-446655440000', description: 'The session_id.' })
  id!: string;

  @ApiProperty({ example: '2025-10-12T10:00:00.000Z', description: 'Of the last activity.' })
  updated_at!: string;

  @ApiProperty({ type: 'integer', example: 4 })
  message_count!: number;

  @ApiPropertyOptional({ type: 'object', additionalProperties: true, example: { channel: 'web' } })
  metadata?: Record<string, unknown>;
}

/** A message of a session. */
export class SessionMessageView {
  @ApiProperty({ example: '68eb95dcac4dd9ac2789890e' })
  id!: string;

  @ApiProperty({ enum: ['user', 'assistant'] })
  role!: 'user' | 'assistant';

  @ApiProperty({ example: 'What is the weather in Tokyo?' })
  content!: string;

  @ApiProperty({ example: '2025-10-12T10:00:00.000Z' })
  timestamp!: string;

  @ApiProperty({ enum: ['pending', 'processing', 'waiting', 'completed', 'error', 'cancelled'] })
  status!: ShownStatus;

  @ApiProperty({
    type: 'object',
    additionalProperties: true,
    description:
      'What it was sent with; on an answer `request_id`, the id of its question, and `duration_ms`.',
  })
  metadata!: Record<string, unknown>;
}

/** The newest messages of a session. */
export class SessionHistoryView {
  @ApiProperty({ example: '550e8400-e29b-41d4-a716-446655440000' })
  session_id!: string;

  @ApiProperty({ type: [SessionMessageView], description: 'Oldest first.' })
  messages!: SessionMessageView[];

  @ApiProperty({ type: 'integer', example: 2 })
  count!: number;
}

export function toNewSessionView({ _id, created_at }: ChatDocument, expiresAt: Date): NewSessionView {
  return { session_id: _id, created_at: created_at.toISOString(), expires_at: expiresAt.toISOString() };
}

/** @param expiresAt see `Sessions.expiresAt`. */
export function toSessionView(chat: ChatDocument, expiresAt: Date, messageCount: number): SessionView {
  const last = Math.max(chat.updated_at.getTime(), chat.last_message_at?.getTime() ?? 0);
  return {
    ...toNewSessionView(chat, expiresAt),
    id: chat._id,
    updated_at: new Date(last).toISOString(),
    message_count: messageCount,
    ...(chat.metadata && { metadata: chat.metadata }),
  };
}

export function toHistoryView(sessionId: string, messages: readonly MessageDocument[]): SessionHistoryView {
  return { session_id: sessionId, messages: messages.map(toMessageView), count: messages.length };
}

function toMessageView(message: MessageDocument): SessionMessageView {
  const { _id, role, content, created_at, metadata, reply_to, processing_time_ms } = message;
  return {
    id: _id.toHexString(),
    role,
    content,
    timestamp: created_at.toISOString(),
    status: shownStatus(message),
    metadata: {
      ...metadata,
      ...(reply_to && { request_id: reply_to.toHexString() }),
      ...(reply_to && processing_time_ms !== undefined && { duration_ms: processing_time_ms }),
    },
  };
}
