import type { StreamEvent } from '@reprise/protocol';
import { Client } from '../support/client.js';
import { answerTo, callsFor, isBuyer, readPurchases, type Purchases } from './faults-script.js';
import { persistently } from './persistently.js';
import type { Outcome, WatchedRun } from './watched-run.js';

/** A tool call as returned by `GET …/tool-calls`. */
interface ToolCall {
  call_id: string;
  name: string;
  arguments: string;
  result: string | null;
  status: string;
}

/** What happened to the tool calls of all runs. */
export interface ToolJudgement {
  /** Broken promises about tools and answers. */
  violations: string[];
  /** Records of calls that never started: a worker wrote them that had already lost its run. */
  strayRecords: number;
}

/** Compares log, journal, answers and what the tool itself has recorded. */
export async function judgeTools(
  url: string,
  toolLog: string,
  ended: readonly { run: WatchedRun; outcome: Outcome }[],
): Promise<ToolJudgement> {
  const purchases = await readPurchases(toolLog);
  const client = new Client(url);
  let strayRecords = 0;
  const wrong = await Promise.all(
    ended.map(async ({ run, outcome }) => {
      const path = `/api/messages/${run.started.message_id}/tool-calls`;
      const { body } = await persistently(() => client.get(path));
      if (!Array.isArray(body))
        throw new Error(`${run.started.message_id}: ${path} answers ${JSON.stringify(body)}`);
      const { begun, stray } = partCalls(run.events, body as ToolCall[]);
      strayRecords += stray.length;
      const found = [
        ...wrongAnswer(run, outcome),
        ...wrongEvents(run, outcome),
        ...wrongChildren(run),
        ...wrongApprovals(run, outcome),
        ...wrongCalls(run, outcome, begun, purchases),
        ...stray.filter(({ status }) => status !== 'running').map(({ name }) => `${name} ended unannounced`),
      ];
      return found.map((text) => `${run.started.message_id} (${run.started.question}): ${text}`);
    }),
  );
  const doubled = [...twice('ticket', purchases.tickets), ...twice('call', purchases.calls)];
  return { violations: [...doubled, ...wrong.flat()], strayRecords };
}

function partCalls(events: readonly StreamEvent[], calls: readonly ToolCall[]) {
  const isFirst = ({ type }: StreamEvent): boolean => type === 'tool_start' || type === 'approval_required';
  const announced = new Set(
    events.flatMap((event) => (isFirst(event) && 'call_id' in event ? [event.call_id] : [])),
  );
  const hasBegun = ({ call_id }: ToolCall): boolean => announced.has(call_id);
  return { begun: calls.filter(hasBegun), stray: calls.filter((call) => !hasBegun(call)) };
}

const twice = (what: string, counts: ReadonlyMap<string, number>): string[] =>
  [...counts]
    .filter(([, count]) => count > 1)
    .map(([id, count]) => `the ${what} ${id} was executed ${count} times`);

/** An answer is complete if the run completed, and otherwise the beginning of one. */
function wrongAnswer({ started: { question } }: WatchedRun, { status, text }: Outcome): string[] {
  const expected = answerTo(question);
  const isRight = status === 'completed' ? text === expected : expected.startsWith(text);
  return isRight ? [] : [`(${status}) says:\n${text}\ninstead of:\n${expected}`];
}

/** Every call starts once and ends once, in this order. */
function wrongEvents({ started: { question }, events }: WatchedRun, { status }: Outcome): string[] {
  const open = new Set<string>();
  const started = new Set<string>();
  const decided = new Set<string>();
  const wrong: string[] = [];
  for (const event of events) {
    if (event.type === 'tool_start') {
      if (started.has(event.call_id)) wrong.push(`${event.call_id} begins twice`);
      started.add(event.call_id);
      open.add(event.call_id);
      decided.delete(event.call_id);
    } else if (event.type === 'approval_resolved') {
      decided.add(event.call_id); // if the run ends then, the call ends without having begun
    } else if (event.type === 'tool_end' && !open.delete(event.call_id) && !decided.delete(event.call_id)) {
      wrong.push(`${event.call_id} ends without having begun, or twice`);
    }
  }
  if (open.size > 0) wrong.push(`calls never end: ${[...open].join(', ')}`);
  if (status !== 'completed') return wrong;
  const planned = callsFor(question).length;
  if (started.size !== planned) wrong.push(`${started.size} calls instead of ${planned}`);
  return wrong;
}

