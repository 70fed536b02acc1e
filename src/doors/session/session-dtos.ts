import { Injectable, type PipeTransform } from '@nestjs/common';
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import {
  IsOptional,
  IsString,
  MaxLength,
  ValidateBy,
  ValidateIf,
  type ValidationArguments,
} from 'class-validator';
import { ON_BUSY, type NewMessage, type OnBusy } from '../../messages/index.js';
import { Settings } from '../../platform/config/index.js';
import {
  IsCleanText,
  IsMetadata,
  IsNotBlank,
  MaxChars,
  RequestValidationPipe,
} from '../../platform/http/index.js';

const AGENT_MAX_CHARS = 100;

/** Body of `POST /chat/stream`. */
export class ChatStreamDto {
  @ApiPropertyOptional({
    type: String,
    nullable: true,
    example: '550e8400-e29b-41d4-a716-446655440000',
    description: 'Without one, a session begins with this message.',
  })
  @IsOptional()
  @IsString()
  @MaxLength(200)
  session_id?: string | null;

  @ApiProperty({ example: 'What is the weather in Tokyo?' })
  @IsCleanText()
  @IsNotBlank()
  @MaxChars('CONTENT_MAX_CHARS')
  message!: string;

  @ApiPropertyOptional({
    type: 'object',
    additionalProperties: true,
    nullable: true,
    example: { agent: 'travel' },
    description:
      '`agent` (one of `GET /api/agents`) and `on_busy` (`queue`, `interrupt`, `reject`); anything else is kept as the metadata of the message.',
  })
  @ValidateIf(({ options }: ChatStreamDto) => options != null)
  @IsMetadata()
  @HasGoodOptions()
  options?: Record<string, unknown> | null;
}

/** The message that a request sends. */
export function toNewMessage({ message, options }: ChatStreamDto): NewMessage {
  const { agent, on_busy, ...metadata } = options ?? {};
  return {
    content: message,
    metadata: options ? metadata : undefined,
    agent: agent as string | undefined,
    on_busy: on_busy as OnBusy | undefined,
  };
}

function HasGoodOptions(): PropertyDecorator {
  return ValidateBy({
    name: 'hasGoodOptions',
    validator: {
      validate: (value: unknown) => faultOfOptions(value) === undefined,
      defaultMessage: (args?: ValidationArguments) => faultOfOptions(args?.value) ?? 'is invalid',
    },
  });
}

/** What is wrong with the options that mean something; that they are an object is checked elsewhere. */
function faultOfOptions(options: unknown): string | undefined {
  if (typeof options !== 'object' || options === null) return undefined;
  const { agent, on_busy } = options as Record<string, unknown>;
  if (agent !== undefined && (typeof agent !== 'string' || agent.length > AGENT_MAX_CHARS))
    return `must name the agent as a string of at most ${AGENT_MAX_CHARS} characters`;
  if (on_busy !== undefined && !ON_BUSY.some((known) => known === on_busy))
    return `must have one of ${ON_BUSY.join(', ')} as on_busy`;
  return undefined;
}

class SessionMetadata {
  @IsMetadata()
  metadata!: Record<string, unknown>;
}

/** The body of `POST /chat/session`, all of which is the session's metadata. */
@Injectable()
export class SessionMetadataPipe implements PipeTransform<
  unknown,
  Promise<Record<string, unknown> | undefined>
> {
  private readonly validation: RequestValidationPipe;

  constructor(settings: Settings) {
    this.validation = new RequestValidationPipe(settings);
  }

  /** @throws AppError 400 `validation_failed`. */
  async transform(body: unknown): Promise<Record<string, unknown> | undefined> {
    if (body === undefined || body === null) return undefined;
    const about = { type: 'body', metatype: SessionMetadata } as const;
    const { metadata } = (await this.validation.transform({ metadata: body }, about)) as SessionMetadata;
    return metadata;
  }
}
