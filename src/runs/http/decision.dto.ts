import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsOptional, MaxLength, ValidateBy, type ValidationArguments } from 'class-validator';
import { IsCleanText, IsJsonObject, IsNotBlank } from '../../platform/http/index.js';

const DECISIONS = ['approve', 'reject'] as const;

/** Body of `POST /api/messages/{message_id}/approvals/{call_id}`. */
export class DecisionDto {
  @ApiProperty({ enum: DECISIONS })
  @IsIn(DECISIONS)
  decision!: (typeof DECISIONS)[number];

  @ApiPropertyOptional({
    type: String,
    example: 'Only for the first quarter.',
    description:
      'Shown to everybody who watches the run; the model is told why a call was rejected. Up to 2000 characters.',
  })
  @IsOptional()
  @IsCleanText()
  @IsNotBlank()
  @MaxLength(2000)
  reason?: string | null;

  @ApiPropertyOptional({
    type: 'object',
    additionalProperties: true,
    example: { quarter: 1 },
    description:
      'With `approve`: the call runs with these arguments instead of those that the model wrote, all of them. The tool has to accept them (422).',
  })
  @IsOptional()
  @IsJsonObject()
  @ValidateBy({
    name: 'onlyWithApprove',
    validator: {
      validate: (_, args?: ValidationArguments) => (args?.object as DecisionDto).decision === 'approve',
      defaultMessage: () => 'is only for "approve"',
    },
  })
  arguments?: Record<string, unknown> | null;
}
