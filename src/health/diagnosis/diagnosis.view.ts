import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { CHECKS } from './checks.js';
import type { Diagnosis, Finding } from './diagnosis.service.js';
import { SYMPTOM_NAMES } from './symptoms.js';

const STATUSES = ['ok', 'warn', 'fail', 'unknown'];

/** What one check has found. */
export class FindingView implements Finding {
  @ApiProperty({ enum: Object.keys(CHECKS), example: 'queue' })
  check!: Finding['check'];

  @ApiProperty({ enum: STATUSES, description: '`unknown`: it could not be looked up.', example: 'fail' })
  status!: Finding['status'];

  @ApiProperty({
    description: 'What the check saw.',
    example: '3 runs wait for a worker, the oldest for 61 s.',
  })
  found!: string;

  @ApiPropertyOptional({ description: 'Stable name of the cause, within its check.', example: 'stuck' })
  code?: string;

  @ApiPropertyOptional({ description: 'What is wrong.' })
  cause?: string;

  @ApiPropertyOptional({ description: 'What to do about it.' })
  cure?: string;
}

/** A symptom that was looked into. */
export class SymptomView {
  @ApiProperty({ enum: SYMPTOM_NAMES, example: 'queue_stuck' })
  name!: Diagnosis['symptoms'][number]['name'];

  @ApiProperty({ example: 'Runs stay pending' })
  title!: string;
}

/** Response of `/health/diagnose`. */
export class DiagnosisView implements Diagnosis {
  @ApiProperty({ type: [SymptomView], description: 'Empty: every check was made.' })
  symptoms!: SymptomView[];

  @ApiProperty({ enum: STATUSES, description: 'Of the gravest finding.' })
  status!: Diagnosis['status'];

  @ApiProperty({ type: [FindingView], description: 'The gravest first.' })
  findings!: FindingView[];
}
