import { ApiProperty } from '@nestjs/swagger';
import { FindingView } from '../../health/index.js';
import type { OpenWork, Worker } from './open-work.js';

/** A process at work. */
export class WorkerView implements Worker {
  @ApiProperty({
    example: 'host/4711/2f0f6a52',
    description: 'Machine, process, and a part that is never reused.',
  })
  name!: string;

  @ApiProperty({ type: 'integer', example: 2, description: 'Runs of the tenant that it works on.' })
  runs!: number;

  @ApiProperty({ description: 'It gives no sign of life; others will take its runs over.' })
  late!: boolean;
}

/** Runs of the tenant that are not done. */
export class OpenWorkView implements OpenWork {
  @ApiProperty({ type: 'integer', example: 0, description: 'Runs that wait for a worker.' })
  pending!: number;

  @ApiProperty({ type: 'integer', example: 0, description: 'How long the oldest of them has waited.' })
  oldest_pending_ms!: number;

  @ApiProperty({ type: 'integer', example: 2 })
  processing!: number;

  @ApiProperty({ type: 'integer', example: 1, description: 'Runs that wait for decisions of people.' })
  waiting!: number;

  @ApiProperty({ type: [WorkerView], description: 'Processes that work on runs of the tenant now.' })
  workers!: WorkerView[];
}

/** The engine that stores everything. */
export class EngineView {
  @ApiProperty({ enum: ['embedded', 'mongodb'], description: '`mongodb`: your own, at `MONGODB_URI`.' })
  kind!: 'embedded' | 'mongodb';

  @ApiProperty({ type: String, nullable: true, example: '8.0.4', description: '`null`: it does not tell.' })
  version!: string | null;
}

/** How a deployment is. */
export class AdminHealthView {
  @ApiProperty({ example: '0.1.0' })
  version!: string;

  @ApiProperty({ enum: ['ok', 'warn', 'fail', 'unknown'], description: 'Of the gravest finding.' })
  status!: FindingView['status'];

  @ApiProperty({ type: [FindingView], description: 'As `/health/diagnose` has them: the gravest first.' })
  findings!: FindingView[];

  @ApiProperty({ type: OpenWorkView, description: 'Of the tenant.' })
  runs!: OpenWorkView;

  @ApiProperty({ type: EngineView })
  engine!: EngineView;
}
