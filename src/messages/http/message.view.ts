import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import type { ListedMessage } from '../message-list.js';
import {
  shownStatus,
  type RunFacet,
  type RunFailure,
  type RunSource,
  type RunCost,
  type RunUsage,
  type ShownStatus,
} from '../../run-record/index.js';

const STATUSES: ShownStatus[] = ['pending', 'processing', 'waiting', 'completed', 'error', 'cancelled'];

/** What an answer may be based on. */
export class SourceView {
  @ApiProperty({ example: 'Bilag E – CSR' })
  title!: string;

  @ApiPropertyOptional({ example: 'https://example.org/csr' })
  url?: string;

  @ApiPropertyOptional({ example: '68c99b8a10844521ad051544', description: 'A document of the corpus.' })
  document_id?: string;
}

/** A file that a question was sent with. */
export class AttachmentView {
  @ApiProperty({
    example: '68eb95dcac4dd9ac27898910',
    description: 'Of `GET /api/files/{file_id}`; it may be deleted by now.',
  })
  file_id!: string;

  @ApiProperty({ example: 'report.pdf' })
  name!: string;

  @ApiProperty({ example: 'application/pdf' })
  media_type!: string;

  @ApiProperty({ type: 'integer', example: 123456 })
  bytes!: number;
}

/** The questions in one place of a conversation. */
export class VersionsView {
  @ApiProperty({ type: 'integer', example: 1, description: 'Position of this one, from 0.' })
  index!: number;

  @ApiProperty({ type: 'integer', example: 3 })
  count!: number;

  @ApiProperty({ example: ['68eb95dcac4dd9ac2789890e'], description: 'Message ids, oldest first.' })
  ids!: string[];
}

/** A message as clients see it. */
export class MessageView {
  @ApiProperty({ example: '68eb95dcac4dd9ac2789890e' })
  message_id!: string;

  @ApiProperty({ example: '550e8400-e29b-41d4-a716-446655440000' })
  chat_id!: string;

  @ApiProperty({ enum: ['user', 'assistant'] })
  role!: 'user' | 'assistant';

  @ApiProperty({ example: 'Hvad er CSR-kravene?' })
  content!: string;

  @ApiProperty({ enum: STATUSES })
  status!: ShownStatus;

  @ApiProperty({
    type: 'object',
    additionalProperties: true,
    example: { tender_id: '68c99b8a10844521ad051544' },
  })
  metadata!: Record<string, unknown>;

  @ApiProperty({ example: '2025-10-12T10:01:00.000Z' })
  created_at!: string;

  @ApiProperty({ type: 'integer', nullable: true, example: 15234, description: 'How long the run took, ms.' })
  processing_time_ms!: number | null;

  @ApiPropertyOptional({ example: 'The model could not be reached.' })
  error?: string;

  @ApiPropertyOptional({ example: 'assistant' })
  agent?: string;

  @ApiPropertyOptional({
    type: String,
    nullable: true,
    example: '68eb95dcac4dd9ac2789890e',
    description: 'On a question: the question whose answer it follows; `null` if it begins the conversation.',
  })
  parent_message_id?: string | null;

  @ApiPropertyOptional({
    type: VersionsView,
    description: 'On a question that was edited or asked again: all questions in its place.',
  })
  versions?: VersionsView;

  @ApiPropertyOptional({ type: [AttachmentView], description: 'On a question: the files it was sent with.' })
  attachments?: AttachmentView[];

  @ApiPropertyOptional({
    type: [SourceView],
    description:
      'On an answer: what the tool calls of its run that succeeded are based on, each source once.',
  })
  sources?: readonly RunSource[];
}

/** The run of a message as clients see it. */
export class RunView {
  @ApiProperty({ enum: STATUSES })
  status!: ShownStatus;

  @ApiProperty({
    type: 'integer',
    example: 1,
    description: 'Attempts started; more than 1 after a worker was lost.',
  })
  attempt!: number;

  @ApiPropertyOptional({
    example: '9f86d081884c',
    description: "Version of the agent's definition; missing for runs of earlier servers.",
  })
  agent_version?: string;

  @ApiPropertyOptional({
    type: 'object',
    additionalProperties: { type: 'string' },
    example: { message_id: '68eb95dcac4dd9ac2789890e', event_id: '1760270888823_0007_a26344ee' },
    description: 'The run that this one continues, and the last event that was kept.',
  })
  forked_from?: { message_id: string; event_id: string };

  @ApiProperty({ example: '2025-10-12T10:01:00.000Z' })
  queued_at!: string;

  @ApiProperty({ type: String, nullable: true, example: '2025-10-12T10:01:00.020Z' })
  started_at!: string | null;

  @ApiProperty({ type: String, nullable: true, example: '2025-10-12T10:01:15.254Z' })
  ended_at!: string | null;

