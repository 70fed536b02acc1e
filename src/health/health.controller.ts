import { Controller, Get, Req, Res } from '@nestjs/common';
import {
  ApiOkResponse,
  ApiOperation,
  ApiProduces,
  ApiServiceUnavailableResponse,
  ApiTags,
} from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { AppError } from '../common/index.js';
import { Settings } from '../platform/config/index.js';
import { ApiProblems, ForAnybody, ForOperators } from '../platform/http/index.js';
import { AgentHealthReader } from './agent-health.js';
import { HealthService, type HealthReport } from './health.service.js';
import { HealthDetailsView, HealthView } from './health.view.js';
import { METRICS_TYPE, MetricsAccess } from './metrics-access.js';
import { packageVersion } from '../platform/process/index.js';

const version = packageVersion();

/** Probes for operators and their machines. */
@ApiTags('operations')
@Controller()
export class HealthController {
  constructor(
    private readonly health: HealthService,
    private readonly metrics: MetricsAccess,
    private readonly settings: Settings,
    private readonly agent: AgentHealthReader,
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
      ...(await this.agent.read(report.details)),
    };
  }

  @Get('metrics')
  @ForOperators()
  @ApiOperation({
    summary: 'Metrics',
    description:
      'Metrics of this process in Prometheus text format; with `METRICS_PORT` they are on that port instead.',
  })
  @ApiProduces('text/plain')
  @ApiOkResponse({
    description: 'The metrics.',
    schema: { type: 'string' },
    example: 'reprise_active_runs 2\n',
  })
  @ApiProblems('route_not_found')
  async prometheus(@Req() request: Request, @Res() response: Response): Promise<void> {
    const { method, path } = request;
    if (this.settings.METRICS_PORT !== undefined) throw new AppError('route_not_found', { method, path });
    const text = await this.metrics.read();
    response.setHeader('Content-Type', METRICS_TYPE).end(text);
  }
}

function answer(response: Response, { status, details }: HealthReport): HealthView {
  if (status === 'error' || status === 'shutting_down') response.status(503);
  return { status, details };
}
