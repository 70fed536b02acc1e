import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Transform, type TransformFnParams } from 'class-transformer';
import { IsIn, IsOptional, MaxLength, ValidateBy } from 'class-validator';
import { IsChatKey } from '../../chats/http/index.js';
import { isExternalKey } from '../../chats/index.js';
import { isJsonObject } from '../../common/index.js';
import { ON_BUSY, type OnBusy } from '../../messages/index.js';
import {
  decimal,
  IgnoresUnknownFields,
  IsCleanText,
  IsIntBetween,
  IsNotBlank,
} from '../../platform/http/index.js';

const TRIGGERS = ['submit-message', 'regenerate-message'] as const;
const ROLES = ['system', 'user', 'assistant'];

/** A message as the client sends it: only its beginning has been checked. */
export interface SentMessage {
  id?: unknown;
  role: 'system' | 'user' | 'assistant';
  parts: unknown[];
  metadata?: unknown;
}

/** A list of messages, of which only the last one matters: the others are the client's memory. */
function AreUiMessages(): PropertyDecorator {
  return ValidateBy({
    name: 'areUiMessages',
    validator: {
      validate: (value: unknown) => Array.isArray(value) && isSentMessage(value.at(-1)),
      defaultMessage: () =>
        'must be a list of UI messages, whose last one has a role and parts, and an id of 1 to 200 characters',
    },
  });
}

/** Whether a member of the list can be read; those before the last one may be anything. */
export function isSentMessage(value: unknown): value is SentMessage {
  if (!isJsonObject(value)) return false;
  const { role, parts, id } = value;
  const hasRole = typeof role === 'string' && ROLES.includes(role);
  return isExternalKey(id) && hasRole && Array.isArray(parts) && parts.every(isJsonObject);
}

/** What `DefaultChatTransport` sends; a page may add fields of its own. */
@IgnoresUnknownFields()
export class UiChatDto {
  @ApiProperty({
    example: 'c1',
    description:
      "The client's id of the chat, 1 to 200 characters; it is created on first use. A chat's own id works too.",
  })
  @IsChatKey()
  id!: string;

  @ApiProperty({
    type: 'array',
    items: { type: 'object', additionalProperties: true },
    example: [{ id: 'u1', role: 'user', parts: [{ type: 'text', text: 'Hvad er CSR-kravene?' }] }],
    description: 'Only the last one counts, since the server knows the others; it may be the only one.',
  })
  @Transform(({ obj, key }: TransformFnParams): unknown => Reflect.get(obj as object, key))
  @AreUiMessages()
  messages!: SentMessage[];

  @ApiPropertyOptional({ enum: TRIGGERS, default: 'submit-message' })
  @IsOptional()
  @IsIn(TRIGGERS)
  trigger?: (typeof TRIGGERS)[number];

  @ApiPropertyOptional({
    type: String,
    example: 'u1',
    description: 'The message that is edited, answered again, or continued.',
  })
  @IsOptional()
  @IsCleanText()
  @IsNotBlank()
  @MaxLength(200)
  messageId?: string | null;
}

/** What the address says; the SDK repeats it for every route. */
export class AiSdkQueryDto {
  @ApiPropertyOptional({ example: 'assistant', description: 'One of `GET /api/agents`.' })
  @IsOptional()
  @IsCleanText()
  @IsNotBlank()
  @MaxLength(100)
  agent?: string;

  @ApiPropertyOptional({
    enum: ['open'],
    description: 'Keeps the stream open while the run waits for an approval; without it, the stream closes.',
  })
  @IsOptional()
  @IsIn(['open'])
  approvals?: 'open';

  @ApiPropertyOptional({
    enum: ON_BUSY,
    description:
      'If the chat already has a run: by default a new message waits, and an edit or another answer cancels it.',
  })
  @IsOptional()
  @IsIn(ON_BUSY)
  on_busy?: OnBusy;

  @ApiPropertyOptional({
    example: 'default',
    description: 'For whom, if the caller may act for others, or nobody logs in.',
  })
  @IsOptional()
  @IsCleanText()
  @MaxLength(200)
  user_id?: string;
}

/** The same where a page's own parameters are passed on. */
@IgnoresUnknownFields()
export class AiSdkStreamQueryDto extends AiSdkQueryDto {}

/** How much of a chat. */
export class UiHistoryQueryDto extends AiSdkQueryDto {
  @ApiPropertyOptional({
    type: 'integer',
    minimum: 1,
    maximum: 100,
    default: 20,
    description: 'At most this many questions with their answers, the newest ones.',
  })
  @Transform(decimal)
  @IsIntBetween(1, 100)
  limit = 20;
}
