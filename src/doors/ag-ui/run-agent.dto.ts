import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Transform, type TransformFnParams } from 'class-transformer';
import { IsIn, IsOptional, MaxLength, ValidateBy } from 'class-validator';
import { IsChatKey } from '../../chats/http/index.js';
import { isExternalKey } from '../../chats/index.js';
import { isJsonObject } from '../../common/index.js';
import { ON_BUSY, type OnBusy } from '../../messages/index.js';
import { IgnoresUnknownFields, IsCleanText, IsNotBlank } from '../../platform/http/index.js';

/** A message as the client sends it: it has an id and a role; the rest has not been checked. */
export type SentMessage = Readonly<Record<string, unknown>> & { readonly id: string; readonly role: string };

/** An answer to an interrupt. */
export interface ResumeEntry {
  readonly interruptId: string;
  readonly status: 'resolved' | 'cancelled';
  readonly payload?: unknown;
}

/** As it was sent: class-transformer's copy lacks members that share a name with a method of `Object`. */
const Raw = (): PropertyDecorator =>
  Transform(({ obj, key }: TransformFnParams): unknown => Reflect.get(obj as object, key));

const IsListOf = (what: string, isMember: (value: unknown) => boolean): PropertyDecorator =>
  ValidateBy({
    name: 'isListOf',
    validator: {
      validate: (value: unknown) => Array.isArray(value) && value.every(isMember),
      defaultMessage: () => `must be a list of ${what}`,
    },
  });

function isMessage(value: unknown): boolean {
  return isJsonObject(value) && isExternalKey(value['id']) && typeof value['role'] === 'string';
}

function isResumeEntry(value: unknown): boolean {
  if (!isJsonObject(value)) return false;
  const { interruptId, status } = value;
  return isExternalKey(interruptId) && (status === 'resolved' || status === 'cancelled');
}

/** `RunAgentInput`; what is not here is not used. */
@IgnoresUnknownFields()
export class RunAgentDto {
  @ApiProperty({
    example: 'thread-1',
    description: "The client's id of the chat, 1 to 200 characters; it is created on first use.",
  })
  @IsChatKey()
  threadId!: string;

  @ApiProperty({ example: 'run-1', description: 'Repeated in the events.' })
  @IsChatKey()
  runId!: string;

  @ApiProperty({
    type: 'array',
    items: { type: 'object', additionalProperties: true },
    example: [{ id: 'u1', role: 'user', content: 'Hvad er CSR-kravene?' }],
    description: 'The last one of the user is the question, unless the server has it. The others are known.',
  })
  @Raw()
  @IsListOf('messages, each with an id of 1 to 200 characters and a role', isMessage)
  messages!: SentMessage[];

  @ApiPropertyOptional({
    type: 'array',
    nullable: true,
    items: { type: 'object', additionalProperties: true },
    example: [{ interruptId: 'call_abc123', status: 'resolved', payload: { decision: 'approve' } }],
    description: 'Answers to the interrupts of the run that waits.',
  })
  @IsOptional()
  @Raw()
  @IsListOf('answers, each with interruptId, and the status resolved or cancelled', isResumeEntry)
  resume?: ResumeEntry[] | null;
}

/** What the address says. */
@IgnoresUnknownFields()
export class AgUiQueryDto {
  @ApiPropertyOptional({ enum: ON_BUSY, description: 'If the chat already has a run. Default: `queue`.' })
  @IsOptional()
  @IsIn(ON_BUSY)
  on_busy?: OnBusy;

  @ApiPropertyOptional({
    example: 'default',
    description: 'For whom, if the caller may act for others, or nobody logs in.',
  })
  @IsOptional()
  @IsCleanText()
  @IsNotBlank()
  @MaxLength(200)
  user_id?: string;
}
