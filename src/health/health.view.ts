import { ApiProperty } from '@nestjs/swagger';

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
export class HealthDetailsView extends HealthView {
  @ApiProperty({ example: '0.1.0' })
  version!: string;

  @ApiProperty({ type: 'integer', example: 3600, description: 'Seconds since the start.' })
  uptime_s!: number;
}
