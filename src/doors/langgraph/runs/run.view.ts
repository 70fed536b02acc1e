import { ApiProperty } from '@nestjs/swagger';
import type { ChatDocument } from '../../../chats/index.js';
import { shownStatus, type MessageDocument, type ShownStatus } from '../../../run-record/index.js';
import { threadIdOf } from '../threads/thread-id.js';

/** How runs stand, as clients name it. */
export const RUN_STATUSES = ['pending', 'running', 'error', 'success', 'timeout', 'interrupted'] as const;

const STATUSES: Readonly<Record<ShownStatus, (typeof RUN_STATUSES)[number]>> = {
  pending: 'pending',
  processing: 'running',
  waiting: 'interrupted',
  completed: 'success',
  cancelled: 'interrupted',
  error: 'error',
};

/** A run as `@langchain/langgraph-sdk` reads it. */
export class RunView {
  @ApiProperty({ example: '68eb95dcac4dd9ac2789890e', description: 'Id of the message that asked for it.' })
  run_id!: string;

  @ApiProperty({ example: '550e8400-e29b-41d4-a716-446655440000' })
  thread_id!: string;

  @ApiProperty({ example: 'assistant' })
  assistant_id!: string;

  @ApiProperty({ format: 'date-time', example: '2025-10-12T10:01:00.000Z' })
  created_at!: string;

  @ApiProperty({ format: 'date-time', example: '2025-10-12T10:01:00.000Z' })
  updated_at!: string;

  @ApiProperty({ enum: RUN_STATUSES, description: '`interrupted`: cancelled, or people have to decide.' })
  status!: (typeof RUN_STATUSES)[number];

  @ApiProperty({ type: 'object', additionalProperties: true })
  metadata!: Record<string, unknown>;

  @ApiProperty({ type: 'object', additionalProperties: true })
  kwargs!: Record<string, unknown>;

  @ApiProperty({ enum: ['enqueue', 'reject', 'interrupt'] })
  multitask_strategy!: 'enqueue' | 'reject' | 'interrupt';
}

export function toRunView(chat: ChatDocument, message: MessageDocument): RunView {
  const { _id, agent = '', created_at, run, metadata } = message;
  const updated = run?.ended_at ?? run?.waiting?.since ?? run?.started_at ?? created_at;
  return {
    run_id: _id.toHexString(),
    thread_id: threadIdOf(chat),
    assistant_id: agent,
    created_at: created_at.toISOString(),
    updated_at: updated.toISOString(),
    status: STATUSES[shownStatus(message)],
    metadata: { ...metadata, graph_id: agent, assistant_id: agent },
    kwargs: {},
    multitask_strategy: run?.exclusive ? 'reject' : run?.interrupts_at ? 'interrupt' : 'enqueue',
  };
}
