import type { Registry } from 'prom-client';
import { histogram, SHORT_SECONDS } from './figures.js';

/** What is written to the log. Observed once for each commit, whatever its size. */
export class CommitMetrics {
  private readonly sizes;
  private readonly durations;
  private recent: number | undefined;

  constructor(registry: Registry) {
    this.sizes = histogram([registry], {
      name: 'reprise_commit_events',
      help: 'Events in one commit; the sum is the number of events written.',
      buckets: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000],
    });
    this.durations = histogram([registry], {
      name: 'reprise_commit_duration_seconds',
      help: 'Time that a commit takes until it is durable.',
      buckets: SHORT_SECONDS,
    });
  }

  /** The duration of commits lately, a moving average, seconds; `undefined` before the first. */
  get recentSeconds(): number | undefined {
    return this.recent;
  }

  /** @param events at least one. */
  committed(events: number, seconds: number): void {
    this.sizes.observe(events);
    this.durations.observe(seconds);
    this.recent = this.recent === undefined ? seconds : this.recent + (seconds - this.recent) / 16;
  }
}
