import { ApiProperty } from '@nestjs/swagger';
import { MessageView, MessageWithRunView } from '../../../messages/http/index.js';

/** A message as clients of this door know it. */
export class TalkMessageView extends MessageView {
  @ApiProperty({ example: '68eb95dcac4dd9ac2789890e' })
  id!: string;

  @ApiProperty({ format: 'uuid', example: '550e8400-e29b-41d4-a716-446655440000' })
  conversation_id!: string;
}

/** The same with its run; answers have none. */
export class TalkMessageWithRunView extends MessageWithRunView {
  @ApiProperty({ example: '68eb95dcac4dd9ac2789890e' })
  id!: string;

  @ApiProperty({ format: 'uuid', example: '550e8400-e29b-41d4-a716-446655440000' })
  conversation_id!: string;
}

/** Adds the names that this door has for its ids. */
export function asTalk<T extends MessageView>(view: T): T & { id: string; conversation_id: string } {
  return { id: view.message_id, conversation_id: view.chat_id, ...view };
}
