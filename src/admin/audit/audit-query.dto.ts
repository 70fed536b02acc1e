import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsOptional, MaxLength } from 'class-validator';
import { AUDIT_ACTIONS, type AuditAction } from '../../audit/index.js';
import { IsCleanText, IsNotBlank } from '../../platform/http/index.js';
import { TimedPageQueryDto } from '../time-range.dto.js';

/** Which entries of the audit log to list. */
export class AuditQueryDto extends TimedPageQueryDto {
  @ApiPropertyOptional({ enum: AUDIT_ACTIONS, example: 'login', description: 'Only this action.' })
  @IsOptional()
  @IsIn(AUDIT_ACTIONS)
  action?: AuditAction;

  @ApiPropertyOptional({
    maxLength: 200,
    example: 'alice@company.com',
    description: 'Only what this user did, and what was done to them.',
  })
  @IsOptional()
  @IsCleanText()
  @IsNotBlank()
  @MaxLength(200)
  user?: string;
}
