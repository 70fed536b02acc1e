import { ApiProperty } from '@nestjs/swagger';
import type { MissingPart, ShownRequest, ShownTurn, ShownTurns } from '../../agent/index.js';

type SentMessage = ShownTurns['messages'][number];

const MISSING: readonly MissingPart[] = ['instructions', 'tools', 'history', 'task', 'log', 'results'];

/** One request to a model. */
export class SentRequestView {
  @ApiProperty({ example: 'openai:gpt-5' })
  model!: string;

  @ApiProperty({ example: '2025-10-12T10:01:02.000Z' })
  sent_at!: string;

  @ApiProperty({ type: 'integer', nullable: true, example: 2450, description: '`null`: it has not ended.' })
  ms!: number | null;

  @ApiProperty({
    type: 'array',
    items: { type: 'integer' },
    example: [0, 1],
    description: 'Places in `messages` of the response.',
  })
  messages!: number[];

  @ApiProperty({ description: 'It asked for the rest of an answer that had been cut off.' })
  continued!: boolean;

  @ApiProperty({ description: "The conversation was cut to fit the model's context window." })
  shortened!: boolean;

  @ApiProperty({
    description:
      'The messages are known to be what was sent. `false`: something of it is gone, or has changed since.',
  })
  exact!: boolean;

  @ApiProperty({
    type: Object,
    nullable: true,
    example: { prompt_tokens: 512, completion_tokens: 48, total_tokens: 560 },
    description: 'As the provider reported it; `null` if it did not.',
  })
  usage!: ShownRequest['usage'] | null;

  @ApiProperty({
    type: String,
    nullable: true,
    example: null,
    description: 'Why it failed; the next request of the turn repeats or continues it.',
  })
  error_code!: string | null;
}

/** One turn of an agent's model: one request, or more if a provider failed. */
export class TurnView {
  @ApiProperty({ type: 'integer', example: 1, description: 'From 1, in the order in which the turns began.' })
  number!: number;

  @ApiProperty({ type: 'integer', example: 1, description: 'Attempt of the run.' })
  attempt!: number;

  @ApiProperty({ type: 'integer', example: 1, description: 'Turn of its agent, from 1.' })
  step!: number;

  @ApiProperty({
    type: String,
    nullable: true,
    example: null,
    description: "The call that has started the agent; `null` for the run's own.",
  })
  parent_call_id!: string | null;

  @ApiProperty({ example: 'assistant' })
  agent!: string;

  @ApiProperty({ example: '9f86d081884c' })
  agent_version!: string;

  @ApiProperty({ type: Object, example: { temperature: 0.2 } })
  sampling!: ShownTurn['sampling'];

  @ApiProperty({ example: '3f1c0a9be2d44710', description: 'Key in `tools` of the response.' })
  tools!: string;

  @ApiProperty({ type: SentRequestView, isArray: true })
  requests!: SentRequestView[];

  @ApiProperty({
    enum: MISSING,
    isArray: true,
    example: [],
    description:
      'What cannot be shown any more: the `log` has expired, messages of the `history` were deleted, …',
  })
  missing!: MissingPart[];
}

/** The model turns of a run. Messages and tools stand in it once, however often they were sent. */
export class TurnsView {
  @ApiProperty({
    type: 'array',
    items: { type: 'object' },
    example: [
      { role: 'system', content: 'You are a careful assistant …' },
      { role: 'user', content: 'Which CSR requirements apply?' },
    ],
    description:
      'With `role`, `content`, `images` (`media_type`), `tool_calls` (`id`, `name`, `arguments`), `tool_call_id`, `error_code`.',
  })
  messages!: object[];

  @ApiProperty({
    type: 'object',
    additionalProperties: { type: 'array', items: { type: 'object' } },
    example: { '3f1c0a9be2d44710': [{ name: 'list_files', description: '…', parameters: {} }] },
  })
  tools!: ShownTurns['tools'];

  @ApiProperty({ type: TurnView, isArray: true })
  turns!: TurnView[];

  @ApiProperty({
    type: 'integer',
    nullable: true,
    example: null,
    description: '`after` of the next page; `null` on the last one.',
  })
  next!: number | null;
}

export function toTurnsView({ messages, tools, turns, next }: ShownTurns): TurnsView {
  return { messages: messages.map(toMessage), tools, turns: turns.map(toTurn), next };
}

/** What only the provider understands is not shown, nor are pictures themselves. */
function toMessage(message: SentMessage): object {
  if (message.role === 'user') {
    const { documents: _documents, images, ...rest } = message;
    return { ...rest, ...(images && { images: images.map(({ media_type }) => ({ media_type })) }) };
  }
  if (message.role !== 'assistant') return message;
  const { role, content, tool_calls: calls } = message;
  const tool_calls = calls?.map(({ id, name, arguments: text }) => ({ id, name, arguments: text }));
  return { role, content, ...(tool_calls && { tool_calls }) };
}

function toTurn({ parent_call_id, requests, ...rest }: ShownTurn): TurnView {
  return { ...rest, parent_call_id: parent_call_id ?? null, requests: requests.map(toRequest) };
}

function toRequest({ at, ms, usage, failed, ...rest }: ShownRequest): SentRequestView {
  return {
    ...rest,
    sent_at: new Date(at).toISOString(),
    ms: ms ?? null,
    usage: usage ?? null,
    error_code: failed ?? null,
  };
}
