import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import type { ChatDocument } from '../../../chats/index.js';
import type { ChatOutline } from '../../../messages/index.js';
import { shownStatus, type MessageDocument } from '../../../run-record/index.js';
import { humanMessage } from '../dialect/messages.js';
import { threadIdOf } from './thread-id.js';
import type { ThreadState } from './thread-states.js';

/** How a thread stands. */
export type ThreadStatus = 'idle' | 'busy' | 'interrupted' | 'error';

/** A thread as `@langchain/langgraph-sdk` reads it. */
export class ThreadView {
  @ApiProperty({ example: '550e8400-e29b-41d4-a716-446655440000' })
  thread_id!: string;

  @ApiProperty({ format: 'date-time', example: '2025-10-12T10:00:00.000Z' })
  created_at!: string;

  @ApiProperty({ format: 'date-time', example: '2025-10-12T10:01:00.000Z' })
  updated_at!: string;

  @ApiProperty({ format: 'date-time', example: '2025-10-12T10:01:00.000Z' })
  state_updated_at!: string;

  @ApiProperty({
    type: 'object',
    additionalProperties: true,
    example: { graph_id: 'assistant', assistant_id: 'assistant' },
    description: 'As clients have set it, with the title of the chat.',
  })
  metadata!: Record<string, unknown>;

  @ApiProperty({ enum: ['idle', 'busy', 'interrupted', 'error'] })
  status!: ThreadStatus;

  @ApiProperty({
    type: 'object',
    additionalProperties: true,
    description: 'The current state; in a list only its first message.',
  })
  values!: Readonly<Record<string, unknown>>;

  @ApiProperty({ type: 'object', additionalProperties: true, description: 'What people have to decide.' })
  interrupts!: Record<string, unknown[]>;

  @ApiProperty({ type: 'object', additionalProperties: true })
  config!: Record<string, unknown>;

  @ApiPropertyOptional({ type: 'object', additionalProperties: true, nullable: true })
  error?: unknown;
}

/** A thread in a list. */
export function toListedThread(chat: ChatDocument, outline: ChatOutline | undefined): ThreadView {
  const { first } = outline ?? {};
  const messages = first ? [humanMessage(first._id.toHexString(), first.content)] : [];
  return view(chat, outline?.newest, { values: first ? { messages } : {}, interrupts: [] });
}

/** A thread with its state. */
export function toThread(
  chat: ChatDocument,
  newest: MessageDocument | undefined,
  { values, interrupts }: Pick<ThreadState, 'values' | 'interrupts'>,
): ThreadView {
  return view(chat, newest, { values: newest ? values : {}, interrupts });
}

type Newest = Pick<MessageDocument, '_id' | 'status' | 'run'>;

function view(
  chat: ChatDocument,
  newest: Newest | undefined,
  { values, interrupts }: Pick<ThreadState, 'values' | 'interrupts'>,
): ThreadView {
  const updated_at = chat.updated_at.toISOString();
  const failure = newest?.status === 'error' ? newest.run?.failure : undefined;
  return {
    thread_id: threadIdOf(chat),
    created_at: chat.created_at.toISOString(),
    updated_at,
    state_updated_at: (chat.last_message_at ?? chat.updated_at).toISOString(),
    metadata: { title: chat.title, ...chat.metadata },
    status: statusOf(newest),
    values,
    interrupts: newest && interrupts.length > 0 ? { [newest._id.toHexString()]: interrupts } : {},
    config: {},
    ...(failure && { error: { error: failure.code, message: failure.error } }),
  };
}

/** How a thread stands by its newest question. */
export function statusOf(newest: Newest | undefined): ThreadStatus {
  const status = newest && shownStatus(newest);
  if (status === 'pending' || status === 'processing') return 'busy';
  if (status === 'waiting') return 'interrupted';
  return status === 'error' ? 'error' : 'idle';
}
