import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import type { ChatDocument } from '../chat.schema.js';

/** A chat as clients see it. */
export class ChatView {
  @ApiProperty({ format: 'uuid', example: '550e8400-e29b-41d4-a716-446655440000' })
  chat_id!: string;

  @ApiProperty({ example: 'alice@company.com' })
  user_id!: string;

  @ApiProperty({ example: 'SKI 02.15 Analysis' })
  title!: string;

  @ApiPropertyOptional({
    example: true,
    description: 'Nobody chose the title: the model gives one after an answer.',
  })
  auto_title?: true;

  @ApiPropertyOptional({
    example: 'Answer in Danish, in at most three sentences.',
    description: 'What the agents that answer here are told after their own instructions.',
  })
  instructions?: string;

  @ApiPropertyOptional({
    example: 'openai:gpt-4.1-mini',
    description: "The model that answers here instead of its agent's.",
  })
  model?: string;

  @ApiProperty({ format: 'date-time', example: '2025-10-12T10:00:00.000Z' })
  created_at!: string;

  @ApiProperty({
    format: 'date-time',
    example: '2025-10-12T10:05:00.000Z',
    description: 'Time of the last activity.',
  })
  updated_at!: string;

  @ApiProperty({ type: 'integer', example: 5, description: 'Messages of both sides.' })
  message_count!: number;
}

export function toChatView(chat: ChatDocument, messageCount: number): ChatView {
  return {
    chat_id: chat._id,
    user_id: chat.user_id,
    title: chat.title,
    ...(chat.instructions !== undefined && { instructions: chat.instructions }),
    ...(chat.model !== undefined && { model: chat.model }),
    ...(chat.auto_title === true && { auto_title: true }),
    created_at: chat.created_at.toISOString(),
    updated_at: chat.updated_at.toISOString(),
    message_count: messageCount,
  };
}
