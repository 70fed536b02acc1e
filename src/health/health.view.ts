import { ApiProperty } from '@nestjs/swagger';
import type { AgentHealth } from './agent-health.js';

/** Response of the probes; the same shape with 200 and 503. */
export class HealthView {
  @ApiProperty({ enum: ['ok', 'degraded', 'error', 'shutting_down'] })
  status!: string;

  @ApiProperty({
    type: 'object',
    additionalProperties: true,
    description: 'Each part by name.',
    example: { mongo: { status: 'up', latency_ms: 0.6 } },
  })
  details!: Record<string, unknown>;
}

/** Response of `/health`. */
export class HealthDetailsView extends HealthView implements AgentHealth {
  @ApiProperty({ example: '0.1.0' })
  version!: string;

  @ApiProperty({ type: 'integer', example: 3600, description: 'Seconds since the start.' })
  uptime_s!: number;

  @ApiProperty({ example: 'reprise' })
  service!: string;

  @ApiProperty({ type: 'integer', example: 1760270888, description: 'Unix time, s.' })
  timestamp!: number;

  @ApiProperty({ enum: ['healthy', 'unavailable', 'not configured'] })
  redis!: AgentHealth['redis'];

  @ApiProperty({ enum: ['connected', 'unavailable'] })
  ai_provider!: AgentHealth['ai_provider'];

  @ApiProperty({
    type: 'object',
    additionalProperties: true,
    description: 'Runs of this process since its start.',
    example: {
      status: 'active',
      total_requests: 12,
      successful_requests: 11,
      failed_requests: 1,
      average_latency_ms: 1520,
    },
  })
  orchestrator!: AgentHealth['orchestrator'];

  @ApiProperty({ type: 'integer', example: 2, description: 'Chats that this process is answering in.' })
  active_sessions!: number;
}
