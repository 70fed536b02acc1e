import { readArguments, ToolError } from '../../tools/index.js';
import type { ModelMessage } from '../../models/index.js';
import { estimateMessageTokens } from '../../models/index.js';
import type { AgentDefinition } from '../catalogue/definition.js';
import { callsOf, eventsOf } from '../loop/child-log.js';
import { fitTranscript } from '../history/context-fit.js';
import { continueAfter } from '../asking/continuation.js';
import { instructionsOf } from '../loop/instructions.js';
import { rebuildTranscript, type EarlierWork } from '../loop/resume.js';
import { taskParameters } from '../loop/task-tool.js';
import { turnMessages } from '../loop/transcript.js';
import type { KeptRun } from './kept-run.js';
import type { AgentStart } from './turn-record.js';

/** What an agent started from. */
interface Given {
  definition: AgentDefinition | undefined;
  history: readonly ModelMessage[];
  question: ModelMessage;
}

/** The transcript of one agent of a run, as it was before each of its model turns. */
export class AgentTranscript {
  private readonly work: EarlierWork;
  private readonly opening: readonly ModelMessage[];
  private readonly results: number;

  constructor(
    { log = [], calls, instructions }: Pick<KeptRun, 'log' | 'calls' | 'instructions'>,
    { parent_call_id: parent, limits }: AgentStart,
    given: Given,
  ) {
    const { definition, history, question } = given;
    this.work = rebuildTranscript(eventsOf(log, parent), callsOf(calls, parent));
    this.results = limits.results;
    this.opening = [
      ...instructionsOf(definition, parent === undefined ? instructions : undefined),
      ...history,
      question,
    ];
  }

  /** Whether every call of the turns before this one is there with its result. */
  isWhole(step: number): boolean {
    const before = this.work.turns.filter((turn) => turn.step < step);
    const calls = before.flatMap((turn) => turn.calls);
    return calls.every(({ result, record }) => result !== undefined && record !== undefined);
  }

  /**
   * What was sent in a turn.
   * @param sent estimated tokens that it could have, and characters of the turn's text that were there already.
   */
  messages(
    step: number,
    { room = Infinity, kept }: { room: number | undefined; kept: number },
  ): ModelMessage[] {
    const fitted = fitTranscript(this.before(step), { tokens: room, results: this.results });
    return continueAfter(fitted, this.textOf(step).slice(0, kept));
  }

  /** Whether that many tokens were too few for the whole transcript. */
  isCut(step: number, room: number): boolean {
    const whole = fitTranscript(this.before(step), { tokens: Infinity, results: this.results });
    return estimateMessageTokens(whole) > room;
  }

  private before(step: number): ModelMessage[] {
    const turns = this.work.turns.filter((turn) => turn.step < step);
    return [
      ...this.opening,
      ...turns.flatMap(({ text, calls, provider }) => {
        const ended = calls.flatMap(({ call, result }) => (result ? [{ call, result }] : []));
        return turnMessages({ text, calls: ended, provider });
      }),
    ];
  }

  private textOf(step: number): string {
    return this.work.turns.find((turn) => turn.step === step)?.text ?? this.work.partial;
  }
}

/** What an agent was asked; `undefined` if the call that started it is gone. */
export function taskOf(
  { content, calls }: KeptRun,
  { parent_call_id: parent }: AgentStart,
): string | undefined {
  if (parent === undefined) return content;
  const call = calls.find(({ call_id }) => call_id === parent);
  if (!call) return undefined;
  try {
    return readArguments(taskParameters(), call.arguments).task;
  } catch (error) {
    if (error instanceof ToolError) return undefined;
    throw error;
  }
}
