import { setImmediate as nextTurn } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import type { ModelMessage, ModelSampling, ModelTool } from '../../models/index.js';
import { AgentVersions } from '../catalogue/agent-versions.js';
import { withChosen } from '../catalogue/chosen.js';
import type { AgentDefinition } from '../catalogue/definition.js';
import { History, type Opening } from '../history/history.js';
import { summaryMessage } from '../history/summary-message.js';
import { readsFiles } from '../attachments/question-files.js';
import { AgentTranscript, taskOf } from './agent-transcript.js';
import { digestOf } from './digest.js';
import type { KeptRun } from './kept-run.js';
import { MessagePool } from './message-pool.js';
import { ToolSets } from './tool-sets.js';
import { readEntries, type AgentStart, type SentRequest, type SentTurn } from './turn-record.js';

/** Something of a request that is not there any more. */
export type MissingPart = 'instructions' | 'tools' | 'history' | 'task' | 'log' | 'results';

/** One request to a model, as it was sent. */
export interface ShownRequest extends Omit<SentRequest, 'digest' | 'room' | 'kept'> {
  /** Places in {@link ShownTurns.messages}. */
  messages: number[];
  /** It asked for the rest of an answer that had been cut off. */
  continued: boolean;
  /** The transcript was cut to fit the model's window. */
  shortened: boolean;
  /** It is known to be what was sent, character by character. */
  exact: boolean;
}

/** One turn of an agent's model. */
export interface ShownTurn {
  /** From 1, in the order in which the turns began. */
  number: number;
  attempt: number;
  step: number;
  parent_call_id: string | undefined;
  agent: string;
  agent_version: string;
  sampling: ModelSampling;
  /** Key in {@link ShownTurns.tools}. */
  tools: string;
  requests: ShownRequest[];
  missing: MissingPart[];
}

/** A part of the turns of a run. Messages and tools stand in it once. */
export interface ShownTurns {
  messages: ModelMessage[];
  tools: Record<string, ModelTool[]>;
  turns: ShownTurn[];
  /** Number of the last turn, if there are more. */
  next: number | null;
}

/** Puts together what went to the models in a run, from what is stored where it belongs. */
@Injectable()
export class SentMessages {
  constructor(
    private readonly history: History,
    private readonly versions: AgentVersions,
    private readonly toolSets: ToolSets,
  ) {}

  /** @param page the turns after this number, at most so many. */
  async of(run: KeptRun, { after, limit }: { after: number; limit: number }): Promise<ShownTurns> {
    const { starts, turns } = readEntries(run.entries);
    const pool = new MessagePool();
    const agents = new Map<number, Promise<ShownAgent>>();
    const tools: ShownTurns['tools'] = {};
    const shown: ShownTurn[] = [];
    const numbered = Object.entries(turns).map(([key, turn]) => ({ number: Number(key) + 1, turn }));
    const left = numbered.filter(({ number }) => number > after);
    const chosen = left.slice(0, limit);
    for (const { number, turn } of chosen) {
      const start = starts[turn.start];
      if (!start) continue;
      const agent = agents.get(turn.start) ?? this.agent(run, start);
      agents.set(turn.start, agent);
      const { offered, ...known } = await agent;
      if (offered) tools[start.tools] = offered;
      shown.push({ number, ...this.turn(turn, start, known), requests: requestsOf(turn, known, pool) });
      await nextTurn(); // long runs take long to put together: others get their turn, too
    }
    const next = left.length > limit ? (chosen.at(-1)?.number ?? null) : null;
    return { messages: pool.messages, tools, turns: shown, next };
  }

  private turn(
    { step }: SentTurn,
    start: AgentStart,
    { definition, missing, transcript }: Omit<ShownAgent, 'offered'>,
  ): Omit<ShownTurn, 'requests' | 'number'> {
    const { attempt, parent_call_id, agent, version: agent_version, tools } = start;
    const sampling = definition?.kind === 'model' ? definition.sampling : {};
    const all = transcript.isWhole(step) ? missing : [...missing, 'results' as const];
    return { attempt, step, parent_call_id, agent, agent_version, sampling, tools, missing: all };
  }

  private async agent(run: KeptRun, start: AgentStart): Promise<ShownAgent> {
    const exchanges = start.history.flatMap((id) => run.exchanges.get(id) ?? []);
    const unanswered = new Set(start.unanswered);
    const asThen = exchanges.map(({ answer, ...rest }) =>
      answer === undefined || unanswered.has(rest.message_id) ? rest : { ...rest, answer },
    );
    const summary = run.summaries.get(start.summary ?? '');
    const hasHistory =
      exchanges.length === start.history.length && (start.summary === undefined || summary !== undefined);
    const [stored, offered] = await Promise.all([
      this.versions.find(start.version),
      this.toolSets.find(start.tools),
    ]);
    const isOwn = start.parent_call_id === undefined;
    const definition = stored && withChosen(stored, isOwn ? run.chosen : undefined);
    const task = taskOf(run, start);
    const opening = { exchanges: asThen, limits: start.limits, ...given(run, task, { start, offered }) };
    const { messages, question } = await this.history.opening(run.tenant, opening);
    const history =
      summary === undefined ? messages : [summaryMessage(summary, start.limits.tokens), ...messages];
    const transcript = new AgentTranscript(run, start, { definition, history, question });
    const missing: MissingPart[] = [
      ...(definition ? [] : ['instructions' as const]),
      ...(offered ? [] : ['tools' as const]),
      ...(hasHistory ? [] : ['history' as const]),
      ...(task === undefined ? ['task' as const] : []),
      ...(run.log ? [] : ['log' as const]),
    ];
    return { definition, offered, transcript, missing };
  }
}

/** What an agent was asked, with files as far as it was given some. */
function given(
  { attachments }: KeptRun,
  task = '',
  { start, offered = [] }: { start: AgentStart; offered: readonly ModelTool[] | undefined },
): Pick<Opening, 'asked' | 'files'> {
  const files = start.files && { limits: start.files, canRead: readsFiles(offered), withImages: false };
  return { asked: { content: task, attachments }, files };
}

interface ShownAgent {
  definition: AgentDefinition | undefined;
  offered: ModelTool[] | undefined;
  transcript: AgentTranscript;
  missing: MissingPart[];
}

function requestsOf(
  { step, requests }: SentTurn,
  { transcript }: Pick<ShownAgent, 'transcript'>,
  pool: MessagePool,
): ShownRequest[] {
  return requests.map(({ digest, room, kept = 0, ...rest }) => {
    const messages = transcript.messages(step, { room, kept });
    return {
      ...rest,
      messages: pool.add(messages),
      continued: kept > 0,
      shortened: room !== undefined && transcript.isCut(step, room),
      exact: digestOf(messages) === digest,
    };
  });
}