  @ApiProperty({
    nullable: true,
    type: 'object',
    additionalProperties: { type: 'integer' },
    example: { prompt_tokens: 1200, completion_tokens: 320, total_tokens: 1520 },
  })
  usage!: RunUsage | null;

  @ApiPropertyOptional({
    type: 'object',
    properties: { currency: { type: 'string' }, amount: { type: 'number' } },
    example: { currency: 'USD', amount: 0.00315 },
    description: 'By the prices of `MODEL_PRICES_FILE`; missing unless every model that was asked has one.',
  })
  cost?: RunCost;

  @ApiProperty({ type: String, nullable: true, example: 'gpt-4.1-mini' })
  model!: string | null;

  @ApiProperty({ type: 'integer', nullable: true, example: 3 })
  tool_calls!: number | null;

  @ApiProperty({ type: 'object', nullable: true, additionalProperties: true, example: null })
  error!: RunFailure | null;

  @ApiPropertyOptional({
    type: 'object',
    properties: {
      since: { type: 'string', example: '2025-10-12T10:01:02.000Z' },
      until: {
        type: 'string',
        example: '2025-10-13T10:01:02.000Z',
        description: 'When the first call expires.',
      },
      call_ids: { type: 'array', items: { type: 'string' }, example: ['call_abc123'] },
    },
    description: 'What the run waits for, while its status is `waiting`.',
  })
  waiting?: { since: string; until: string; call_ids: string[] };

  @ApiProperty({ description: 'True from a cancel request until the run has stopped.' })
  cancel_requested!: boolean;

  @ApiPropertyOptional({
    example: true,
    description: 'The log and the tool calls have expired and were deleted (410 `events_expired`).',
  })
  events_expired?: true;
}

/** A message together with its run; answers have none. */
export class MessageWithRunView extends MessageView {
  @ApiProperty({ type: RunView, nullable: true })
  run!: RunView | null;

  @ApiPropertyOptional({ example: '/api/chats/550e8400-…/messages/68eb95dcac4dd9ac2789890e/stream' })
  stream_url?: string;
}

/** The response to a new message. */
export class CreatedMessageView {
  @ApiProperty({ example: '68eb95dcac4dd9ac2789890e' })
  message_id!: string;

  @ApiProperty({
    example: '/api/chats/550e8400-e29b-41d4-a716-446655440000/messages/68eb95dcac4dd9ac2789890e/stream',
  })
  stream_url!: string;
}

export function toView({ message, links }: ListedMessage): MessageView {
  return {
    message_id: message._id.toHexString(),
    chat_id: message.chat_id,
    role: message.role,
    content: message.content,
    status: shownStatus(message),
    metadata: message.metadata,
    created_at: message.created_at.toISOString(),
    processing_time_ms: message.processing_time_ms ?? null,
    ...(message.error !== undefined && { error: message.error }),
    ...(message.agent !== undefined && { agent: message.agent }),
    ...(links && {
      ...(links.parent !== undefined && { parent_message_id: links.parent }),
      ...(links.versions && { versions: links.versions }),
    }),
    ...(message.attachments && { attachments: message.attachments.map(toAttachmentView) }),
    ...(message.sources !== undefined && { sources: message.sources }),
  };
}

function toAttachmentView({ file_id, name, media_type, bytes }: AttachmentView): AttachmentView {
  return { file_id, name, media_type, bytes };
}

/** @param streamUrl where its caller can follow the log; there is none without a run. */
export function toViewWithRun(listed: ListedMessage, streamUrl: string | undefined): MessageWithRunView {
  const { message } = listed;
  const { run } = message;
  if (!run) return { ...toView(listed), run: null };
  return {
    ...toView(listed),
    ...(streamUrl !== undefined && { stream_url: streamUrl }),
    run: {
      status: shownStatus(message),
      attempt: run.attempt,
      ...(run.agent_version !== undefined && { agent_version: run.agent_version }),
      ...(run.forked_from && { forked_from: run.forked_from }),
      queued_at: run.queued_at.toISOString(),
      started_at: run.started_at?.toISOString() ?? null,
      ended_at: run.ended_at?.toISOString() ?? null,
      usage: run.usage ?? null,
      ...(run.cost && { cost: run.cost }),
      model: run.model ?? null,
      tool_calls: run.tool_calls ?? null,
      error: run.failure ?? null,
      ...(run.waiting && { waiting: toWaiting(run.waiting) }),
      cancel_requested: run.cancel_requested,
      ...(run.events_expired !== undefined && { events_expired: true }),
    },
  };
}

function toWaiting({
  since,
  until,
  calls,
}: NonNullable<RunFacet['waiting']>): NonNullable<RunView['waiting']> {
  return { since: since.toISOString(), until: until.toISOString(), call_ids: [...calls] };
}
