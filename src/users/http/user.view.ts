import { ApiProperty } from '@nestjs/swagger';
import type { UserDocument } from '../user.schema.js';

/** A user as clients see it. */
export class UserView {
  @ApiProperty({ example: 'alice@company.com' })
  user_id!: string;

  @ApiProperty({ type: String, nullable: true, example: 'Alice Andersen' })
  name!: string | null;

  @ApiProperty({ type: String, nullable: true, example: 'alice@company.com' })
  email!: string | null;

  @ApiProperty({ format: 'date-time', example: '2025-10-12T10:00:00.000Z' })
  created_at!: string;

  @ApiProperty({ format: 'date-time', example: '2025-10-12T10:05:00.000Z' })
  last_active!: string;
}

export function toUserView(user: UserDocument): UserView {
  return {
    user_id: user.user_id,
    name: user.name,
    email: user.email,
    created_at: user.created_at.toISOString(),
    last_active: user.last_active.toISOString(),
  };
}
