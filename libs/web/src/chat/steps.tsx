import { hasEnded, type StreamState } from '@reprise/client';
import type { ReactElement } from 'react';
import { ApprovalCard } from './approval-card.js';
import { Plan } from './plan.js';
import type { Step } from './segments.js';
import { Thinking } from './thinking.js';
import { ToolCard } from './tool-card.js';
import classes from './steps.module.css';

/** What {@link Steps} takes. */
export interface StepsProps {
  messageId: string;
  steps: readonly Step[];
  state: StreamState;
}

/** What an agent did between two stretches of text. */
export function Steps({ messageId, steps, state }: StepsProps): ReactElement {
  return (
    <div className={classes.steps}>
      {steps.map((step, index) => (
        <StepView key={index} messageId={messageId} step={step} state={state} />
      ))}
    </div>
  );
}

function StepView({
  messageId,
  step,
  state,
}: {
  messageId: string;
  step: Step;
  state: StreamState;
}): ReactElement | null {
  const isLive = !hasEnded(state);
  switch (step.kind) {
    case 'thinking':
      return <Thinking text={step.text} />;
    case 'plan':
      return <Plan items={state.plan} isLive={isLive} />;
    case 'approval': {
      const approval = state.approvals.find(({ callId }) => callId === step.callId);
      return approval ? <ApprovalCard messageId={messageId} approval={approval} isOpen={isLive} /> : null;
    }
    case 'tool': {
      const call = state.toolCalls.find(({ callId }) => callId === step.callId);
      const ended = state.toolCalls.filter(({ status }) => status !== 'running').length;
      if (!call) return null;
      return (
        <div className={classes.nested} data-depth={step.depth}>
          <ToolCard messageId={messageId} call={call} ended={ended} />
        </div>
      );
    }
  }
}
