import { ApiProperty } from '@nestjs/swagger';
import type { UserDocument } from '../../users/index.js';
import { AmountsView } from '../amounts.view.js';

/** A user as administrators see them. */
export class AdminUserView {
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

  @ApiProperty({ type: AmountsView, description: 'Of the last 30 days.' })
  usage!: AmountsView;
}

/** @param usage of the last 30 days. */
export function toAdminUserView(user: UserDocument, usage: AmountsView): AdminUserView {
  return {
    user_id: user.user_id,
    name: user.name,
    email: user.email,
    created_at: user.created_at.toISOString(),
    last_active: user.last_active.toISOString(),
    usage,
  };
}
