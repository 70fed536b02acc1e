import { ApiProperty } from '@nestjs/swagger';
import {
  AUDIT_ACTIONS,
  AUDIT_OBJECTS,
  type AuditAction,
  type AuditEntryDocument,
  type AuditObject,
} from '../../audit/index.js';

const optional = { type: String, nullable: true } as const;

/** Who did it. */
export class AuditActorView {
  @ApiProperty({ ...optional, example: 'alice@company.com', description: 'Acted as this user.' })
  user_id!: string | null;

  @ApiProperty({ ...optional, example: 'alice@company.com', description: 'Who had logged in.' })
  subject!: string | null;

  @ApiProperty({ ...optional, example: null, description: 'The personal token that was used.' })
  token_id!: string | null;

  @ApiProperty({ ...optional, example: '203.0.113.7' })
  address!: string | null;

  @ApiProperty({ ...optional, example: '2f0f6a52-8d4e-4e3b-9d0e-6a4f4c0a2b11' })
  request_id!: string | null;
}

/** What it was done to. */
export class AuditObjectView {
  @ApiProperty({ enum: AUDIT_OBJECTS, example: 'token' })
  kind!: AuditObject;

  @ApiProperty({ example: '68eb95dcac4dd9ac2789890e' })
  id!: string;
}

/** An entry of the audit log. */
export class AuditEntryView {
  @ApiProperty({ example: '68eb95dcac4dd9ac2789890e' })
  entry_id!: string;

  @ApiProperty({ format: 'date-time', example: '2025-10-12T10:01:00.000Z' })
  at!: string;

  @ApiProperty({ enum: AUDIT_ACTIONS, example: 'token_created' })
  action!: AuditAction;

  @ApiProperty({ type: AuditActorView })
  by!: AuditActorView;

  @ApiProperty({ ...optional, example: 'alice@company.com', description: 'The user whom it concerns.' })
  about_user!: string | null;

  @ApiProperty({ type: AuditObjectView, nullable: true })
  object!: AuditObjectView | null;

  @ApiProperty({ type: 'object', additionalProperties: true, example: { scopes: 'read' } })
  detail!: Record<string, string | number | boolean>;

  @ApiProperty({
    type: 'integer',
    example: 1,
    description: 'More than 1: so often within a minute. Failed logins and views are counted like that.',
  })
  times!: number;
}

/** An entry as administrators see it. */
export function toAuditEntryView(entry: AuditEntryDocument): AuditEntryView {
  const { user, ...by } = entry.by;
  return {
    entry_id: entry._id.toHexString(),
    at: entry.at.toISOString(),
    action: entry.action,
    by: { user_id: user, ...by },
    about_user: entry.about_user,
    object: entry.object,
    detail: entry.detail,
    times: entry.times,
  };
}
