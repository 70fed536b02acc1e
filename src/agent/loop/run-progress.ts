import type { AgentOutcome, AgentRun } from './agent-run.js';
import { AnswerWriter, TurnText } from '../asking/answer-writer.js';
import { CallIds } from './call-ids.js';
import { TASK_TOOL, type AgentSpec, type WorkflowAgent } from '../catalogue/definition.js';
import { callsOf, eventsOf } from './child-log.js';
import type { ChatModel, ModelMessage, ModelTool } from '../../models/index.js';
import { instructionsOf } from './instructions.js';
import { RationaleWriter } from '../asking/rationale-writer.js';
import { rebuildTranscript, type EarlierTurn } from './resume.js';
import type { RunEmitter } from '../run-emitter.js';
import type { ToolScope } from '../calls/tool-execution.js';
import type { JournaledCall } from '../calls/tool-journal.js';
import type { TurnRequests } from '../turns/turn-log.js';
import type { TurnInput } from '../asking/turn-input.js';
import type { TurnOutput } from '../asking/turn-receiver.js';
import { turnMessages, type ToolTurn } from './transcript.js';

/** What the agents of one run share: those that calls have started, at whatever depth, and its own. */
export interface SharedProgress {
  ids: CallIds;
  /** Agents that calls have started, at all levels. */
  delegates: number;
}

/** What an agent starts from. */
export interface RunStart {
  run: AgentRun;
  agent: AgentSpec;
  /** How the agents of a workflow work together; missing for other agents. */
  workflow?: WorkflowAgent['strategy'] | undefined;
  emitter: RunEmitter;
  /** The models that are asked, in this order. */
  chain: readonly ChatModel[];
  /** The agent's tools as described to the model. */
  tools: ModelTool[];
  /** The earlier conversation. */
  history: readonly ModelMessage[];
  /** What the agent is asked, with the files it was sent with. */
  question: ModelMessage;
  limits: {
    /** Model turns. */
    steps: number;
    /** Characters of answer, and of thinking. */
    outputChars: number;
  };
  delegate: ToolScope['delegate'];
  /** Notes what its turns send. */
  sent: (step: number) => TurnRequests;
  /** Agents that it may start, and how many of them in one run. */
  delegates: { names: readonly string[]; max: number };
  /** Missing for the run's own agent. */
  shared?: SharedProgress | undefined;
}

/** One agent at work in a run: what was said and done, earlier attempts included. */
export class RunProgress {
  readonly scope: ToolScope;
  readonly shared: SharedProgress;
  readonly tools: ModelTool[];
  /** How its models are asked. */
  readonly request: Pick<TurnInput, 'chain' | 'sampling' | 'parallel_tool_calls'>;
  /** Turns of earlier attempts that are yet to be completed. */
  readonly earlier: readonly EarlierTurn[];
  readonly stepLimit: number;
  /** Agents that it may start, and how many of them in one run. */
  readonly delegates: RunStart['delegates'];
  /** How many it has started. */
  delegated: number;
  /** How the agents of a workflow work together; nothing if it is none. */
  readonly workflow: RunStart['workflow'];
  /** It directs other agents by a fixed plan. */
  readonly isWorkflow: boolean;
  /** Model turns taken so far. */
  step: number;
  private readonly answer: AnswerWriter;
  private readonly rationale: RationaleWriter;
  private readonly transcript: ModelMessage[];
  private readonly sent: RunStart['sent'];
  private partial: string;
  private toolCalls: number;

