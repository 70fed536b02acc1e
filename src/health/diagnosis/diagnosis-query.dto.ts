import { ApiPropertyOptional } from '@nestjs/swagger';
import { Allow } from 'class-validator';
import { SYMPTOM_NAMES } from './symptoms.js';

/** What somebody has noticed. */
export class DiagnosisQueryDto {
  @ApiPropertyOptional({
    type: 'string',
    example: 'streams_stop',
    description: `One of ${SYMPTOM_NAMES.map((name) => `\`${name}\``).join(', ')}, or words for it.`,
  })
  @Allow() // whatever is wrong with it, the answer lists the symptoms
  symptom?: unknown;
}
