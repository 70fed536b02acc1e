import { Controller, Get, Header, Res } from '@nestjs/common';
import {
  ApiOkResponse,
  ApiOperation,
  ApiProduces,
  ApiServiceUnavailableResponse,
  ApiTags,
} from '@nestjs/swagger';
import type { Response } from 'express';
import { ForAnybody, ForOperators } from '../platform/http/index.js';
import { Metrics } from '../platform/telemetry/index.js';
import { HealthService, type HealthReport } from './health.service.js';
import { HealthDetailsView, HealthView } from './health.view.js';
import { RuntimeMetrics } from './runtime-metrics.js';
import { packageVersion } from './version.js';

const version = packageVersion();

/** Probes for operators and their machines. */
@ApiTags('operations')
@Controller()
export class HealthController {
  constructor(
    private readonly health: HealthService,
    private readonly metrics: Metrics,
    private readonly runtime: RuntimeMetrics,
  ) {}

  @Get('health/live')
  @ForAnybody()
  @ApiOperation({
    summary: 'Liveness',
    description:
      'Whether the process is alive. Checks nothing else, because a restart can only fix the process itself.',
  })
  @ApiOkResponse({ description: 'It is.', type: HealthView, example: { status: 'ok', details: {} } })
  live(): HealthView {
    return { status: 'ok', details: {} };
  }

  @Get('health/ready')
  @ForAnybody()
  @ApiOperation({
    summary: 'Readiness',
    description: 'Whether requests can be served: the database answers within a second.',
  })
  @ApiOkResponse({ description: 'Yes.', type: HealthView })
  @ApiServiceUnavailableResponse({ description: 'No; the details say why.', type: HealthView })
  async ready(@Res({ passthrough: true }) response: Response): Promise<HealthView> {
    return answer(response, await this.health.ready());
  }

  @Get('health')
  @ForOperators()
  @ApiOperation({ summary: 'Details', description: 'Database, queue, runs, streams and model provider.' })
  @ApiOkResponse({ description: 'Everything works, or some parts are degraded.', type: HealthDetailsView })
  @ApiServiceUnavailableResponse({ description: 'The database does not respond.', type: HealthDetailsView })
  async details(@Res({ passthrough: true }) response: Response): Promise<HealthDetailsView> {
    const report = answer(response, await this.health.details());
    return {
      status: report.status,
      details: report.details,
      version,
      uptime_s: Math.floor(process.uptime()),
    };
  }

  @Get('metrics')
  @ForOperators()
  @Header('Content-Type', 'text/plain; version=0.0.4; charset=utf-8')
  @ApiOperation({
    summary: 'Metrics',
    description: 'Metrics of this process in Prometheus text format.',
  })
  @ApiProduces('text/plain')
  @ApiOkResponse({
    description: 'The metrics.',
    schema: { type: 'string' },
    example: 'reprise_active_runs 2\n',
  })
  async prometheus(): Promise<string> {
    await this.runtime.refresh();
    return this.metrics.registry.metrics();
  }
}

function answer(response: Response, { status, details }: HealthReport): HealthView {
  if (status === 'error' || status === 'shutting_down') response.status(503);
  return { status, details };
}
