import type { Registry } from 'prom-client';
import { counter, histogram, LONG_SECONDS, type Labels } from './figures.js';

/** What tools do. */
export class ToolMetrics {
  private readonly calls;
  private readonly durations;

  constructor(
    registry: Registry,
    private readonly labels: Labels,
  ) {
    this.calls = counter([registry], {
      name: 'reprise_tool_calls_total',
      help: 'Tool calls by what came of them: ok, or the code of the failure. A name that no tool has is counted as "unknown".',
      labels: ['tool', 'outcome'],
    });
    this.durations = histogram([registry], {
      name: 'reprise_tool_call_duration_seconds',
      help: 'Time that tool calls took, without waiting for decisions.',
      labels: ['tool'],
      buckets: LONG_SECONDS,
    });
  }

  /**
   * @param name of a tool that exists; `undefined`: the model made the name up.
   * @param outcome `ok`, or an error code.
   */
  called(name: string | undefined, outcome: string, seconds: number): void {
    const tool = this.labels.tool.of(name ?? 'unknown');
    this.calls.inc({ tool, outcome: this.labels.code.of(outcome) });
    this.durations.observe({ tool }, Math.max(0, seconds));
  }
}
