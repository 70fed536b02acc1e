import type { StreamState } from '@reprise/client';

/** One line of what an agent does. */
export type Step =
  | { readonly kind: 'thinking'; readonly text: string }
  | { readonly kind: 'plan' }
  | { readonly kind: 'tool'; readonly callId: string; readonly depth: number }
  | { readonly kind: 'approval'; readonly callId: string };

/** A stretch of a run: what the agent says, or what it does in between. */
export type Segment =
  | { readonly kind: 'text'; readonly md: string }
  | { readonly kind: 'steps'; readonly steps: readonly Step[] };

const PLAN_TOOL = 'update_plan';
const DEEPEST = 3;

/**
 * A run from top to bottom. The plan appears where it was first made, and later versions replace it there. Status
 * texts are left out: they are for the status line.
 */
export function toSegments(state: StreamState): Segment[] {
  const segments: Segment[] = [];
  let hasPlan = false;
  // A status text may arrive in the middle of a sentence, e.g. when another worker continues the run.
  const parts = state.parts.filter(({ kind }) => kind !== 'status');
  for (const [index, part] of parts.entries()) {
    if (part.kind === 'text') {
      addText(segments, part.md, parts[index - 1]?.kind === 'text');
      continue;
    }
    const step = toStep(part, state);
    if (step === null || (step.kind === 'plan' && hasPlan)) continue;
    hasPlan ||= step.kind === 'plan';
    addStep(segments, step);
  }
  if (!hasPlan && state.plan.length > 0) insertPlan(segments);
  return segments;
}

function addText(segments: Segment[], md: string, goesOn: boolean): void {
  const last = segments.at(-1);
  if (goesOn && last?.kind === 'text') segments[segments.length - 1] = { kind: 'text', md: last.md + md };
  else segments.push({ kind: 'text', md });
}

function toStep(
  part: Exclude<StreamState['parts'][number], { kind: 'text' }>,
  state: StreamState,
): Step | null {
  if (part.kind === 'status') return null;
  if (part.kind !== 'tool') return part;
  const call = state.toolCalls.find(({ callId }) => callId === part.callId);
  // A failed plan call is shown like any other tool call.
  if (call?.name === PLAN_TOOL && call.status !== 'error' && state.plan.length > 0) return { kind: 'plan' };
  if (call?.name === PLAN_TOOL && call.status !== 'error') return null;
  return { kind: 'tool', callId: part.callId, depth: depthOf(part.callId, state) };
}

/** How many calls precede this one. */
function depthOf(callId: string, { toolCalls }: StreamState): number {
  let depth = 0;
  let parent = toolCalls.find((call) => call.callId === callId)?.parentCallId ?? null;
  while (parent !== null && depth < DEEPEST) {
    const above = parent;
    parent = toolCalls.find((call) => call.callId === above)?.parentCallId ?? null;
    depth++;
  }
  return depth;
}

function addStep(segments: Segment[], step: Step): void {
  const last = segments.at(-1);
  if (last?.kind === 'steps') segments[segments.length - 1] = { kind: 'steps', steps: [...last.steps, step] };
  else segments.push({ kind: 'steps', steps: [step] });
}

/** An agent may publish its plan without the tool: then it comes first. */
function insertPlan(segments: Segment[]): void {
  const [first] = segments;
  if (first?.kind === 'steps') segments[0] = { kind: 'steps', steps: [{ kind: 'plan' }, ...first.steps] };
  else segments.unshift({ kind: 'steps', steps: [{ kind: 'plan' }] });
}