  constructor(start: RunStart) {
    const { run, agent, emitter, chain, tools, history, question, limits, delegate, shared } = start;
    const parent = run.parent_call_id;
    const recorded = callsOf(run.recorded, parent);
    const work = rebuildTranscript(eventsOf(run.prior, parent), recorded);
    const signal = AbortSignal.any([run.signal, emitter.lost]);
    const { approvals, parallel } = agent.kind === 'model' ? agent : { approvals: [], parallel: true };
    const allowed = new Set(tools.map(({ name }) => name));
    this.scope = { run, emitter, signal, allowed, approvals: new Set(approvals), parallel, delegate };
    this.shared = shared ?? sharedBy(run);
    this.tools = tools;
    this.request = { chain, ...wishes(agent) };
    this.earlier = work.turns;
    this.stepLimit = limits.steps;
    this.delegates = start.delegates;
    this.delegated = delegatesIn(recorded);
    this.workflow = start.workflow;
    this.isWorkflow = agent.kind === 'workflow';
    this.step = work.turns.reduce((last, turn) => Math.max(last, turn.step), 0);
    this.answer = new AnswerWriter(emitter, limits.outputChars, work.text);
    this.rationale = new RationaleWriter(emitter, limits.outputChars);
    this.partial = work.partial;
    this.toolCalls = work.toolCalls;
    this.sent = start.sent;
    this.transcript = [
      ...instructionsOf(agent, parent === undefined ? run.instructions : undefined),
      ...history,
      question,
    ];
  }

  /** The transcript for the next model turn. */
  get messages(): readonly ModelMessage[] {
    return this.transcript;
  }

  /** Starts a model turn; the first continues the text that an earlier attempt left. */
  beginTurn(): TurnOutput {
    this.step += 1;
    const text = new TurnText(this.answer, this.partial);
    this.partial = '';
    const { rationale, step } = this;
    const { usage } = this.scope.run;
    return { text, rationale, usage, sent: this.sent(step), show: this.shown() };
  }

  /** A turn's tools have ended: the model will see the turn. @param started how many calls were not counted before. */
  addTurn(turn: ToolTurn, started: number): void {
    this.transcript.push(...turnMessages(turn));
    this.toolCalls += started;
  }

  /** The outcome of the run so far. */
  outcome(model: string, error?: AgentOutcome['error']): AgentOutcome {
    const { toolCalls: tool_calls, answer } = this;
    const outcome = { text: answer.text, tool_calls, model };
    return error ? { status: 'error', ...outcome, error } : { status: 'completed', ...outcome };
  }

  /** The calls of a remote agent get ids of this run: it may use the same ones in each. */
  private shown(): TurnOutput['show'] {
    const ids = new Map<string, string>();
    const own = (id: string, name: string): string => {
      const known = ids.get(id) ?? this.shared.ids.claim({ id, name, arguments: '' }).id;
      ids.set(id, known);
      return known;
    };
    return async (body) => {
      if (body.type === 'tool_end' && !ids.has(body.call_id)) return; // it never started
      if (body.type === 'tool_start') this.toolCalls += ids.has(body.call_id) ? 0 : 1;
      const { emitter } = this.scope;
      await emitter.push(body.type === 'plan' ? body : { ...body, call_id: own(body.call_id, body.name) });
      if (body.type === 'tool_end') ids.delete(body.call_id);
    };
  }
}

/** Everything that earlier attempts have started counts. */
function sharedBy({ prior, recorded }: AgentRun): SharedProgress {
  const started = prior.flatMap((event) => (event.type === 'tool_start' ? [event.call_id] : []));
  return {
    ids: new CallIds([...started, ...recorded.map(({ call_id }) => call_id)]),
    delegates: delegatesIn(recorded),
  };
}

/** Calls that name no agent start none. */
const STARTS_NONE = new Set(['unknown_agent', 'invalid_arguments']);

function delegatesIn(calls: readonly JournaledCall[]): number {
  return calls.filter(({ name, error_code = '' }) => name === TASK_TOOL && !STARTS_NONE.has(error_code))
    .length;
}

/** A provider's own default for calls at the same time stays, unless the agent forbids them. */
function wishes(agent: AgentSpec): Pick<TurnInput, 'sampling' | 'parallel_tool_calls'> {
  if (agent.kind !== 'model') return {};
  return { sampling: agent.sampling, ...(!agent.parallel && { parallel_tool_calls: false }) };
}
