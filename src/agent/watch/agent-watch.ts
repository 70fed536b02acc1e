import { Injectable } from '@nestjs/common';
import { GEN_AI, Metrics, NO_SPAN, REPRISE, Tracing, type Span } from '../../platform/telemetry/index.js';
import type { AgentOutcome, AgentRun } from '../loop/agent-run.js';
import type { RunProgress } from '../loop/run-progress.js';

/** What operators learn about agents at work, beside what the run itself reports. */
@Injectable()
export class AgentWatch {
  constructor(
    private readonly metrics: Metrics,
    private readonly tracing: Tracing,
  ) {}

  /** The span of an agent that a call has started. @param parent the span of that call. */
  delegate(agent: string, run: AgentRun, parent: Span): Span {
    return this.tracing.start({
      name: `invoke_agent ${agent}`,
      parent: parent.context,
      attributes: {
        [GEN_AI.operation]: 'invoke_agent',
        [GEN_AI.agent]: agent,
        [GEN_AI.conversation]: run.chat_id,
        [REPRISE.message]: run.message_id,
      },
    });
  }

  /** An agent begins to work. @returns called with how it ended; with nothing if it was interrupted. */
  work({ workflow, scope }: RunProgress): (outcome?: AgentOutcome) => void {
    if (workflow === undefined) return () => undefined;
    const { agent, span = NO_SPAN, signal } = scope.run;
    span.rename(`invoke_workflow ${agent}`);
    span.set({ [GEN_AI.operation]: 'invoke_workflow', [GEN_AI.agent]: agent });
    const begun = performance.now();
    return (outcome) => {
      // A worker that leaves, or loses, the run has not ended the workflow.
      if (!outcome && !signal.aborted) return;
      const status = outcome?.status ?? 'cancelled';
      this.metrics.runs.workflowEnded({
        strategy: workflow,
        status,
        seconds: (performance.now() - begun) / 1000,
      });
    };
  }
}
