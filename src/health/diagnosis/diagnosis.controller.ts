import { Controller, Get, Query, Req } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiQuery, ApiTags } from '@nestjs/swagger';
import type { Request } from 'express';
import { AppError } from '../../common/index.js';
import { ApiProblems, ForOperators } from '../../platform/http/index.js';
import { DiagnosisService } from './diagnosis.service.js';
import { DiagnosisView } from './diagnosis.view.js';
import { SYMPTOM_NAMES } from './symptoms.js';

/** For operators: what causes a symptom. */
@ApiTags('operations')
@Controller('health/diagnose')
export class DiagnosisController {
  constructor(private readonly diagnosis: DiagnosisService) {}

  @Get()
  @ForOperators()
  @ApiOperation({
    summary: 'Diagnosis',
    description:
      'Looks, now, for what may cause a symptom: what it finds, the cause, and the cure. Without a symptom it makes every check.',
  })
  @ApiQuery({
    name: 'symptom',
    required: false,
    example: 'streams_stop',
    description: `One of ${SYMPTOM_NAMES.map((name) => `\`${name}\``).join(', ')}, or words for it.`,
  })
  @ApiOkResponse({ type: DiagnosisView })
  @ApiProblems('unknown_symptom')
  async diagnose(@Query('symptom') symptom: unknown, @Req() request: Request): Promise<DiagnosisView> {
    const { httpVersion, headers } = request;
    return this.diagnosis.diagnose(one(symptom), { httpVersion, headers });
  }
}

/** @throws AppError 400 `unknown_symptom` for several. */
function one(symptom: unknown): string | undefined {
  if (symptom === undefined || symptom === '') return undefined;
  if (typeof symptom === 'string' && symptom.length <= 200) return symptom;
  throw new AppError('unknown_symptom', { names: SYMPTOM_NAMES });
}