/** What an agent that was started has written is what its call results in, or the beginning of it; nothing is another's. */
function wrongChildren({ events }: WatchedRun): string[] {
  const tasks = events.flatMap((event) =>
    event.type === 'tool_start' && event.name === 'task' ? [event] : [],
  );
  const known = new Set(tasks.map(({ call_id }) => call_id));
  const wrong = events.flatMap((event) => {
    const parent = 'parent_call_id' in event ? event.parent_call_id : undefined;
    return parent === undefined || known.has(parent) ? [] : [`${event.type} belongs to no call: ${parent}`];
  });
  for (const { call_id, args } of tasks) {
    const { agent, task } = args as { agent: string; task: string };
    const written = events.flatMap((event) =>
      event.type === 'child_content' && event.parent_call_id === call_id ? [event.md] : [],
    );
    const expected = answerTo(task, agent);
    const text = written.join('');
    const end = events.find((event) => event.type === 'tool_end' && event.call_id === call_id);
    const isWhole = end?.type === 'tool_end' && end.status === 'ok';
    if (isWhole ? text !== expected : !expected.startsWith(text))
      wrong.push(`${agent} writes for ${call_id}:\n${text}\ninstead of:\n${expected}`);
  }
  return wrong;
}

/** Every call that needs approval is asked for once, decided once, and starts after that. */
function wrongApprovals({ started: { question }, events }: WatchedRun, { status }: Outcome): string[] {
  const steps = new Map<string, string[]>();
  for (const event of events) {
    if (!('call_id' in event)) continue;
    if (event.type === 'approval_required' || steps.has(event.call_id))
      steps.set(event.call_id, [...(steps.get(event.call_id) ?? []), event.type]);
  }
  const wanted = ['approval_required', 'approval_resolved', 'tool_start', 'tool_end'].join();
  const unfinished = wanted.replace('tool_start,', '');
  const isRight = (types: string): boolean =>
    types === wanted || (status !== 'completed' && types === unfinished);
  const wrong = [...steps].filter(([, types]) => !isRight(types.join()));
  const found = wrong.map(([id, types]) => `${id} was approved like this: ${types.join()}`);
  if (status !== 'completed') return found;
  const planned = callsFor(question).filter(({ name }) => name === 'order').length;
  return steps.size === planned ? found : [...found, `${steps.size} calls were to be approved`];
}

function wrongCalls(
  { started: { question }, events }: WatchedRun,
  { status }: Outcome,
  calls: readonly ToolCall[],
  { tickets }: Purchases,
): string[] {
  const ends = new Map(
    events.flatMap((event) => (event.type === 'tool_end' ? [[event.call_id, event]] : [])),
  );
  const wrong: string[] = [];
  for (const { call_id, name, status: noted, result } of calls) {
    const end = ends.get(call_id);
    if (end && end.status !== noted)
      wrong.push(`${name} ended ${end.status}, its record says ${noted} (${result})`);
    // A run that ends ends the agents that it has started.
    const mayBeUnknown = isBuyer(name) || (name === 'task' && status !== 'completed');
    const isUnknown = mayBeUnknown && end?.error_code === 'outcome_unknown';
    if (end?.status === 'error' && !isUnknown) wrong.push(`${name} failed: ${end.result_summary}`);
  }
  for (const [ticket, count] of boughtIn(calls, ends))
    if (tickets.get(ticket) !== 1 || count !== 1)
      wrong.push(
        `${ticket} is bought as the log has it ${count} times, in fact ${tickets.get(ticket) ?? 0} times`,
      );
  if (status === 'completed' && calls.length !== callsFor(question).length)
    wrong.push(`${calls.length} calls are recorded: ${JSON.stringify(calls)}`);
  return wrong;
}

/** Ticket → how often the log says that it was bought. */
function boughtIn(
  calls: readonly ToolCall[],
  ends: ReadonlyMap<string, StreamEvent<'tool_end'>>,
): Map<string, number> {
  const bought = new Map<string, number>();
  for (const call of calls) {
    if (!isBuyer(call.name) || ends.get(call.call_id)?.status !== 'ok') continue;
    const { ticket } = JSON.parse(call.arguments) as { ticket: string };
    bought.set(ticket, (bought.get(ticket) ?? 0) + 1);
  }
  return bought;
}
