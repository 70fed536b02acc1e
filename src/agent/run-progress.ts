import type { AgentOutcome, AgentRun } from './agent-run.js';
import type { AgentDefinition } from './agents.js';
import { AnswerWriter, TurnText } from './answer-writer.js';
import { CallIds } from './call-ids.js';
import type { ModelMessage, ModelTool } from '../models/index.js';
import { RationaleWriter } from './rationale-writer.js';
import { rebuildTranscript, type EarlierTurn } from './resume.js';
import type { RunEmitter } from './run-emitter.js';
import type { ToolScope } from './tool-execution.js';
import type { TurnOutput } from './turn-receiver.js';
import { turnMessages, type ToolTurn } from './transcript.js';

/** What a run starts from. */
export interface RunStart {
  run: AgentRun;
  agent: AgentDefinition;
  emitter: RunEmitter;
  /** The agent's tools as described to the model. */
  tools: ModelTool[];
  /** The earlier conversation. */
  history: readonly ModelMessage[];
  /** Characters of answer, and of thinking. */
  outputLimit: number;
}

/** One run in progress: what was said and done, earlier attempts included. */
export class RunProgress {
  readonly scope: ToolScope;
  readonly ids: CallIds;
  readonly tools: ModelTool[];
  /** Turns of earlier attempts that are yet to be completed. */
  readonly earlier: readonly EarlierTurn[];
  /** Model turns taken so far. */
  step: number;
  private readonly answer: AnswerWriter;
  private readonly rationale: RationaleWriter;
  private readonly transcript: ModelMessage[];
  private partial: string;
  private toolCalls: number;

  constructor({ run, agent, emitter, tools, history, outputLimit }: RunStart) {
    const work = rebuildTranscript(run.prior, run.recorded);
    const signal = AbortSignal.any([run.signal, emitter.lost]);
    this.scope = { run, emitter, signal, allowed: new Set(agent.tools) };
    this.ids = new CallIds(work.turns.flatMap((turn) => turn.calls.map(({ call }) => call.id)));
    this.tools = tools;
    this.earlier = work.turns;
    this.step = work.turns.reduce((last, turn) => Math.max(last, turn.step), 0);
    this.answer = new AnswerWriter(emitter, outputLimit, work.text);
    this.rationale = new RationaleWriter(emitter, outputLimit);
    this.partial = work.partial;
    this.toolCalls = work.toolCalls;
    this.transcript = [
      { role: 'system', content: agent.instructions },
      ...history,
      { role: 'user', content: run.content },
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
    return { text, rationale: this.rationale, usage: this.scope.run.usage };
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
}
