import { Injectable } from '@nestjs/common';
import { Clock } from '../common/index.js';
import { Metrics } from '../platform/telemetry/index.js';
import { RuntimeStats } from './runtime-stats.js';

/** What clients of session chat agents look for (docs/doors/session.md): the same facts under other names. */
export interface AgentHealth {
  service: string;
  /** Unix time, s. */
  timestamp: number;
  redis: 'healthy' | 'unavailable' | 'not configured';
  ai_provider: 'connected' | 'unavailable';
  /** Runs of this process since its start. */
  orchestrator: {
    status: 'active';
    total_requests: number;
    successful_requests: number;
    failed_requests: number;
    average_latency_ms: number;
  };
  /** Chats that this process is answering in. */
  active_sessions: number;
}

const RUNS = 'reprise_runs_total';
const DURATIONS = 'reprise_run_duration_seconds';

/** Reads {@link AgentHealth} from the figures of this process and from the details of its health. */
@Injectable()
export class AgentHealthReader {
  constructor(
    private readonly metrics: Metrics,
    private readonly stats: RuntimeStats,
    private readonly clock: Clock,
  ) {}

  async read(details: Record<string, unknown>): Promise<AgentHealth> {
    const [total, successful, failed, seconds] = await Promise.all([
      this.metrics.total(RUNS),
      this.metrics.total(RUNS, ({ status }) => status === 'completed'),
      this.metrics.total(RUNS, ({ status }) => status === 'error'),
      this.metrics.sum(DURATIONS),
    ]);
    return {
      service: 'reprise',
      timestamp: Math.floor(this.clock.now() / 1000),
      redis: stateOf(details['redis'], 'healthy') ?? 'not configured',
      ai_provider: stateOf(details['model'], 'connected') ?? 'unavailable',
      orchestrator: {
        status: 'active',
        total_requests: total,
        successful_requests: successful,
        failed_requests: failed,
        average_latency_ms: total === 0 ? 0 : Math.round((seconds * 1000) / total),
      },
      active_sessions: this.stats.activeRuns,
    };
  }
}

/** Nothing if the part is not there. */
function stateOf<T extends string>(part: unknown, good: T): T | 'unavailable' | undefined {
  if (typeof part !== 'object' || part === null || !('status' in part)) return undefined;
  return part.status === 'up' ? good : 'unavailable';
}
