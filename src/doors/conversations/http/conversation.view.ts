import { ApiProperty } from '@nestjs/swagger';
import type { ChatDocument } from '../../../chats/index.js';

/** A chat as clients of this door know it. */
export class ConversationView {
  @ApiProperty({ format: 'uuid', example: '550e8400-e29b-41d4-a716-446655440000' })
  id!: string;

  @ApiProperty({ example: 'alice@company.com' })
  user_id!: string;

  @ApiProperty({ example: 'SKI 02.15 Analysis' })
  title!: string;

  @ApiProperty({
    type: String,
    nullable: true,
    example: 'openai:gpt-4.1-mini',
    description: "`null`: its agent's.",
  })
  model!: string | null;

  @ApiProperty({
    type: String,
    nullable: true,
    example: 'Answer in Danish, in at most three sentences.',
    description: 'What the model is told after the instructions of its agent.',
  })
  system_prompt!: string | null;

  @ApiProperty({ format: 'date-time', example: '2025-10-12T10:00:00.000Z' })
  created_at!: string;

  @ApiProperty({ format: 'date-time', example: '2025-10-12T10:05:00.000Z' })
  updated_at!: string;

  @ApiProperty({ type: 'integer', example: 5, description: 'Messages of both sides.' })
  message_count!: number;
}

export function toConversationView(chat: ChatDocument, messageCount: number): ConversationView {
  return {
    id: chat._id,
    user_id: chat.user_id,
    title: chat.title,
    model: chat.model ?? null,
    system_prompt: chat.instructions ?? null,
    created_at: chat.created_at.toISOString(),
    updated_at: chat.updated_at.toISOString(),
    message_count: messageCount,
  };
}
