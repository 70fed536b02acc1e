import { callsToDecide, type OpenCall } from './calls.js';
import type { Transcript } from './transcript.js';

/** What a run waits for, as LangChain's human-in-the-loop middleware asks it. */
export interface Interrupt {
  readonly id: string;
  readonly value: {
    readonly action_requests: readonly {
      readonly name: string;
      readonly args: Readonly<Record<string, unknown>>;
      readonly description: string;
      readonly call_id: string;
      readonly expires_at: string | undefined;
    }[];
    readonly review_configs: readonly {
      readonly action_name: string;
      readonly allowed_decisions: readonly ['approve', 'edit', 'reject'];
    }[];
  };
  readonly when: 'during';
  readonly resumable: true;
}

/** What people have to decide before the run goes on; one interrupt with all of it, or none. */
export function interruptsOf(transcript: Transcript, runId: string): Interrupt[] {
  const calls = callsToDecide(transcript.calls);
  const [first] = calls;
  if (!first) return [];
  const review = { allowed_decisions: ['approve', 'edit', 'reject'] as const };
  return [
    {
      id: `${runId}-${first.call.id}`,
      value: {
        action_requests: calls.map(requestOf),
        review_configs: calls.map(({ call }) => ({ action_name: call.name, ...review })),
      },
      when: 'during',
      resumable: true,
    },
  ];
}

function requestOf({ call, expires_at }: OpenCall): Interrupt['value']['action_requests'][number] {
  const { id: call_id, name, args } = call;
  return { name, args, description: `The agent wants to call the tool "${name}".`, call_id, expires_at };
}
