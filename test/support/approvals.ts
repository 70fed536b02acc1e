import type { StreamEvent } from '@reprise/protocol';
import { AgentRegistry } from '../../src/agent/index.js';
import { ToolRegistry, type ToolContext } from '../../src/tools/index.js';
import type { TestApp } from './app.js';
import type { Answer, Client, Created } from './client.js';

/** What the tools of {@link teachTools} have done, across all applications of a spec. */
export class Deeds {
  /** Arguments of `pay`, which must not run twice. */
  readonly paid: string[] = [];
  /** Ends the call of `work` that is running, or the next one. */
  finish: () => void = () => undefined;
  private done = new Promise<void>((resolve) => (this.finish = resolve));

  /** Resolves when the test says so. */
  working(): Promise<void> {
    return this.done;
  }

  reset(): void {
    this.paid.length = 0;
    this.done = new Promise<void>((resolve) => (this.finish = resolve));
  }
}

const amount = { type: 'object', properties: { euro: { type: 'number' } }, required: ['euro'] };

/**
 * Gives the assistant three tools: `pay`, which needs approval by itself, `write_file`, of which the agent says so, and
 * `work`, which lasts until the test ends it.
 */
export function teachTools({ nest }: TestApp, deeds: Deeds): void {
  const none = { type: 'object', properties: {} };
  nest.get(ToolRegistry, { strict: false }).provide('test', [
    {
      info: { name: 'pay', description: 'Pays.', parameters: amount, approval: true },
      run: (text: string) => {
        deeds.paid.push(text);
        return Promise.resolve({ text: `paid ${text}` });
      },
    },
    {
      info: { name: 'work', description: 'Works.', parameters: none, idempotent: true },
      run: async (_: string, { signal }: ToolContext) => {
        await Promise.race([
          deeds.working(),
          new Promise((_resolve, reject) => {
            onAbort(signal, reject);
          }),
        ]);
        return { text: 'worked' };
      },
    },
  ]);
  changeAssistant({ nest }, { tools: ['pay', 'work', 'write_file', 'read_file'], approvals: ['write_file'] });
}

/** Changes the assistant of one application. */
export function changeAssistant({ nest }: Pick<TestApp, 'nest'>, change: object): void {
  const agents = nest.get(AgentRegistry, { strict: false });
  const find = agents.find.bind(agents);
  agents.find = (name) => {
    const agent = find(name);
    return agent?.kind === 'model' ? { ...agent, ...change } : agent;
  };
}

function onAbort(signal: AbortSignal, reject: (reason: Error) => void): void {
  signal.addEventListener('abort', () => {
    reject(signal.reason as Error);
  });
}

/** Decides a call over HTTP. */
export function decide(
  client: Client,
  of: Pick<Created, 'message_id'>,
  call: string,
  body: object,
): Promise<Answer> {
  return client.post(`/api/messages/${of.message_id}/approvals/${encodeURIComponent(call)}`, body);
}

/** Types of the events about one call, in order. */
export function historyOf(events: readonly StreamEvent[], callId: string): string[] {
  return events.flatMap((event) => ('call_id' in event && event.call_id === callId ? [event.type] : []));
}
