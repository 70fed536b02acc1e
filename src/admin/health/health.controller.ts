import { Controller, Get, Header, Req } from '@nestjs/common';
import { InjectConnection } from '@nestjs/mongoose';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Request } from 'express';
import type { Connection } from 'mongoose';
import type { Scope } from '../../common/index.js';
import { DiagnosisService } from '../../health/index.js';
import { packageVersion } from '../../platform/process/index.js';
import { Settings } from '../../platform/config/index.js';
import { ApiProblems, CurrentScope, ForAdmins } from '../../platform/http/index.js';
import { AdminHealthView, type EngineView } from './health.view.js';
import { OpenWorkReader } from './open-work.js';

const ENGINE_MS = 1000;

/** How the deployment is, for administrators. */
@ApiTags('admin')
@Controller('admin/health')
export class AdminHealthController {
  private readonly version = packageVersion();

  constructor(
    private readonly diagnosis: DiagnosisService,
    private readonly work: OpenWorkReader,
    private readonly settings: Settings,
    @InjectConnection() private readonly connection: Connection,
  ) {}

  @Get()
  @ForAdmins()
  @Header('Cache-Control', 'no-store')
  @ApiOperation({
    summary: 'How is the deployment?',
    description:
      'What a diagnosis finds now, and what is being worked on. Contains no data of users. For administrators; others get 403.',
  })
  @ApiOkResponse({ type: AdminHealthView })
  @ApiProblems('insufficient_scope')
  async get(@CurrentScope() { tenant }: Scope, @Req() request: Request): Promise<AdminHealthView> {
    const { httpVersion, headers } = request;
    const [{ status, findings }, runs, engine] = await Promise.all([
      this.diagnosis.diagnose(undefined, { httpVersion, headers }),
      this.work.of(tenant),
      this.engine(),
    ]);
    return { version: this.version, status, findings, runs, engine };
  }

  private async engine(): Promise<EngineView> {
    const kind = this.settings.MONGODB_URI === undefined ? 'embedded' : 'mongodb';
    const signal = AbortSignal.timeout(ENGINE_MS);
    const info = await this.connection.db?.command({ buildInfo: 1 }, { signal }).catch(() => undefined);
    const version: unknown = info?.['version'];
    return { kind, version: typeof version === 'string' ? version : null };
  }
}
