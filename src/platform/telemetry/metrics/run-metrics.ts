import type { Registry } from 'prom-client';
import { counter, histogram, LONG_SECONDS, WAIT_SECONDS, type Labels } from './figures.js';
import { sameCounter, sameHistogram } from './same-figures.js';

/** How a run ended. */
export interface EndedRun {
  agent: string;
  status: 'completed' | 'error' | 'cancelled';
  /** Without the time that it waited for decisions. */
  seconds: number;
  cost?: { currency: string; amount: number } | undefined;
  /** Why it failed. */
  code?: string | undefined;
}

/** How a workflow ended. */
export interface EndedWorkflow {
  strategy: 'sequential' | 'parallel' | 'hierarchical';
  status: 'completed' | 'error' | 'cancelled';
  seconds: number;
}

/** What runs do. */
export class RunMetrics {
  private readonly runs;
  private readonly durations;
  private readonly failures;
  private readonly firstText;
  private readonly takeovers;
  private readonly handovers;
  private readonly cost;
  private readonly workflows;
  private readonly workflowDurations;

  constructor(
    registry: Registry,
    private readonly labels: Labels,
  ) {
    const to: [Registry] = [registry];
    this.runs = counter(to, {
      name: 'reprise_runs_total',
      help: 'Runs that have ended, by agent and status.',
      labels: ['agent', 'status'],
    });
    this.durations = histogram(to, {
      name: 'reprise_run_duration_seconds',
      help: 'Time from the start of a run to its end, over all attempts, without waiting for decisions.',
      labels: ['agent', 'status'],
      buckets: LONG_SECONDS,
    });
    this.failures = counter(to, {
      name: 'reprise_run_failures_total',
      help: 'Runs that ended with an error, by its code.',
      labels: ['code'],
    });
    this.firstText = histogram(to, {
      name: 'reprise_time_to_first_token_seconds',
      help: 'Time from the arrival of a question to the first text of its answer that is durable; runs that were not interrupted before.',
      buckets: WAIT_SECONDS,
    });
    this.takeovers = counter(to, {
      name: 'reprise_takeovers_total',
      help: 'Runs that this process continued because their worker was lost.',
    });
    this.handovers = counter(to, {
      name: 'reprise_handovers_total',
      help: 'Runs that this process gave up when it shut down, for others to continue.',
    });
    this.cost = counter(to, {
      name: 'reprise_cost_total',
      help: 'What ended runs have cost, by currency; runs whose models have no price do not count.',
      labels: ['currency'],
    });
    this.workflows = counter(to, {
      name: 'coordinator_workflows_total',
      help: 'Workflows that have ended.',
      labels: ['strategy', 'status'],
    });
    this.workflowDurations = histogram(to, {
      name: 'coordinator_workflow_duration_seconds',
      help: 'Time that workflows took in the attempt that ended them.',
      labels: ['strategy', 'status'],
      buckets: LONG_SECONDS,
    });
    this.rename(registry);
  }

  ended({ agent: name, status, seconds, cost, code }: EndedRun): void {
    const agent = this.labels.agent.of(name);
    this.runs.inc({ agent, status });
    this.durations.observe({ agent, status }, seconds);
    if (status === 'error') this.failures.inc({ code: this.labels.code.of(code ?? '') });
    if (cost && cost.amount >= 0)
      this.cost.inc({ currency: this.labels.currency.of(cost.currency) }, cost.amount);
  }

  workflowEnded({ strategy, status, seconds }: EndedWorkflow): void {
    this.workflows.inc({ strategy, status });
    this.workflowDurations.observe({ strategy, status }, seconds);
  }

  /** The first text of an answer is durable. @param seconds since the question arrived. */
  answered(seconds: number): void {
    this.firstText.observe(Math.max(0, seconds));
  }

  takenOver(): void {
    this.takeovers.inc();
  }

  handedOver(): void {
    this.handovers.inc();
  }

  private rename(registry: Registry): void {
    sameCounter(registry, this.runs, {
      name: 'chat_requests_total',
      help: 'The figures of reprise_runs_total, all agents together.',
      relabel: ({ status }) => ({ status }),
    });
    sameHistogram(registry, this.durations, {
      name: 'chat_request_duration_ms',
      help: 'The figures of reprise_run_duration_seconds in milliseconds, all agents together.',
      relabel: ({ status }) => ({ status }),
      factor: 1000,
    });
  }
}
