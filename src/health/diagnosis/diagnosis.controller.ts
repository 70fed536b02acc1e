import { Controller, Get, Query, Req } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Request } from 'express';
import { AppError } from '../../common/index.js';
import { ApiProblems, ForOperators } from '../../platform/http/index.js';
import { DiagnosisQueryDto } from './diagnosis-query.dto.js';
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
  @ApiOkResponse({ type: DiagnosisView })
  @ApiProblems('unknown_symptom', 'validation_failed')
  async diagnose(@Query() { symptom }: DiagnosisQueryDto, @Req() request: Request): Promise<DiagnosisView> {
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
