import type { StreamEvent } from '@reprise/protocol';
import { TASK_TOOL } from '../../agent/index.js';
import { COMMENT_HEARTBEAT, type Dialect } from '../../streams/index.js';
import { codeOfRun } from './error-codes.js';
import { framed, type NamedFrame } from './frames.js';

/** What the agent is doing, as `status` frames say it. */
type Phase = 'planning' | 'discovery' | 'execution' | 'synthesis';

/** What is known after an event. */
interface SessionState {
  readonly phase: Phase;
  /** Calls that have ended; numbers the steps. */
  readonly steps: number;
  /** What has been used, each name once, in order. */
  readonly tools: readonly string[];
  /** Calls at work that start an agent, with its name: people know the agent, not the tool. */
  readonly agents: readonly (readonly [call_id: string, agent: string])[];
}

/** What one event becomes. */
type Step = readonly [frames: readonly NamedFrame[], state: SessionState];

const MESSAGES = {
  planning: 'Analyzing your request...',
  discovery: 'Finding the right tools...',
  synthesis: 'Writing the answer...',
} as const;

/** The events of the session chat agent's clients (docs/doors/session.md). */
export const session: Dialect<SessionState> = {
  name: 'session',
  heartbeat: COMMENT_HEARTBEAT,
  stateful: true,
  initial: { phase: 'planning', steps: 0, tools: [], agents: [] },
  encode(state, event) {
    const [frames, next] = step(state, event);
    return { frames: framed(frames, event.id), state: next };
  },
  // Each frame stands for itself: a client that resumes appends to what it has.
  preamble: () => '',
  // The client would take a clean end without a word for the end of the answer, and its person would wait for more.
  epilogue: (closing) => (closing === 'interrupted' ? framed([['error', INTERRUPTED]]) : ''),
};

const INTERRUPTED = {
  code: 'service_unavailable',
  message: 'The connection ends before the answer does. Resume it after the last event, or ask again.',
  retryable: true,
};

const status = (phase: string, message: string, more: object = {}): NamedFrame => [
  'status',
  { step: phase, message, ...more },
];

function step(state: SessionState, event: StreamEvent): Step {
  switch (event.type) {
    case 'start':
      return [[status('planning', MESSAGES.planning)], state];
    case 'plan':
      return [[status('planning', planMessage(event))], state];
    case 'rationale':
    case 'status':
      return [[status(state.phase, event.text)], state];
    case 'tool_start':
      return toolStart(state, event);
    case 'tool_end':
      return toolEnd(state, event);
    case 'approval_required':
      return approvalRequired(state, event);
    case 'approval_resolved':
      return [[status('approval', event.decision === 'approve' ? 'Approved.' : 'Rejected.')], state];
    case 'content':
      return content(state, event);
    case 'error':
      return [[['error', failure(event)]], state];
    case 'end':
      return [end(state, event), state];
    default:
      return [[], state]; // what a delegate writes; and version 1 grows
  }
}

function planMessage({ items }: StreamEvent<'plan'>): string {
  const done = items.filter((item) => item.status === 'completed').length;
  const current = items.find((item) => item.status === 'in_progress');
  return `${current?.text ?? 'Plan'} (${done} of ${items.length} done)`;
}

/** The first call of a run tells that tools are wanted at all. */
function discovery({ phase, tools, agents }: SessionState): readonly NamedFrame[] {
  const isFirst = phase === 'planning' && tools.length === 0 && agents.length === 0;
  return isFirst ? [status('discovery', MESSAGES.discovery)] : [];
}

function toolStart(state: SessionState, { call_id, name, args }: StreamEvent<'tool_start'>): Step {
  const agent = name === TASK_TOOL ? agentIn(args) : undefined;
  const agents = agent === undefined ? state.agents : [...state.agents, [call_id, agent] as const];
  const frames = [...discovery(state), status('execution', `Running ${agent ?? name}...`)];
  return [frames, { ...state, phase: 'execution', agents }];
}

function agentIn(args: unknown): string | undefined {
  if (typeof args !== 'object' || args === null || !('agent' in args)) return undefined;
  return typeof args.agent === 'string' ? args.agent : undefined;
}

function toolEnd(state: SessionState, event: StreamEvent<'tool_end'>): Step {
  const { call_id, name, ms } = event;
  const tool = state.agents.find(([id]) => id === call_id)?.[1] ?? name;
  const steps = state.steps + 1;
  const data = { step_id: `step_${steps}`, tool, success: event.status === 'ok', duration_ms: ms };
  const tools = state.tools.includes(tool) ? state.tools : [...state.tools, tool];
  const agents = state.agents.filter(([id]) => id !== call_id);
  return [[['step', data]], { ...state, steps, tools, agents }];
}

/** A client may decide with `POST /api/messages/{message_id}/approvals/{call_id}`. */
function approvalRequired(state: SessionState, event: StreamEvent<'approval_required'>): Step {
  const { call_id, name, expires_at } = event;
  const asked = status('approval', `Waiting for the approval of ${name}...`, { call_id, expires_at });
  return [[...discovery(state), asked], { ...state, phase: 'execution' }];
}

function content(state: SessionState, { md }: StreamEvent<'content'>): Step {
  const chunk: NamedFrame = ['chunk', { text: md }];
  if (state.phase === 'synthesis') return [[chunk], state];
  return [[status('synthesis', MESSAGES.synthesis), chunk], { ...state, phase: 'synthesis' }];
}

function failure({ code, error, retryable }: StreamEvent<'error'>): Record<string, unknown> {
  return { code: codeOfRun(code), message: error, retryable };
}

const REASONS = { completed: 'stop', error: 'error', cancelled: 'cancelled' } as const;

/** A run that failed is not done: its client has got `error`, and offers to try again. */
function end({ tools }: SessionState, event: StreamEvent<'end'>): NamedFrame[] {
  const { prompt_tokens, completion_tokens, total_tokens } = event.usage;
  const done = { request_id: event.message_id, tools_used: tools, total_duration_ms: event.ms_total };
  return [
    ['usage', { prompt_tokens, completion_tokens, total_tokens }],
    ['finish', { reason: REASONS[event.status] }],
    ...(event.status === 'error' ? [] : [['done', done] as const]),
  ];
}
